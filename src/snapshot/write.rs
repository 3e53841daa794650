//! A stream written to a file.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::frame::add_sums;
use super::partial::PartialFile;
use super::stream::{NextBlock, SnapshotStream, SnapshotSummary, grow};
use crate::error::{Error, Result};

/// Buffers on their way: one that is filled, one that is written, one in between.
const BUFFERS: usize = 3;
/// Length of one, unless a block needs more. Handing one over wakes a thread, which costs as much as filling a short one.
const BUFFER_BYTES: usize = 1 << 20;

/// A buffer with blocks at its start.
struct Full {
    buf: Vec<u8>,
    len: usize,
}

/// Writes all of a stream to a file. Returns what was written, and the crc32c of the file.
///
/// While blocks are summed and written, by a thread of its own, the next ones are filled.
pub(crate) fn write_stream(
    mut stream: SnapshotStream,
    mut file: PartialFile,
) -> Result<(SnapshotSummary, u32)> {
    let (to_writer, full) = sync_channel::<Full>(BUFFERS);
    let (to_filler, empty) = sync_channel::<Vec<u8>>(BUFFERS);
    for _ in 0..BUFFERS {
        // The channel has room for all of them.
        let _ = to_filler.send(vec![0; stream.buffer_bytes().max(BUFFER_BYTES)]);
    }
    stream.leave_sums();
    let file = thread::scope(|scope| {
        let writer = thread::Builder::new()
            .name("keybed-snapshot".to_string())
            .spawn_scoped(scope, move || {
                for Full { mut buf, len } in full {
                    add_sums(buf.get_mut(..len).unwrap_or_default());
                    file.write(buf.get(..len).unwrap_or_default())?;
                    let _ = to_filler.send(buf);
                }
                Ok(file)
            })
            .map_err(|e| Error::io("a thread to write a snapshot", &e))?;
        let filled = fill(&mut stream, &empty, &to_writer);
        drop(to_writer);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Where the file fails, filling ends early without an error of its own.
        written.and_then(|file| filled.map(|()| file))
    })?;
    let (_, crc) = file.finish()?;
    Ok((stream.summary(), crc))
}

/// Fills buffers to the end of the stream, or until nobody takes them any more.
fn fill(stream: &mut SnapshotStream, empty: &Receiver<Vec<u8>>, full: &SyncSender<Full>) -> Result<()> {
    let block_bytes = stream.buffer_bytes();
    while let Ok(mut buf) = empty.recv() {
        let (mut len, mut more) = (0, true);
        while more && buf.len() - len >= block_bytes {
            match stream.next_block(buf.get_mut(len..).unwrap_or_default())? {
                NextBlock::Block(block) => len += block,
                // A longer block comes alone.
                NextBlock::Needs(_) if len > 0 => break,
                NextBlock::Needs(needed) => grow(&mut buf, needed)?,
                NextBlock::End => more = false,
            }
        }
        if full.send(Full { buf, len }).is_err() || !more {
            break;
        }
    }
    Ok(())
}
