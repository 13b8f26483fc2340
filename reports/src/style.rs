//! The few styles of the terminal views. What is written is readable without them: a style only
//! repeats what a word or a mark already says. Whoever prints decides whether they are kept.

use anstyle::{AnsiColor, Style};
use std::fmt::{self, Display};

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What went wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What may be skipped by the eye.
pub const FAINT: Style = Style::new().dimmed();
/// What a line is about.
pub const STRONG: Style = Style::new().bold();
/// Names of rules.
pub const RULE: Style = AnsiColor::Cyan.on_default();
/// Money.
pub const MONEY: Style = AnsiColor::Yellow.on_default();

/// A text between the marks of a style.
#[derive(Clone, Copy, Debug)]
pub struct Styled<T> {
    style: Style,
    text: T,
}

/// `text` in `style`.
pub fn styled<T: Display>(style: Style, text: T) -> Styled<T> {
    Styled { style, text }
}

impl<T: Display> Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.style;
        write!(f, "{style}")?;
        // The text itself is padded, so that columns line up with and without styles.
        self.text.fmt(f)?;
        write!(f, "{style:#}")
    }
}
