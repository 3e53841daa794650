//! The thread that backs chunks with memory before they are needed.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use once_cell::sync::Lazy;

use super::reservation::Reservation;

/// A range to back.
struct Request {
    memory: Arc<Reservation>,
    offset: usize,
    len: usize,
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
                request.memory.advise_huge(request.offset, request.len, true);
                request.memory.populate(request.offset, request.len);
            }
        })
        .ok()
        .map(|_| sender)
});

/// Has a range backed soon. It may be used at once: then its pages come when they are touched.
pub(super) fn request(memory: &Arc<Reservation>, offset: usize, len: usize) {
    let request = Request { memory: Arc::clone(memory), offset, len };
    if let Some(sender) = &*SENDER {
        // With too many waiting, this one's pages come when they are touched.
        let _ = sender.try_send(request);
    }
}
