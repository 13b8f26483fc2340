//! The table of operations and its readings as they are written.

use super::operation::{Door, Operation, ReadOnly, Trust};
use crate::access::policy::Action;
use serde::Deserialize;
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../../data/permissions-matrix.json");
const READINGS: &str = include_str!("../../../data/permission-readings.toml");
/// The product's name in actions.
pub(super) const SERVICE: &str = "koophone";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableDoc {
    #[expect(dead_code, reason = "said for readers of the file")]
    sources: serde_json::Value,
    console: Vec<ConsoleDoc>,
    interface: Vec<InterfaceDoc>,
}

#[derive(Deserialize)]
struct ConsoleDoc {
    id: String,
    en: String,
    administrator: bool,
    read_only: bool,
}

#[derive(Deserialize)]
struct InterfaceDoc {
    sdk: String,
    api: Option<String>,
    action: Option<String>,
    access_level: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingsDoc {
    console: BTreeMap<String, ReadingDoc>,
    interface: BTreeMap<String, ReadingDoc>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ReadingDoc {
    does: Option<String>,
    part_of: Option<String>,
    reads: bool,
    also: Option<String>,
    trust: Vec<TrustDoc>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TrustDoc {
    Phones,
    Network,
    Storage,
}

impl ReadingDoc {
    fn trust(&self) -> Vec<Trust> {
        let of = |doc: &TrustDoc| match doc {
            TrustDoc::Phones => Trust::Phones,
            TrustDoc::Network => Trust::Network,
            TrustDoc::Storage => Trust::Storage,
        };
        self.trust.iter().map(of).collect()
    }
}

/// All operations, those of the console first, in the order of the table.
pub(super) fn operations() -> Result<Vec<Operation>, String> {
    let table: TableDoc = serde_json::from_str(TABLE).map_err(|error| error.to_string())?;
    let readings: ReadingsDoc = toml::from_str(READINGS).map_err(|error| error.to_string())?;
    let console_ids = || table.console.iter().map(|doc| doc.id.as_str());
    let calls = || table.interface.iter().map(|doc| doc.sdk.as_str());
    for (id, reading) in &readings.console {
        known(id, console_ids())?;
        reading.does.as_deref().map_or(Ok(()), |call| known(call, calls()))?;
    }
    for (call, reading) in &readings.interface {
        known(call, calls())?;
        reading.part_of.as_deref().map_or(Ok(()), |id| known(id, console_ids()))?;
    }
    let console = table.console.iter().map(|doc| of_console(doc, &table, &readings));
    let interface = table.interface.iter().map(|doc| of_interface(doc, &table, &readings));
    console.chain(interface).collect()
}

fn known<'n>(name: &str, mut names: impl Iterator<Item = &'n str>) -> Result<(), String> {
    if names.any(|known| known == name) { Ok(()) } else { Err(format!("no operation `{name}`")) }
}

fn of_console(
    doc: &ConsoleDoc,
    table: &TableDoc,
    readings: &ReadingsDoc,
) -> Result<Operation, String> {
    let reading = readings.console.get(&doc.id).cloned().unwrap_or_default();
    let published = reading.does.as_ref().and_then(|call| {
        table.interface.iter().find(|doc| doc.sdk == *call).and_then(|doc| doc.action.as_deref())
    });
    Ok(Operation {
        name: doc.id.clone(),
        other_name: None,
        title: doc.en.clone(),
        door: Door::Console,
        action: action(published, &doc.id)?,
        also: None,
        administrator: doc.administrator,
        read_only: if doc.read_only { ReadOnly::Has } else { ReadOnly::Lacks },
        trust: reading.trust(),
        access_level: None,
    })
}

fn of_interface(
    doc: &InterfaceDoc,
    table: &TableDoc,
    readings: &ReadingsDoc,
) -> Result<Operation, String> {
    let reading = readings.interface.get(&doc.sdk).cloned().unwrap_or_default();
    let belongs_to = |of: &&ConsoleDoc| reading.part_of.as_ref() == Some(&of.id);
    let read_only = match table.console.iter().find(belongs_to) {
        Some(of) if of.read_only => ReadOnly::Has,
        None if reading.reads => ReadOnly::OtherRead,
        Some(_) | None => ReadOnly::Lacks,
    };
    let named = action(doc.action.as_deref(), &doc.sdk)?;
    let also = match &reading.also {
        Some(text) => Some(named.clone().also_spelled(text).map_err(|error| error.to_string())?),
        None => None,
    };
    Ok(Operation {
        name: doc.sdk.clone(),
        other_name: doc.api.clone(),
        title: doc.api.clone().unwrap_or_else(|| doc.sdk.clone()),
        door: Door::Interface,
        action: named,
        also,
        // The role has everything that the product supports.
        administrator: true,
        read_only,
        trust: reading.trust(),
        access_level: doc.access_level.clone(),
    })
}

fn action(published: Option<&str>, name: &str) -> Result<Action, String> {
    match published {
        Some(text) => Action::parse(text).map_err(|error| error.to_string()),
        None => Ok(Action::unpublished(SERVICE, name)),
    }
}
