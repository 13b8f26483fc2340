//! The journal of a sweep: rows are appended and synced in batches, so that a sweep that was killed
//! goes on where it was. What a finished sweep leaves is sorted and replaces the file in one step.
//!
//! The journal of `FILE` is `FILE.journal`. Both begin with a line that names what was swept; rows of
//! something else are refused, never mixed. A last line that was torn is forgotten.

use super::Row;
use koosim_engine::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Layout of the file.
const FORMAT: u32 = 1;
/// Largest journal in bytes.
const BYTES_MAX: u64 = 1 << 32;

/// What was swept; the same sweep has the same header on every machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// Layout of the rows.
    sweep: u32,
    /// Digest of the plans of all cases.
    plan: Digest,
    /// Digest of the rulebook's values.
    rulebook: Digest,
}

impl Header {
    /// The header of a sweep.
    pub(crate) fn new(plan: Digest, rulebook: Digest) -> Self {
        Self { sweep: FORMAT, plan, rulebook }
    }
    /// What differs from another header.
    fn unlike(&self, other: &Self) -> Option<&'static str> {
        match () {
            () if self.sweep != other.sweep => Some("format"),
            () if self.plan != other.plan => Some("plan"),
            () if self.rulebook != other.rulebook => Some("rulebook"),
            () => None,
        }
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// It cannot be read or written.
    #[error("`{0}`: {1}")]
    Io(String, io::Error),
    /// Another sweep writes to it now.
    #[error("`{0}`: another sweep is writing to it")]
    Busy(String),
    /// It is of something else.
    #[error("`{0}` holds a sweep of another {1}; give another --out, or remove it")]
    Other(String, &'static str),
    /// A line is not what a journal holds.
    #[error("`{0}`, line {1}: not a row of a sweep")]
    Line(String, usize),
}

/// Rows by case and seed.
pub(crate) type Rows = BTreeMap<(usize, u64), Row>;

/// The file to which a sweep's rows go.
#[derive(Debug)]
pub(crate) struct Journal {
    header: Header,
    out: PathBuf,
    path: PathBuf,
    file: File,
}

impl Journal {
    /// The journal of the result file `out`, with what an earlier sweep has done.
    pub(crate) fn open(out: &Path, header: Header) -> Result<(Self, Rows), JournalError> {
        let path = beside(out, ".journal");
        let mut rows = Rows::new();
        if let Some(bytes) = read_whole(out)? {
            take_rows(out, &bytes, &header, &mut rows)?;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| wrong(folder, e))?;
        }
        let opened = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = opened.map_err(|e| wrong(&path, e))?;
        file.try_lock().map_err(|_| JournalError::Busy(shown(&path)))?;
        let mut bytes = Vec::new();
        let read = (&mut file).take(BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(|e| wrong(&path, e))?;
        let whole = take_rows(&path, &bytes, &header, &mut rows)?;
        let mut journal = Self { header, out: out.to_owned(), path, file };
        journal.cut(whole)?;
        Ok((journal, rows))
    }
    /// Appends rows and waits until they are on the disk.
    pub(crate) fn append(&mut self, rows: &[Row]) -> Result<(), JournalError> {
        let mut bytes = Vec::new();
        let lines = rows.iter().try_for_each(|row| put_line(&mut bytes, row));
        lines.map_err(|e| wrong(&self.path, e))?;
        self.write(&bytes)
    }
    /// Puts the sorted rows into the result file, in one step, and removes the journal.
    pub(crate) fn finish(self, rows: &Rows) -> Result<(), JournalError> {
        let fresh = beside(&self.out, ".new");
        let mut bytes = Vec::new();
        let lines = put_line(&mut bytes, &self.header)
            .and_then(|()| rows.values().try_for_each(|row| put_line(&mut bytes, row)));
        lines.map_err(|e| wrong(&fresh, e))?;
        let written = File::create(&fresh).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(|e| wrong(&fresh, e))?;
        fs::rename(&fresh, &self.out).map_err(|e| wrong(&self.out, e))?;
        fs::remove_file(&self.path).map_err(|e| wrong(&self.path, e))
    }

    /// Forgets a torn last line, and writes the header where there is none.
    fn cut(&mut self, whole: usize) -> Result<(), JournalError> {
        let length = u64::try_from(whole).unwrap_or(u64::MAX);
        self.file.set_len(length).map_err(|e| wrong(&self.path, e))?;
        self.file.seek(SeekFrom::End(0)).map_err(|e| wrong(&self.path, e))?;
        if whole > 0 {
            return Ok(());
        }
        let mut bytes = Vec::new();
        put_line(&mut bytes, &self.header).map_err(|e| wrong(&self.path, e))?;
        self.write(&bytes)
    }
    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.map_err(|e| wrong(&self.path, e))
    }
}

/// Takes the rows out of a file; answers how many bytes of it are whole lines.
fn take_rows(
    path: &Path,
    bytes: &[u8],
    header: &Header,
    rows: &mut Rows,
) -> Result<usize, JournalError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = bytes.get(..whole).unwrap_or_default().split_inclusive(|byte| *byte == b'\n');
    for (number, line) in lines.enumerate() {
        let bad = |_| JournalError::Line(shown(path), number + 1);
        if number == 0 {
            let found: Header = serde_json::from_slice(line).map_err(bad)?;
            if let Some(what) = header.unlike(&found) {
                return Err(JournalError::Other(shown(path), what));
            }
            continue;
        }
        let row: Row = serde_json::from_slice(line).map_err(bad)?;
        rows.insert((row.case, row.seed), row);
    }
    Ok(whole)
}

fn read_whole(path: &Path) -> Result<Option<Vec<u8>>, JournalError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(path, error)),
    }
}

fn put_line(bytes: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, value)?;
    bytes.push(b'\n');
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn wrong(path: &Path, error: io::Error) -> JournalError {
    JournalError::Io(shown(path), error)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use koosim_model::time::SimTime;

    fn header(plan: &str) -> Header {
        Header::new(Digest::of(plan.as_bytes()), Digest::of(b"book"))
    }

    fn row(seed: u64) -> Row {
        let (verdict, digest) = ("pass".to_owned(), Some(Digest::of(&seed.to_le_bytes())));
        Row { case: 0, seed, verdict, events: 3, end: SimTime::EPOCH, digest, why: None }
    }

    #[test]
    fn what_a_killed_sweep_has_done_is_kept_but_for_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.jsonl");
        let (mut journal, _) = Journal::open(&out, header("a")).unwrap();
        journal.append(&[row(2), row(0)]).unwrap();
        drop(journal);
        let path = beside(&out, ".journal");
        let whole = fs::read(&path).unwrap();
        for torn in [&b""[..], b"{", br#"{"case":0,"seed":7,"verdict":"pass""#] {
            fs::write(&path, [&whole, torn].concat()).unwrap();
            let (_, rows) = Journal::open(&out, header("a")).unwrap();
            assert_eq!(rows.into_keys().collect::<Vec<_>>(), [(0, 0), (0, 2)]);
            assert_eq!(fs::read(&path).unwrap(), whole);
        }
        // A header that was torn is written again.
        fs::write(&path, &whole[..10]).unwrap();
        drop(Journal::open(&out, header("a")).unwrap());
        assert_eq!(
            fs::read(&path).unwrap(),
            whole.split_inclusive(|b| *b == b'\n').next().unwrap()
        );
    }

    #[test]
    fn a_result_is_sorted_whatever_the_order_of_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let result = |name: &str, seeds: [u64; 3]| {
            let out = folder.path().join(name);
            let (mut journal, mut rows) = Journal::open(&out, header("a")).unwrap();
            for seed in seeds {
                journal.append(&[row(seed)]).unwrap();
                rows.insert((0, seed), row(seed));
            }
            journal.finish(&rows).unwrap();
            assert!(!beside(&out, ".journal").exists());
            fs::read(out).unwrap()
        };
        assert_eq!(result("one", [0, 1, 2]), result("two", [2, 0, 1]));
    }

    #[test]
    fn another_plan_a_second_writer_and_foreign_lines_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.jsonl");
        let held = Journal::open(&out, header("a")).unwrap();
        let second = Journal::open(&out, header("a")).unwrap_err();
        assert!(second.to_string().ends_with("another sweep is writing to it"), "{second}");
        drop(held);
        let other = Journal::open(&out, header("b")).unwrap_err();
        assert!(other.to_string().contains("holds a sweep of another plan"), "{other}");
        fs::write(&out, "hello\n").unwrap();
        let foreign = Journal::open(&out, header("a")).unwrap_err();
        assert!(foreign.to_string().ends_with("line 1: not a row of a sweep"), "{foreign}");
    }
}
