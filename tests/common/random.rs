//! A small generator that is the same everywhere.

pub struct Random(pub u64);

impl Random {
    /// Seeded by `KEYBED_SEED`, or by the clock; the seed is printed.
    pub fn seeded() -> Random {
        let seed = std::env::var("KEYBED_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| {
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64 | 1
        });
        println!("KEYBED_SEED={seed}");
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }

    /// Bytes that provoke the encodings: mostly 00, 01 and FF.
    pub fn bytes(&mut self, len: u64) -> Vec<u8> {
        (0..len).map(|_| [0, 0xff, 1, 0x2c, self.next() as u8][self.below(5) as usize]).collect()
    }
}
