//! What happened lately to an account and to each of its phones, so that a divergence can be read in
//! its context. Bounded for each, so that memory grows with what lives and not with the log.

use koosim_engine::record::{Record, What};
use koosim_model::name::PhoneId;
use std::collections::{BTreeMap, VecDeque};

/// Entries kept for each phone, and for the account beside its phones.
const KEPT: usize = 12;

/// A bounded past.
#[derive(Clone, Debug, Default)]
struct Past {
    entries: VecDeque<(u64, Record)>,
}

impl Past {
    fn add(&mut self, line: u64, record: &Record) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back((line, record.clone()));
    }
}

/// The past of one account.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    account: Past,
    phones: BTreeMap<PhoneId, Past>,
}

impl History {
    /// Keeps a record.
    pub(crate) fn add(&mut self, line: u64, record: &Record) {
        let phones = record.event().map_or(&[][..], |event| event.phones());
        if phones.is_empty() || matches!(record.what, What::Command(_)) {
            self.account.add(line, record);
        }
        for phone in phones {
            self.phones.entry(phone.clone()).or_default().add(line, record);
        }
    }
    /// Forgets phones that do not live any more.
    pub(crate) fn retain(&mut self, lives: impl Fn(&PhoneId) -> bool) {
        self.phones.retain(|phone, _| lives(phone));
    }
    /// The account's past and that of `phones`, oldest first, each record with its line.
    pub(crate) fn of(&self, phones: &[PhoneId]) -> Vec<(u64, Record)> {
        let pasts = phones.iter().filter_map(|phone| self.phones.get(phone));
        let mut entries: Vec<_> = self.account.entries.iter().cloned().collect();
        entries.extend(pasts.flat_map(|past| past.entries.iter().cloned()));
        entries.sort_by_key(|(line, _)| *line);
        entries.dedup_by_key(|(line, _)| *line);
        entries
    }
}
