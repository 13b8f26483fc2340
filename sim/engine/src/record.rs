//! One entry of the log. The observable half is what an outsider could have seen; the internal half
//! says where the entry stands and why. A judge needs only the first.

use crate::path::sight::Sight;
use koosim_model::command::Command;
use koosim_model::decision::{Reason, TimerKey, Window};
use koosim_model::event::Event;
use koosim_model::name::{AccountId, RequestId};
use koosim_model::rulebook::RuleId;
use koosim_model::time::SimTime;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How fine an entry is. A run logs its level and every coarser one, and hashes what it logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Accounts, orders, phones and money.
    #[default]
    Business,
    /// Streaming sessions.
    Session,
    /// Single frames.
    Frame,
    /// Single packets.
    Packet,
}

/// What an entry says; the five kinds of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Somebody asked for something.
    Command(Command),
    /// Chance chose one of several allowed instants.
    Draw(Draw),
    /// Something happened.
    Event(Event),
    /// A command was refused, and nothing happened.
    Refusal(Refused),
    /// Something was seen of a picture on its way.
    Sight(Box<Sight>),
}

/// The instant that chance chose for a timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// Which timer.
    pub timer: TimerKey,
    /// The instants that were allowed.
    pub window: Window,
    /// The instant taken.
    pub at: SimTime,
}

/// The answer to a refused command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The caller's name for the request, given back.
    #[serde(default)]
    pub request: Option<RequestId>,
    /// Why.
    pub reason: Reason,
}

/// The internal half of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inside {
    /// Position in the run, from 0.
    pub sequence: u64,
    /// How fine the entry is.
    pub class: Class,
    /// The rules that caused it, the deciding one first; none for commands and draws.
    pub rules: Cow<'static, [RuleId]>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When.
    pub at: SimTime,
    /// To which account.
    pub account: AccountId,
    /// What.
    pub what: What,
    /// The internal half; a log that somebody else wrote has none.
    #[serde(default)]
    pub inside: Option<Inside>,
}

/// A record in the hands of whoever made it: what it says is borrowed.
#[derive(Clone, Copy, Debug)]
pub struct RecordRef<'a> {
    /// When.
    pub at: SimTime,
    /// To which account.
    pub account: &'a AccountId,
    /// What.
    pub what: WhatRef<'a>,
    /// The internal half; a log that somebody else wrote has none.
    pub inside: Option<&'a Inside>,
}

/// What a borrowed record says. Packed it has the bytes of [`What`].
#[derive(Clone, Copy, Debug, Serialize)]
pub enum WhatRef<'a> {
    /// Somebody asked for something.
    Command(&'a Command),
    /// Chance chose one of several allowed instants.
    Draw(&'a Draw),
    /// Something happened.
    Event(&'a Event),
    /// A command was refused, and nothing happened.
    Refusal(&'a Refused),
    /// Something was seen of a picture on its way.
    Sight(&'a Sight),
}

impl RecordRef<'_> {
    /// A record of its own.
    pub fn to_record(&self) -> Record {
        let what = match self.what {
            WhatRef::Command(command) => What::Command(command.clone()),
            WhatRef::Draw(draw) => What::Draw(draw.clone()),
            WhatRef::Event(event) => What::Event(event.clone()),
            WhatRef::Refusal(refused) => What::Refusal(refused.clone()),
            WhatRef::Sight(sight) => What::Sight(Box::new(sight.clone())),
        };
        Record { at: self.at, account: self.account.clone(), what, inside: self.inside.cloned() }
    }
    /// The event, if the entry is one.
    pub fn event(&self) -> Option<&Event> {
        match self.what {
            WhatRef::Event(event) => Some(event),
            WhatRef::Command(_) | WhatRef::Draw(_) | WhatRef::Refusal(_) | WhatRef::Sight(_) => {
                None
            }
        }
    }
}

impl Record {
    /// The record, borrowed.
    pub fn borrow(&self) -> RecordRef<'_> {
        let what = match &self.what {
            What::Command(command) => WhatRef::Command(command),
            What::Draw(draw) => WhatRef::Draw(draw),
            What::Event(event) => WhatRef::Event(event),
            What::Refusal(refused) => WhatRef::Refusal(refused),
            What::Sight(sight) => WhatRef::Sight(sight),
        };
        RecordRef { at: self.at, account: &self.account, what, inside: self.inside.as_ref() }
    }
    /// The rules that caused the entry, as far as the log says.
    pub fn rules(&self) -> &[RuleId] {
        self.inside.as_ref().map_or(&[], |inside| &inside.rules)
    }
    /// The event, if the entry is one.
    pub fn event(&self) -> Option<&Event> {
        match &self.what {
            What::Event(event) => Some(event),
            What::Command(_) | What::Draw(_) | What::Refusal(_) | What::Sight(_) => None,
        }
    }
}
