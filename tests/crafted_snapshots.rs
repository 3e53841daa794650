//! Snapshot files whose checksums are right and which lie all the same: about lengths, counts, places, order, key groups,
//! splits, keys. A lie is found, or makes no difference; `verify` finds it in any case; and no length is believed that
//! would take much memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unsafe_code,
    reason = "a test"
)]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::counts::say;
use common::format::{
    CHANGES_BLOCK, ENTRIES, Frame, LEAF, ROOT, SNAPSHOT_BLOCK, TRAILER, Trailer, block, block_entries, file,
    frames, join, place,
};
use common::stored::{Content, content, fast_dir, fill, restored, small, written};
use keybed::error::ErrorKind;
use keybed::key::{KeyGroupRange, PartSize};
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::verify;
use keybed::store::{StateKind, Store};

/// Notes the largest piece of memory that was asked for.
struct Noting;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: as for the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as for the caller.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// No lie about a length may cost more than this.
const MOST_MEMORY: usize = 16 << 20;

type Entry = (Vec<u8>, Vec<u8>);

struct Original {
    dir: tempfile::TempDir,
    path: PathBuf,
    bytes: Vec<u8>,
    content: Content,
    options: StoreOptions,
}

/// What a crafted file must meet with.
enum Fate {
    /// Verifying and restoring both fail, with this.
    Refused(ErrorKind),
    /// Verifying fails; restoring fails too or gives the very entries.
    Found,
    /// A reader need not mind.
    Harmless,
}

use Fate::{Found, Harmless, Refused};
const DAMAGE: Fate = Refused(ErrorKind::Corruption);

impl Original {
    fn new(engine: &str, options: StoreOptions) -> Original {
        let dir = fast_dir();
        let made = StoreOptions { engine: engine.parse().unwrap(), ..options.clone() };
        let store = Store::open(dir.path().join("store"), &made).unwrap();
        fill(&store, PartSize::Fixed(2), 0);
        let path = dir.path().join("crafted.kbs");
        written(&store, &path, Compression::None, None);
        let content = content(&store);
        store.close().unwrap();
        let bytes = fs::read(&path).unwrap();
        Original { dir, path, bytes, content, options }
    }

    fn frames(&self) -> Vec<Frame> {
        frames(&self.bytes)
    }

    /// Head and blocks of entries.
    fn parts(&self) -> (Frame, Vec<Frame>) {
        let mut frames = self.frames();
        let head = frames.remove(0);
        frames.retain(|frame| frame.kind == ENTRIES);
        assert!(frames.len() > 4, "several blocks, of several states");
        (head, frames)
    }

    fn restore(&self, bytes: &[u8]) -> Result<Content, keybed::error::Error> {
        fs::write(&self.path, bytes).unwrap();
        restored(self.dir.path(), &self.options, std::slice::from_ref(&self.path))
    }

    fn check(&self, what: &str, bytes: &[u8], fate: Fate) {
        CHECKED.fetch_add(1, Ordering::Relaxed);
        LARGEST.store(0, Ordering::Relaxed);
        // Not the entries, which nobody wants to see in a failed assertion.
        let restored = self.restore(bytes).map(|entries| entries == self.content);
        let verified = verify(&self.path, &mut |_, _| true);
        let largest = LARGEST.load(Ordering::Relaxed);
        assert!(largest < MOST_MEMORY, "{what}: {largest} bytes of memory were asked for");
        for error in [restored.as_ref().err(), verified.as_ref().err()].into_iter().flatten() {
            let place = self.path.to_str().unwrap();
            assert!(error.message().contains(place), "{what}: '{error}' does not name the file");
            if error.kind() == ErrorKind::Corruption && !error.message().contains("line") {
                assert!(error.message().contains(", byte "), "{what}: '{error}' names no place");
            }
        }
        match fate {
            Refused(kind) => {
                assert_eq!(restored.expect_err(what).kind(), kind, "{what}");
                assert_eq!(verified.expect_err(what).kind(), kind, "{what}");
            }
            Found => {
                assert_eq!(verified.expect_err(what).kind(), ErrorKind::Corruption, "{what}");
                match restored {
                    Ok(same) => assert!(same, "{what}"),
                    Err(e) => assert_eq!(e.kind(), ErrorKind::Corruption, "{what}: {e}"),
                }
            }
            Harmless => {
                assert!(restored.expect(what), "{what}");
                verified.expect(what);
            }
        }
    }

    /// One frame is changed; everything else stays, and its checksum is made good.
    fn frame(&self, what: &str, kind: u8, fate: Fate, change: impl FnOnce(&mut Frame)) {
        let mut frames = self.frames();
        change(frames.iter_mut().find(|frame| frame.kind == kind).unwrap());
        self.check(what, &join(&frames), fate);
    }

    fn trailer(&self, what: &str, fate: Fate, change: impl FnOnce(&mut Trailer)) {
        self.frame(what, TRAILER, fate, |frame| {
            let mut trailer = Trailer::of(&frame.payload);
            change(&mut trailer);
            frame.payload = trailer.bytes();
        });
    }

    /// The blocks are changed; index and trailer are made good for them.
    fn blocks(&self, what: &str, fate: Fate, change: impl FnOnce(&mut Vec<Frame>)) {
        let (head, mut blocks) = self.parts();
        change(&mut blocks);
        self.check(what, &file(&head, &blocks), fate);
    }

    /// The entries of the first block are changed, and everything else is made good for them.
    fn entries(&self, what: &str, fate: Fate, change: impl FnOnce(&mut Vec<Entry>)) {
        self.blocks(what, fate, |blocks| {
            let (kind, mut entries) = block_entries(&blocks[0].plain_payload());
            change(&mut entries);
            blocks[0].entries = entries.len() as u32;
            blocks[0].set_payload(block(kind, &entries));
        });
    }

    /// The head is changed, and key groups are asked for that are not the file's.
    fn head_for(&self, options: &StoreOptions, what: &str, change: impl FnOnce(String) -> String) {
        let (mut head, blocks) = self.parts();
        let text = change(String::from_utf8(head.payload.clone()).unwrap());
        head.set_payload(text.into_bytes());
        fs::write(&self.path, file(&head, &blocks)).unwrap();
        let error = restored(self.dir.path(), options, std::slice::from_ref(&self.path)).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Corruption, "{what}: {error}");
        assert_eq!(verify(&self.path, &mut |_, _| true).expect_err(what).kind(), ErrorKind::Corruption);
    }

    fn head(&self, what: &str, fate: Fate, change: impl FnOnce(String) -> String) {
        let (mut head, blocks) = self.parts();
        let text = change(String::from_utf8(head.payload.clone()).unwrap());
        head.set_payload(text.into_bytes());
        self.check(what, &file(&head, &blocks), fate);
    }
}

static CHECKED: AtomicUsize = AtomicUsize::new(0);

fn on_each_source(test: impl Fn(&Original)) {
    // One at a time: the memory that is asked for is everybody's.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    CHECKED.store(0, Ordering::Relaxed);
    test(&Original::new("table", small("table", &[])));
    if cfg!(feature = "rocks") {
        test(&Original::new("rocks", small("table", &[])));
        test(&Original::new("table", small("rocks", &[])));
        test(&Original::new("rocks", small("rocks", &[])));
    }
    say(&format!("{} damaged snapshots restored: lies", CHECKED.load(Ordering::Relaxed)));
}

#[test]
fn what_is_made_by_the_description_is_read() {
    on_each_source(|original| {
        let (head, blocks) = original.parts();
        original.check("as it was", &file(&head, &blocks), Harmless);
        assert_eq!(file(&head, &blocks), original.bytes, "both write the same bytes");
    });
}

#[test]
fn other_versions_and_features_are_told_from_damage() {
    on_each_source(|original| {
        original.trailer("version 2", Refused(ErrorKind::NewerFormat), |trailer| trailer.version = 2);
        original.trailer("version 0", DAMAGE, |trailer| trailer.version = 0);
        for bit in [0, 1, 63] {
            original.trailer("a feature", Refused(ErrorKind::NewerFormat), |t| t.incompatible = 1 << bit);
            original.trailer("a compatible feature", Harmless, |t| t.compatible = 1 << bit);
        }
        let newer = || Refused(ErrorKind::NewerFormat);
        original.head("version 2", newer(), |t| t.replace("keybed-snapshot 1", "keybed-snapshot 2"));
        original
            .head("a feature", newer(), |t| t.replace("incompatible-features 0", "incompatible-features 5"));
        original.head("a compatible feature", Harmless, |t| {
            t.replace("\ncompatible-features 0", "\ncompatible-features 5")
        });
        let foreign = Refused(ErrorKind::ForeignFormat);
        original.head("another format", foreign, |t| t.replace("keybed-snapshot 1", "something-else 1"));
        let mut bytes = original.bytes.clone();
        bytes[..4].copy_from_slice(b"KBS2");
        original.check("another magic", &bytes, Refused(ErrorKind::ForeignFormat));
        original.check("a picture", b"\x89PNG\r\n\x1a\n and so on", Refused(ErrorKind::ForeignFormat));
        original.check("nothing", b"", DAMAGE);
    });
}

#[test]
fn lies_of_the_trailer_are_found() {
    on_each_source(|original| {
        let len = original.bytes.len() as u64;
        for n in [0, 1, 512, len - 512, len, u64::MAX, u64::MAX - 511] {
            original.trailer("root", DAMAGE, |trailer| trailer.root = n);
            if n != 512 {
                original.trailer("root length", DAMAGE, |trailer| trailer.root_length = n);
            }
            original.trailer("blocks", DAMAGE, |trailer| trailer.blocks = n);
            original.trailer("entries", DAMAGE, |trailer| trailer.entries = n);
            original.trailer("length", DAMAGE, |t| t.file_length = if n == len { n + 512 } else { n });
        }
        original.frame("a short trailer", TRAILER, DAMAGE, |frame| frame.set_payload(vec![1; 63]));
        original.frame("a long trailer", TRAILER, DAMAGE, |frame| frame.set_payload(vec![1; 65]));
    });
}

#[test]
fn lies_of_a_frame_are_found() {
    on_each_source(|original| {
        for kind in [ENTRIES, LEAF, ROOT, TRAILER] {
            for n in [0, 1, 511, 512, 1 << 20, 0x7fff_ffff, u32::MAX] {
                original.frame("stored", kind, DAMAGE, |frame| frame.stored = n);
            }
            original.frame("position", kind, DAMAGE, |frame| frame.position += 512);
            original.frame("snapshot", kind, DAMAGE, |frame| frame.snapshot ^= 1);
            for other in 0..8 {
                let fate = || if other == kind { Harmless } else { DAMAGE };
                original.frame("kind", kind, fate(), |frame| frame.kind = other);
            }
        }
        for n in [0, 1, 1 << 20, 0x7fff_ffff, u32::MAX] {
            for compression in [0, 1, 2, 3, 255] {
                original.frame("plain", ENTRIES, DAMAGE, |f| (f.plain, f.compression) = (n, compression));
            }
        }
        original.frame("state", ENTRIES, DAMAGE, |frame| frame.state = 1);
        original.frame("no state", ENTRIES, DAMAGE, |frame| frame.state = u32::MAX);
        original.frame("entries", ENTRIES, DAMAGE, |frame| frame.entries += 1);
        original.frame("no entries", ENTRIES, DAMAGE, |frame| frame.entries = 0);
        original.frame("key groups", ENTRIES, DAMAGE, |frame| frame.last += 1);
        original.frame("key groups reversed", ENTRIES, DAMAGE, |frame| (frame.first, frame.last) = (3, 2));
    });
}

#[test]
fn payloads_that_become_too_long_or_too_short_are_found() {
    on_each_source(|original| {
        let zeros = vec![0u8; 1 << 20];
        let packed = [lz4_flex::block::compress(&zeros), zstd::bulk::compress(&zeros, 3).unwrap()];
        for (compression, packed) in (1..).zip(packed) {
            for plain in [1 << 20, (1 << 20) - 1, (1 << 20) + 1, 16, u32::MAX] {
                original.blocks("a bomb", DAMAGE, |blocks| {
                    blocks[0].set_payload(packed.clone());
                    (blocks[0].compression, blocks[0].plain) = (compression, plain);
                });
            }
        }
        // One that zstd itself would believe: a frame that says four gigabytes.
        let mut lie = vec![0x28, 0xb5, 0x2f, 0xfd, 0xe0];
        lie.extend(u64::to_le_bytes(0xffff_ffff));
        lie.extend([3, 0, 0, 0]);
        original.blocks("a bomb", DAMAGE, |blocks| {
            blocks[0].set_payload(lie);
            (blocks[0].compression, blocks[0].plain) = (2, u32::MAX);
        });
        // What is right with compression is read.
        for compression in [1, 2] {
            original.blocks("compressed", Harmless, |blocks| {
                for frame in blocks {
                    let plain = frame.plain_payload();
                    frame.set_payload(match compression {
                        1 => lz4_flex::block::compress(&plain),
                        _ => zstd::bulk::compress(&plain, 1).unwrap(),
                    });
                    (frame.compression, frame.plain) = (compression, plain.len() as u32);
                }
            });
        }
    });
}

#[test]
fn lies_of_the_index_are_found() {
    on_each_source(|original| {
        let words = |kind: u8, size: usize| {
            let frames = original.frames();
            let frame = frames.iter().find(|frame| frame.kind == kind).unwrap();
            assert_eq!(frame.payload.len() % size, 0);
            frame.payload.len() / 4
        };
        for (kind, size) in [(LEAF, 24), (ROOT, 40)] {
            for word in 0..words(kind, size) {
                for change in [1u32, 512, 0x8000_0000] {
                    original.frame(&format!("word {word} of the index {kind}"), kind, DAMAGE, |frame| {
                        let bytes: &mut [u8] = &mut frame.payload[word * 4..word * 4 + 4];
                        let number = u32::from_le_bytes((&*bytes).try_into().unwrap()) ^ change;
                        bytes.copy_from_slice(&number.to_le_bytes());
                    });
                }
            }
            original.frame("a record more", kind, DAMAGE, |frame| {
                let record = frame.payload[..size].to_vec();
                frame.payload.extend(record);
                (frame.stored, frame.plain) = (frame.payload.len() as u32, frame.payload.len() as u32);
            });
            original.frame("half a record", kind, DAMAGE, |frame| {
                frame.payload.truncate(frame.payload.len() - size / 2);
                (frame.stored, frame.plain) = (frame.payload.len() as u32, frame.payload.len() as u32);
            });
            original.frame("no record", kind, DAMAGE, |frame| frame.set_payload(Vec::new()));
        }
    });
}

/// The index, the counts and the trailer all leave a block out that lies in the file.
#[test]
fn a_block_that_the_whole_index_leaves_out_is_found() {
    on_each_source(|original| {
        let (head, blocks) = original.parts();
        for left_out in 0..blocks.len() {
            let mut few = blocks.clone();
            let block = few.remove(left_out);
            // A file without it, and then the block put in where it would be, with everything moved behind it.
            let mut frames = frames(&file(&head, &few));
            let begin = frames[left_out + 1].position;
            let shifted = |at: u64| if at >= begin { at + block.len() } else { at };
            for frame in &mut frames {
                let size = match frame.kind {
                    LEAF => 24,
                    ROOT => 40,
                    _ => continue,
                };
                for record in frame.payload.chunks_mut(size) {
                    let at = shifted(u64::from_le_bytes(record[..8].try_into().unwrap()));
                    record[..8].copy_from_slice(&at.to_le_bytes());
                }
            }
            let trailer = frames.last_mut().unwrap();
            let mut says = Trailer::of(&trailer.payload);
            (says.root, says.file_length) = (shifted(says.root), says.file_length + block.len());
            trailer.payload = says.bytes();
            frames.insert(left_out + 1, block);
            place(&mut frames);
            original.check("left out", &join(&frames), DAMAGE);
        }
    });
}

#[test]
fn blocks_in_another_order_or_under_another_name_are_found() {
    on_each_source(|original| {
        let (head, blocks) = original.parts();
        let ordered = String::from_utf8(head.payload).unwrap().contains("order keys");
        for a in 0..blocks.len() {
            for b in 0..a {
                original
                    .blocks("exchanged", if a == b { Harmless } else { DAMAGE }, |blocks| blocks.swap(a, b));
            }
            original.blocks("states beyond", DAMAGE, |blocks| {
                blocks[a..].iter_mut().for_each(|frame| frame.state = 1000);
            });
            // Without an order, keys that come again can only be told by who has them all.
            if ordered || blocks[a].first < blocks[a].last {
                original.blocks("twice", DAMAGE, |blocks| blocks.insert(a, blocks[a].clone()));
            }
            // A whole file again, but another one; who wrote it meant something else.
            original.blocks("a wider range", Found, |blocks| {
                if blocks.get(a + 1).is_none_or(|next| next.state != blocks[a].state) && blocks[a].last < 3 {
                    blocks[a].last = 3;
                } else if a > 0 && blocks[a - 1].state == blocks[a].state {
                    blocks[a - 1].last = blocks[a].last + 1;
                } else {
                    blocks[a].first = blocks[a].last + 1;
                }
            });
            original.blocks("key groups that the entries are not of", DAMAGE, |blocks| {
                let other = if blocks[a].first < blocks[a].last {
                    blocks[a].first
                } else {
                    (blocks[a].first + 1) % 4
                };
                (blocks[a].first, blocks[a].last) = (other, other);
            });
        }
    });
}

#[test]
fn lies_about_entries_are_found() {
    on_each_source(|original| {
        original.entries("as they were", Harmless, |_| ());
        original.entries("an empty key", DAMAGE, |entries| entries[3].0.clear());
        original.entries("a key of its key group alone", DAMAGE, |entries| entries[3].0.truncate(1));
        original.entries("a key without an end", DAMAGE, |entries| entries[3].0 = vec![0, 1, 1]);
        original.entries("a key of another key group", DAMAGE, |entries| entries[3].0[0] = 3);
        original.entries("a key of no key group", DAMAGE, |entries| entries[3].0[0] = 200);
        original.blocks("no entries", DAMAGE, |blocks| {
            blocks[0].entries = 0;
            blocks[0].set_payload(block(SNAPSHOT_BLOCK, &[]));
        });
        original.blocks("what is no block", DAMAGE, |blocks| blocks[0].set_payload(b"entries".to_vec()));
        original.blocks("changes", DAMAGE, |blocks| {
            let (_, entries) = block_entries(&blocks[0].plain_payload());
            blocks[0].set_payload(block(CHANGES_BLOCK, &entries));
        });
        for kind in [0, 1, 2, 5, 9, 255] {
            original.blocks("a block of another kind", DAMAGE, |blocks| {
                let mut payload = blocks[0].plain_payload();
                payload[4] = kind;
                blocks[0].set_payload(payload);
            });
        }
        // Every number of the block's header and of its index.
        let (_, blocks) = original.parts();
        let payload = blocks[0].plain_payload();
        let (_, entries) = block_entries(&payload);
        let wide = block(SNAPSHOT_BLOCK, &entries);
        let index = wide.len() - entries.len() * 8;
        for at in (0..16).chain(index..wide.len()) {
            for change in [1, 0x80] {
                let mut payload = wide.clone();
                payload[at] ^= change;
                let bytes = {
                    let (head, mut blocks) = original.parts();
                    blocks[0].set_payload(payload);
                    file(&head, &blocks)
                };
                // Ends that are in order are another division of the same bytes; it need not be told from what was meant.
                let restored = original.restore(&bytes);
                let verified = verify(&original.path, &mut |_, _| true);
                if let Err(e) = restored {
                    assert_eq!(e.kind(), ErrorKind::Corruption, "{e}");
                    assert!(e.message().contains(", byte "), "{e}");
                    verified.unwrap_err();
                } else {
                    assert!(at >= index || at == 5, "byte {at} of the header");
                }
            }
        }
    });
}

#[test]
fn keys_that_are_not_in_the_order_that_the_head_says_or_there_twice_are_found() {
    on_each_source(|original| {
        let (head, _) = original.parts();
        let ordered = String::from_utf8(head.payload).unwrap().contains("order keys");
        let rocks = original.options.engine.name() == "rocks";
        if ordered {
            let fate = || if rocks { DAMAGE } else { Found };
            original.entries("exchanged", fate(), |entries| entries.swap(2, 3));
            original.entries("twice", DAMAGE, |entries| entries.insert(2, entries[2].clone()));
        } else {
            original.entries("exchanged", Harmless, |entries| entries.swap(2, 3));
            original.head("said to be in order", if rocks { DAMAGE } else { Found }, |text| {
                text.replace("order none", "order keys")
            });
        }
        if !rocks && !ordered {
            // Only the table can tell: it would have fewer entries than there are.
            let (head, mut blocks) = original.parts();
            let (kind, mut entries) = block_entries(&blocks[0].plain_payload());
            entries.insert(2, entries[2].clone());
            blocks[0].entries += 1;
            blocks[0].set_payload(block(kind, &entries));
            let error = original.restore(&file(&head, &blocks)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corruption);
            assert!(error.message().contains("have the key of another"), "{error}");
        }
    });
}

#[test]
fn lies_of_the_head_are_found() {
    on_each_source(|original| {
        original.head("another id", DAMAGE, |text| {
            let id = text.split("id ").nth(1).unwrap()[..32].to_string();
            text.replace(&id, &"0".repeat(32))
        });
        for line in ["id ", "engine ", "key-encoding ", "key-groups ", "order ", "compatible-features "] {
            original.head("a line less", DAMAGE, |text| {
                text.lines().filter(|known| !known.starts_with(line)).map(|l| format!("{l}\n")).collect()
            });
        }
        original.head("a line more", DAMAGE, |text| text + "more\n");
        original.head("a state twice", DAMAGE, |text| text.clone() + text.lines().last().unwrap() + "\n");
        original.head("many states", DAMAGE, |text| {
            (0..200_000).fold(text, |text, n| text + &format!("state value 0 s{n} plain\n"))
        });
        original.head("key groups beyond", DAMAGE, |text| text.replace("key-groups 0-3", "key-groups 0-4"));
        let few = StoreOptions { key_groups: KeyGroupRange::new(0, 2), ..original.options.clone() };
        original.head_for(&few, "fewer key groups", |text| text.replace("key-groups 0-3", "key-groups 0-2"));
        for (from, to) in [
            ("engine table", "engine nothing"),
            ("key-encoding ordered", "key-encoding sorted"),
            ("max-parallelism 4", "max-parallelism 0"),
            ("max-parallelism 4", "max-parallelism 99999"),
            ("key-size variable", "key-size -1"),
            ("key-size variable", "key-size 70000"),
            ("state value", "state valve"),
            ("a%20list", "a%2list"),
            ("a%20list", "a%0alist"),
            ("a%20list", "a%ff"),
        ] {
            let from = if from == "engine table" && !String::from_utf8_lossy(&original.bytes).contains(from) {
                "engine rocks"
            } else {
                from
            };
            original.head("a word", DAMAGE, |text| text.replace(from, to));
        }
        let (mut head, blocks) = original.parts();
        head.set_payload(vec![0xff; 300]);
        original.check("no text", &file(&head, &blocks), Refused(ErrorKind::ForeignFormat));
        let (mut head, blocks) = original.parts();
        let text = String::from_utf8(head.payload.clone()).unwrap();
        head.set_payload([text.as_bytes(), b"state \xff"].concat());
        original.check("not UTF-8", &file(&head, &blocks), DAMAGE);
    });
}

#[test]
fn a_file_of_changes_alone_is_not_restored() {
    let original = Original::new("table", small("table", &[]));
    let (mut head, mut blocks) = original.parts();
    for frame in &mut blocks {
        let (_, entries) = block_entries(&frame.plain_payload());
        let with_op: Vec<Entry> =
            entries.into_iter().map(|(key, value)| ([vec![1], key].concat(), value)).collect();
        frame.set_payload(block(CHANGES_BLOCK, &with_op));
    }
    let text = String::from_utf8(head.payload.clone()).unwrap();
    let text = text.replace("\nengine ", &format!("\nbase {}\nchain 1\nengine ", "1".repeat(32)));
    head.set_payload(text.into_bytes());
    let bytes = file(&head, &blocks);
    let error = original.restore(&bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SnapshotMismatch, "{error}");
    verify(&original.path, &mut |_, _| true).unwrap();
    for (what, change) in [
        ("an op that there is not", (|entries: &mut Vec<Entry>| entries[1].0[0] = 2) as fn(&mut Vec<Entry>)),
        ("deleted with a value", |entries| entries[1].0[0] = 0),
        ("no op", |entries| entries[1].0.clear()),
        ("an op alone", |entries| entries[1].0.truncate(1)),
    ] {
        let mut blocks = blocks.clone();
        let (kind, mut entries) = block_entries(&blocks[0].plain_payload());
        change(&mut entries);
        blocks[0].set_payload(block(kind, &entries));
        fs::write(&original.path, file(&head, &blocks)).unwrap();
        let error = verify(&original.path, &mut |_, _| true).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corruption, "{what}");
        assert!(error.message().contains(&format!(", byte {}", head.len())), "{what}: {error}");
    }
}

fn flink(dir: &Path) -> Store {
    let options = small("table", &[("key-encoding", "flink")]);
    let store = Store::open(dir, &options).unwrap();
    let mut session = store.session().unwrap();
    let map = session.open_state("map", StateKind::Map, PartSize::NONE).unwrap();
    for i in 0..20u8 {
        session.set_key(u32::from(i % 4), &[2, i, i]).unwrap();
        (0..5).for_each(|j| session.put(map, b"", &[j], &[i; 20]).unwrap());
    }
    store
}

#[test]
fn splits_that_are_none_are_found() {
    let dir = fast_dir();
    let store = flink(&dir.path().join("store"));
    let path = dir.path().join("split.kbs");
    written(&store, &path, Compression::None, None);
    let frames = frames(&fs::read(&path).unwrap());
    let head = frames[0].clone();
    let options = small("table", &[("key-encoding", "flink")]);
    for split in [0, 1, 6, 7, 0xff, 0x8000_0000, u32::MAX] {
        let mut blocks: Vec<Frame> = frames.iter().filter(|f| f.kind == ENTRIES).cloned().collect();
        let (kind, mut entries) = block_entries(&blocks[0].plain_payload());
        entries[4].0[..4].copy_from_slice(&u32::to_le_bytes(split));
        blocks[0].set_payload(block(kind, &entries));
        fs::write(&path, file(&head, &blocks)).unwrap();
        for error in [
            restored(dir.path(), &options, std::slice::from_ref(&path)).unwrap_err(),
            verify(&path, &mut |_, _| true).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Corruption, "{split}: {error}");
            assert!(error.message().contains(&format!(", byte {}", head.len())), "{split}: {error}");
        }
        // A key that is too short for one.
        entries[4].0.truncate(3);
        blocks[0].set_payload(block(kind, &entries));
        fs::write(&path, file(&head, &blocks)).unwrap();
        restored(dir.path(), &options, std::slice::from_ref(&path)).unwrap_err();
    }
}
