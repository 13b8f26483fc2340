//! The log as text: one JSON value a line. The first line is a header with everything that a reader
//! needs to walk the records with the model; the last is a footer with their count and digest.
//!
//! Compatibility: a format number names one layout of records, readable and packed, and is never
//! changed again once it is released. A reader reads every released format up to its own and refuses
//! newer ones; format 1 was never released. A field that the format does not know is an error, so that
//! nothing is lost in silence. Digests are compared only between logs of the same format.

use crate::digest::{Digest, PackError, digest_of};
use crate::plan::{Book, DrawMode, Plan};
use crate::record::{Class, Record};
use koosim_model::rules::Rules;
use koosim_model::time::SimTime;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Read as _, Write};

/// The format that this version writes.
pub const FORMAT: u32 = 2;
/// The oldest format that this version reads.
pub const OLDEST_FORMAT: u32 = 2;
/// Longest line of a log in bytes.
pub const LINE_BYTES_MAX: u64 = 1 << 20;

/// What a log begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Layout of the records.
    pub format: u32,
    /// The scenario's name, or what the writer calls the log.
    pub name: String,
    /// First instant.
    pub start: SimTime,
    /// The finest class of record that is logged.
    #[serde(default)]
    pub level: Class,
    /// Rulebook, overrides and catalogue.
    pub book: Book,
    /// Digest of all parameters in force; absent in a log that somebody else wrote.
    #[serde(default)]
    pub rules: Option<Digest>,
    /// Digest of the plan; absent in a log that somebody else wrote.
    #[serde(default)]
    pub plan: Option<Digest>,
    /// Seed of the run.
    #[serde(default)]
    pub seed: u64,
    /// How open instants were chosen.
    #[serde(default)]
    pub draws: DrawMode,
}

/// What a log ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// The instant at which the run ended.
    pub end: SimTime,
    /// Number of records.
    pub records: u64,
    /// Digest of the run.
    pub digest: Digest,
}

impl Header {
    /// The header of a run of `plan` under `rules`, which logs entries as fine as `level`.
    pub fn of(name: &str, plan: &Plan, rules: &Rules, level: Class) -> Result<Self, PackError> {
        Ok(Self {
            format: FORMAT,
            name: name.to_owned(),
            start: plan.start,
            level,
            book: plan.book.clone(),
            rules: Some(Digest::of(&rules.settings().packed())),
            plan: Some(plan.digest()?),
            seed: plan.seed,
            draws: plan.draws,
        })
    }
    /// The digest of what the run was given: plan, parameters, seed, level and format; no names.
    pub fn given(&self) -> Result<Digest, PackError> {
        digest_of(&(self.format, self.level, self.rules, self.plan, self.seed, self.draws))
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The first.
    Header(Box<Header>),
    /// Any between.
    Record(Box<Record>),
    /// The last.
    Footer(Footer),
}

#[derive(Serialize)]
struct HeaderLine<'a> {
    header: &'a Header,
}

#[derive(Serialize)]
struct FooterLine<'a> {
    footer: &'a Footer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameLine {
    header: Option<Box<Header>>,
    footer: Option<Footer>,
}

/// Writes a log line by line.
#[derive(Debug)]
pub struct LogWriter<W> {
    to: W,
}

impl<W: Write> LogWriter<W> {
    /// Writes the header.
    pub fn new(to: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self { to };
        writer.line(&HeaderLine { header })?;
        Ok(writer)
    }
    /// Writes one record.
    pub fn record(&mut self, record: &Record) -> io::Result<()> {
        self.line(record)
    }
    /// Writes the footer and hands back what was written to.
    pub fn finish(mut self, footer: &Footer) -> io::Result<W> {
        self.line(&FooterLine { footer })?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.to, value)?;
        self.to.write_all(b"\n")
    }
}

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It could not be read.
    #[error("line {line}: {source}")]
    Io {
        /// Which line, from 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// A line is longer than any record.
    #[error("line {line}: longer than {LINE_BYTES_MAX} bytes")]
    Long {
        /// Which line, from 1.
        line: u64,
    },
    /// A line is not what a log holds.
    #[error("line {line}, column {column}: {what}")]
    Syntax {
        /// Which line, from 1.
        line: u64,
        /// Where in it, from 1; 0 for the whole line.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// The log does not begin with a header.
    #[error("line 1: the log does not begin with a header")]
    NoHeader,
    /// The log has a format that this version does not read.
    #[error(
        "line 1: the log has format {0}; this version reads formats {OLDEST_FORMAT} to {FORMAT}"
    )]
    Format(u32),
    /// A header or anything at all after the end.
    #[error("line {line}: {what} may not stand here")]
    Misplaced {
        /// Which line, from 1.
        line: u64,
        /// What stands there.
        what: &'static str,
    },
    /// Records are not in the order of time.
    #[error("line {line}: {at} is before the line above it")]
    Backwards {
        /// Which line, from 1.
        line: u64,
        /// Its time.
        at: SimTime,
    },
}

/// Reads a log line by line, in constant memory.
#[derive(Debug)]
pub struct LogReader<R> {
    from: R,
    line: u64,
    text: Vec<u8>,
    header: Header,
    last: SimTime,
    footer: Option<Footer>,
}

impl<R: BufRead> LogReader<R> {
    /// Reads the header.
    pub fn new(from: R) -> Result<Self, LogError> {
        let mut lines = RawLines { from, line: 0, text: Vec::new() };
        if !lines.next()? {
            return Err(LogError::NoHeader);
        }
        let header = match parse(&lines.text, lines.line)? {
            Line::Header(header) => *header,
            Line::Record(_) | Line::Footer(_) => return Err(LogError::NoHeader),
        };
        if !(OLDEST_FORMAT..=FORMAT).contains(&header.format) {
            return Err(LogError::Format(header.format));
        }
        let RawLines { from, line, text } = lines;
        let last = header.start;
        Ok(Self { from, line, text, header, last, footer: None })
    }
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }
    /// The footer, once the records have been read and if there is one.
    pub fn footer(&self) -> Option<&Footer> {
        self.footer.as_ref()
    }
    /// The number of the line read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
    /// The next record, or `None` at the footer or the end.
    pub fn next_record(&mut self) -> Result<Option<Record>, LogError> {
        if !next_line(&mut self.from, &mut self.line, &mut self.text)? {
            return Ok(None);
        }
        if self.footer.is_some() {
            return Err(LogError::Misplaced { line: self.line, what: "a line after the footer" });
        }
        match parse(&self.text, self.line)? {
            Line::Header(_) => {
                Err(LogError::Misplaced { line: self.line, what: "a second header" })
            }
            Line::Footer(footer) => {
                self.footer = Some(footer);
                // What follows a footer is looked at, so that a log glued to another is noticed.
                self.next_record()
            }
            Line::Record(record) => {
                if record.at < self.last {
                    return Err(LogError::Backwards { line: self.line, at: record.at });
                }
                self.last = record.at;
                Ok(Some(*record))
            }
        }
    }
}

struct RawLines<R> {
    from: R,
    line: u64,
    text: Vec<u8>,
}

impl<R: BufRead> RawLines<R> {
    fn next(&mut self) -> Result<bool, LogError> {
        next_line(&mut self.from, &mut self.line, &mut self.text)
    }
}

/// Reads the next line that is not blank into `text`; answers whether there was one.
fn next_line<R: BufRead>(
    from: &mut R,
    line: &mut u64,
    text: &mut Vec<u8>,
) -> Result<bool, LogError> {
    loop {
        *line += 1;
        text.clear();
        let read = from.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', text);
        let bytes = read.map_err(|source| LogError::Io { line: *line, source })?;
        if u64::try_from(bytes).unwrap_or(u64::MAX) > LINE_BYTES_MAX {
            return Err(LogError::Long { line: *line });
        }
        if bytes == 0 {
            return Ok(false);
        }
        if !text.trim_ascii().is_empty() {
            return Ok(true);
        }
    }
}

fn parse(text: &[u8], line: u64) -> Result<Line, LogError> {
    let syntax = |error: serde_json::Error| {
        let text = error.to_string();
        // serde_json counts lines within the text it was given, which is always the first.
        let what = text.split(" at line ").next().unwrap_or(&text).to_owned();
        LogError::Syntax { line, column: error.column(), what }
    };
    let start = text.trim_ascii_start();
    if start.starts_with(b"{\"header\"") || start.starts_with(b"{\"footer\"") {
        let frame: FrameLine = serde_json::from_slice(text).map_err(syntax)?;
        return match (frame.header, frame.footer) {
            (Some(header), None) => Ok(Line::Header(header)),
            (None, Some(footer)) => Ok(Line::Footer(footer)),
            _ => {
                let what = "a line holds one header or one footer".to_owned();
                Err(LogError::Syntax { line, column: 0, what })
            }
        };
    }
    serde_json::from_slice(text).map(Line::Record).map_err(syntax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_are_not_read_are_refused_by_their_number() {
        for format in [0, OLDEST_FORMAT - 1, FORMAT + 1] {
            let book = r#"{"reference":"cn@2025-07","overrides":[],"catalogue":{"sizes":{}}}"#;
            let start = "2024-03-08T15:50:04+08:00";
            let header = format!(
                r#"{{"header":{{"format":{format},"name":"x","start":"{start}","book":{book}}}}}"#
            );
            let refused = LogReader::new(header.as_bytes()).err();
            assert!(
                matches!(refused, Some(LogError::Format(held)) if held == format),
                "{refused:?}"
            );
        }
    }
}
