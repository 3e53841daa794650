//! Snapshots are read, released and dropped on other threads while the owner writes.
