//! The streams: data to stdout, talk to stderr. A reader that went away is no error: what nobody
//! reads is not written, and the exit code stays what it would have been.

use crate::exit::Stop;
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use koosim_reports::style::{BAD, FAINT, styled};
use std::io::{self, ErrorKind, IsTerminal as _, Stderr, Stdout, Write};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// What a command talks to.
pub(crate) struct Io {
    out: io::BufWriter<AutoStream<Stdout>>,
    err: AutoStream<Stderr>,
    /// Whether the reader of stdout went away.
    closed: bool,
    quiet: bool,
}

impl Io {
    /// The streams of this process.
    pub(crate) fn new(color: Color, quiet: bool) -> Self {
        Self {
            out: io::BufWriter::new(AutoStream::new(io::stdout(), color.into())),
            err: AutoStream::new(io::stderr(), color.into()),
            closed: false,
            quiet,
        }
    }
    /// Writes data.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), Stop> {
        if self.closed {
            return Ok(());
        }
        let written = self.out.write_all(text.as_bytes());
        self.written(written)
    }
    /// Writes data that `--quiet` leaves out.
    pub(crate) fn detail(&mut self, text: &str) -> Result<(), Stop> {
        if self.quiet { Ok(()) } else { self.data(text) }
    }
    /// Writes a JSON value as data.
    pub(crate) fn json(&mut self, value: &serde_json::Value) -> Result<(), Stop> {
        self.data(&format!("{value:#}\n"))
    }
    /// Tells a person something; whoever asked for quiet does not want to know.
    pub(crate) fn say(&mut self, text: &str) {
        if !self.quiet {
            // Talk that cannot be heard is lost without harm.
            let _ = writeln!(self.err, "{}", styled(FAINT, text));
        }
    }
    /// Tells a person what is wrong.
    pub(crate) fn complain(&mut self, text: &str) {
        let _ = writeln!(self.err, "{} {text}", styled(BAD, "error:"));
    }
    /// Writes text for a person as it is.
    pub(crate) fn talk(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
    }
    /// Hands on what is buffered.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        if self.closed {
            return Ok(());
        }
        let written = self.out.flush();
        self.written(written)
    }
    /// Whether a moving line may be shown.
    pub(crate) fn may_animate(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    fn written(&mut self, result: io::Result<()>) -> Result<(), Stop> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other.map_err(|error| Stop::file("stdout", &error)),
        }
    }
}
