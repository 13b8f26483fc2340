//! Whoever looks on at a run: counts its events, tells its story, writes its log, and compares it
//! with another log, record by record.

use crate::exit::Stop;
use crate::io::Io;
use koosim_engine::log::{Footer, LogReader, LogWriter};
use koosim_engine::record::Record;
use koosim_engine::run::{Observer, Run, StepOutcome, Summary};
use koosim_reports::{compact, story};
use std::io::{BufRead, Write};

/// One pair of eyes with everything that they are asked to do.
#[derive(Default)]
pub(crate) struct Watch<'a> {
    /// Events so far.
    pub(crate) events: u64,
    /// Where to tell the story.
    pub(crate) story: Option<&'a mut Io>,
    /// Where to write the log.
    pub(crate) log: Option<LogWriter<Box<dyn Write + 'a>>>,
    /// What to compare with.
    pub(crate) other: Option<Compare<'a>>,
    /// The first thing that could not be written.
    pub(crate) wrong: Option<Stop>,
}

impl Watch<'_> {
    /// Ends the log and the comparison. Answers the first difference, if one was looked for and found.
    pub(crate) fn finish(self, summary: Option<&Summary>) -> Result<Option<String>, Stop> {
        if let Some(stop) = self.wrong {
            return Err(stop);
        }
        if let (Some(log), Some(summary)) = (self.log, summary) {
            let (end, records, digest) = (summary.end, summary.records, summary.digest);
            log.finish(&Footer { end, records, digest }).map_err(|e| Stop::file("the log", &e))?;
        }
        Ok(self.other.and_then(|other| other.finish(summary)))
    }
}

impl Observer for Watch<'_> {
    fn record(&mut self, record: &Record) {
        self.events += u64::from(record.event().is_some());
        if self.wrong.is_some() {
            return;
        }
        if let Some(io) = &mut self.story {
            self.wrong = io.data(&story::tell(record)).err();
        }
        if let Some(Err(error)) = self.log.as_mut().map(|log| log.record(record)) {
            self.wrong = Some(Stop::file("the log", &error));
        }
        if let Some(other) = &mut self.other {
            other.record(record);
        }
    }
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}

/// Compares a run with a log.
pub(crate) struct Compare<'a> {
    log: LogReader<Box<dyn BufRead + 'a>>,
    records: u64,
    difference: Option<String>,
}

impl<'a> Compare<'a> {
    /// With a log of which the header has been read.
    pub(crate) fn with(log: LogReader<Box<dyn BufRead + 'a>>) -> Self {
        Self { log, records: 0, difference: None }
    }

    fn record(&mut self, record: &Record) {
        if self.difference.is_some() {
            return;
        }
        self.records += 1;
        self.difference = match self.log.next_record() {
            Ok(Some(held)) if held == *record => None,
            Ok(held) => Some(self.differs(held.as_ref(), Some(record))),
            Err(error) => Some(error.to_string()),
        };
    }
    /// What differs first. A run that could not go on is not told that its log does.
    fn finish(mut self, summary: Option<&Summary>) -> Option<String> {
        let Some(summary) = summary.filter(|_| self.difference.is_none()) else {
            return self.difference;
        };
        self.records += 1;
        match self.log.next_record() {
            Ok(Some(held)) => Some(self.differs(Some(&held), None)),
            Err(error) => Some(error.to_string()),
            Ok(None) => {
                let (held, seen) = (self.log.footer()?.digest, summary.digest);
                (held != seen).then(|| format!("the digest differs: {held} and now {seen}"))
            }
        }
    }
    fn differs(&self, held: Option<&Record>, seen: Option<&Record>) -> String {
        let line = |record: Option<&Record>| match record.map(compact::line) {
            None => "nothing further".to_owned(),
            Some(line) => line.unwrap_or_else(|error| error.to_string()),
        };
        format!(
            "record {} differs\n    first: {}\n    then:  {}",
            self.records,
            line(held),
            line(seen)
        )
    }
}
