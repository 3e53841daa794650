//! Every promise of the store is one of each engine: the tests run on all that this build has.

use std::path::Path;

use keybed::error::Error;
use keybed::options::StoreOptions;
use keybed::store::Store;

/// Makes two tests of each function, `table::name` and `rocks::name`; the function gets the engine's name.
macro_rules! on_each_engine {
    ($($test:ident),* $(,)?) => {
        mod table {
            $(#[test] fn $test() { super::$test("table") })*
        }
        #[cfg(feature = "rocks")]
        mod rocks {
            $(#[test] fn $test() { super::$test("rocks") })*
        }
    };
}
pub(crate) use on_each_engine;

/// Opens a store of an engine.
pub fn open_on(engine: &str, dir: &Path, pairs: &[(&str, &str)]) -> Result<Store, Error> {
    let pairs = [("engine", engine)].into_iter().chain(pairs.iter().copied());
    Store::open(dir, &StoreOptions::from_pairs(pairs)?)
}

/// How often something random is tried: less without optimisation, where the quick checks run.
pub fn rounds(optimised: u64) -> u64 {
    if cfg!(debug_assertions) { optimised.div_ceil(10) } else { optimised }
}
