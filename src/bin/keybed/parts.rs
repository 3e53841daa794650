//! An entry taken apart.

use std::borrow::Cow;

use keybed::error::Result;
use keybed::key::{KeyEncoding, KeySpec, PartSize, ordered};
use keybed::snapshot::Change;
use keybed::store::{StateInfo, StateKind};

/// A composite key's parts. Where they cannot be told apart, `key` is everything behind the key group and `whole` is true.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) group: u32,
    pub(crate) key: Cow<'a, [u8]>,
    pub(crate) namespace: Cow<'a, [u8]>,
    pub(crate) map_key: &'a [u8],
    pub(crate) whole: bool,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(keys: &KeySpec, state: &StateInfo, change: &Change<'a>) -> Result<Parts<'a>> {
        let bytes = change.key.bytes;
        if keys.encoding == KeyEncoding::Ordered {
            let ordered::KeyParts { group, key, namespace, map_key } =
                ordered::split(keys, state.namespace, bytes)?;
            return Ok(Parts { group, key, namespace, map_key, whole: false });
        }
        let group = keys.group_of(bytes).unwrap_or(0);
        let rest = bytes.get(keys.group_bytes()..).unwrap_or_default();
        let plain = flink(keys, state, change.key.split.saturating_sub(keys.group_bytes()), rest);
        let whole = plain.is_none();
        let (key, namespace, map_key) = plain.unwrap_or((rest, &[], &[]));
        Ok(Parts { group, key: Cow::Borrowed(key), namespace: Cow::Borrowed(namespace), map_key, whole })
    }
}

/// Flink's encoding, where sizes tell key, namespace and map key apart. `split`: where the key ends, or the length.
fn flink<'a>(
    keys: &KeySpec,
    state: &StateInfo,
    split: usize,
    rest: &'a [u8],
) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
    let PartSize::Fixed(namespace) = state.namespace else { return None };
    let (namespace, is_map) = (namespace as usize, state.kind == StateKind::Map);
    let key = match keys.key_size {
        PartSize::Fixed(key) => key as usize,
        PartSize::Variable | PartSize::Delimited if !is_map => rest.len().checked_sub(namespace)?,
        PartSize::Variable | PartSize::Delimited if split < rest.len() => split,
        PartSize::Variable | PartSize::Delimited => return None,
    };
    let (key, behind) = rest.split_at_checked(key)?;
    let (namespace, map_key) = behind.split_at_checked(namespace)?;
    (is_map || map_key.is_empty()).then_some((key, namespace, map_key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use keybed::key::{CompositeKey, KeyBuilder};

    /// What becomes of a key that is put together in Flink's encoding.
    fn apart(key_size: PartSize, kind: StateKind, namespace: PartSize, known: bool) -> Option<[Vec<u8>; 3]> {
        let keys = KeySpec { encoding: KeyEncoding::Flink, max_parallelism: 300, key_size };
        let state = StateInfo { id: 0, name: "s".to_string(), kind, namespace };
        let mut builder = KeyBuilder::new(keys, vec![0; 100]);
        builder.set_key(259, b"key").unwrap();
        let map_key: &[u8] = if kind == StateKind::Map { b"map key" } else { b"" };
        let composed = builder.compose(namespace, b"ns", map_key).unwrap();
        let split = if known { composed.split } else { composed.bytes.len() };
        let key = CompositeKey { split, ..composed };
        let parts = Parts::of(&keys, &state, &Change { key, value: None }).unwrap();
        assert_eq!(parts.group, 259);
        (!parts.whole).then(|| [parts.key.to_vec(), parts.namespace.to_vec(), parts.map_key.to_vec()])
    }

    #[test]
    fn flinks_keys_are_taken_apart_where_sizes_are_known() {
        let (fixed, variable) = (PartSize::Fixed(3), PartSize::Variable);
        let all = Some([b"key".to_vec(), b"ns".to_vec(), b"map key".to_vec()]);
        let flat = Some([b"key".to_vec(), b"ns".to_vec(), Vec::new()]);
        for known in [false, true] {
            assert_eq!(apart(fixed, StateKind::Map, PartSize::Fixed(2), known), all);
            assert_eq!(apart(fixed, StateKind::Value, PartSize::Fixed(2), known), flat);
            assert_eq!(apart(variable, StateKind::List, PartSize::Fixed(2), known), flat);
            assert_eq!(apart(variable, StateKind::Value, variable, known), None);
        }
        assert_eq!(apart(variable, StateKind::Map, PartSize::Fixed(2), true), all);
        assert_eq!(apart(variable, StateKind::Map, PartSize::Fixed(2), false), None);
    }
}
