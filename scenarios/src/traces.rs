//! Traces of capacity by name: those that come with the format, and those that a caller gives.

use koosim_engine::net::trace::{Idle, TraceError, mahimahi, rates, sabre};
use koosim_engine::net::{Afterwards, Capacity};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most bytes of one trace, and of all together that a caller gives.
pub use koosim_engine::net::trace::TRACE_BYTES_MAX;

/// The folder under which traces stand that a caller gives.
pub const GIVEN: &str = "given";

/// The traces of `scenarios/traces`, by folder and file.
macro_rules! own {
    ($($name:literal),* $(,)?) => {
        const OWN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../traces/", $name)))),*];
    };
}

own! {
    "fcc/trace0000.json",
    "fcc/trace0111.json",
    "fcc/trace0222.json",
    "fcc/trace0333.json",
    "generated/triangle.mahi",
    "hsdpa-norway/report.2010-09-13_1003CEST.json",
    "hsdpa-norway/report.2010-09-29_1823CEST.json",
    "hsdpa-norway/report.2010-12-16_1100CET.json",
    "lte-ghent/report_bus_0001.json",
    "lte-ghent/report_car_0001.json",
    "lte-ghent/report_foot_0001.json",
    "lte-ghent/report_train_0001.json",
    "lumos5g/4g_trace_driving_50015_dr",
    "lumos5g/4g_trace_walking_50007_c",
    "lumos5g/5g_trace_100_walking",
    "lumos5g/5g_trace_103_driving",
    "lumos5g/5g_trace_111_walking",
    "lumos5g/5g_trace_118_driving",
    "rrc-rtt/S20US_162_Verizon_4G.csv",
    "rrc-rtt/SALMONBERRY_299_Verizon_NSAmmwave.csv",
}

/// Traces by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// By the name of the file.
    given: Arc<BTreeMap<String, String>>,
}

impl Traces {
    /// Those that come with the format, and these under [`GIVEN`], by the names of their files.
    pub fn with(given: BTreeMap<String, String>) -> Self {
        Self { given: Arc::new(given) }
    }
    /// The text of a trace.
    pub fn text(&self, name: &str) -> Option<&str> {
        let given = name.strip_prefix(GIVEN).and_then(|rest| rest.strip_prefix('/'));
        match given {
            Some(file) => self.given.get(file).map(String::as_str),
            None => OWN.iter().find(|(own, _)| *own == name).map(|(_, text)| *text),
        }
    }
    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let own = OWN.iter().map(|(name, _)| (*name).to_owned());
        own.chain(self.given.keys().map(|file| format!("{GIVEN}/{file}")))
    }
}

/// The capacity of a trace, which begins again at its end. Its format is told by its first line: a JSON
/// list, `seconds Mbit/s`, or mahimahi's milliseconds.
pub fn capacity(text: &str) -> Result<Capacity, TraceError> {
    let first = text.trim_start();
    if first.starts_with('[') {
        return sabre(text, Afterwards::Repeat).map(|trace| Capacity::Steps(trace.steps));
    }
    let line = first.lines().next().unwrap_or_default();
    if line.split_whitespace().nth(1).is_some() {
        return rates(text, Afterwards::Repeat).map(Capacity::Steps);
    }
    mahimahi(text).map(Capacity::Opportunities)
}

/// The sleep of a radio, from measured round trips.
pub fn radio(text: &str) -> Result<Idle, TraceError> {
    Idle::read(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trace_of_ours_can_be_used() {
        for name in Traces::default().names() {
            let text = Traces::default().text(&name).unwrap().to_owned();
            if name.starts_with("rrc-rtt/") {
                assert!(radio(&text).is_ok_and(|idle| !idle.replies().is_empty()), "{name}");
            } else {
                assert!(capacity(&text).is_ok(), "{name}");
            }
        }
        assert_eq!(Traces::default().text("given/x"), None);
        assert_eq!(Traces::default().text("lte-ghent"), None);
    }

    #[test]
    fn what_a_caller_gives_has_a_folder_of_its_own() {
        let given = BTreeMap::from([("up.pps".to_owned(), "1\n2\n4\n".to_owned())]);
        let traces = Traces::with(given);
        let text = traces.text("given/up.pps").unwrap();
        assert!(matches!(capacity(text), Ok(Capacity::Opportunities(_))));
        assert!(traces.names().any(|name| name == "given/up.pps"));
    }
}
