//! What a store fixes about its keys when it is created.

use std::fmt;
use std::str::FromStr;

use crate::key::ordered;

/// How composite keys are written. Fixed when a store is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    /// Flink's bytes: see [`crate::key::flink`].
    Flink,
    /// Injective and order-preserving: see [`crate::key::ordered`].
    Ordered,
}

impl KeyEncoding {
    /// The name used in options and in the store's manifest.
    pub fn name(self) -> &'static str {
        match self {
            KeyEncoding::Flink => "flink",
            KeyEncoding::Ordered => "ordered",
        }
    }
}

impl FromStr for KeyEncoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "flink" => Ok(KeyEncoding::Flink),
            "ordered" => Ok(KeyEncoding::Ordered),
            _ => Err("use 'ordered' or 'flink'".to_string()),
        }
    }
}

/// The size of the key or of a state's namespace, known in advance or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartSize {
    /// Always this many bytes; 0 means that the part is absent.
    Fixed(u32),
    /// Any number of bytes.
    Variable,
    /// Any number of bytes that say themselves where they end. [`KeyEncoding::Flink`] writes no length behind a key or a
    /// namespace of which one is so: some of Flink's serializers that write several sizes do not say that they do.
    /// Everything else is as with [`PartSize::Variable`].
    Delimited,
}

impl PartSize {
    /// No bytes at all: the namespace of states that have none.
    pub const NONE: PartSize = PartSize::Fixed(0);

    /// Whether `len` bytes are legal for this part.
    #[inline]
    pub fn accepts(self, len: usize) -> bool {
        match self {
            PartSize::Fixed(n) => n as usize == len,
            PartSize::Variable | PartSize::Delimited => true,
        }
    }

    /// -1 for variable, -2 for delimited, else the size: the form that crosses the C and JNI doors.
    pub fn to_code(self) -> i32 {
        match self {
            PartSize::Fixed(n) => n as i32,
            PartSize::Variable => -1,
            PartSize::Delimited => -2,
        }
    }

    /// The inverse of [`PartSize::to_code`]; `None` for anything below -2.
    pub fn of_code(code: i32) -> Option<PartSize> {
        match code {
            -1 => Some(PartSize::Variable),
            -2 => Some(PartSize::Delimited),
            n => u32::try_from(n).ok().map(PartSize::Fixed),
        }
    }
}

impl fmt::Display for PartSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartSize::Fixed(n) => write!(f, "{n}"),
            PartSize::Variable => f.write_str("variable"),
            PartSize::Delimited => f.write_str("delimited"),
        }
    }
}

impl FromStr for PartSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "variable" => return Ok(PartSize::Variable),
            "delimited" => return Ok(PartSize::Delimited),
            _ => {}
        }
        match text.parse::<u16>() {
            Ok(n) => Ok(PartSize::Fixed(u32::from(n))),
            Err(_) => Err("use 'variable', 'delimited' or a number of bytes up to 65535".to_string()),
        }
    }
}

/// Which entries a scan or a clear is about; each is one prefix of the composite key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All entries of this key group, whatever the current key.
    Group(u32),
    /// All entries of the current key.
    Key,
    /// All entries of the current key in this namespace: one map.
    Namespace(&'a [u8]),
}

impl<'a> Scope<'a> {
    /// The scope of the code that crosses the doors: 0 group, 1 key, 2 namespace.
    pub fn of_code(code: i32, group: u32, namespace: &'a [u8]) -> Option<Self> {
        match code {
            0 => Some(Scope::Group(group)),
            1 => Some(Scope::Key),
            2 => Some(Scope::Namespace(namespace)),
            _ => None,
        }
    }
}

/// Everything about keys that is the same for all states of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySpec {
    /// How composite keys are written.
    pub encoding: KeyEncoding,
    /// Number of key groups: 1 to 32768.
    pub max_parallelism: u32,
    /// Size of the key part.
    pub key_size: PartSize,
}

impl KeySpec {
    /// Bytes of the key group at the start of every composite key: 1 or 2 (Flink's
    /// `CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix`).
    #[inline]
    pub fn group_bytes(&self) -> usize {
        if self.max_parallelism > 128 { 2 } else { 1 }
    }

    /// The key group at the start of a composite key; `None` when the key is too short.
    #[inline]
    pub fn group_of(&self, bytes: &[u8]) -> Option<u32> {
        match bytes {
            [high, low, ..] if self.group_bytes() == 2 => Some(u32::from(u16::from_be_bytes([*high, *low]))),
            [group, ..] if self.group_bytes() == 1 => Some(u32::from(*group)),
            _ => None,
        }
    }

    /// The key group as two bytes; its composite keys start with the last [`group_bytes`](Self::group_bytes) of them.
    #[inline]
    pub fn group_prefix(&self, group: u32) -> [u8; 2] {
        (group as u16).to_be_bytes()
    }

    /// Whether the bytes of a composite key say where its key part ends. Those of the encoding `flink` do not when keys
    /// are of any size.
    pub fn knows_split(&self) -> bool {
        self.encoding == KeyEncoding::Ordered || matches!(self.key_size, PartSize::Fixed(_))
    }

    /// Where the key group and the key end in a composite key: [`CompositeKey::split`](crate::key::CompositeKey::split).
    /// The length, if the bytes do not [say](Self::knows_split) it; `None` when they are too short to be such a key.
    #[inline]
    pub fn split_of(&self, bytes: &[u8]) -> Option<usize> {
        let start = self.group_bytes();
        match (self.key_size, self.encoding) {
            (PartSize::Fixed(n), _) => Some(start + n as usize).filter(|end| *end <= bytes.len()),
            (PartSize::Variable | PartSize::Delimited, KeyEncoding::Ordered) => {
                ordered::end_of_part(bytes, start)
            }
            (PartSize::Variable | PartSize::Delimited, KeyEncoding::Flink) => Some(bytes.len()),
        }
    }
}
