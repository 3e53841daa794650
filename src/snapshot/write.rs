//! A stream written to a file.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::partial::PartialFile;
use super::stream::{NextBlock, SnapshotStream, SnapshotSummary, grow};
use crate::error::{Error, Result};

/// Buffers on their way: one that is filled, one that is written, one in between.
const BUFFERS: usize = 3;

/// A buffer with a block at its start.
struct Full {
    buf: Vec<u8>,
    len: usize,
}

/// Writes all of a stream to a file. Returns what was written, and the crc32c of the file.
///
/// While one block is written, by a thread of its own, the next is filled.
pub(crate) fn write_stream(
    mut stream: SnapshotStream,
    mut file: PartialFile,
) -> Result<(SnapshotSummary, u32)> {
    let (to_writer, full) = sync_channel::<Full>(BUFFERS);
    let (to_filler, empty) = sync_channel::<Vec<u8>>(BUFFERS);
    for _ in 0..BUFFERS {
        // The channel has room for all of them.
        let _ = to_filler.send(vec![0; stream.buffer_bytes()]);
    }
    let file = thread::scope(|scope| {
        let writer = thread::Builder::new()
            .name("keybed-snapshot".to_string())
            .spawn_scoped(scope, move || {
                for Full { buf, len } in full {
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
    while let Ok(mut buf) = empty.recv() {
        let len = loop {
            match stream.next_block(&mut buf)? {
                NextBlock::Block(len) => break len,
                NextBlock::Needs(len) => grow(&mut buf, len)?,
                NextBlock::End => return Ok(()),
            }
        };
        if full.send(Full { buf, len }).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
