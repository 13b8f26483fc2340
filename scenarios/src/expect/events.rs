//! Expectations of events, refusals and silence, among what happened at an instant.

use super::compare::{matches, seen_words, words};
use super::{EventExpectation, RefusalExpectation};
use koosim_engine::record::{Record, Refused, What};
use koosim_model::time::SimTime;
use serde_json::Value;
use std::collections::BTreeMap;

/// How refusals are counted among kinds of events.
pub(super) const REFUSAL: &str = "a refusal";
/// How many things a message lists before it stops.
const MAX_LISTED: usize = 5;

/// One event or refusal of the current instant.
#[derive(Debug)]
pub(super) struct Happened {
    pub(super) record: Record,
    /// Whether an expectation names it.
    pub(super) named: bool,
    /// Which command of the plan was the last before it, from 0.
    pub(super) command: Option<usize>,
}

impl Happened {
    /// The kind of the event, or that it is a refusal.
    pub(super) fn kind(&self) -> &'static str {
        self.record.event().map_or(REFUSAL, |event| event.kind())
    }
    pub(super) fn refusal(&self) -> Option<&Refused> {
        match &self.record.what {
            What::Refusal(refused) => Some(refused),
            What::Command(_) | What::Draw(_) | What::Event(_) | What::Sight(_) => None,
        }
    }
}

/// Checks for an event among those of the instant `at`, and marks those that it names. `last` holds
/// when each kind happened last before this instant.
pub(super) fn event(
    expected: &EventExpectation,
    happened: &mut [Happened],
    at: SimTime,
    last: &BTreeMap<&'static str, SimTime>,
) -> Result<(), String> {
    let kind = expected.kind;
    let mut count = 0_u64;
    let mut nearest: Option<Vec<String>> = None;
    for one in happened.iter_mut().filter(|one| one.kind() == kind) {
        let different = differences(expected, &one.record);
        if different.is_empty() {
            one.named = true;
            count += 1;
        } else if nearest.as_ref().is_none_or(|least| different.len() < least.len()) {
            nearest = Some(different);
        }
    }
    match expected.times {
        Some(times) if times == count => Ok(()),
        Some(times) => Err(format!("`{kind}` as written: expected {times} times, seen {count}")),
        None if count > 0 => Ok(()),
        None => Err(match nearest {
            Some(different) => format!("`{kind}` happened otherwise: {}", different.join("; ")),
            None => missing(kind, happened, at, last),
        }),
    }
}

fn missing(
    kind: &str,
    happened: &[Happened],
    at: SimTime,
    last: &BTreeMap<&'static str, SimTime>,
) -> String {
    let before = match last.get(kind) {
        Some(last) => format!("the last was at {}", last.wall()),
        None => "there was none before".to_owned(),
    };
    let kinds: Vec<_> = happened.iter().map(Happened::kind).collect();
    let seen = if kinds.is_empty() { "nothing".to_owned() } else { listed(&kinds) };
    format!("no `{kind}` at {}; {before}; seen at this instant: {seen}", at.wall())
}

fn differences(expected: &EventExpectation, record: &Record) -> Vec<String> {
    let mut out = vec![];
    let mut check = |what: &str, same: bool, expected: String, seen: String| {
        if !same {
            out.push(format!("{what}: expected {expected}, seen {seen}"));
        }
    };
    if let Some(account) = &expected.account {
        let seen = &record.account;
        check("account", account == seen, account.to_string(), seen.to_string());
    }
    let Some(event) = record.event() else { return out };
    if let Some(phone) = &expected.phone {
        let phones = event.phones();
        let seen: Vec<_> = phones.iter().map(ToString::to_string).collect();
        check("of", phones.contains(phone), phone.to_string(), seen.join(", "));
    }
    if let Some(rule) = expected.rule {
        let seen: Vec<_> = record.rules().iter().map(ToString::to_string).collect();
        check("rule", record.rules().contains(&rule), rule.to_string(), seen.join(", "));
    }
    // An event is one key with its fields.
    let value = serde_json::to_value(event).unwrap_or(Value::Null);
    let fields = value.get(expected.kind);
    for (name, expected) in &expected.fields {
        let seen = fields.and_then(|fields| fields.get(name)).unwrap_or(&Value::Null);
        check(name, matches(expected, seen), words(expected), seen_words(seen));
    }
    out
}

/// Checks for a refusal among those of the instant, and marks those that it names.
pub(super) fn refusal(
    expected: &RefusalExpectation,
    happened: &mut [Happened],
    at: SimTime,
) -> Result<(), String> {
    let mut found = false;
    let mut others = vec![];
    for one in happened {
        let Some(refused) = one.refusal() else { continue };
        let (reason, rules) = (refused.reason.name(), one.record.rules());
        let same = reason == expected.reason
            && expected.account.as_ref().is_none_or(|account| *account == one.record.account)
            && expected.rule.is_none_or(|rule| rules.contains(&rule))
            && expected
                .because
                .as_ref()
                .is_none_or(|said| refused.reason.to_string().contains(said));
        if same {
            one.named = true;
            found = true;
        } else {
            let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
            let (said, account) = (&refused.reason, &one.record.account);
            others.push(format!("`{reason}` ({said}) by {} to `{account}`", rules.join(", ")));
        }
    }
    match (found, others.is_empty()) {
        (true, _) => Ok(()),
        (false, true) => Err(format!("nothing was refused at {}", at.wall())),
        (false, false) => {
            Err(format!("expected `{}`, seen {}", expected.reason, others.join(" and ")))
        }
    }
}

/// Checks that nothing happened but what is named: neither at this instant nor since the last one at
/// which a step stood.
pub(super) fn silence(
    except: &[&'static str],
    earlier: &BTreeMap<&'static str, (u64, SimTime)>,
    happened: &[Happened],
) -> Result<(), String> {
    let mut found: Vec<String> = vec![];
    for (kind, (count, first)) in earlier {
        if !except.contains(kind) {
            let more = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            found.push(format!("`{kind}` at {}{more}", first.wall()));
        }
    }
    let now = happened.iter().filter(|one| !one.named && !except.contains(&one.kind()));
    found.extend(now.map(|one| format!("`{}` at {}", one.kind(), one.record.at.wall())));
    if found.is_empty() {
        return Ok(());
    }
    let rest = found.len().saturating_sub(MAX_LISTED);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    found.truncate(MAX_LISTED);
    Err(format!("there is no silence: {}{more}", found.join(", ")))
}

fn listed(kinds: &[&str]) -> String {
    let shown: Vec<_> = kinds.iter().take(MAX_LISTED).map(|kind| format!("`{kind}`")).collect();
    let rest = kinds.len().saturating_sub(MAX_LISTED);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
