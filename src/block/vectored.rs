//! Writing many parts of memory as one.

use std::io::{self, ErrorKind, IoSlice, Write};

/// Writes all of `parts`, in order, with as few vectored writes as the writer allows. What `parts` holds afterwards is
/// unspecified.
///
/// Begins again when it is interrupted. Fails as the writer does; with [`ErrorKind::WriteZero`] when it takes nothing any
/// more, and with [`ErrorKind::InvalidData`] when it says that it took more than there was.
pub fn write_all_vectored(out: &mut (impl Write + ?Sized), mut parts: &mut [IoSlice<'_>]) -> io::Result<()> {
    // Empty parts at the front would make a writer that took them look as if it took nothing.
    IoSlice::advance_slices(&mut parts, 0);
    let mut left: usize = parts.iter().map(|part| part.len()).sum();
    while left > 0 {
        match out.write_vectored(parts) {
            Ok(0) => return Err(io::Error::new(ErrorKind::WriteZero, "the writer takes no more bytes")),
            Ok(n) if n > left => {
                return Err(io::Error::new(ErrorKind::InvalidData, "the writer took more than it was given"));
            }
            Ok(n) => {
                left -= n;
                IoSlice::advance_slices(&mut parts, n);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
