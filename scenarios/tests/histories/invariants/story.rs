//! A told log as an auditor reads it: what was asked and what happened to one account, with the rules
//! that each entry names, under the rulebook that the auditor holds.

use koosim_engine::record::{Record, What as Said};
use koosim_model::apply::apply;
use koosim_model::command::{Command, Op};
use koosim_model::decision::{Fault, Reason};
use koosim_model::event::Event;
use koosim_model::name::AccountId;
use koosim_model::rulebook::{RuleId, Table, Value};
use koosim_model::rules::Rules;
use koosim_model::state::Account;
use koosim_model::time::{SimDuration, SimTime};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What one entry says.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every entry is an event")]
pub(crate) enum What {
    /// Somebody asked for something.
    Asked(Box<Command>),
    /// That was refused.
    Refused(Reason),
    /// Something happened.
    Happened(Event),
    /// The story is over; everything that was due by now has happened.
    Over,
}

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) at: SimTime,
    pub(crate) what: What,
    pub(crate) rules: Vec<RuleId>,
}

/// Everything that was told of one account.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) name: String,
    pub(crate) account: AccountId,
    /// The rulebook and the catalogue by which it is judged.
    pub(crate) rules: Rules,
    /// Those under which it was told, and by which its bills are drawn up; the same but in a test that
    /// the difference is noticed.
    pub(crate) told_by: Rules,
    /// Whether instants that the rules leave open were drawn; defaults otherwise.
    pub(crate) drawn: bool,
    pub(crate) told: Vec<Told>,
}

impl Story {
    /// The stories of the accounts of a run that ended at `end`.
    pub(crate) fn of_run(
        name: &str,
        rules: &Rules,
        drawn: bool,
        records: &[Record],
        end: SimTime,
    ) -> Vec<Self> {
        let mut stories: BTreeMap<AccountId, Self> = BTreeMap::new();
        for record in records {
            let what = match &record.what {
                Said::Command(command) => What::Asked(Box::new(command.clone())),
                Said::Refusal(refused) => What::Refused(refused.reason.clone()),
                Said::Event(event) => What::Happened(event.clone()),
                Said::Draw(_) | Said::Sight(_) => continue,
            };
            let account = record.account.clone();
            let story = stories.entry(account.clone()).or_insert_with(|| Self {
                name: format!("{name}, {account}"),
                account,
                rules: rules.clone(),
                told_by: rules.clone(),
                drawn,
                told: Vec::new(),
            });
            let rules = record.rules().to_vec();
            story.told.push(Told { at: record.at, what, rules });
        }
        let over = Told { at: end, what: What::Over, rules: Vec::new() };
        let mut stories: Vec<Self> = stories.into_values().collect();
        stories.iter_mut().for_each(|story| story.told.push(over.clone()));
        stories
    }

    /// Shows every entry to `look`, each with the state before it, as long as they can be folded.
    pub(crate) fn walk(&self, mut look: impl FnMut(&Moment<'_>)) -> Result<(), Fault> {
        let mut account: Option<Account> = None;
        // The same account, one entry ahead: folding twice is dear, copying at every entry dearer.
        let mut folded: Option<Account> = None;
        for (place, told) in self.told.iter().enumerate() {
            let fault = fold(&mut folded, told);
            if let (Some(account), Some(folded)) = (&account, &folded) {
                let folded = if fault.is_ok() { folded } else { account };
                let (at, rules) = (told.at, &told.rules[..]);
                look(&Moment { story: self, place, at, what: &told.what, rules, account, folded });
            }
            fault?;
            fold(&mut account, told)?;
        }
        Ok(())
    }
}

fn fold(account: &mut Option<Account>, told: &Told) -> Result<(), Fault> {
    match (&told.what, account) {
        (What::Happened(Event::AccountOpened(opened)), empty) => {
            *empty = Some(Account::open(opened));
        }
        (What::Happened(event), Some(account)) => apply(account, told.at, event)?,
        _ => {}
    }
    Ok(())
}

/// One entry with everything around it.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    story: &'a Story,
    place: usize,
    pub(crate) at: SimTime,
    pub(crate) what: &'a What,
    pub(crate) rules: &'a [RuleId],
    /// The account as it was folded up to here, without the entry.
    pub(crate) account: &'a Account,
    /// The account once the entry's event has happened.
    /// An event that cannot happen leaves it as it is; the walk ends there.
    pub(crate) folded: &'a Account,
}

impl<'a> Moment<'a> {
    /// What happened, if something did.
    pub(crate) fn event(&self) -> Option<&'a Event> {
        match self.what {
            What::Happened(event) => Some(event),
            What::Asked(_) | What::Refused(_) | What::Over => None,
        }
    }
    /// Why something was refused, with what had been asked.
    pub(crate) fn refused(&self) -> Option<(&'a Reason, &'a Op)> {
        let What::Refused(reason) = self.what else { return None };
        let asked = self.told_before().find_map(|told| match &told.what {
            What::Asked(command) => Some(&command.op),
            _ => None,
        });
        Some((reason, asked.unwrap()))
    }
    /// Whether the story ends here.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.what, What::Over)
    }
    /// The rulebook and the catalogue.
    pub(crate) fn judged_by(&self) -> &'a Rules {
        &self.story.rules
    }
    /// The rulebook under which the story was told.
    pub(crate) fn told_by(&self) -> &'a Rules {
        &self.story.told_by
    }
    /// The account's name.
    pub(crate) fn account_id(&self) -> &'a AccountId {
        &self.story.account
    }
    /// Whether open instants were drawn.
    pub(crate) fn drawn(&self) -> bool {
        self.story.drawn
    }
    /// Earlier entries, newest first.
    pub(crate) fn told_before(&self) -> impl Iterator<Item = &'a Told> + use<'a> {
        self.story.told[..self.place].iter().rev()
    }
    /// Later entries in their order.
    pub(crate) fn told_after(&self) -> impl Iterator<Item = &'a Told> + use<'a> {
        self.story.told[self.place + 1..].iter()
    }
    /// Earlier events, newest first.
    pub(crate) fn before(&self) -> impl Iterator<Item = (SimTime, &'a Event)> + use<'a> {
        self.told_before().filter_map(happened)
    }
    /// Later events in their order.
    pub(crate) fn after(&self) -> impl Iterator<Item = (SimTime, &'a Event)> + use<'a> {
        self.told_after().filter_map(happened)
    }
    /// Later events of the same instant that no later request asked for; none if this one is refused.
    pub(crate) fn then(&self) -> impl Iterator<Item = &'a Event> + use<'a> {
        let at = self.at;
        let same = self
            .told_after()
            .take_while(move |told| told.at == at && matches!(told.what, What::Happened(_)));
        same.filter_map(happened).map(|(_, event)| event)
    }
    /// The request that stands right before the events of this instant, if one does.
    pub(crate) fn asked_now(&self) -> Option<&'a Command> {
        let same = self.told_before().take_while(|told| told.at == self.at);
        same.into_iter().find_map(|told| match &told.what {
            What::Asked(command) => Some(&**command),
            _ => None,
        })
    }
    /// Whether the entry names a rule.
    pub(crate) fn names(&self, rule: &str) -> bool {
        self.rules.contains(&rule.parse().unwrap())
    }

    fn value(&self, path: &str) -> &'a Value {
        value(&self.story.rules, path, self.at)
    }
    /// A parameter that is a whole number, by its path in the book.
    pub(crate) fn integer(&self, path: &str) -> i64 {
        let Value::Integer(number) = self.value(path) else { panic!("{path} is no number") };
        *number
    }
    /// A parameter that is a decimal.
    pub(crate) fn decimal(&self, path: &str) -> Decimal {
        let Value::Decimal(number) = self.value(path) else { panic!("{path} is no decimal") };
        *number
    }
    /// A parameter that is a length of time.
    pub(crate) fn duration(&self, path: &str) -> SimDuration {
        let Value::Duration(length) = self.value(path) else { panic!("{path} is no length") };
        *length
    }
    /// A parameter that is a time of day, as seconds.
    pub(crate) fn time_of_day(&self, path: &str) -> i64 {
        let Value::TimeOfDay(time) = self.value(path) else { panic!("{path} is no time") };
        let day = self.at.day();
        (time.on(day) - day.start()).floor_secs()
    }
    /// A parameter that is a word.
    pub(crate) fn word(&self, path: &str) -> &'a str {
        let Value::Word(word) = self.value(path) else { panic!("{path} is no word") };
        word
    }
    /// A parameter that is a flag.
    pub(crate) fn flag(&self, path: &str) -> bool {
        let Value::Flag(flag) = self.value(path) else { panic!("{path} is no flag") };
        *flag
    }
    /// A parameter that is a table.
    pub(crate) fn table(&self, path: &str) -> &'a Table {
        let Value::Table(table) = self.value(path) else { panic!("{path} is no table") };
        table
    }
}

fn happened(told: &Told) -> Option<(SimTime, &Event)> {
    match &told.what {
        What::Happened(event) => Some((told.at, event)),
        What::Asked(_) | What::Refused(_) | What::Over => None,
    }
}

fn value<'a>(rules: &'a Rules, path: &str, at: SimTime) -> &'a Value {
    let (rule, name) = path.rsplit_once('.').unwrap();
    rules.settings().value(rule.parse().unwrap(), name, at.day()).unwrap()
}
