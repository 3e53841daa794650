//! Counts of latencies in buckets of a 64th of their size: any number of them in a few kilobytes.

const FINE: u32 = 6;

pub(crate) struct Histogram {
    counts: Vec<u64>,
    max: u64,
}

impl Histogram {
    pub(crate) fn new() -> Histogram {
        Histogram { counts: vec![0; (64 - FINE as usize + 1) << FINE], max: 0 }
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, value: u64) {
        self.max = self.max.max(value);
        self.counts[bucket(value)] += 1;
    }

    pub(crate) fn merge(&mut self, other: &Histogram) {
        self.max = self.max.max(other.max);
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// The largest value of the bucket below which this part of all values is.
    pub(crate) fn at(&self, part: f64) -> u64 {
        let mut left = (self.counts.iter().sum::<u64>() as f64 * part) as u64;
        for (bucket, count) in self.counts.iter().enumerate() {
            if left < *count {
                return end(bucket).min(self.max);
            }
            left -= count;
        }
        self.max
    }

    pub(crate) fn max(&self) -> u64 {
        self.max
    }
}

/// Values below 64 have a bucket each; above, each power of two has 64.
#[inline(always)]
fn bucket(value: u64) -> usize {
    let shift = (64 - FINE).saturating_sub(value.leading_zeros() + 1) as usize;
    (shift << FINE) + (value >> shift) as usize
}

fn end(bucket: usize) -> u64 {
    let shift = (bucket >> FINE).saturating_sub(1);
    let start = (bucket - (shift << FINE)) as u64;
    ((start + 1) << shift) - 1
}
