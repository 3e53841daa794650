//! Exact percentiles of many latencies.

/// The percentiles that are shown, and their headings.
const SHOWN: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];
pub(crate) const HEADINGS: &str = "p50 | p99 | p99.9 | p99.99 | max";

/// The values at the percentiles, and the largest. Sorts a copy.
pub(crate) fn of(values: &[u32]) -> [u32; SHOWN.len() + 1] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    let at = |position: usize| sorted.get(position.min(last)).copied().unwrap_or(0);
    let [p50, p99, p999, p9999] = SHOWN.map(|part| at((sorted.len() as f64 * part) as usize));
    [p50, p99, p999, p9999, at(last)]
}

/// Cells of a table's row, in microseconds.
pub(crate) fn cells(values: &[u32], ticks_per_nanosecond: f64) -> String {
    let cells: Vec<String> = values.iter().map(|ticks| micros(*ticks, ticks_per_nanosecond)).collect();
    cells.join(" | ")
}

pub(crate) fn micros(ticks: u32, ticks_per_nanosecond: f64) -> String {
    format!("{:.2}", f64::from(ticks) / ticks_per_nanosecond / 1000.0)
}
