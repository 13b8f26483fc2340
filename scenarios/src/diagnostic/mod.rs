//! What is wrong with a file, for people: message, place, allowed values and the nearest valid
//! name. All of it is collected; rendering is a separate step and never changes what is said.

mod code;
mod nearest;
mod render;
mod source;

pub use code::Code;
pub use nearest::{list_names, nearest};
pub use render::{Form, RenderOptions, render};
pub use source::Source;

use crate::span::Span;

/// How many diagnostics are kept; the rest is counted.
pub const MAX_DIAGNOSTICS: usize = 50;
/// How many characters of a user's text a message repeats.
pub const MAX_QUOTED_CHARS: usize = 60;

/// Whether a diagnostic stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but probably says something else than was meant.
    Warning,
}

/// A place and what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The bytes to underline.
    pub span: Span,
    /// What to write under them.
    pub text: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// Its stable name.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where; nothing when the file as a whole is meant.
    pub label: Option<Label>,
    /// A second place that explains the first.
    pub second: Option<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error about the file as a whole.
    pub fn file_error(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            label: None,
            second: None,
            help: None,
        }
    }
    /// An error at a place; `label` is what is written under the underlined text.
    pub fn error(
        code: Code,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        let label = Some(Label { span, text: label.into() });
        Self { label, ..Self::file_error(code, message) }
    }
    /// A warning at a place.
    pub fn warning(
        code: Code,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message, label) }
    }
    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// The same with advice, if there is any.
    #[must_use]
    pub fn help_if(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
    /// The same with a second place.
    #[must_use]
    pub fn and(mut self, span: Span, text: impl Into<String>) -> Self {
        self.second = Some(Label { span, text: text.into() });
        self
    }
    fn place(&self) -> (Option<Span>, Severity) {
        (self.label.as_ref().map(|l| l.span), self.severity)
    }
}

/// Everything that is wrong with one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    more: usize,
    errors: usize,
}

impl Diagnostics {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds one, unless the very same is there already (another case of the same file found it).
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let error = diagnostic.severity == Severity::Error;
        self.push_with(error, || diagnostic);
    }
    /// The same for places that can be wrong a million times: once enough are kept, the rest is
    /// not even made.
    pub fn push_with(&mut self, error: bool, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.is_full() {
            self.more += 1;
        } else {
            let diagnostic = diagnostic();
            if self.list.contains(&diagnostic) {
                return;
            }
            self.list.push(diagnostic);
        }
        self.errors += usize::from(error);
    }
    /// Adds all of `other`.
    pub fn append(&mut self, other: Self) {
        self.more += other.more;
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }
    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.errors
    }
    /// Whether the file cannot be used.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    /// Whether further ones are only counted.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_DIAGNOSTICS
    }
    /// How many were counted but not kept.
    pub fn more(&self) -> usize {
        self.more
    }
    /// The kept ones in the order of the file.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.list.iter().collect();
        all.sort_by_key(|d| d.place());
        all
    }
}

/// The user's text in backticks, on one line and not too long.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == MAX_QUOTED_CHARS {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out.push('`');
    out
}
