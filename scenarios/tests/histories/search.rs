//! The search for a history that breaks something, and what is left of it: the smallest one that was
//! found, as a scenario file.

use crate::audit;
use crate::history::{History, mostly_short_histories};
use crate::story;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::cell::{Cell, RefCell};
use std::panic::{set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::sync::Once;

/// Histories of a quick run.
const CASES: u32 = 128;
/// Requests of the longest history; `KOOSIM_HISTORY_COMMANDS` sets another number.
const COMMANDS_MAX: usize = 24;
const SEED_BYTES: usize = 32;
/// Smaller histories that are tried once one is found.
const SHRINKS_MAX: u32 = 5_000;

/// The smallest history found that breaks something.
#[derive(Debug)]
pub(crate) struct Found {
    /// What was broken.
    pub(crate) why: String,
    /// The file that tells the history.
    pub(crate) path: PathBuf,
    /// Its text.
    pub(crate) text: String,
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not of a simulated one")]
fn switch(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, max_shrink_iters: SHRINKS_MAX, ..Config::default() }
}

/// One of so many of the histories of a run: [`CASES`], or as many as `PROPTEST_CASES` says.
fn cases(one_of: u32) -> u32 {
    let all = switch("PROPTEST_CASES").map_or(CASES, |number| number.parse().unwrap());
    all.div_ceil(one_of)
}

/// A runner of so many cases, the same ones every time.
pub(crate) fn deterministic(cases: u32) -> TestRunner {
    seeded(cases, 0)
}

fn seeded(cases: u32, seed: u64) -> TestRunner {
    let mut bytes = [0; SEED_BYTES];
    bytes.iter_mut().zip(seed.to_le_bytes()).for_each(|(to, from)| *to = from);
    TestRunner::new_with_rng(config(cases), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Which histories a run looks at: the same ones every time, or those of `KOOSIM_HISTORY_SEED`.
fn seed() -> u64 {
    switch("KOOSIM_HISTORY_SEED").map_or(0, |number| number.parse().unwrap())
}

fn commands_max() -> usize {
    switch("KOOSIM_HISTORY_COMMANDS").map_or(COMMANDS_MAX, |number| number.parse().unwrap())
}

thread_local! {
    /// Whether panics of this thread are part of a search, and the last one.
    static SEARCHING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// While a history is made smaller, it panics again and again; only the last panic is worth telling.
fn quietly<T>(search: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |panic| {
            if SEARCHING.get() {
                LAST.set(panic.to_string());
            } else {
                loud(panic);
            }
        }));
    });
    SEARCHING.set(true);
    let found = search();
    SEARCHING.set(false);
    found
}

/// Looks for a history for which `check` panics. `name` is the name of the file.
pub(crate) fn search(
    name: &str,
    commands_max: usize,
    runner: &mut TestRunner,
    check: impl Fn(&History),
) -> Option<Found> {
    let result = quietly(|| {
        let broken = runner.run(&mostly_short_histories(commands_max), |history| {
            check(&history);
            Ok(())
        });
        broken.map_err(Box::new)
    });
    let history = match result.map_err(|error| *error) {
        Ok(()) => return None,
        Err(TestError::Fail(_, history)) => history,
        Err(TestError::Abort(why)) => panic!("{why}"),
    };
    // The last panic of the search need not be that of the smallest history.
    let why = quietly(|| {
        let check = std::panic::AssertUnwindSafe(|| check(&history));
        drop(std::panic::catch_unwind(check));
        LAST.take()
    });
    let desk = quietly(|| history.tell_what_can_be(audit::look));
    let text = story::file(&history, &desk, &format!("a history that breaks {name}")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("histories");
    let path = folder.join(format!("{name}.scenario.yaml"));
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(&path, &text).unwrap();
    Some(Found { why, path, text })
}

/// Holds `check` against one of `one_of` random histories of a run. A history that breaks it is made
/// smaller, written as a scenario file and shown.
pub(crate) fn hold(name: &str, one_of: u32, check: impl Fn(&History)) {
    let mut runner = seeded(cases(one_of), seed());
    if let Some(Found { why, path, text }) = search(name, commands_max(), &mut runner, check) {
        panic!(
            "{why}\n\nseed {}; `koosim run {}` tells it again:\n\n{text}",
            seed(),
            path.display()
        );
    }
}
