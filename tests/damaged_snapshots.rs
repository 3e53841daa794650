//! Snapshot files that were damaged: a restore fails with the file and the place, and leaves nothing; `verify` finds what a
//! restore finds, and names the first damaged block.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::counts::say;
use common::engines::rounds;
use common::format::frames;
use common::random::Random;
use common::stored::{Content, content, fast_dir, fill, read_all, restored, small, written};
use keybed::error::{Error, ErrorKind};
use keybed::key::PartSize;
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::{ReadAt, SnapshotFile, verify, verify_source};
use keybed::store::Store;

/// A snapshot file, and all that it holds.
struct Sample {
    dir: tempfile::TempDir,
    path: PathBuf,
    bytes: Vec<u8>,
    /// Where its blocks begin.
    blocks: Vec<u64>,
    content: Content,
    options: StoreOptions,
}

impl Sample {
    fn new(engine: &str, compression: Compression) -> Sample {
        let dir = fast_dir();
        let store = Store::open(dir.path().join("store"), &small(engine, &[])).unwrap();
        fill(&store, PartSize::Variable, 0);
        let path = dir.path().join("snapshot.kbs");
        written(&store, &path, compression, None);
        let content = content(&store);
        store.close().unwrap();
        let bytes = fs::read(&path).unwrap();
        let blocks = frames(&bytes).iter().map(|frame| frame.position).collect();
        // Whatever engine wrote it: the table is quick.
        Sample { dir, path, bytes, blocks, content, options: small("table", &[]) }
    }

    fn all() -> Vec<Sample> {
        let mut all = Vec::new();
        for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
            all.push(Sample::new("table", compression));
        }
        if cfg!(feature = "rocks") {
            all.push(Sample::new("rocks", Compression::None));
            all.push(Sample::new("rocks", Compression::Lz4));
        }
        all
    }

    /// The block that this byte is in.
    fn block_of(&self, at: u64) -> u64 {
        *self.blocks.iter().rev().find(|begin| **begin <= at).unwrap()
    }

    /// Restores damaged bytes, which must fail and name the file and a place.
    fn restore_fails(&self, damaged: &[u8], options: &StoreOptions) -> Error {
        fs::write(&self.path, damaged).unwrap();
        let error = restored(self.dir.path(), options, std::slice::from_ref(&self.path)).unwrap_err();
        self.names_the_place(&error);
        error
    }

    fn names_the_place(&self, error: &Error) {
        let known = [ErrorKind::Corruption, ErrorKind::ForeignFormat, ErrorKind::NewerFormat];
        assert!(known.contains(&error.kind()), "{error}");
        let place = format!("{}, byte ", self.path.display());
        assert!(error.message().contains(&place), "'{error}' names no place");
    }

    /// Restoring and verifying these bytes both fail, and verifying names the block that byte `first` is in.
    fn found(&self, damaged: &[u8], first: usize) {
        self.restore_fails(damaged, &self.options);
        let error = verify_source(Box::new(damaged.to_vec()), &self.path, &mut |_, _| true).unwrap_err();
        self.names_the_place(&error);
        let block = self.block_of(first as u64);
        let place = format!(", byte {block}: ");
        assert!(error.message().contains(&place), "byte {first} is in the block at {block}; {error}");
    }
}

/// Every `step`th byte of a file, so that without optimisation it does not take long.
fn step(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by(if cfg!(debug_assertions) { 7 } else { 1 })
}

#[test]
fn damage_of_any_byte_is_found_and_its_block_named() {
    let mut random = Random::seeded();
    let mut restores = 0;
    for sample in Sample::all() {
        for at in step(sample.bytes.len()) {
            restores += 1;
            let mut damaged = sample.bytes.clone();
            damaged[at] ^= 1 << random.below(8);
            sample.found(&damaged, at);
        }
        fs::write(&sample.path, &sample.bytes).unwrap();
        let from = [sample.path.clone()];
        assert_eq!(restored(sample.dir.path(), &sample.options, &from).unwrap(), sample.content);
        verify(&sample.path, &mut |_, _| true).unwrap();
    }
    say(&format!("{restores} damaged snapshots restored: a byte flipped"));
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let mut restores = 0;
    for sample in Sample::all() {
        for len in step(sample.bytes.len()) {
            sample.found(&sample.bytes[..len], len);
            restores += 1;
        }
    }
    say(&format!("{restores} damaged snapshots restored: cut short"));
}

#[test]
fn zeroed_repeated_exchanged_and_appended_ranges_are_found() {
    let mut random = Random::seeded();
    let mut restores = 0;
    for sample in Sample::all() {
        let len = sample.bytes.len() as u64;
        for _ in 0..rounds(400) {
            let mut damaged = sample.bytes.clone();
            let from = random.below(len) as usize;
            let to = from + 1 + random.below(len - from as u64) as usize;
            match random.below(5) {
                0 => damaged[from..to].fill(0),
                1 => damaged[from..to].fill(0xff),
                2 => {
                    let other = random.below(len - (to - from) as u64 + 1) as usize;
                    damaged.copy_within(other..other + (to - from), from);
                }
                3 => drop(damaged.splice(from..from, vec![0; 512])),
                _ => damaged.extend(vec![random.next() as u8; to - from]),
            }
            let first = damaged.iter().zip(&sample.bytes).position(|(a, b)| a != b);
            let first = match first {
                Some(first) => first,
                None if damaged.len() == sample.bytes.len() => continue,
                // What was appended belongs to the last block.
                None => sample.bytes.len() - 1,
            };
            sample.found(&damaged, first);
            restores += 1;
        }
        // Whole blocks in another place, or twice, or not at all.
        let sectors = sample.bytes.len() / 512;
        for _ in 0..rounds(200) {
            let (a, b) = (random.below(sectors as u64) as usize, random.below(sectors as u64) as usize);
            let mut parts: Vec<&[u8]> = sample.bytes.chunks(512).collect();
            match random.below(3) {
                0 => parts.swap(a, b),
                1 => parts.insert(a, parts[b]),
                _ => drop(parts.remove(a)),
            }
            let damaged = parts.concat();
            if damaged == sample.bytes {
                continue;
            }
            let first = damaged.iter().zip(&sample.bytes).position(|(a, b)| a != b);
            sample.found(&damaged, first.unwrap_or(sample.bytes.len() - 1).min(sample.bytes.len() - 1));
            restores += 1;
        }
    }
    say(&format!("{restores} damaged snapshots restored: ranges zeroed, exchanged, repeated, appended"));
}

#[test]
fn blocks_of_another_snapshot_of_the_same_store_are_refused() {
    let dir = fast_dir();
    let store = Store::open(dir.path().join("store"), &small("table", &[])).unwrap();
    fill(&store, PartSize::Variable, 0);
    let mut files = Vec::new();
    for name in ["a", "b"] {
        written(&store, &dir.path().join(name), Compression::None, None);
        files.push(fs::read(dir.path().join(name)).unwrap());
    }
    let [a, b] = &files[..] else { panic!() };
    assert_eq!(a.len(), b.len());
    for frame in frames(a) {
        let (from, to) = (frame.position as usize, (frame.position + frame.len()) as usize);
        let mut mixed = a.clone();
        mixed[from..to].copy_from_slice(&b[from..to]);
        fs::write(dir.path().join("mixed"), &mixed).unwrap();
        let options = small("table", &[]);
        let error = restored(dir.path(), &options, &[dir.path().join("mixed")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corruption);
        assert!(error.message().contains("another snapshot"), "{error}");
        let error = verify(dir.path().join("mixed"), &mut |_, _| true).unwrap_err();
        assert!(error.message().contains("another snapshot"), "{error}");
    }
}

#[cfg(feature = "rocks")]
#[test]
fn nothing_is_left_of_a_database_that_was_restored_from_damaged_bytes() {
    let mut random = Random::seeded();
    for engine in ["table", "rocks"] {
        let sample = Sample::new(engine, Compression::Lz4);
        for _ in 0..60 {
            let mut damaged = sample.bytes.clone();
            // Late, where most has been loaded already.
            let from = sample.bytes.len() / 2;
            let at = from + random.below((sample.bytes.len() - from) as u64) as usize;
            damaged[at] ^= 1 << random.below(8);
            sample.restore_fails(&damaged, &small("rocks", &[]));
        }
    }
}

/// Bytes that become others after some reads.
struct Changing {
    before: Vec<u8>,
    after: Option<Vec<u8>>,
    reads: AtomicUsize,
    from: usize,
}

impl Changing {
    fn now(&self) -> std::io::Result<&Vec<u8>> {
        if self.reads.fetch_add(1, Ordering::Relaxed) < self.from {
            return Ok(&self.before);
        }
        self.after.as_ref().ok_or_else(|| std::io::Error::from_raw_os_error(5))
    }
}

impl ReadAt for Changing {
    fn read_exact_at(&self, buf: &mut [u8], position: u64) -> std::io::Result<()> {
        self.now()?.read_exact_at(buf, position)
    }

    fn size(&self) -> std::io::Result<u64> {
        self.now()?.size()
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_found_or_makes_no_difference() {
    let mut random = Random::seeded();
    let (mut found, mut same) = (0, 0);
    for sample in Sample::all() {
        let len = sample.bytes.len();
        // Up to where all reads are done before the change.
        for from in 0..60 {
            for how in 0..5 {
                let mut after = sample.bytes.clone();
                match how {
                    0 => after.truncate(random.below(len as u64) as usize),
                    1 => after.extend([0; 512]),
                    2 => after.iter_mut().for_each(|byte| *byte ^= 0xff),
                    3 => after.clear(),
                    _ => {}
                }
                let after = (how < 4).then_some(after);
                let source = || {
                    let before = sample.bytes.clone();
                    Box::new(Changing { before, after: after.clone(), reads: AtomicUsize::new(0), from })
                };
                let read = SnapshotFile::of(source(), &sample.path).and_then(|file| read_all(&file));
                let verified = verify_source(source(), &sample.path, &mut |_, _| true);
                for error in [read.as_ref().err(), verified.as_ref().err()].into_iter().flatten() {
                    let kinds = [ErrorKind::Corruption, ErrorKind::ForeignFormat, ErrorKind::Io];
                    assert!(kinds.contains(&error.kind()), "{error}");
                    assert!(error.message().contains(sample.path.to_str().unwrap()), "{error}");
                    found += 1;
                }
                if let Ok(entries) = read {
                    assert_eq!(entries, sample.content);
                    same += 1;
                }
            }
        }
    }
    say(&format!("{found} changes of files that are read found, {same} made no difference"));
    assert!(found > 0 && same > 0);
}

#[test]
fn a_file_that_another_thread_cuts_and_mends_restores_whole_or_not_at_all() {
    let sample = Sample::new("table", Compression::None);
    let other = sample.dir.path().join("cut and mended");
    fs::write(&other, &sample.bytes).unwrap();
    let ends = std::sync::atomic::AtomicBool::new(false);
    let (mut whole, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random(77);
            let file = fs::File::options().write(true).open(&other).unwrap();
            while !ends.load(Ordering::Relaxed) {
                let len = random.below(sample.bytes.len() as u64);
                file.set_len(len).unwrap();
                std::thread::sleep(std::time::Duration::from_micros(random.below(300)));
                std::os::unix::fs::FileExt::write_all_at(&file, &sample.bytes[len as usize..], len).unwrap();
                std::thread::sleep(std::time::Duration::from_micros(random.below(600)));
            }
        });
        let _end = EndsOnDrop(&ends);
        for _ in 0..rounds(2000) {
            match restored(sample.dir.path(), &sample.options, std::slice::from_ref(&other)) {
                Ok(entries) => {
                    assert_eq!(entries, sample.content);
                    whole += 1;
                }
                Err(e) => {
                    assert!(matches!(e.kind(), ErrorKind::Corruption | ErrorKind::ForeignFormat), "{e}");
                    assert!(e.message().contains("cut and mended, byte "), "{e}");
                    refused += 1;
                }
            }
        }
    });
    say(&format!("{refused} damaged snapshots restored: cut by another thread; {whole} were whole"));
}

/// So that a failed assertion does not leave the other thread running.
struct EndsOnDrop<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for EndsOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let dir = fast_dir();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&pipe, &dir.path().to_path_buf()] {
        for error in [
            SnapshotFile::open(path).unwrap_err(),
            verify(path, &mut |_, _| true).unwrap_err(),
            restored(dir.path(), &small("table", &[]), std::slice::from_ref(path)).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::ForeignFormat, "{error}");
            assert!(error.message().contains(path.to_str().unwrap()), "{error}");
        }
    }
    let nothing = Path::new("nothing here");
    assert_eq!(SnapshotFile::open(nothing).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(verify(nothing, &mut |_, _| true).unwrap_err().kind(), ErrorKind::Io);
}
