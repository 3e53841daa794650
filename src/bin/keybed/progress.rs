//! A bar for what takes long.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on the standard error, if that is a terminal and somebody waits; gone at the end.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that is named `what`; `out_is_seen`: results are written to a terminal meanwhile, so there is none.
    pub(crate) fn new(what: String, out_is_seen: bool) -> Progress {
        if out_is_seen || !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        let style = ProgressStyle::with_template("{msg}  {wide_bar}  {percent:>3} %  {eta_precise} left");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(500));
        Progress { bar }
    }

    /// So much is done of so much.
    pub(crate) fn set(&self, done: u64, total: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_length(total.max(done));
            self.bar.set_position(done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
