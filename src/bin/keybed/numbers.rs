//! Numbers for people.

/// With a comma between thousands.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Bytes in the unit that leaves one to four digits.
pub(crate) fn size(bytes: u64) -> String {
    let mut scaled = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
        if scaled < 1024.0 || unit == "TiB" {
            return if unit == "B" { format!("{bytes} B") } else { format!("{scaled:.1} {unit}") };
        }
        scaled /= 1024.0;
    }
    format!("{bytes} B")
}

/// `12,345 bytes (12.1 KiB)`.
pub(crate) fn exact_size(bytes: u64) -> String {
    let plain = format!("{} bytes", grouped(bytes));
    if bytes < 1024 { plain } else { format!("{plain} ({})", size(bytes)) }
}

/// One of something, or several.
pub(crate) fn counted(n: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let shown = [0, 999, 1000, 1_234_567, u64::MAX].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567", "18,446,744,073,709,551,615"]);
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        let shown = [0, 1023, 1024, 1536, 5 << 20, 3 << 30, 1 << 50].map(size);
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "5.0 MiB", "3.0 GiB", "1024.0 TiB"]);
        assert_eq!(exact_size(2048), "2,048 bytes (2.0 KiB)");
        assert_eq!(
            [counted(1, "entry", "entries"), counted(2000, "entry", "entries")],
            ["1 entry", "2,000 entries"]
        );
    }
}
