//! What good files say, and that no bytes whatever can do harm.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::grammar::{After, BuyDoc, ScenarioDoc, VerbDoc};
use proptest::prelude::*;
use std::path::Path;

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn read(name: &str, text: &str) -> ScenarioFile {
    let file = ScenarioFile::read(name, text.as_bytes());
    assert!(file.diagnostics().is_empty(), "{:?}", file.diagnostics());
    file
}

fn only_case(text: &str) -> ScenarioDoc {
    let file = read("x.yaml", text);
    assert_eq!(file.cases(), 1);
    file.document(0).unwrap()
}

#[test]
fn a_sample_is_read_as_it_is_read_aloud() {
    let document = only_case(&sample("auto-renewal.yaml"));
    let title = document.scenario.good().unwrap();
    assert!(title.as_str().starts_with("auto-renewal debits at 03:00"));
    let start = document.start.good().unwrap();
    assert_eq!(start.get().to_string(), "2024-03-08T15:50:04+08:00");
    let (name, account) = &document.accounts.good().unwrap().entries[0];
    assert_eq!(name.as_str(), "acme");
    let balance = account.good().unwrap().balance.as_ref().unwrap();
    assert_eq!(balance.to_string(), "259.00");
    assert_eq!(document.steps.good().unwrap().len(), 15);
    let buy = first_purchase(&document);
    assert_eq!(buy.term.to_string(), "1 month");
    assert!(buy.auto_renew.unwrap().0);
    let second = document.steps.good().unwrap()[2].good().unwrap();
    let After::Event(kind) = second.after.unwrap().value else { panic!("not an event") };
    assert_eq!(kind.name(), "provisioned");
}

fn first_purchase(document: &ScenarioDoc) -> &BuyDoc {
    let steps = document.steps.good().unwrap();
    let mut verbs = steps.iter().map(|step| &step.good().unwrap().verb);
    verbs.find_map(|v| if let VerbDoc::Buy(buy) = v { Some(buy) } else { None }).unwrap()
}

#[test]
fn places_are_those_of_the_file() {
    let text = sample("auto-renewal.yaml");
    let file = read("x.yaml", &text);
    let document = file.document(0).unwrap();
    let buy = first_purchase(&document);
    assert_eq!(file.source().slice(buy.size.span), "pro-4c8g64g");
    assert_eq!(file.source().slice(buy.head), "buy");
    assert_eq!(file.source().slice(document.start.good().unwrap().span), "2024-03-08 15:50:04");
}

#[test]
fn a_byte_order_mark_and_crlf_change_nothing_but_places() {
    let text = sample("auto-renewal.yaml");
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let file = read("x.yaml", &windows);
    let document = file.document(0).unwrap();
    let buy = first_purchase(&document);
    assert_eq!(file.source().slice(buy.size.span), "pro-4c8g64g");
    assert_eq!(document.steps.good().unwrap().len(), 15);
}

const MATRIX: &str = "\
scenario: a $tier with ${discount}$$
start: 2024-03-08 15:50:04
matrix:
  tier: [V1, V0]
  discount: [0, 10, 5]
accounts:
  acme: { tier: $tier, discount: $discount }
steps: []
";

#[test]
fn cases_come_in_the_order_of_the_variables_names() {
    let file = read("suite/billing/tiers.yaml", MATRIX);
    let names: Vec<String> = (0..file.cases()).map(|i| file.case(i).unwrap().name).collect();
    assert_eq!(
        names,
        [
            "tiers[discount=0,tier=V1]",
            "tiers[discount=0,tier=V0]",
            "tiers[discount=10,tier=V1]",
            "tiers[discount=10,tier=V0]",
            "tiers[discount=5,tier=V1]",
            "tiers[discount=5,tier=V0]",
        ]
    );
    let last = file.document(5).unwrap();
    assert_eq!(last.scenario.good().unwrap().as_str(), "a V0 with 5$");
    let account = last.accounts.good().unwrap().entries[0].1.good().unwrap();
    assert_eq!(account.discount.unwrap().basis_points(), 500);
    assert!(file.case(6).is_none());
    let swapped = MATRIX.replace(
        "  tier: [V1, V0]\n  discount: [0, 10, 5]\n",
        "  discount: [0, 10, 5]\n  tier: [V1, V0]\n",
    );
    let file = read("suite/billing/tiers.yaml", &swapped);
    let again: Vec<String> = (0..file.cases()).map(|i| file.case(i).unwrap().name).collect();
    assert_eq!(names, again);
}

/// Pieces from which files are made that are nearly right.
const PIECES: &[&str] = &[
    "scenario",
    "start",
    "accounts",
    "steps",
    "matrix",
    "buy",
    "expect",
    "silence",
    "phone",
    "p1",
    "at",
    "after",
    "2024-03-08 15:50:04",
    ": ",
    ":",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "&a",
    "*a",
    "<<",
    "!t",
    "$",
    "${",
    "\"",
    "'",
    "#",
    "|",
    ">",
    "?",
    "%",
    "---",
    "...",
    "\t",
    "\r",
    "\u{feff}",
    "\u{0}",
    "é",
    "𝄞",
    "\\",
    "~",
    "null",
    "1",
    "-0.5",
    "@",
    "`",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        show(&bytes);
    }

    #[test]
    fn nearly_right_files_are_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..80)
    ) {
        show(pieces.concat().as_bytes());
    }

}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_damaged_sample_is_read_or_refused(
        at in 0_usize..2000, len in 0_usize..20, piece in prop::sample::select(PIECES)
    ) {
        let mut bytes = sample("everything.yaml").into_bytes();
        let at = at.min(bytes.len());
        let end = (at + len).min(bytes.len());
        bytes.splice(at..end, piece.bytes());
        show(&bytes);
    }
}

/// Reads and shows a file in every form; whoever is given it either has cases or is told why not.
fn show(bytes: &[u8]) {
    let file = ScenarioFile::read("x.yaml", bytes);
    assert_eq!(file.cases() == 0, file.diagnostics().has_errors());
    for index in 0..file.cases() {
        assert!(file.case(index).is_some());
    }
    for form in [Form::Graphical, Form::Ascii, Form::Narrated, Form::Line, Form::Json] {
        let options = RenderOptions { form, color: false, width: 60 };
        let text = render(file.source(), file.diagnostics(), options);
        assert!(!text.is_empty() || file.diagnostics().is_empty());
        assert!(!text.contains("Failed to read contents"), "{text}");
    }
}
