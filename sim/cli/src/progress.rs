//! A moving line on the terminal for what takes longer than a moment.

use crate::io::Io;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a second the line is drawn at most.
const DRAWS_PER_S: u8 = 10;

/// Counts what is done, and shows it once it has taken a while.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    may_show: bool,
}

impl Progress {
    /// For `total` things of one kind, such as `seeds`.
    pub(crate) fn new(io: &Io, total: usize, what: &'static str) -> Self {
        let total = u64::try_from(total).ok();
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = format!("{{wide_bar}} {{pos}}/{{len}} {what}, {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self { bar, may_show: io.may_animate() }
    }
    /// One more is done.
    pub(crate) fn step(&mut self) {
        if self.may_show && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWS_PER_S));
            self.may_show = false;
        }
        self.bar.inc(1);
    }
    /// Does something that writes to the terminal, with the line out of the way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
