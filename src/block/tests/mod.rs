use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

mod builder;
mod slices;
mod vectored;

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Writes as many entries as fit; returns the block and how many those were.
fn write(entries: &Entries, capacity: usize) -> (Vec<u8>, usize) {
    let mut buf = vec![0xaa; capacity];
    let mut writer = BlockWriter::new(&mut buf, BlockKind::Scan).unwrap();
    let fitting = entries.iter().take_while(|(k, v)| writer.push(k, v)).count();
    let len = writer.finish(fitting < entries.len()).unwrap();
    buf.truncate(len);
    (buf, fitting)
}

fn read(block: &[u8]) -> Entries {
    BlockReader::new(block).unwrap().iter().map(|(k, v)| (k.to_vec(), v.to_vec())).collect()
}

fn entries() -> impl Strategy<Value = Entries> {
    vec((vec(any::<u8>(), 0..40), vec(any::<u8>(), 0..200)), 0..60)
}

proptest! {
    #[test]
    fn entries_that_fit_are_read_back_and_the_rest_is_announced(all in entries(), capacity in 24usize..8000) {
        let (block, fitting) = write(&all, capacity);
        prop_assert!(block.len() <= capacity);
        prop_assert_eq!(&read(&block)[..], &all[..fitting]);
        let reader = BlockReader::new(&block).unwrap();
        prop_assert_eq!(reader.more(), fitting < all.len());
        if fitting == 0 && !all.is_empty() {
            let needed = reader.needed().unwrap();
            prop_assert!(needed > capacity);
            prop_assert!(write(&all, needed).1 >= 1);
        }
    }

    #[test]
    fn an_entry_in_two_pieces_is_as_good_as_one(all in entries(), capacity in 24usize..8000, cut in 0usize..40) {
        let mut buf = vec![0xaa; capacity];
        let mut writer = BlockWriter::new(&mut buf, BlockKind::Scan).unwrap();
        let fitting = all.iter().take_while(|(key, value)| {
            let (head, rest) = key.split_at(cut.min(key.len()));
            writer.push_joined(head, &[rest, value].concat(), value.len())
        });
        let fitting = fitting.count();
        let len = writer.finish(fitting < all.len()).unwrap();
        let (block, as_one) = write(&all, capacity);
        prop_assert_eq!((&buf[..len], fitting), (&block[..], as_one));
    }

    #[test]
    fn entries_added_at_once_are_as_good_as_one_by_one(
        all in entries(), capacity in 24usize..8000, head in vec(any::<u8>(), 0..20), first in 0usize..3,
    ) {
        let with_head: Entries = all.iter().map(|(k, v)| ([&head[..], k].concat(), v.clone())).collect();
        let bodies: Vec<_> = all.iter().map(|(k, v)| ([&k[..], v].concat(), v.len())).collect();
        let mut buf = vec![0xaa; capacity];
        let mut writer = BlockWriter::new(&mut buf, BlockKind::Scan).unwrap();
        // Some come alone.
        let mut fitting = with_head.iter().take(first).take_while(|(k, v)| writer.push(k, v)).count();
        if fitting == first.min(all.len()) {
            let many = bodies[fitting..].iter().map(|(body, value_len)| (&body[..], *value_len));
            let (added, whole) = writer.push_many(&head, many);
            fitting += added;
            prop_assert_eq!(whole, fitting == all.len());
        }
        let len = writer.finish(fitting < all.len()).unwrap();
        let (block, as_one) = write(&with_head, capacity);
        prop_assert_eq!((&buf[..len], fitting), (&block[..], as_one));
    }

    #[test]
    fn entries_of_one_size_have_an_index_of_two_numbers(n in 1usize..50, k in 0usize..9, v in 0usize..9) {
        let all: Entries = (0..n).map(|i| (vec![i as u8; k], vec![!i as u8; v])).collect();
        let (block, _) = write(&all, 4096);
        prop_assert_eq!(block.len(), HEADER_BYTES + n * (k + v) + 8);
        prop_assert_eq!(read(&block), all);
    }

    #[test]
    fn damaged_blocks_never_read_outside(all in entries(), at in 0usize..4000, byte: u8, cut in 0usize..4000) {
        let (mut block, _) = write(&all, 8000);
        let len = block.len();
        block[at % len] = byte;
        block.truncate(len - cut % len);
        if let Ok(reader) = BlockReader::new(&block) {
            for i in 0..reader.len().min(100) {
                let _ = reader.get(i);
            }
            let _ = reader.iter().take(100).count();
        }
    }
}

#[test]
fn the_index_is_as_narrow_as_the_payload_allows() {
    for (value_len, width) in [(1, 1), (300, 2), (70_000, 4)] {
        let all = vec![(vec![1], vec![]), (vec![2], vec![7; value_len])];
        let (block, _) = write(&all, 100_000);
        assert_eq!(block[6], width);
        assert_eq!(read(&block), all);
    }
}

#[test]
fn a_buffer_below_an_empty_block_is_refused() {
    assert!(BlockWriter::new(&mut [0; 23], BlockKind::Scan).is_err());
    assert!(BlockWriter::new(&mut [0; 24], BlockKind::Scan).is_ok());
}
