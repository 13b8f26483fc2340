//! Finding and reading files.

use crate::exit::Stop;
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::traces::{TRACE_BYTES_MAX, Traces};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// What the names of scenario files end with.
pub(crate) const SCENARIO_ENDING: &str = ".scenario.yaml";
/// The name that stands for standard input.
pub(crate) const STDIN: &str = "-";
/// Most files that one command takes from folders.
const FILES_MAX: usize = 100_000;
/// Deepest folder that is looked into.
const DEPTH_MAX: usize = 32;
/// How much of a file is read at most: more than a scenario may have.
const SCENARIO_BYTES_MAX: u64 = 16 << 20;
/// What a log begins with.
const LOG_BEGINS: &[u8] = b"{\"header\"";

/// The scenario files that `paths` name: a file as it is, a folder with every scenario below it, in
/// the order of their names.
pub(crate) fn scenario_paths(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut below = Vec::new();
            look_into(path, DEPTH_MAX, &mut below)?;
            below.sort();
            found.append(&mut below);
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn look_into(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Stop> {
    let wrong = |error: io::Error| Stop::file(&shown(folder), &error);
    if depth == 0 {
        return Err(Stop::unusable(format!("`{}`: folders too deep", shown(folder))));
    }
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        // A link to a folder is not followed, so that no circle can be.
        if entry.file_type().map_err(wrong)?.is_dir() {
            look_into(&entry.path(), depth - 1, found)?;
        } else if entry.file_name().to_string_lossy().ends_with(SCENARIO_ENDING) {
            if found.len() == FILES_MAX {
                return Err(Stop::unusable(format!("more than {FILES_MAX} scenarios")));
            }
            found.push(entry.path());
        }
    }
    Ok(())
}

/// Reads one scenario file, or standard input. What is too long is cut where the reader of scenarios
/// sees that it is.
pub(crate) fn read_scenario(path: &Path, traces: &Traces) -> Result<ScenarioFile, Stop> {
    scenario_from(&shown(path), open(path)?, traces)
}

/// Reads one scenario file that has been opened.
pub(crate) fn scenario_from(
    name: &str,
    from: impl BufRead,
    traces: &Traces,
) -> Result<ScenarioFile, Stop> {
    let mut bytes = Vec::new();
    let read = from.take(SCENARIO_BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|error| Stop::file(name, &error))?;
    Ok(ScenarioFile::read_with(name, &bytes, traces.clone()))
}

/// The traces of a folder, without those below it, beside the project's own. A file whose name begins
/// with a dot is none: no scenario could name it.
pub(crate) fn traces_in(folder: Option<&Path>) -> Result<Traces, Stop> {
    let Some(folder) = folder else { return Ok(Traces::default()) };
    let wrong = |error: io::Error| Stop::file(&shown(folder), &error);
    let (mut traces, mut bytes) = (BTreeMap::new(), 0);
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || !path.is_file() {
            continue;
        }
        if traces.len() == FILES_MAX {
            return Err(Stop::unusable(format!(
                "`{}`: more than {FILES_MAX} traces",
                shown(folder)
            )));
        }
        let text = trace_from(&path, TRACE_BYTES_MAX.saturating_sub(bytes), folder)?;
        bytes += text.len();
        traces.insert(name, text);
    }
    Ok(Traces::with(traces))
}

/// The text of one trace of a folder, of which there is room for so many bytes more.
fn trace_from(path: &Path, room: usize, folder: &Path) -> Result<String, Stop> {
    let wrong = |error: io::Error| Stop::file(&shown(path), &error);
    let mut bytes = Vec::new();
    let most = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    fs::File::open(path).map_err(wrong)?.take(most).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() > room {
        let folder = shown(folder);
        let message =
            format!("`{folder}`: its traces have more than {TRACE_BYTES_MAX} bytes together");
        return Err(Stop::unusable(message));
    }
    String::from_utf8(bytes)
        .map_err(|_| Stop::unusable(format!("`{}`: a trace is text in UTF-8", shown(path))))
}

/// Opens a file, or standard input.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>, Stop> {
    if path.as_os_str() == STDIN {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    match fs::File::open(path) {
        Ok(file) if path.is_dir() => {
            drop(file);
            Err(Stop::unusable(format!("`{}`: a folder, not a file", shown(path))))
        }
        Ok(file) => Ok(Box::new(BufReader::new(file))),
        Err(error) => Err(Stop::file(&shown(path), &error)),
    }
}

/// Whether what comes next is a log; nothing is taken from it.
pub(crate) fn begins_a_log(name: &str, from: &mut dyn BufRead) -> Result<bool, Stop> {
    let bytes = from.fill_buf().map_err(|error| Stop::file(name, &error))?;
    Ok(bytes.trim_ascii_start().starts_with(LOG_BEGINS))
}

/// A path as messages show it: the same on every system.
pub(crate) fn shown(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        return "<stdin>".to_owned();
    }
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
