//! The thread that backs chunks with memory before they are needed.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Weak};

use once_cell::sync::Lazy;

use super::claim::Claim;
use super::reservation::Reservation;

/// A range to back. One that waits keeps no memory of a table that is gone, nor its charge.
struct Request {
    memory: Weak<Reservation>,
    offset: usize,
    len: usize,
    claim: Arc<Claim>,
}

/// Requests that may wait. A process with so many tables growing at once does without the rest.
const WAITING: usize = 64;

/// One thread for the process, started with the first request. `None` when the system gives no thread.
static SENDER: Lazy<Option<SyncSender<Request>>> = Lazy::new(|| {
    let (sender, requests) = sync_channel::<Request>(WAITING);
    std::thread::Builder::new()
        .name("keybed-memory".to_string())
        .stack_size(64 << 10)
        .spawn(move || {
            for request in requests {
                if request.claim.begin() {
                    if let Some(memory) = request.memory.upgrade() {
                        memory.advise_huge(request.offset, request.len, true);
                        memory.populate(request.offset);
                    }
                    request.claim.end();
                }
            }
        })
        .ok()
        .map(|_| sender)
});

/// Has a chunk backed soon, unless the claim is cancelled before. Nobody else touches it until the claim is done. `None` when
/// the thread has too much to do; then its pages come when they are touched.
pub(super) fn request(memory: &Arc<Reservation>, offset: usize, len: usize) -> Option<Arc<Claim>> {
    let claim = Arc::new(Claim::new());
    let request = Request { memory: Arc::downgrade(memory), offset, len, claim: Arc::clone(&claim) };
    SENDER.as_ref()?.try_send(request).ok().map(|()| claim)
}
