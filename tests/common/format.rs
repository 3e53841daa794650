//! Snapshot files taken apart and put together again by their description in docs/snapshots.md. Nothing here is the
//! library's: what it writes must be readable by what others write from the same description, and files that lie with
//! checksums that are right can only be made by somebody else.

pub const HEAD: u8 = 1;
pub const ENTRIES: u8 = 2;
pub const LEAF: u8 = 3;
pub const ROOT: u8 = 4;
pub const TRAILER: u8 = 5;
pub const SNAPSHOT_BLOCK: u8 = 3;
pub const CHANGES_BLOCK: u8 = 4;

/// A frame: its header, and its payload as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub compression: u8,
    pub state: u32,
    pub snapshot: u64,
    pub position: u64,
    /// What the header says; [`Frame::bytes`] writes it as it is here.
    pub stored: u32,
    pub plain: u32,
    pub first: u16,
    pub last: u16,
    pub entries: u32,
    pub payload: Vec<u8>,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

impl Frame {
    /// A frame with this payload, which is not compressed.
    pub fn new(kind: u8, snapshot: u64, payload: Vec<u8>) -> Frame {
        let len = payload.len() as u32;
        Frame {
            kind,
            compression: 0,
            state: 0,
            snapshot,
            position: 0,
            stored: len,
            plain: len,
            first: 0,
            last: 0,
            entries: 0,
            payload,
        }
    }

    /// Header, payload and padding, with the checksum.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = b"KBS1\0\0\0\0".to_vec();
        out.extend([self.kind, self.compression, 0, 0]);
        out.extend(self.state.to_le_bytes());
        out.extend(self.snapshot.to_le_bytes());
        out.extend(self.position.to_le_bytes());
        out.extend(self.stored.to_le_bytes());
        out.extend(self.plain.to_le_bytes());
        out.extend(self.first.to_le_bytes());
        out.extend(self.last.to_le_bytes());
        out.extend(self.entries.to_le_bytes());
        out.extend(&self.payload);
        out.resize(out.len().next_multiple_of(512), 0);
        let crc = crc32c::crc32c(&out[8..]);
        out[4..8].copy_from_slice(&crc.to_le_bytes());
        out
    }

    pub fn len(&self) -> u64 {
        (48 + self.payload.len()).next_multiple_of(512) as u64
    }

    /// The payload without compression.
    pub fn plain_payload(&self) -> Vec<u8> {
        match self.compression {
            0 => self.payload.clone(),
            1 => lz4_flex::block::decompress(&self.payload, self.plain as usize).unwrap(),
            2 => zstd::bulk::decompress(&self.payload, self.plain as usize).unwrap(),
            other => panic!("compression {other}"),
        }
    }

    /// Gives it another payload, which is not compressed.
    pub fn set_payload(&mut self, payload: Vec<u8>) {
        (self.compression, self.stored, self.plain) = (0, payload.len() as u32, payload.len() as u32);
        self.payload = payload;
    }
}

/// All frames of a file, each checked.
pub fn frames(bytes: &[u8]) -> Vec<Frame> {
    let (mut frames, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let b = &bytes[at..];
        assert_eq!(&b[..4], b"KBS1", "magic at {at}");
        assert_eq!(u16_at(b, 10), 0);
        let stored = u32_at(b, 32);
        let frame = Frame {
            kind: b[8],
            compression: b[9],
            state: u32_at(b, 12),
            snapshot: u64_at(b, 16),
            position: u64_at(b, 24),
            stored,
            plain: u32_at(b, 36),
            first: u16_at(b, 40),
            last: u16_at(b, 42),
            entries: u32_at(b, 44),
            payload: b[48..48 + stored as usize].to_vec(),
        };
        let len = frame.len() as usize;
        assert_eq!(frame.bytes(), b[..len], "frame at {at}: checksum and padding");
        assert_eq!(frame.position, at as u64);
        frames.push(frame);
        at += len;
    }
    frames
}

/// The frames one behind the other, as they are.
pub fn join(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(Frame::bytes).collect()
}

/// Gives every frame the position that it has.
pub fn place(frames: &mut [Frame]) {
    let mut at = 0;
    for frame in frames {
        frame.position = at;
        at += frame.len();
    }
}

/// A whole file of a head and frames of entries, with an index and a trailer that are right for them.
pub fn file(head: &Frame, entries: &[Frame]) -> Vec<u8> {
    let mut frames = vec![head.clone()];
    frames.extend(entries.iter().cloned());
    place(&mut frames);
    let end = |frames: &[Frame]| frames.iter().map(Frame::len).sum::<u64>();
    let (id, mut root) = (head.snapshot, Vec::new());
    if !entries.is_empty() {
        let mut leaf = Vec::new();
        for frame in &frames[1..] {
            leaf.extend(frame.position.to_le_bytes());
            leaf.extend((frame.len() as u32).to_le_bytes());
            leaf.extend(frame.state.to_le_bytes());
            leaf.extend(frame.first.to_le_bytes());
            leaf.extend(frame.last.to_le_bytes());
            leaf.extend(frame.entries.to_le_bytes());
        }
        let leaf = Frame { position: end(&frames), ..Frame::new(LEAF, id, leaf) };
        let (first, last) = (&frames[1], &frames[frames.len() - 1]);
        root.extend(leaf.position.to_le_bytes());
        root.extend((leaf.len() as u32).to_le_bytes());
        root.extend((entries.len() as u32).to_le_bytes());
        root.extend(entries.iter().map(|frame| u64::from(frame.entries)).sum::<u64>().to_le_bytes());
        for (state, group) in [(first.state, first.first), (last.state, last.last)] {
            root.extend(state.to_le_bytes());
            root.extend(u32::from(group).to_le_bytes());
        }
        frames.push(leaf);
    }
    let root = Frame { position: end(&frames), ..Frame::new(ROOT, id, root) };
    let trailer = Trailer {
        version: 1,
        compatible: 0,
        incompatible: 0,
        root: root.position,
        root_length: root.len(),
        blocks: entries.len() as u64,
        entries: entries.iter().map(|frame| u64::from(frame.entries)).sum(),
        file_length: root.position + root.len() + 512,
    };
    frames.push(root);
    frames.push(Frame { position: end(&frames), ..Frame::new(TRAILER, id, trailer.bytes()) });
    join(&frames)
}

/// What the last frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    pub version: u64,
    pub compatible: u64,
    pub incompatible: u64,
    pub root: u64,
    pub root_length: u64,
    pub blocks: u64,
    pub entries: u64,
    pub file_length: u64,
}

impl Trailer {
    pub fn of(payload: &[u8]) -> Trailer {
        assert_eq!(payload.len(), 64);
        let at = |n: usize| u64_at(payload, n * 8);
        Trailer {
            version: at(0),
            compatible: at(1),
            incompatible: at(2),
            root: at(3),
            root_length: at(4),
            blocks: at(5),
            entries: at(6),
            file_length: at(7),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let numbers = [
            self.version,
            self.compatible,
            self.incompatible,
            self.root,
            self.root_length,
            self.blocks,
            self.entries,
            self.file_length,
        ];
        numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
    }
}

/// A block of these keys and values, with the widest index.
pub fn block(kind: u8, entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let (mut payload, mut index): (Vec<u8>, Vec<u8>) = Default::default();
    for (key, value) in entries {
        for part in [key, value] {
            payload.extend(part);
            index.extend((payload.len() as u32).to_le_bytes());
        }
    }
    let mut out = b"KBB1".to_vec();
    out.extend([kind, 0, 4, 0]);
    out.extend((entries.len() as u32).to_le_bytes());
    out.extend((payload.len() as u32).to_le_bytes());
    out.extend(payload);
    out.extend(index);
    out
}

/// Keys and values.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Kind, keys and values of a block.
pub fn block_entries(bytes: &[u8]) -> (u8, Pairs) {
    assert_eq!(&bytes[..4], b"KBB1");
    let (kind, width) = (bytes[4], usize::from(bytes[6]));
    assert_eq!((bytes[5], bytes[7]), (0, 0));
    let (count, len) = (u32_at(bytes, 8) as usize, u32_at(bytes, 12) as usize);
    let (payload, index) = bytes[16..].split_at(len);
    let mut ends: Vec<usize> = Vec::new();
    if width == 0 {
        assert_eq!(index.len(), 8);
        let (key, value) = (u32_at(index, 0) as usize, u32_at(index, 4) as usize);
        (0..count).for_each(|i| ends.extend([i * (key + value) + key, (i + 1) * (key + value)]));
    } else {
        assert_eq!(index.len(), count * 2 * width);
        let number = |end: &[u8]| end.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte));
        ends.extend(index.chunks(width).map(number));
    }
    let (mut entries, mut at) = (Vec::new(), 0);
    for pair in ends.chunks(2) {
        entries.push((payload[at..pair[0]].to_vec(), payload[pair[0]..pair[1]].to_vec()));
        at = pair[1];
    }
    assert_eq!(at, payload.len());
    (kind, entries)
}

/// What a file holds.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The lines of the head, without those of states.
    pub lines: Vec<(String, String)>,
    pub states: Vec<StateLine>,
    /// In the order of the file.
    pub entries: Vec<Decode>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateLine {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub split: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decode {
    pub state: usize,
    /// The op, in files of changes.
    pub op: Option<u8>,
    pub split: Option<u32>,
    pub key: Vec<u8>,
    pub value: Vec<u8>,
}

impl Decoded {
    pub fn line(&self, name: &str) -> &str {
        self.lines.iter().find(|(known, _)| known == name).map_or("", |(_, rest)| rest)
    }
}

fn percent(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

/// Reads a file from its first byte to its last and checks everything that the description says.
pub fn decode(bytes: &[u8]) -> Decoded {
    let frames = frames(bytes);
    let (head, rest) = frames.split_first().unwrap();
    assert_eq!(head.kind, HEAD);
    let text = String::from_utf8(head.payload.clone()).unwrap();
    let (mut lines, mut states) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let (name, rest) = line.split_once(' ').unwrap();
        if name == "state" {
            let words: Vec<&str> = rest.split(' ').collect();
            states.push(StateLine {
                kind: words[0].to_string(),
                namespace: words[1].to_string(),
                name: percent(words[2]),
                split: match words[3] {
                    "split" => true,
                    "plain" => false,
                    other => panic!("{other}"),
                },
            });
        } else {
            lines.push((name.to_string(), rest.to_string()));
        }
    }
    let mut decoded = Decoded { lines, states, entries: Vec::new() };
    assert_eq!(decoded.lines[0], ("keybed-snapshot".to_string(), "1".to_string()));
    let id = u64::from_str_radix(&decoded.line("id")[..16], 16).unwrap();
    assert!(frames.iter().all(|frame| frame.snapshot == id));
    let changes = !decoded.line("base").is_empty();
    let group_bytes = if decoded.line("max-parallelism").parse::<u32>().unwrap() > 128 { 2 } else { 1 };
    let (mut leaf, mut root, mut counts) = (Vec::new(), Vec::new(), (0u64, 0u64));
    let mut before = (0, 0);
    let (mut leaf_blocks, mut leaf_entries, mut first) = (0u32, 0u64, (0, 0));
    for frame in &rest[..rest.len() - 2] {
        if frame.kind == ENTRIES {
            assert!(before <= (frame.state, u32::from(frame.first)), "blocks ascend");
            before = (frame.state, u32::from(frame.last));
            let payload = frame.plain_payload();
            assert_eq!(payload.len(), frame.plain as usize);
            let (kind, entries) = block_entries(&payload);
            assert_eq!(kind, if changes { CHANGES_BLOCK } else { SNAPSHOT_BLOCK });
            assert_eq!(entries.len(), frame.entries as usize);
            let mut groups = Vec::new();
            for (key, value) in entries {
                let mut key = &key[..];
                let mut op = None;
                if changes {
                    op = Some(key[0]);
                    key = &key[1..];
                }
                let mut split = None;
                if decoded.states[frame.state as usize].split {
                    split = Some(u32_at(key, 0));
                    key = &key[4..];
                }
                groups.push(key[..group_bytes].iter().fold(0, |n, byte| n << 8 | u16::from(*byte)));
                let key = key.to_vec();
                decoded.entries.push(Decode { state: frame.state as usize, op, split, key, value });
            }
            assert!(groups.is_sorted());
            assert_eq!((groups[0], groups[groups.len() - 1]), (frame.first, frame.last));
            if leaf_blocks == 0 {
                first = (frame.state, u32::from(frame.first));
            }
            leaf.extend(frame.position.to_le_bytes());
            leaf.extend((frame.len() as u32).to_le_bytes());
            leaf.extend(frame.state.to_le_bytes());
            leaf.extend(frame.first.to_le_bytes());
            leaf.extend(frame.last.to_le_bytes());
            leaf.extend(frame.entries.to_le_bytes());
            leaf_blocks += 1;
            leaf_entries += u64::from(frame.entries);
            counts = (counts.0 + 1, counts.1 + u64::from(frame.entries));
        } else {
            assert_eq!((frame.kind, &frame.payload), (LEAF, &leaf));
            assert!((1..=1024).contains(&leaf_blocks));
            root.extend(frame.position.to_le_bytes());
            root.extend((frame.len() as u32).to_le_bytes());
            root.extend(leaf_blocks.to_le_bytes());
            root.extend(leaf_entries.to_le_bytes());
            for (state, group) in [first, before] {
                root.extend(state.to_le_bytes());
                root.extend(group.to_le_bytes());
            }
            (leaf_blocks, leaf_entries) = (0, 0);
            leaf.clear();
        }
    }
    assert_eq!(leaf_blocks, 0, "the last blocks have a leaf");
    let [root_frame, trailer] = &rest[rest.len() - 2..] else { panic!() };
    assert_eq!((root_frame.kind, &root_frame.payload), (ROOT, &root));
    assert_eq!((trailer.kind, trailer.len()), (TRAILER, 512));
    let expected = Trailer {
        version: 1,
        compatible: 0,
        incompatible: 0,
        root: root_frame.position,
        root_length: root_frame.len(),
        blocks: counts.0,
        entries: counts.1,
        file_length: bytes.len() as u64,
    };
    assert_eq!(Trailer::of(&trailer.payload), expected);
    decoded
}
