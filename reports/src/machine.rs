//! What became of a run of scenarios, for programs: JSON and JUnit. Nothing in them depends on the
//! time or the machine of the run.

use crate::run::{Case, Failure, Totals, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Layout of the JSON form.
const VERSION: u32 = 1;

/// All cases and their sums as JSON.
pub fn json(cases: &[Case]) -> Json {
    let totals = Totals::of(cases);
    json!({
        "version": VERSION,
        "scenarios": cases.iter().map(json_case).collect::<Vec<_>>(),
        "summary": {
            "scenarios": totals.cases(),
            "passed": totals.passed,
            "failed": totals.failed,
            "differ": totals.differ,
            "stopped": totals.stopped,
            "covered_s": totals.covered_s,
            "events": totals.events,
        },
    })
}

fn json_case(case: &Case) -> Json {
    json!({
        "name": case.name,
        "title": case.title,
        "file": case.file,
        "verdict": case.verdict.name(),
        "failures": failures(&case.verdict).iter().map(json_failure).collect::<Vec<_>>(),
        "seed": case.seed,
        "start": case.start,
        "end": case.end,
        "covered_s": case.covered().floor_secs(),
        "events": case.events,
        "digest": case.digest,
        "rules": case.rules,
        "again": case.again,
    })
}

fn json_failure(failure: &Failure) -> Json {
    json!({ "place": failure.place, "message": failure.message })
}

/// What went wrong, if anything, each with its place.
fn failures(verdict: &Verdict) -> Vec<Failure> {
    match verdict {
        Verdict::Passed => Vec::new(),
        Verdict::Failed(failures) => failures.clone(),
        Verdict::Differs(why) | Verdict::Stopped(why) => {
            let (place, detail) = (String::new(), String::new());
            vec![Failure { place, message: why.clone(), detail }]
        }
    }
}

/// All cases as JUnit XML: a suite for each file.
pub fn junit(cases: &[Case]) -> Result<String, quick_junit::SerializeError> {
    let mut suites: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        suites.entry(&case.file).or_default().push(case);
    }
    let mut report = Report::new("koosim");
    for (file, cases) in suites {
        let mut suite = TestSuite::new(file);
        suite.add_test_cases(cases.into_iter().map(junit_case));
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn junit_case(case: &Case) -> TestCase {
    let kind = match case.verdict {
        Verdict::Passed => None,
        Verdict::Failed(_) => Some(NonSuccessKind::Failure),
        Verdict::Differs(_) | Verdict::Stopped(_) => Some(NonSuccessKind::Error),
    };
    let status = kind.map_or_else(TestCaseStatus::success, |kind| {
        let found = failures(&case.verdict);
        let mut status = TestCaseStatus::non_success(kind);
        let first = found.first().map_or("", |failure| failure.message.as_str());
        let lines = found.iter().map(|failure| match failure.place.as_str() {
            "" => format!("{}\n", failure.message),
            place => format!("{place}: {}\n", failure.message),
        });
        let again = format!("again: {}\n", case.again);
        status.set_message(first).set_description(lines.chain([again]).collect::<String>());
        status
    });
    let mut test = TestCase::new(&case.name, status);
    test.set_classname(&case.file);
    test
}
