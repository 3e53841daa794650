//! The part of a store that its sessions share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, PartSize};
use crate::options::{MAX_STATES, StoreOptions};
use crate::snapshot::SnapshotId;
use crate::store::engine::Engine;
use crate::store::lock::DirLock;
use crate::store::manifest::Manifest;
use crate::store::state::{StateInfo, StateKind};

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const POISONED: u8 = 2;

/// Shared by the store and its sessions; the engine and the lock go when the last of them does.
pub(crate) struct StoreCore {
    /// OPEN, CLOSED or POISONED; read by every operation.
    status: AtomicU8,
    pub(crate) dir: PathBuf,
    pub(crate) options: StoreOptions,
    /// The key groups that the store may hold.
    pub(crate) key_groups: KeyGroupRange,
    /// The snapshots that it was made from.
    pub(crate) sources: Vec<SnapshotId>,
    had_sessions: AtomicBool,
    manifest: Mutex<Manifest>,
    // Dropped in this order: the engine closes its files before another store may take the lock.
    pub(crate) engine: Box<dyn Engine>,
    _lock: DirLock,
}

impl std::fmt::Debug for StoreCore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreCore").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl StoreCore {
    pub(crate) fn new(
        dir: &Path,
        options: StoreOptions,
        manifest: Manifest,
        engine: Box<dyn Engine>,
        lock: DirLock,
    ) -> Self {
        StoreCore {
            status: AtomicU8::new(OPEN),
            dir: dir.to_path_buf(),
            options,
            key_groups: manifest.groups,
            sources: Vec::new(),
            had_sessions: AtomicBool::new(false),
            manifest: Mutex::new(manifest),
            engine,
            _lock: lock,
        }
    }

    /// The same, of a store made from these snapshots.
    pub(crate) fn made_from(self, sources: Vec<SnapshotId>) -> Self {
        StoreCore { sources, ..self }
    }

    /// A session begins: from now on somebody may have written.
    pub(crate) fn begin_session(&self) {
        self.had_sessions.store(true, Ordering::Relaxed);
    }

    /// Whether there has been a session.
    pub(crate) fn has_had_sessions(&self) -> bool {
        self.had_sessions.load(Ordering::Relaxed)
    }

    /// Whether operations are allowed.
    #[inline]
    pub(crate) fn check(&self) -> Result<()> {
        // Relaxed: the flag orders nothing, it only stops later calls.
        if self.status.load(Ordering::Relaxed) == OPEN { Ok(()) } else { Err(self.refusal()) }
    }

    #[cold]
    fn refusal(&self) -> Error {
        if self.status.load(Ordering::Relaxed) == CLOSED {
            Error::new(ErrorKind::Closed, format!("the store {} has been closed", self.dir.display()))
        } else {
            Error::new(
                ErrorKind::Poisoned,
                format!(
                    "an earlier internal failure left the store {} in doubt; close it and open it again",
                    self.dir.display()
                ),
            )
        }
    }

    /// Refuses all further work because an internal failure may have left something half-changed; false when the store
    /// has been closed, and so refuses it anyway.
    pub(crate) fn poison(&self) -> bool {
        self.status.compare_exchange(OPEN, POISONED, Ordering::Relaxed, Ordering::Relaxed) != Err(CLOSED)
    }

    /// Ends all work; true the first time, false for a poisoned store, whose flush is nobody's wish.
    pub(crate) fn end(&self) -> bool {
        self.status.swap(CLOSED, Ordering::Relaxed) == OPEN
    }

    /// All states, in the order of their ids.
    pub(crate) fn states(&self) -> Vec<StateInfo> {
        self.manifest().states.clone()
    }

    /// The state of that name, made when there is none.
    ///
    /// Errors: [`ErrorKind::StateMismatch`] when it exists otherwise, [`ErrorKind::InvalidArgument`] for a bad name or
    /// too many states.
    pub(crate) fn ensure_state(&self, name: &str, kind: StateKind, namespace: PartSize) -> Result<StateInfo> {
        StateInfo::check_name(name)?;
        if matches!(namespace, PartSize::Fixed(n) if n > 0xffff) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("state '{name}': a namespace of fixed size has at most 65535 bytes"),
            ));
        }
        let mut manifest = self.manifest();
        if let Some(state) = manifest.state(name) {
            if state.kind != kind || state.namespace != namespace {
                return Err(Error::new(
                    ErrorKind::StateMismatch,
                    format!(
                        "state '{name}' is {}; it was asked for as {}",
                        described(state.kind, state.namespace),
                        described(kind, namespace)
                    ),
                ));
            }
            return Ok(state.clone());
        }
        if manifest.states.len() >= MAX_STATES {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("state '{name}': a store has at most {MAX_STATES} states"),
            ));
        }
        let state = StateInfo { id: manifest.states.len() as u32, name: name.to_string(), kind, namespace };
        // The engine first: a state that the engine has and the manifest lacks is empty and does no harm.
        self.engine.create_state(&state)?;
        let mut next = manifest.clone();
        next.states.push(state.clone());
        next.write(&self.dir)?;
        *manifest = next;
        Ok(state)
    }

    fn manifest(&self) -> MutexGuard<'_, Manifest> {
        // The manifest is replaced as a whole, so a panic while it was locked cannot have left it half-changed.
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A state for people: "a value state without namespaces".
fn described(kind: StateKind, namespace: PartSize) -> String {
    match namespace {
        PartSize::NONE => format!("a {kind} state without namespaces"),
        PartSize::Fixed(n) => format!("a {kind} state with namespaces of {n} bytes"),
        PartSize::Variable => format!("a {kind} state with namespaces of any size"),
        PartSize::Delimited => format!("a {kind} state with namespaces that mark their ends"),
    }
}
