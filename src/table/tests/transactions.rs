//! A transaction happens as a whole or not at all, and leaves nothing behind.
