//! Blocks that grow.

use super::*;

proptest! {
    #[test]
    fn a_block_that_grew_reads_as_one_that_was_written(all in entries(), more in entries()) {
        let mut builder = BlockBuilder::new(BlockKind::Scan, MAX_BLOCK_BYTES);
        for round in [&all, &more, &all] {
            builder.clear();
            for (i, (k, v)) in round.iter().enumerate() {
                prop_assert!(builder.push(&[i as u8, 1, 2], k, v).unwrap());
                prop_assert_eq!(builder.entries().get(i).unwrap(), (&[&[i as u8, 1, 2], &k[..]].concat()[..], &v[..]));
            }
            let with_heads: Entries =
                round.iter().enumerate().map(|(i, (k, v))| ([&[i as u8, 1, 2], &k[..]].concat(), v.clone())).collect();
            let mut bytes = Vec::new();
            builder.block().append_to(&mut bytes);
            prop_assert_eq!(bytes.len(), builder.size_bytes());
            prop_assert_eq!(builder.len(), round.len());
            prop_assert_eq!(builder.is_empty(), round.is_empty());
            prop_assert_eq!(read(&bytes), with_heads);
        }
    }
}

#[test]
fn a_block_does_not_grow_beyond_its_limit() {
    let mut builder = BlockBuilder::new(BlockKind::Batch, HEADER_BYTES + 2 * 8 + 7);
    assert!(builder.push(b"a", b"bc", b"").unwrap());
    assert!(!builder.push(b"d", b"e", b"fgh").unwrap());
    assert!(builder.push(b"d", b"", b"efg").unwrap());
    assert!(!builder.push(b"", b"", b"").unwrap());
    assert_eq!(builder.entries().iter().collect::<Vec<_>>(), [(&b"abc"[..], &b""[..]), (b"d", b"efg")]);
}
