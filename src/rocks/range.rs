//! Ranges of keys.

/// Puts into `out` the first key behind all keys with this prefix; false, and `out` empty, when there is none (the
/// prefix is empty or all FF).
pub(super) fn successor(prefix: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    if let Some(last) = prefix.iter().rposition(|b| *b != 0xff) {
        out.extend(prefix.iter().take(last + 1));
        if let Some(byte) = out.last_mut() {
            *byte += 1;
        }
    }
    !out.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_is_behind_every_key_with_the_prefix_and_no_other() {
        let mut out = vec![9];
        for (prefix, behind) in
            [(&b"ab"[..], &b"ac"[..]), (&[1, 0xff, 0xff], &[2]), (&[0xff, 0xff], &[]), (&[], &[])]
        {
            assert_eq!(successor(prefix, &mut out), !behind.is_empty());
            assert_eq!(out, behind);
        }
    }
}
