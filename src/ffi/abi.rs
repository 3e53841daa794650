//! The version of the binary interface; also read by the build script.

/// The number both doors answer when asked for it. It changes when a caller built for the old one could break.
#[allow(unreachable_pub, reason = "also compiled into the build script")]
pub const ABI_VERSION: u32 = 1;
