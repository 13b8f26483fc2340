//! The records of the book held against what every record must be.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail loudly")]

use koosim_model::rulebook::{
    Basis, BookError, BookRef, Family, Profile, Rule, RuleId, Rulebook, Settings, SourceKind,
};
use koosim_model::time::{BillingDay, SimDuration};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Longest sentence: what fits on two lines of a terminal.
const SENTENCE_CHARS_MAX: usize = 220;

fn id(text: &str) -> RuleId {
    text.parse().unwrap()
}

fn day(text: &str) -> BillingDay {
    BillingDay::parse(text).unwrap()
}

fn settings(book: &str) -> Settings {
    Rulebook::standard().resolve(book.parse().unwrap(), &[]).unwrap()
}

fn with(book: &str, overrides: &[(&str, &str)]) -> Result<Settings, Vec<BookError>> {
    let overrides: Vec<_> =
        overrides.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Rulebook::standard().resolve(book.parse().unwrap(), &overrides)
}

#[test]
fn the_book_has_exactly_the_listed_rules() {
    let listed: Vec<RuleId> = include_str!("rule-ids.txt").lines().map(id).collect();
    let held: Vec<RuleId> = Rulebook::standard().rules().iter().map(Rule::id).collect();
    assert!(listed.is_sorted_by(|a, b| a < b), "the list is ordered, each id once");
    assert_eq!(held, listed);
    assert_eq!(held.iter().filter(|id| id.family() == Family::R).count(), 101);
}

#[test]
fn every_record_is_written_as_records_are() {
    for rule in Rulebook::standard().rules() {
        let place = rule.id();
        assert!(matches!(rule.title().chars().count(), 4..=60), "{place}: {}", rule.title());
        assert!(!rule.title().ends_with('.'), "{place}: a title is not a sentence");
        for sentence in [rule.says()].into_iter().chain(rule.details().iter().map(String::as_str)) {
            check_sentence(place, sentence);
        }
        assert!(rule.basis() == Basis::Decided || !rule.sources().is_empty(), "{place}: no source");
        if rule.basis() == Basis::Decided {
            assert!(!rule.decisions().is_empty(), "{place}: decided by whom and why?");
        }
        for decision in rule.decisions() {
            check_sentence(place, decision.choice());
            check_sentence(place, decision.reason());
        }
    }
}

fn check_sentence(place: RuleId, sentence: &str) {
    assert!(sentence.ends_with('.') && !sentence.ends_with(".."), "{place}: {sentence}");
    assert!(!sentence.contains(". ") && !sentence.contains('\n'), "{place}: one: {sentence}");
    assert!(sentence.chars().count() <= SENTENCE_CHARS_MAX, "{place}: too long: {sentence}");
    assert!(sentence.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()), "{sentence}");
}

#[test]
fn every_source_can_be_looked_up() {
    for rule in Rulebook::standard().rules() {
        let mut seen = BTreeSet::new();
        for source in rule.sources() {
            let (place, reference) = (rule.id(), source.reference());
            let is_address = reference.starts_with("https://") || reference.starts_with("http://");
            match source.kind() {
                SourceKind::Page | SourceKind::Mirror => {
                    assert!(is_address, "{place}: {reference}");
                }
                SourceKind::Sdk | SourceKind::Document => {
                    assert!(!is_address && reference.contains(' '), "{place}: {reference}");
                }
            }
            assert!(seen.insert(reference), "{place}: {reference} twice");
        }
    }
}

#[test]
fn every_parameter_is_explained_and_every_decided_value_has_a_reason() {
    for parameter in Rulebook::standard().parameters() {
        check_sentence(parameter.rule(), parameter.doc());
        let name = parameter.name();
        let snake = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        assert!(snake && name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
        if let Some(reason) = parameter.reason() {
            check_sentence(parameter.rule(), reason);
        }
        let rule = Rulebook::standard().rule(parameter.rule()).unwrap();
        let explained = parameter.reason().is_some() || !rule.decisions().is_empty();
        let decided = parameter.variants().iter().any(|v| v.basis() == Basis::Decided);
        assert!(!decided || explained, "{}: decided without a reason", parameter.path());
    }
}

/// Where each conflict, question, reading and gap is settled.
#[rustfmt::skip]
const SETTLED: &[(&str, &[&str])] = &[
    ("C1", &["R9.4"]), ("C2", &["R3.5"]), ("C3", &["R2.8"]), ("C4", &["R2.7"]), ("C5", &["R2.9"]),
    ("C6", &["R5.6"]), ("C7", &["R6.4"]), ("C8", &["R6.5"]), ("C9", &["R9.2"]), ("C10", &["R8.2"]),
    ("C11", &["R8.6"]), ("C12", &["R7.4"]), ("C13", &["R9.9"]), ("C14", &["R2.5"]),
    ("C15", &["R7.1"]), ("C16", &["R9.5"]), ("C17", &["R2.4", "R3.5", "R5.2", "R10.5"]),
    ("C18", &["R2.7"]),
    ("Q1", &["R2.5", "R2.8", "R8.2", "R9.2", "R9.5", "R9.9"]), ("Q2", &["R1.9"]),
    ("Q3", &["R9.5"]), ("Q4", &["R9.4", "R9.5"]), ("Q5", &["R2.9"]),
    ("Q6", &["R6.1", "R6.3", "R8.3"]), ("Q7", &["R1.5", "R5.6"]),
    ("Q8", &["R2.13", "R8.4", "R8.5"]), ("Q9", &["R6.8", "R9.4"]), ("Q10", &["R5.6"]),
    ("Q11", &["R3.1", "R3.2"]), ("Q12", &["R6.9"]),
    ("D1", &["R3.5", "R5.2"]), ("D2", &["R9.4"]), ("D3", &["R9.4"]), ("D4", &["R11.4"]),
    ("D5", &["R2.4", "R2.7"]), ("D6", &["R1.4", "R8.3"]), ("D7", &["R2.5", "R2.8"]),
    ("D8", &["R8.5", "R8.7"]), ("D9", &["R5.2"]), ("D10", &["R6.3", "R6.4"]), ("D11", &["R6.7"]),
    ("D12", &["R9.5"]), ("D13", &["R8.4"]), ("D14", &["R1.5"]), ("D15", &["R7.4", "R10.4"]),
    ("G1", &["A1.10", "A1.14"]), ("G2", &["A1.13"]), ("G3", &["P2.8", "P3.7"]), ("G4", &["P2.1"]),
    ("G5", &["A5.3", "A6.11"]), ("G6", &["P1.3", "P2.9"]), ("G7", &["T5.1"]),
    ("W1", &["A3.3", "A3.4", "A3.5", "A3.6", "A3.7", "A3.8"]),
    ("W2", &["A2.6", "A2.7", "A2.8", "A4.1", "A4.4"]), ("W3", &["A1.14", "A2.3", "A2.4"]),
    ("W4", &["A6.6", "A6.7", "A6.13"]), ("W5", &["A6.11"]), ("W6", &["P5.9", "P5.12", "A6.4"]),
];

#[test]
fn every_conflict_and_every_open_question_is_settled_where_it_should_be() {
    let book = Rulebook::standard();
    let settled: Vec<(&str, Vec<String>)> = book
        .labels()
        .iter()
        .map(|label| {
            let settles = |rule: &&Rule| {
                rule.decisions().iter().any(|d| d.settles().any(|name| name == label.name()))
            };
            (
                label.name(),
                book.rules().iter().filter(settles).map(|r| r.id().to_string()).collect(),
            )
        })
        .collect();
    let expected: Vec<(&str, Vec<String>)> = SETTLED
        .iter()
        .map(|(label, rules)| (*label, rules.iter().map(|rule| (*rule).to_owned()).collect()))
        .collect();
    assert_eq!(settled, expected);
    let family = |letter| SETTLED.iter().filter(|(label, _)| label.starts_with(letter)).count();
    assert_eq!(['C', 'Q', 'D', 'G', 'W'].map(family), [18, 12, 15, 7, 6]);
}

/// All values of all books: a change of a value shows here as one line.
#[test]
fn values_of_every_book() {
    let book = Rulebook::standard();
    let mut text = String::new();
    for parameter in book.parameters() {
        let mut shown = Vec::new();
        for profile in Profile::ALL {
            for edition in book.editions() {
                let series = parameter.series(profile, *edition);
                let values = series.iter().map(|v| match v.effective_from() {
                    None => v.value().to_string(),
                    Some(from) => format!("from {from}: {}", v.value()),
                });
                shown.push((format!("{profile}@{edition}"), values.collect::<Vec<_>>().join("; ")));
            }
        }
        let unit = parameter.unit().map(|unit| format!(" [{unit}]")).unwrap_or_default();
        write!(text, "{}{unit}", parameter.path()).unwrap();
        if shown.iter().all(|(_, value)| *value == shown[0].1) {
            writeln!(text, ": {}", shown[0].1).unwrap();
            continue;
        }
        for (place, value) in shown {
            write!(text, "\n    {place}: {value}").unwrap();
        }
        writeln!(text).unwrap();
    }
    insta::assert_snapshot!("values", text);
}

#[test]
fn getters_answer_in_the_kind_they_name() {
    let (cn, intl) = (settings("cn"), settings("intl"));
    let any = day("2025-01-01");
    assert_eq!(cn.word(id("R1.2"), "effective_time", any), Ok("provisioned"));
    assert_eq!(cn.duration(id("R1.9"), "payment_deadline", any), Ok(SimDuration::from_days(7)));
    assert_eq!(cn.integer(id("R6.1"), "first_attempt_days", any), Ok(7));
    let attempt = cn.time_of_day(id("R6.1"), "attempt_time", any).unwrap();
    assert_eq!(attempt.on(day("2024-04-01")).to_string(), "2024-04-01T03:00:00+08:00");
    assert_eq!(cn.decimal(id("R9.9"), "review_above", any).unwrap().to_string(), "50000");
    assert_eq!(cn.flag(id("R9.2"), "five_day_right", any), Ok(true));
    assert_eq!(intl.flag(id("R9.2"), "five_day_right", any), Ok(false));
    let tiers = cn.table(id("R8.2"), "prepaid_grace_days", any).unwrap();
    assert_eq!(
        (tiers.integer("V0"), tiers.integer("V5"), tiers.integer("V9")),
        (Some(1), Some(7), None)
    );
    let all = intl.table(id("R8.2"), "prepaid_grace_days", any).unwrap();
    assert_eq!(all.integer("V3"), Some(15));
}

#[test]
fn the_european_site_follows_the_international_one() {
    let (eu, intl, cn) = (settings("eu"), settings("intl"), settings("cn"));
    assert_eq!(eu.packed(), intl.packed());
    assert_ne!(eu.packed(), cn.packed());
}

#[test]
fn editions_carry_what_the_book_said_then() {
    let any = day("2025-01-01");
    let unit = |book| settings(book).word(id("R9.4"), "time_unit", any).unwrap().to_owned();
    assert_eq!(
        (unit("cn"), unit("cn@2024-02"), unit("eu@2024-02")),
        ("hours".into(), "days".into(), "days".into())
    );
    let review =
        |book| settings(book).decimal(id("R9.9"), "review_above", any).unwrap().to_string();
    assert_eq!((review("intl"), review("intl@2024-02")), ("7000".into(), "1000".into()));
}

#[test]
fn a_dated_value_holds_from_its_day_on() {
    let cn = settings("cn");
    let by = |text| cn.word(id("R11.4"), "cycle_by", day(text)).unwrap();
    assert_eq!((by("2024-05-31"), by("2024-06-01")), ("charge", "consumption"));
}

#[test]
fn overrides_set_values_and_keys_of_tables() {
    let set = with(
        "intl",
        &[
            ("R2.5.deduction_mode", "hourly"),
            ("R8.2.prepaid_grace_days.V0", "3"),
            ("R3.2.price_month", "pro-4c8g64g = 40.00"),
            ("R11.4.cycle_by", "charge"),
        ],
    )
    .unwrap();
    let any = day("2025-01-01");
    assert_eq!(set.word(id("R2.5"), "deduction_mode", any), Ok("hourly"));
    let days = set.table(id("R8.2"), "prepaid_grace_days", any).unwrap();
    assert_eq!((days.integer("V0"), days.integer("V1")), (Some(3), Some(15)));
    let prices = set.table(id("R3.2"), "price_month", any).unwrap();
    assert_eq!(prices.get("pro-4c8g64g").unwrap().to_string(), "40.00");
    assert_eq!(set.word(id("R11.4"), "cycle_by", any), Ok("charge"));
    assert_ne!(set.packed(), settings("intl").packed());
}

#[test]
fn an_override_with_the_default_changes_no_byte() {
    let same = with("cn", &[("R1.9.payment_deadline", "168 h")]).unwrap();
    assert_eq!(same.packed(), settings("cn").packed());
}

#[test]
fn every_value_as_it_is_shown_can_be_given_as_an_override() {
    let rulebook = Rulebook::standard();
    for profile in Profile::ALL {
        let book = BookRef::newest(profile);
        let plain = rulebook.resolve(book, &[]).unwrap();
        for parameter in rulebook.parameters() {
            // An override holds for every day, so it cannot repeat values that change on one.
            if let [always] = parameter.series(profile, book.edition())[..] {
                let shown = (parameter.path().to_owned(), always.value().to_string());
                let same = rulebook.resolve(book, std::slice::from_ref(&shown));
                assert_eq!(same.as_ref(), Ok(&plain), "{shown:?}");
            }
        }
    }
}

#[test]
fn all_wrong_overrides_are_reported_each_with_the_nearest_name() {
    let errors = with(
        "cn",
        &[
            ("R2.5.deduction_lag", "1 h"),
            ("deduction_mode", "hourly"),
            ("R2.5.deduction_mode", "hourley"),
            ("R1.9.payment_deadline", "soon"),
            ("R6.6.times_max", "-1"),
            ("R8.2.prepaid_grace_days.V9", "3"),
            ("R6.1.attempt_time.V9", "3"),
            ("R6.1.attempt_time", "03:00"),
            ("R6.1.attempt_time", "04:00"),
            ("R2.6.powered_off_is_billed", "true"),
        ],
    )
    .unwrap_err();
    let said: Vec<_> = errors.iter().map(BookError::to_string).collect();
    insta::assert_snapshot!("wrong_overrides", said.join("\n"));
}

#[test]
fn a_question_that_makes_no_sense_names_what_would() {
    let any = day("2025-01-01");
    let said = [
        settings("cn").integer(id("R6.1"), "atempt_time", any).unwrap_err().to_string(),
        settings("cn").integer(id("R6.1"), "attempt_time", any).unwrap_err().to_string(),
        settings("eu").table(id("R3.2"), "price_month", any).unwrap_err().to_string(),
        settings("cn").flag(RuleId::new(Family::R, 2, 99), "x", any).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!("wrong_questions", said.join("\n"));
}

#[test]
fn ids_and_references_survive_both_kinds_of_format() {
    let rule = id("R11.7");
    assert_eq!(serde_json::to_string(&rule).unwrap(), "\"R11.7\"");
    assert_eq!(serde_json::from_str::<RuleId>("\"R11.7\"").unwrap(), rule);
    let bytes = postcard::to_stdvec(&rule).unwrap();
    assert_eq!(bytes, [0, 11, 7]);
    assert_eq!(postcard::from_bytes::<RuleId>(&bytes).unwrap(), rule);
    let book: BookRef = "eu@2024-02".parse().unwrap();
    let bytes = postcard::to_stdvec(&book).unwrap();
    assert_eq!(postcard::from_bytes::<BookRef>(&bytes).unwrap(), book);
    assert_eq!(serde_json::to_string(&book).unwrap(), "\"eu@2024-02\"");
    assert_eq!(serde_json::to_string(&Profile::Intl).unwrap(), "\"intl\"");
    assert!(serde_json::from_str::<RuleId>("\"R11\"").is_err());
}
