//! Keys and values as people write and read them.

use std::borrow::Cow;
use std::str::FromStr;

use keybed::key::ordered::{i32_bytes, i64_bytes};

use crate::numbers::grouped;

/// Bytes from the command line: text, `0x..`, `i64:..`, `i32:..` or `text:..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(digits) = text.strip_prefix("0x") {
            return of_hex(digits).map(Bytes);
        }
        if let Some(number) = text.strip_prefix("i64:") {
            let number = number.parse().map_err(|_| format!("'{number}' is no 64-bit integer"))?;
            return Ok(Bytes(i64_bytes(number).to_vec()));
        }
        if let Some(number) = text.strip_prefix("i32:") {
            let number = number.parse().map_err(|_| format!("'{number}' is no 32-bit integer"))?;
            return Ok(Bytes(i32_bytes(number).to_vec()));
        }
        Ok(Bytes(text.strip_prefix("text:").unwrap_or(text).as_bytes().to_vec()))
    }
}

fn of_hex(digits: &str) -> Result<Vec<u8>, String> {
    let digit = |c: u8| char::from(c).to_digit(16).map(|n| n as u8);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[a, b]| Some(digit(*a)? << 4 | digit(*b)?)).collect();
    bytes.filter(|_| rest.is_empty()).ok_or_else(|| format!("'0x{digits}' needs pairs of hexadecimal digits"))
}

/// `0x` and two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_string(), |mut out, byte| {
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(digit), 16));
        }
        out
    })
}

/// The bytes as text that shows on one line as it is.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.chars().any(is_unseen))
}

/// Characters that move the cursor, or other characters, or nothing.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A part of a key so that it can be given back on the command line.
pub(crate) fn part(bytes: &[u8]) -> String {
    if let Some(text) = text(bytes).filter(|text| !text.is_empty() && text.trim() == *text) {
        let special = ["0x", "i64:", "i32:", "text:", "-"].iter().any(|prefix| text.starts_with(prefix));
        return if special { format!("text:{text}") } else { text.to_string() };
    }
    // Numbers of up to seven bytes: a text never begins so.
    match <[u8; 8]>::try_from(bytes) {
        Ok(number @ [0x7f | 0x80, ..]) => format!("i64:{}", (u64::from_be_bytes(number) ^ 1 << 63) as i64),
        _ => hex(bytes),
    }
}

/// A value in at most about so many characters.
pub(crate) fn value(bytes: &[u8], most: usize) -> String {
    let (shown, whole) = match text(bytes) {
        Some(text) => {
            let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
            (Cow::Borrowed(text.get(..end).unwrap_or(text)), end == text.len())
        }
        None => {
            let end = bytes.len().min(most / 2);
            (Cow::Owned(hex(bytes.get(..end).unwrap_or(bytes))), end == bytes.len())
        }
    };
    if whole { shown.into_owned() } else { format!("{shown}... ({} bytes)", grouped(bytes.len() as u64)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_given_back() {
        let numbers = [0, 42, -42, i64::MIN, i64::MAX].map(|n| i64_bytes(n).to_vec());
        let texts = ["a", "ü", "0x41", "i64:1", "text:", "-x", " a", "a b", "", "a\n", "a\u{202e}b"];
        let bytes = [vec![0], vec![0xff, 0x80], vec![0x7f; 8], vec![0x80; 9]];
        for bytes in numbers.into_iter().chain(texts.map(|t| t.as_bytes().to_vec())).chain(bytes) {
            assert_eq!(part(&bytes).parse(), Ok(Bytes(bytes.clone())), "{}", part(&bytes));
        }
        assert_eq!(part(&i64_bytes(-42)), "i64:-42");
        assert_eq!(part(b" a"), "0x2061");
    }

    #[test]
    fn bad_bytes_are_named() {
        for bad in ["0x1", "0xgg", "0xü", "i64:", "i64:1.5", "i32:3000000000"] {
            assert!(bad.parse::<Bytes>().is_err(), "{bad}");
        }
        assert_eq!("0x".parse(), Ok(Bytes(Vec::new())));
        assert_eq!("i32:-1".parse(), Ok(Bytes(vec![0x7f, 0xff, 0xff, 0xff])));
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(value(b"12345", 5), "12345");
        assert_eq!(value("üüüüüü".as_bytes(), 5), "üüüüü... (12 bytes)");
        assert_eq!(value(&[0; 2000], 4), "0x0000... (2,000 bytes)");
        assert_eq!(value(&[0; 2], 4), "0x0000");
    }
}
