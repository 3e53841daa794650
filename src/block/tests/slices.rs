//! Ranges of blocks, written and read again.

use super::*;
use crate::error::ErrorKind;

/// The parts of a slice one after the other.
fn bytes_of(slice: &BlockSlice<'_>) -> Vec<u8> {
    let mut out = vec![0x55];
    slice.append_to(&mut out);
    out.remove(0);
    assert_eq!(out.len(), slice.size_bytes());
    assert_eq!(out, slice.io_slices().map(|part| part.to_vec()).concat());
    out
}

fn owned(reader: BlockReader<'_>) -> Entries {
    let by_number: Entries =
        (0..reader.len()).map(|i| reader.get(i).unwrap()).map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
    let in_order: Entries = reader.iter().map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
    assert_eq!(by_number, in_order);
    by_number
}

/// Whether `part` lies in `whole`: the same memory, not the same bytes.
fn lies_in(part: &[u8], whole: &[u8]) -> bool {
    let (part, whole) = (part.as_ptr_range(), whole.as_ptr_range());
    whole.start <= part.start && part.end <= whole.end
}

/// Entries of all sizes, of index width 1, 2 and 0, with empty ones among them.
fn any_entries() -> impl Strategy<Value = Entries> {
    let same = (0usize..9, 0usize..9, 0usize..30)
        .prop_map(|(k, v, n)| (0..n).map(|i| (vec![i as u8; k], vec![!i as u8; v])).collect());
    let small = vec((vec(any::<u8>(), 0..3), vec(any::<u8>(), 0..3)), 0..40);
    prop_oneof![entries(), small, same]
}

proptest! {
    #[test]
    fn every_range_reads_the_same_entries(all in any_entries(), more: bool) {
        let mut buf = vec![0; 20_000];
        let mut writer = BlockWriter::new(&mut buf, BlockKind::Scan).unwrap();
        prop_assert!(all.iter().all(|(k, v)| writer.push(k, v)));
        let len = writer.finish(more && !all.is_empty()).unwrap();
        let block = BlockReader::new(&buf[..len]).unwrap();
        for from in 0..=all.len() {
            for to in from..=all.len() {
                let slice = block.slice(from..to).unwrap();
                prop_assert!(lies_in(slice.payload(), &buf) && lies_in(slice.index(), &buf));
                prop_assert_eq!(&owned(slice.entries())[..], &all[from..to]);
                let bytes = bytes_of(&slice);
                let read = BlockReader::new(&bytes).unwrap();
                prop_assert_eq!(&owned(read)[..], &all[from..to]);
                prop_assert_eq!(read.kind(), BlockKind::Scan);
                prop_assert_eq!(read.more(), from < to && (block.more() || to < all.len()));
                prop_assert_eq!(read.needed(), None);
                prop_assert_eq!(slice.header().len() == LONGEST_HEADER, read.base > 0);
            }
        }
        // All of a block is the block.
        if !all.is_empty() {
            prop_assert_eq!(&bytes_of(&block.slice(..).unwrap())[..], &buf[..len]);
        }
    }

    #[test]
    fn a_slice_of_a_slice_is_a_slice_of_the_block(all in any_entries(), cuts: [prop::sample::Index; 4]) {
        let (bytes, n) = write(&all, 20_000);
        let block = BlockReader::new(&bytes).unwrap();
        let cut = |len: usize, a: usize, b: usize| {
            let (a, b) = (cuts[a].index(len + 1), cuts[b].index(len + 1));
            a.min(b)..a.max(b)
        };
        let outer = cut(n, 0, 1);
        let inner = cut(outer.len(), 2, 3);
        let direct = block.slice(outer.start + inner.start..outer.start + inner.end).unwrap();
        let first = block.slice(outer).unwrap();
        let twice = first.entries().slice(inner.clone()).unwrap();
        let first = bytes_of(&first);
        let through_bytes = BlockReader::new(&first).unwrap().slice(inner).unwrap();
        prop_assert_eq!(bytes_of(&twice), bytes_of(&direct));
        prop_assert_eq!(bytes_of(&through_bytes), bytes_of(&direct));
    }

    #[test]
    fn damaged_slices_never_read_outside(
        all in any_entries(),
        cuts: [prop::sample::Index; 2],
        at in 0usize..4000,
        byte: u8,
        cut in 0usize..4000,
    ) {
        let (bytes, n) = write(&all, 20_000);
        let (a, b) = (cuts[0].index(n + 1), cuts[1].index(n + 1));
        let slice = BlockReader::new(&bytes).unwrap().slice(a.min(b)..a.max(b)).unwrap();
        let mut bytes = bytes_of(&slice);
        let len = bytes.len();
        bytes[at % len] = byte;
        bytes.truncate(len - cut % len);
        let Ok(reader) = BlockReader::new(&bytes) else { return Ok(()) };
        let n = reader.len().min(70);
        for from in 0..n {
            let _ = reader.get(from);
            for to in from..n {
                // Refused, or a block again, whatever its entries are.
                match reader.slice(from..to) {
                    Ok(part) => drop(bytes_of(&part)),
                    Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Corruption),
                }
            }
        }
    }
}

#[test]
fn ranges_outside_a_block_are_refused() {
    let (bytes, _) = write(&vec![(vec![1], vec![2]), (vec![1, 2], vec![3])], 200);
    let block = BlockReader::new(&bytes).unwrap();
    let ends = [block.slice(1..=1), block.slice(..2), block.slice(2..), block.slice(..)];
    assert_eq!(ends.map(|slice| slice.unwrap().entries().len()), [1, 2, 0, 2]);
    #[expect(clippy::reversed_empty_ranges, reason = "what is to be refused")]
    let wrong = [block.slice(1..3), block.slice(3..3), block.slice(2..1), block.slice(..=usize::MAX)];
    for slice in wrong {
        assert_eq!(slice.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
}

/// The layout, byte for byte: what is here must be read for ever.
#[test]
fn a_slice_looks_as_it_is_drawn() {
    let (bytes, _) = write(&vec![(b"a".to_vec(), b"".to_vec()), (b"bc".to_vec(), b"def".to_vec())], 200);
    let slice = BlockReader::new(&bytes).unwrap().slice(1..).unwrap();
    let expected =
        [&b"KBB1"[..], &[1, 2, 1, 0], &[1, 0, 0, 0], &[5, 0, 0, 0], &[1, 0, 0, 0], b"bcdef", &[3, 6]];
    assert_eq!(bytes_of(&slice), expected.concat());
}

#[test]
fn headers_that_no_slice_has_are_refused() {
    let (bytes, _) = write(&vec![(vec![1], vec![2]), (vec![1, 2], vec![3])], 200);
    let good = bytes_of(&BlockReader::new(&bytes).unwrap().slice(1..).unwrap());
    assert!(BlockReader::new(&good).is_ok());
    // Unknown flag, unknown width, constant stride with a base, no base, a base behind the entries, unknown kind.
    for (at, byte) in [(5, 6), (6, 3), (6, 0), (16, 0), (16, 9), (4, 0), (4, 6), (7, 1)] {
        let mut bad = good.clone();
        bad[at] = byte;
        assert!(BlockReader::new(&bad).is_err(), "{byte} at {at}");
    }
    for len in 0..good.len() {
        assert!(BlockReader::new(&good[..len]).is_err(), "{len}");
    }
}

#[test]
fn an_empty_block_that_says_what_it_needs_has_an_empty_slice() {
    let (bytes, _) = write(&vec![(vec![1], vec![2; 100])], 30);
    let block = BlockReader::new(&bytes).unwrap();
    assert!(block.needed().is_some());
    let bytes = bytes_of(&block.slice(..).unwrap());
    let read = BlockReader::new(&bytes).unwrap();
    assert!(read.is_empty() && !read.more() && read.needed().is_none());
}
