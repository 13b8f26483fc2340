//! The suite of scenarios: every case passes, and its business records are a snapshot in the compact
//! form, so that a change of behaviour is one readable diff. Where a case has a network, the records of
//! sessions are there as well, and what each viewer saw in bins of 200 ms.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first thing amiss")]

use koosim_engine::path::measure::Bin;
use koosim_engine::path::network::Network;
use koosim_engine::record::Record;
use koosim_engine::run::{Observer, Run, StepOutcome};
use koosim_model::bill::{Bills, Costs};
use koosim_model::ledger::Book;
use koosim_model::money::Amount;
use koosim_model::name::{AccountId, Name};
use koosim_model::rules::Rules;
use koosim_model::state::Account;
use koosim_model::time::{SimDuration, SimTime};
use koosim_reports::{bins, compact};
use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::expect::run_with;
use koosim_scenarios::file::ScenarioFile;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const ENDING: &str = ".scenario.yaml";
const SCHEMA_LINE: &str = "# yaml-language-server: $schema=../../scenario.schema.json";
const PLAIN: RenderOptions = RenderOptions { form: Form::Graphical, color: false, width: 100 };

fn root(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(part)
}

/// The files of this ending two folders deep, as `folder/name`, in order.
fn files(root: &Path, ending: &str) -> BTreeSet<String> {
    let entries = |path: &Path| {
        let read = std::fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        read.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let inside = entries(root).into_iter().flat_map(|folder| entries(&folder));
    let names = inside.filter_map(|path| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        name.strip_suffix(ending).map(str::to_owned)
    });
    names.collect()
}

/// A snapshot of a network is no longer than this.
const SNAPSHOT_BYTES_MAX: usize = 40_000;
/// As many lines of bins has a snapshot at most, or nearly: of longer cases, a cell takes several bins.
const BIN_LINES: usize = 300;

/// The lines of a run, and its bills beside them.
struct Lines {
    text: String,
    /// Whether sessions are told.
    network: bool,
    /// By flow, viewer and begin of the window.
    bins: BTreeMap<(Name, usize, SimTime), (Vec<Bin>, SimDuration)>,
    rules: Rules,
    bills: Bills,
    costs: Costs,
    /// What the service earned of each account, by its books.
    revenue: BTreeMap<AccountId, Amount>,
}

impl Lines {
    fn new(rules: Rules, network: bool) -> Self {
        let (text, bills, costs) = (String::new(), Bills::default(), Costs::default());
        let (bins, revenue) = (BTreeMap::new(), BTreeMap::new());
        Self { text, network, bins, rules, bills, costs, revenue }
    }

    /// The records, and what viewers saw.
    fn snapshot(mut self) -> String {
        let all: usize = self.bins.values().map(|(window, _)| window.len()).sum();
        let per_cell = all.div_ceil(5 * BIN_LINES).max(1);
        if all > 0 {
            writeln!(self.text, "\n{}; {per_cell} bins a cell", bins::HEAD).unwrap();
        }
        for ((flow, viewer, since), (window, length)) in &self.bins {
            writeln!(self.text, "flow {flow}, viewer {viewer}, from {}", since.wall()).unwrap();
            self.text.push_str(&bins::table(window, *length, per_cell));
        }
        self.text
    }

    /// R11.3: both bills have the money that the books of each account have, to the last decimal.
    fn agree(&self, name: &str) {
        let mut billed: BTreeMap<&AccountId, Amount> = BTreeMap::new();
        for (account, cycle, bill) in self.bills.all() {
            assert!(bill.agrees().unwrap(), "{name}: the bills of {account} for {cycle} differ");
            let total = bill.total().unwrap();
            assert_eq!(total.paid.total().unwrap(), total.due, "{name}: {account} {cycle}");
            let sum = billed.entry(account).or_insert(Amount::zero(total.due.currency()));
            *sum = sum.plus(total.due).unwrap();
        }
        for (account, earned) in &self.revenue {
            let due = billed.get(account).copied().unwrap_or(Amount::zero(earned.currency()));
            assert_eq!(due, *earned, "{name}: the bill of {account} and its books");
        }
    }
}

impl Observer for Lines {
    fn record(&mut self, record: &Record) {
        if self.network || compact::is_business(record) {
            writeln!(self.text, "{}", compact::line(record).unwrap()).unwrap();
        }
        if let Some(event) = record.event() {
            let (at, account) = (record.at, &record.account);
            self.bills.take(&self.rules, at, account, event).unwrap();
            self.costs.take(&self.rules, at, account, event).unwrap();
        }
    }
    fn step(&mut self, run: &Run, _: usize, _: StepOutcome) {
        let accounts = run.world().accounts().iter();
        let earned = |account: &Account| account.ledger.balance(&Book::Revenue);
        self.revenue = accounts.map(|(id, account)| (id.clone(), earned(account))).collect();
        for (flow, viewer, seen) in run.network().into_iter().flat_map(Network::seen) {
            let window = (seen.bins().to_vec(), seen.bin_length);
            self.bins.insert((flow.clone(), viewer, seen.since), window);
        }
    }
}

/// The values of a case as a part of the name of a file.
fn file_name(variables: &str) -> String {
    let safe = |c: char| match c {
        '=' | ',' => '-',
        c if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '@') => c,
        _ => '_',
    };
    variables.chars().map(safe).collect()
}

/// Carries out the cases of one file; answers the names of their snapshots.
fn check(name: &str) -> Vec<String> {
    let path = root("../scenarios/suite").join(format!("{name}{ENDING}"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(SCHEMA_LINE), "{name} begins with `{SCHEMA_LINE}`");
    let file = ScenarioFile::read(&format!("{name}{ENDING}"), text.as_bytes());
    let said = render(file.source(), file.diagnostics(), PLAIN);
    assert!(file.diagnostics().is_empty(), "{said}");
    let (folder, base) = name.split_once('/').unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root("snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut names = Vec::new();
    for number in 0..file.cases() {
        let scenario = file.case(number).unwrap();
        let mut lines =
            Lines::new(scenario.plan.book.rules().unwrap(), scenario.plan.has_network());
        let outcome = run_with(&scenario, &mut lines).unwrap();
        let failures = render(file.source(), &outcome.diagnostics(), PLAIN);
        assert!(outcome.passed(), "{}:\n{failures}", outcome.name);
        assert!(!outcome.verdicts.is_empty(), "{} expects something", outcome.name);
        lines.agree(&outcome.name);
        let text = lines.snapshot();
        let bounded = !scenario.plan.has_network() || text.len() < SNAPSHOT_BYTES_MAX;
        assert!(bounded, "{}: {} bytes", outcome.name, text.len());
        let variables = outcome.name.rsplit_once('[').map(|(_, v)| v.trim_end_matches(']'));
        let case = variables.map_or_else(String::new, |v| format!("-{}", file_name(v)));
        let snapshot = format!("{base}{case}");
        settings.set_description(outcome.title.clone());
        settings.bind(|| insta::assert_snapshot!(snapshot.clone(), text));
        names.push(format!("{folder}/{snapshot}"));
    }
    names
}

#[test]
fn every_case_of_the_suite_passes_and_is_as_its_snapshot_says() {
    let suite = files(&root("../scenarios/suite"), ENDING);
    assert!(suite.len() >= 25, "{} scenarios", suite.len());
    let made: BTreeSet<String> = suite.iter().flat_map(|name| check(name)).collect();
    let held = files(&root("snapshots"), ".snap");
    assert_eq!(held, made, "every snapshot belongs to a case");
}
