//! A competitor that does nothing: what the loop and the clock take, and what the machine does to a thread meanwhile.

use std::hint::black_box;

use crate::competitor::Competitor;

pub(crate) struct Nothing;

impl Competitor for Nothing {
    const NAME: &'static str = "nothing";

    fn with_room(_: u64, _: usize) -> Self {
        Nothing
    }

    fn get(&self, group: u32, key: &[u8], _: &mut [u8]) -> Option<usize> {
        black_box((group, key.as_ptr()));
        None
    }

    fn put(&mut self, group: u32, key: &[u8], value: &[u8]) {
        black_box((group, key.as_ptr(), value.as_ptr()));
    }

    fn add(&mut self, group: u32, key: &[u8], _: u64) {
        black_box((group, key.as_ptr()));
    }

    fn get_batch(&self, keys: &[(u32, &[u8])], _: usize, _: &mut [u8]) -> usize {
        black_box(keys);
        0
    }
}
