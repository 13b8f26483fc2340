//! Cases carried out: what passes, and what is said of what does not.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::expect::{Outcome, run};
use koosim_scenarios::file::ScenarioFile;
use std::path::Path;

const PLAIN: RenderOptions = RenderOptions { form: Form::Graphical, color: false, width: 100 };

fn read(name: &str) -> (ScenarioFile, Vec<Outcome>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let file = ScenarioFile::read(name, &std::fs::read(path).unwrap());
    let shown = render(file.source(), file.diagnostics(), PLAIN);
    assert!(file.diagnostics().is_empty(), "{shown}");
    let outcomes = (0..file.cases()).map(|i| run(&file.case(i).unwrap()).unwrap()).collect();
    (file, outcomes)
}

fn failures(file: &ScenarioFile, outcome: &Outcome) -> String {
    render(file.source(), &outcome.diagnostics(), PLAIN)
}

#[test]
fn samples_pass_and_pass_again_with_the_same_digest() {
    for (name, cases) in [("samples/auto-renewal.yaml", 1), ("samples/everything.yaml", 6)] {
        let (file, outcomes) = read(name);
        assert_eq!(outcomes.len(), cases);
        for outcome in &outcomes {
            assert!(outcome.passed(), "{}:\n{}", outcome.name, failures(&file, outcome));
            assert!(!outcome.verdicts.is_empty());
        }
        assert_eq!(read(name).1, outcomes);
    }
}

#[test]
fn the_order_of_accounts_and_keys_changes_nothing() {
    let text = |accounts: &str, buy: &str| {
        format!(
            "scenario: x\nstart: 2024-03-08 15:50:04\naccounts:\n{accounts}steps:\n  - buy: {buy}\n"
        )
    };
    let case = |text: String| ScenarioFile::read("x.yaml", text.as_bytes()).case(0).unwrap();
    let one = case(text(
        "  a: { tier: V1, balance: 500 }\n  b: { credit: 5 }\n",
        "{ phone: p1, account: a, size: pro-4c8g64g, term: 1 month }",
    ));
    let other = case(text(
        "  b: { credit: 5.00 }\n  a: { balance: 500.0, tier: V1 }\n",
        "{ term: 1 months, size: pro-4c8g64g, account: a, phone: p1 }",
    ));
    assert_eq!(one.plan, other.plan);
    assert_eq!(run(&one).unwrap().summary, run(&other).unwrap().summary);
}

#[test]
fn failed_expectations_say_what_was_expected_and_what_was_seen() {
    let (file, outcomes) = read("failing/expectations.yaml");
    let [outcome] = &*outcomes else { panic!("one case") };
    assert!(!outcome.passed());
    insta::assert_snapshot!(failures(&file, outcome));
}

#[test]
fn a_wait_in_vain_ends_the_run_and_leaves_the_rest_unreached() {
    let (file, outcomes) = read("failing/waiting.yaml");
    let [outcome] = &*outcomes else { panic!("one case") };
    assert_eq!(outcome.unreached, 2);
    assert!(!outcome.passed());
    insta::assert_snapshot!(failures(&file, outcome));
}

#[test]
fn what_happens_unnamed_is_no_silence() {
    let (file, outcomes) = read("failing/silence.yaml");
    let [outcome] = &*outcomes else { panic!("one case") };
    insta::assert_snapshot!(failures(&file, outcome));
}

#[test]
fn another_seed_draws_other_instants_and_keeps_the_plan() {
    let (file, outcomes) = read("samples/everything.yaml");
    let scenario = file.case(0).unwrap();
    assert_eq!(scenario.seed, Some(7));
    let other = scenario.clone().with_seed(8);
    assert_eq!(other.plan.digest().unwrap(), scenario.plan.digest().unwrap());
    let outcome = run(&other).unwrap();
    assert!(outcome.passed(), "{}", failures(&file, &outcome));
    assert_ne!(outcome.summary.digest, outcomes[0].summary.digest);
}
