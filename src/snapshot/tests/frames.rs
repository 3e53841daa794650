use crate::key::KeyGroupRange;
use crate::options::Compression;
use crate::snapshot::compression::{Compressor, Decompressor};
use crate::snapshot::frame::{FRAME_BYTES, Frame, FrameKind, SECTOR};

fn frame(stored: u32) -> Frame {
    Frame {
        kind: FrameKind::Entries,
        compression: Compression::Lz4,
        state: 3,
        snapshot: 0x0123_4567_89ab_cdef,
        position: 5 << 40,
        stored,
        plain: 70_000,
        groups: KeyGroupRange { first: 2, last: 32_767 },
        entries: 9,
    }
}

#[test]
fn a_frame_is_read_as_it_was_sealed_and_every_flipped_bit_is_found() {
    for stored in [0, 1, 463, 464, 465, 1000] {
        let mut buf = vec![0xaa; 2048];
        let len = frame(stored).seal(&mut buf).unwrap();
        assert_eq!(len % SECTOR, 0);
        let payload = vec![0xaa; stored as usize];
        assert_eq!(Frame::open(&buf[..len]), Ok((frame(stored), &payload[..])));
        for at in 0..len {
            for bit in 0..8 {
                buf[at] ^= 1 << bit;
                assert!(Frame::open(&buf[..len]).is_err(), "byte {at}, bit {bit} of {len}");
                buf[at] ^= 1 << bit;
            }
        }
        assert!(Frame::open(&buf[..len - 1]).is_err());
        assert_eq!(frame(stored).seal(&mut buf[..len - 1]), None);
    }
    assert_eq!(frame(1).len(), SECTOR);
    assert_eq!(frame(SECTOR as u32 - FRAME_BYTES as u32 + 1).len(), 2 * SECTOR);
}

#[test]
fn payloads_are_compressed_only_when_they_become_shorter() {
    let repeated = vec![7; 10_000];
    let mut seed = 1u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 20) as u8
    };
    let random: Vec<u8> = (0..10_000).map(|_| next()).collect();
    for kind in [Compression::Lz4, Compression::Zstd] {
        let mut compressor = Compressor::new(kind).unwrap();
        let mut out = vec![0; compressor.room(10_000)];
        assert_eq!(compressor.compress(&random, &mut out), None);
        let len = compressor.compress(&repeated, &mut out).unwrap();
        let mut decompressor = Decompressor::new();
        assert_eq!(decompressor.plain(kind, &out[..len], 10_000).unwrap(), repeated);
        for wrong in [9_999, 10_001] {
            assert!(decompressor.plain(kind, &out[..len], wrong).is_err());
        }
        assert!(decompressor.plain(kind, &random, 10_000).is_err());
    }
    let mut none = Compressor::new(Compression::None).unwrap();
    assert_eq!(none.compress(&repeated, &mut [0; 10_000]), None);
}
