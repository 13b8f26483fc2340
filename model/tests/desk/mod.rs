//! One account behind a desk: requests are decided and applied, and timers come due in between at the
//! instants of a plain run. Just enough of a world to tell a history to the rules alone.

use koosim_model::apply::apply;
use koosim_model::command::{Command, Envelope, Op};
use koosim_model::decision::{Decided, Decision, Reason, TimerKey, TimerOp, Window};
use koosim_model::event::Event;
use koosim_model::money::{Amount, Currency};
use koosim_model::name::{AccountId, SizeId};
use koosim_model::rulebook::{RuleId, Rulebook};
use koosim_model::rules::{
    Catalogue, Input, Params, PlainHour, Prices, Rules, decide, decide_plainly,
};
use koosim_model::state::{Account, PhonePlace};
use koosim_model::time::SimTime;
use std::collections::BTreeMap;

/// Timers that one history may set off; more means that the rules go round in a circle.
const TIMERS_MAX: u32 = 1_000_000;

/// The newest or a dated book with parameters set by name, and one price list.
pub(crate) fn rules(book: &str, overrides: &[(&str, &str)], prices: &[(&str, Prices)]) -> Rules {
    let own = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
    let overrides: Vec<_> = overrides.iter().map(own).collect();
    let settings = Rulebook::standard().resolve(book.parse().unwrap(), &overrides).unwrap();
    let size = |(name, prices): &(&str, Prices)| (SizeId::new(name).unwrap(), *prices);
    Rules::new(settings, Catalogue::new(prices.iter().map(size).collect())).unwrap()
}

/// An amount.
pub(crate) fn money(text: &str, currency: Currency) -> Amount {
    Amount::parse(text, currency).unwrap()
}

/// A request, and how it was refused if it was.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The length of the log before it.
    pub(crate) place: usize,
    pub(crate) at: SimTime,
    pub(crate) command: Command,
    pub(crate) refused: Option<(Reason, &'static [RuleId])>,
}

/// One account, its timers and what happened to it.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    rules: Rules,
    id: AccountId,
    /// The instant of the request or timer that was decided on last.
    pub(crate) now: SimTime,
    account: Option<Account>,
    /// By key, with the order in which they were set: at one instant the older goes first.
    timers: BTreeMap<TimerKey, (Window, u32)>,
    /// The same in the order in which they come due.
    due: BTreeMap<(SimTime, u32), TimerKey>,
    set: u32,
    log: Vec<(SimTime, Event)>,
    /// Every request.
    pub(crate) asked: Vec<Asked>,
    /// The rules of each answer, with the length of the log before it.
    pub(crate) reasons: Vec<(usize, &'static [RuleId])>,
    /// Hours that were plain.
    pub(crate) plain: usize,
    /// The last of them.
    room: Option<PlainHour>,
}

impl Desk {
    /// A desk at which nothing has happened yet.
    pub(crate) fn new(rules: Rules) -> Self {
        let id = AccountId::new("acme").unwrap();
        Self {
            rules,
            id,
            now: SimTime::EPOCH,
            account: None,
            timers: BTreeMap::new(),
            due: BTreeMap::new(),
            set: 0,
            log: Vec::new(),
            asked: Vec::new(),
            reasons: Vec::new(),
            plain: 0,
            room: None,
        }
    }
    /// The rules behind the desk.
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }
    /// The parameters in force at `at`.
    pub(crate) fn params(&self, at: SimTime) -> &Params {
        self.rules().params(at)
    }
    /// The account as it stands.
    pub(crate) fn account(&self) -> &Account {
        self.account.as_ref().unwrap()
    }
    /// Everything that happened, with its instant.
    pub(crate) fn log(&self) -> &[(SimTime, Event)] {
        &self.log
    }
    /// When a timer may come due, if it is set.
    pub(crate) fn window(&self, key: &TimerKey) -> Option<Window> {
        self.timers.get(key).map(|(window, _)| *window)
    }
    /// Lets everything before `at` happen, then asks; answers what happened at once, or the refusal.
    pub(crate) fn ask(&mut self, at: SimTime, op: Op) -> Result<Vec<Event>, Reason> {
        let command = Command { envelope: Envelope::scenario(self.id.clone()), op };
        self.command(at, &command)
    }
    /// As [`Desk::ask`], of a request with any envelope.
    pub(crate) fn command(&mut self, at: SimTime, command: &Command) -> Result<Vec<Event>, Reason> {
        self.pass(|due| due < at);
        let (place, command_asked) = (self.log.len(), command.clone());
        self.asked.push(Asked { place, at, command: command_asked, refused: None });
        self.now = at;
        let decision = self.decide(Input::Command(command));
        if let Some(refusal) = decision.refusal {
            assert!(decision.events.is_empty() && decision.timers.is_empty(), "{refusal:?}");
            self.reasons.push((self.log.len(), refusal.rules));
            self.asked.last_mut().unwrap().refused = Some((refusal.reason.clone(), refusal.rules));
            return Err(refusal.reason);
        }
        Ok(self.carry_out(decision))
    }
    /// Lets everything up to and including `at` happen; answers what did.
    pub(crate) fn through(&mut self, at: SimTime) -> Vec<Event> {
        self.pass(|due| due <= at)
    }

    fn pass(&mut self, is_due: impl Fn(SimTime) -> bool) -> Vec<Event> {
        let mut happened = Vec::new();
        for _ in 0..TIMERS_MAX {
            let Some(first) = self.due.first_entry() else { return happened };
            let (at, _) = *first.key();
            if !is_due(at) {
                return happened;
            }
            let key = first.remove();
            self.timers.remove(&key);
            self.now = at;
            let plain = self.plain_hour(&key);
            let decision = self.decide(Input::Timer(&key));
            assert_eq!(decision.refusal, None, "{key} is nobody's wish");
            if let Some(plain) = plain {
                let PlainHour { rules, next, window, .. } = plain;
                let event = plain.event().clone();
                assert_eq!(decision.events, [Decided { event, rules }], "{key} without a detour");
                let phone = key.phone().unwrap().clone();
                let next = TimerOp::Schedule { key: TimerKey::Settle(phone, next), window };
                assert_eq!(decision.timers, [next], "{key} without a detour");
                self.plain += 1;
            }
            happened.extend(self.carry_out(decision));
        }
        panic!("the rules go round in a circle");
    }

    fn plain_hour(&mut self, key: &TimerKey) -> Option<PlainHour> {
        let TimerKey::Settle(phone, hour) = key else { return None };
        let (account, room) = (self.account.as_ref()?, &mut self.room);
        decide_plainly(&self.rules, account, self.now, (phone, PhonePlace::default()), *hour, room)
            .cloned()
    }

    fn decide(&self, input: Input<'_>) -> Decision {
        let decision = decide(&self.rules, &self.id, self.account.as_ref(), self.now, input);
        decision.unwrap_or_else(|fault| {
            let last = self.asked.last().map(|a| (a.place, a.at, &a.command, &a.refused));
            panic!("{fault} at {}, asked {input:?}, after {last:?}", self.now)
        })
    }

    fn carry_out(&mut self, decision: Decision) -> Vec<Event> {
        let (at, mut happened) = (self.now, Vec::new());
        for decided in decision.events {
            match (&mut self.account, &decided.event) {
                (Some(account), event) => apply(account, at, event).unwrap(),
                (empty, Event::AccountOpened(opened)) => *empty = Some(Account::open(opened)),
                (None, event) => panic!("`{}` before the account was opened", event.kind()),
            }
            assert!(!decided.rules.is_empty(), "`{}` names its rules", decided.event.kind());
            self.reasons.push((self.log.len(), decided.rules));
            self.log.push((at, decided.event.clone()));
            happened.push(decided.event);
        }
        for timer in decision.timers {
            match timer {
                TimerOp::Cancel { key } => self.cancel(&key),
                TimerOp::Schedule { key, window } => {
                    assert!(at <= window.earliest && window.allows(window.default), "{key}");
                    self.cancel(&key);
                    self.set += 1;
                    self.due.insert((window.default, self.set), key.clone());
                    self.timers.insert(key, (window, self.set));
                }
            }
        }
        happened
    }

    fn cancel(&mut self, key: &TimerKey) {
        if let Some((window, set)) = self.timers.remove(key) {
            self.due.remove(&(window.default, set));
        }
    }
}
