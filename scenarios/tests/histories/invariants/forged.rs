//! A forged log is noticed: an entry that says something else, or is left out, breaks an invariant or
//! cannot be folded. Every field of every kind of event is tried on a story of the suite that has it.

use super::noticed::CASES;
use super::{Audited, Story, What};
use koosim_model::event::Event;
use koosim_model::money::Currency;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Entries of which a field is forged before it counts as one that nobody looks at.
const TRIED: usize = 4;
/// Entries of a story that is short enough to be read again and again.
const LENGTH_MAX: usize = 120;

/// What may be forged unnoticed, and why.
const FREE: &[(&str, &str)] = &[(
    "review_started.refund",
    "what would come back is said in advance; what does come back is reckoned when it does",
)];

/// The same text with another figure: an amount of one more, an instant a day later.
fn forged_text(text: &str) -> Option<String> {
    let (figure, unit) = text.split_once(' ').unwrap_or((text, ""));
    if ["CNY", "USD", "EUR"].contains(&unit) || unit == Currency::JPY.code() {
        let value: rust_decimal::Decimal = figure.parse().ok()?;
        return Some(format!("{} {unit}", value + rust_decimal::Decimal::ONE));
    }
    let at = koosim_model::time::SimTime::parse_iso(text)?;
    let later = at + koosim_model::time::SimDuration::from_days(1);
    serde_json::to_value(later).ok()?.as_str().map(str::to_owned)
}

/// Every leaf of an event that can say something else: its place, and the event that says so.
fn forgeries(event: &Event) -> Vec<(String, Event)> {
    let whole = serde_json::to_value(event).unwrap();
    let mut found = Vec::new();
    let mut open = vec![(String::new(), String::new())];
    while let Some((pointer, name)) = open.pop() {
        match whole.pointer(&pointer).unwrap() {
            Json::Object(fields) => open.extend(fields.keys().map(|key| {
                let dot = if name.is_empty() { "" } else { "." };
                (format!("{pointer}/{key}"), format!("{name}{dot}{key}"))
            })),
            Json::Array(items) => open
                .extend((0..items.len()).map(|place| (format!("{pointer}/{place}"), name.clone()))),
            Json::Bool(is) => found.push((pointer, name, Json::Bool(!is))),
            Json::Number(number) => {
                let more = number.as_i64().map(|number| Json::from(number + 1));
                found.extend(more.map(|more| (pointer, name, more)));
            }
            Json::String(text) => {
                let other = forged_text(text).map(Json::String);
                found.extend(other.map(|other| (pointer, name, other)));
            }
            Json::Null => {}
        }
    }
    let read = |(pointer, name, other): (String, String, Json)| {
        let mut forged = whole.clone();
        *forged.pointer_mut(&pointer)? = other;
        let forged: Event = serde_json::from_value(forged).ok()?;
        (forged != *event).then_some((name, forged))
    };
    found.into_iter().filter_map(read).collect()
}

/// Whether the story with another entry at a place, or none, is noticed.
fn is_noticed(story: &Story, place: usize, entry: Option<Event>) -> bool {
    let mut forged = story.clone();
    match entry {
        Some(event) => forged.told[place].what = What::Happened(event),
        None => drop(forged.told.remove(place)),
    }
    // An auditor who looks for what must have been told before, and does not find it, stops.
    let found = std::panic::catch_unwind(|| {
        let mut audited = Audited::default();
        audited.read(&forged);
        audited.0.values().any(|tally| !tally.breaches.is_empty())
    });
    found.unwrap_or(true)
}

#[test]
fn a_forged_entry_is_noticed() {
    // By kind and field: how often it was tried, and whether it was noticed.
    let mut seen: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    let mut stories: Vec<&Story> = CASES.iter().flat_map(|case| &case.stories).collect();
    stories.retain(|story| story.told.len() <= LENGTH_MAX);
    stories.sort_by_key(|story| story.told.len());
    for story in stories {
        for (place, told) in story.told.iter().enumerate() {
            let What::Happened(event) = &told.what else { continue };
            if matches!(event, Event::AccountOpened(_)) {
                continue;
            }
            let mut tries: Vec<_> =
                forgeries(event).into_iter().map(|(name, event)| (name, Some(event))).collect();
            tries.push((format!("{} left out", event.kind()), None));
            for (name, entry) in tries {
                let (tried, noticed) = seen.entry(name).or_default();
                if !*noticed && *tried < TRIED {
                    *tried += 1;
                    *noticed = is_noticed(story, place, entry);
                }
            }
        }
    }
    assert!(FREE.iter().all(|(_, reason)| !reason.is_empty()));
    let free: Vec<_> = FREE.iter().map(|(name, _)| *name).collect();
    let unnoticed = seen.iter().filter(|(_, (_, noticed))| !noticed).map(|(name, _)| name);
    let unnoticed: Vec<_> = unnoticed.map(String::as_str).collect();
    assert_eq!(unnoticed, free, "what can be forged unnoticed, against what is known to be free");
}
