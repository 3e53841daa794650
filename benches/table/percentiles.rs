//! Exact percentiles of many latencies.

/// The percentiles that are shown, and their headings.
pub(crate) const SHOWN: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];
pub(crate) const HEADINGS: &str = "p50 | p99 | p99.9 | p99.99 | max";

/// Microseconds at the percentiles, and the largest. Sorts a copy.
pub(crate) fn cells(ticks: &[u32], ticks_per_nanosecond: f64) -> String {
    let mut sorted = ticks.to_vec();
    sorted.sort_unstable();
    let mut out = String::new();
    for part in SHOWN {
        out += &format!("{} | ", micros(at(&sorted, part), ticks_per_nanosecond));
    }
    out + &micros(sorted.last().copied().unwrap_or(0), ticks_per_nanosecond)
}

pub(crate) fn at(sorted: &[u32], part: f64) -> u32 {
    let position = (sorted.len() as f64 * part) as usize;
    sorted.get(position.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
}

pub(crate) fn micros(ticks: u32, ticks_per_nanosecond: f64) -> String {
    format!("{:.2}", f64::from(ticks) / ticks_per_nanosecond / 1000.0)
}
