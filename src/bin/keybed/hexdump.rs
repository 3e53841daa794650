//! Bytes that are no text.

/// Sixteen bytes a line: position, digits, characters.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes.chunks(16).enumerate().map(|(i, chunk)| {
        let mut digits = String::new();
        for (at, byte) in chunk.iter().enumerate() {
            digits += if at == 8 { "  " } else { " " };
            digits += &format!("{byte:02x}");
        }
        let shown = |byte: &u8| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' };
        format!("{:08x} {digits:<49}  |{}|", i * 16, chunk.iter().map(shown).collect::<String>())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_are_as_hexdump_has_them() {
        let bytes: Vec<u8> = (b'A'..b'A' + 18).chain([0]).collect();
        let lines: Vec<String> = super::lines(&bytes).collect();
        assert_eq!(
            lines[0],
            "00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|"
        );
        assert_eq!(lines[1], "00000010  51 52 00                                          |QR.|");
    }
}
