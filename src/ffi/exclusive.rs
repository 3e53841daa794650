//! What any thread may use, one at a time.

use std::sync::{Arc, Mutex, TryLockError};

use crate::error::{Error, ErrorKind, Result};
use crate::store::core::StoreCore;

/// A shared object whose methods change it. A call while another runs is refused, never made to wait; and closing its handle
/// meanwhile needs no waiting either: the object goes when the call that runs is over.
pub(crate) struct Exclusive<T> {
    // Dropped in this order: the store's directory must not be free before the object has let go of its files.
    object: Mutex<Option<T>>,
    core: Option<Arc<StoreCore>>,
}

impl<T> Exclusive<T> {
    /// An object of a store, whose directory it keeps; or of none.
    pub(crate) fn new(object: T, core: Option<Arc<StoreCore>>) -> Self {
        Exclusive { object: Mutex::new(Some(object)), core }
    }

    /// The store it belongs to.
    pub(crate) fn core(&self) -> Option<&Arc<StoreCore>> {
        self.core.as_ref()
    }

    /// Calls `f` with the object.
    ///
    /// Errors: [`ErrorKind::WrongThread`] while another call runs, [`ErrorKind::Closed`] when it was taken,
    /// [`ErrorKind::Poisoned`] after a panic; and those of `f`.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
        match self.lock()?.as_mut() {
            Some(object) => f(object),
            None => Err(taken()),
        }
    }

    /// Takes the object, for good.
    ///
    /// Errors: as [`with`](Self::with).
    pub(crate) fn take(&self) -> Result<T> {
        self.lock()?.take().ok_or_else(taken)
    }

    fn lock(&self) -> Result<std::sync::MutexGuard<'_, Option<T>>> {
        self.object.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => {
                Error::new(ErrorKind::WrongThread, "another thread is using it; let it finish, or close it")
            }
            TryLockError::Poisoned(_) => {
                Error::new(ErrorKind::Poisoned, "an earlier internal failure left it in doubt; begin anew")
            }
        })
    }
}

#[cold]
fn taken() -> Error {
    Error::new(ErrorKind::Closed, "it has been used already, and can be only once")
}
