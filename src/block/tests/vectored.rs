//! Writers that take what they like.

use std::io::{self, ErrorKind, IoSlice, Write};

use super::*;

/// Takes at most `most` bytes a call, over several parts; every third call is interrupted.
struct Picky {
    most: usize,
    room: usize,
    calls: usize,
    bytes: Vec<u8>,
}

impl Picky {
    fn new(most: usize) -> Picky {
        Picky { most, room: usize::MAX, calls: 0, bytes: Vec::new() }
    }
}

impl Write for Picky {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) {
            return Err(ErrorKind::Interrupted.into());
        }
        let mut n = self.most.min(self.room - self.bytes.len().min(self.room));
        let before = self.bytes.len();
        for part in parts {
            let taken = part.get(..n.min(part.len())).unwrap();
            self.bytes.extend_from_slice(taken);
            n -= taken.len();
        }
        Ok(self.bytes.len() - before)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes one buffer a call, as a writer does that knows no vectored writes.
struct Plain(Vec<u8>);

impl Write for Plain {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        assert!(!buf.is_empty());
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn block() -> Vec<u8> {
    let all = (0..20u8).map(|i| (vec![i; usize::from(i % 3)], vec![i; usize::from(i)])).collect();
    write(&all, 4000).0
}

#[test]
fn a_slice_arrives_whole_however_little_a_call_takes() {
    let block = block();
    for range in [0..20, 0..0, 3..3, 5..9, 19..20] {
        let slice = BlockReader::new(&block).unwrap().slice(range).unwrap();
        let mut whole = Vec::new();
        slice.append_to(&mut whole);
        for most in 1..=whole.len() + 1 {
            let mut out = Picky::new(most);
            slice.write_to(&mut out).unwrap();
            assert_eq!(out.bytes, whole);
            let least = whole.len().div_ceil(most);
            assert_eq!(out.calls, least + (least - 1) / 2);
        }
        let mut plain = Plain(Vec::new());
        slice.write_to(&mut plain as &mut dyn Write).unwrap();
        assert_eq!(plain.0, whole);
    }
}

#[test]
fn several_slices_go_into_one_write() {
    let block = block();
    let block = BlockReader::new(&block).unwrap();
    let slices = [block.slice(2..5).unwrap(), block.slice(..1).unwrap(), block.slice(9..).unwrap()];
    let mut parts: Vec<_> = slices.iter().flat_map(BlockSlice::io_slices).collect();
    let mut out = Picky::new(usize::MAX);
    write_all_vectored(&mut out, &mut parts).unwrap();
    assert_eq!(out.calls, 1);
    let mut rest = &out.bytes[..];
    for slice in slices {
        let read = BlockReader::new(rest).unwrap();
        assert!(read.iter().eq(slice.entries().iter()));
        rest = &rest[slice.size_bytes()..];
    }
    assert!(rest.is_empty());
}

#[test]
fn a_writer_that_takes_nothing_any_more_is_an_error() {
    let block = block();
    let slice = BlockReader::new(&block).unwrap().slice(1..).unwrap();
    for room in 0..slice.size_bytes() {
        let mut out = Picky { room, ..Picky::new(7) };
        assert_eq!(slice.write_to(&mut out).unwrap_err().kind(), ErrorKind::WriteZero);
        assert_eq!(out.bytes.len(), room);
    }
}

#[test]
fn a_writer_that_fails_or_counts_wrong_is_an_error() {
    struct Wrong(io::Result<usize>);
    impl Write for Wrong {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            std::mem::replace(&mut self.0, Ok(0))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let block = block();
    let slice = BlockReader::new(&block).unwrap().slice(1..).unwrap();
    let failed = slice.write_to(&mut Wrong(Err(ErrorKind::StorageFull.into()))).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::StorageFull);
    let failed = slice.write_to(&mut Wrong(Ok(100_000))).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::InvalidData);
}

#[test]
fn nothing_is_written_by_no_call() {
    let mut out = Picky::new(1);
    write_all_vectored(&mut out, &mut []).unwrap();
    write_all_vectored(&mut out, &mut [IoSlice::new(&[]), IoSlice::new(&[])]).unwrap();
    assert_eq!(out.calls, 0);
}
