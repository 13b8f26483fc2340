//! The program in a cleared environment: no colours, no locale, fixed width, the project's folder.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// The leading case, as a fresh clone has it.
pub(crate) const LEADING: &str = "scenarios/suite/billing/auto-renewal.scenario.yaml";

/// The folder of a fresh clone.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program, in the folder of a fresh clone.
pub(crate) fn koosim() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_koosim"));
    command.env_clear().env("COLUMNS", "100").current_dir(root());
    command
}

/// What became of `koosim ARGS`.
pub(crate) fn run(args: &[&str]) -> Output {
    koosim().args(args).output().unwrap()
}

/// The exit code of `koosim ARGS`.
pub(crate) fn code(args: &[&str]) -> i32 {
    run(args).status.code().unwrap()
}

/// What the program wrote to stdout.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What the program wrote to stderr.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with a scenario that passes, one that does not, one that cannot be read, and one of
/// two cases with open instants.
pub(crate) fn files() -> TempDir {
    let folder = TempDir::new().unwrap();
    let good = fs::read_to_string(root().join(LEADING)).unwrap();
    let bad = good.replace("balance: 41.00", "balance: 42.00");
    assert_ne!(good, bad);
    let broken = good.replace("top_up:", "topup:").replace("tier: V0", "tier: V9");
    let head = "scenario: a phone of tier $n\nstart: 2024-03-08 15:50:04\nmatrix: { n: [V0, V5] }\n\
                draws: random\naccounts:\n  acme: { tier: $n, balance: 600 }\nsteps:\n";
    let two = format!(
        "{head}  - buy: {{ phone: p1, account: acme, size: pro-4c8g64g, term: 1 month }}\n  \
         - after: provisioned\n    expect: {{ phone: p1, is: running }}\n"
    );
    for (name, text) in [("good", good), ("bad", bad), ("broken", broken), ("two", two)] {
        fs::write(folder.path().join(format!("{name}.scenario.yaml")), text).unwrap();
    }
    folder
}

/// The path of one of these files.
pub(crate) fn file(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}
