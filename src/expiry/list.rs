//! Lists: which of their first elements are over.

use super::{ElementForm, Expiry, TIME_BYTES, Verdict};

const DELIMITER: u8 = b',';
/// The bit of a byte that says that the number goes on.
const MORE: u8 = 0x80;

pub(super) fn verdict(expiry: &Expiry, form: ElementForm, list: &[u8], now: i64) -> Verdict {
    if form == ElementForm::Unknown {
        return if is_over_throughout(expiry, list, now) { Verdict::Drop } else { Verdict::Keep };
    }
    let mut start = 0;
    loop {
        let rest = list.get(start..).unwrap_or_default();
        match expiry.is_over_at_start(rest, now) {
            Some(true) => {}
            Some(false) if start > 0 => return Verdict::DropFirst(start),
            // None: not a list of such elements.
            _ => return Verdict::Keep,
        }
        let Some(end) = end(form, rest) else { return Verdict::Keep };
        match rest.get(end) {
            None => return Verdict::Drop,
            Some(&DELIMITER) => start += end + 1,
            Some(_) => return Verdict::Keep,
        }
    }
}

/// Where the element at the start of `list` ends; `None` if it does not.
fn end(form: ElementForm, list: &[u8]) -> Option<usize> {
    let element = list.get(TIME_BYTES..)?;
    let len = match form {
        ElementForm::Fixed(len) => len,
        ElementForm::Text => text_len(element)?,
        ElementForm::Bytes => 4usize.checked_add(u32::from_be_bytes(*element.first_chunk()?) as usize)?,
        ElementForm::Unknown => return None,
    };
    if len <= element.len() { Some(TIME_BYTES + len) } else { None }
}

/// Bytes of a string: the number of its characters and one, then the characters, each seven bits a byte, lowest first. 0
/// stands for null.
fn text_len(bytes: &[u8]) -> Option<usize> {
    let mut numbers = Numbers { bytes, at: 0 };
    let chars = numbers.next()?.saturating_sub(1);
    for _ in 0..chars {
        numbers.next()?;
    }
    Some(numbers.at)
}

struct Numbers<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Numbers<'_> {
    fn next(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            number |= u64::from(byte & !MORE) << shift;
            if byte & MORE == 0 {
                return Some(number);
            }
            shift += 7;
            // No number of Flink's has more than 32 bits.
            if shift > 28 {
                return None;
            }
        }
    }
}

/// Whether every element is over, wherever they begin: at the start and behind delimiters, but not behind each.
fn is_over_throughout(expiry: &Expiry, list: &[u8], now: i64) -> bool {
    if expiry.is_over_at_start(list, now) != Some(true) {
        return false;
    }
    let delimiters = list.iter().enumerate().skip(TIME_BYTES).filter(|(_, byte)| **byte == DELIMITER);
    // Where no time fits there begins no element.
    delimiters.filter_map(|(at, _)| expiry.is_over_at_start(list.get(at + 1..)?, now)).all(|is_over| is_over)
}
