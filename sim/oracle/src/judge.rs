//! The walk of a log with the model.
//!
//! Commands are decided by the model, and their answers must be seen at once. Timers that the model
//! sets must be seen inside the window that the rules allow; the judge applies them at the instant at
//! which they *were* seen, so that a late settlement does not make every later balance wrong. Memory
//! grows with what lives: accounts, their phones, open orders and timers.

use crate::binding::Bindings;
use crate::divergence::{Divergence, Expected, Kind, Seen};
use crate::history::History;
use crate::pending::{Answer, Due, Pending};
use koosim_engine::accounts::Accounts;
use koosim_engine::digest::{Digest, Digester, PackError};
use koosim_engine::log::{LogError, LogReader};
use koosim_engine::record::{Record, What};
use koosim_model::command::{Command, Op, OrderRef};
use koosim_model::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use koosim_model::event::Event;
use koosim_model::name::{AccountId, PhoneId};
use koosim_model::rulebook::BookError;
use koosim_model::rules::{Input, Rules, decide};
use koosim_model::time::{SimDuration, SimTime};
use std::collections::BTreeMap;
use std::io::BufRead;

/// What the judge may be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How much later than the rules allow something may be written, because the writer's clock or
    /// queue adds to it.
    pub tolerance: SimDuration,
}

/// What the judge found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Records walked.
    pub records: u64,
    /// The last instant walked.
    pub end: SimTime,
    /// Whether the footer's count and digest fit the records; `None` without a footer, or where the
    /// digest cannot be taken because records lack their internal half.
    pub digest_fits: Option<bool>,
    /// The first divergence, if any.
    pub divergence: Option<Box<Divergence>>,
}

/// Why a log could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// It is not a readable log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Its rulebook or overrides cannot be resolved.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Book(Vec<BookError>),
    /// The model met something that it cannot decide on.
    #[error("line {line}: {fault}")]
    Fault {
        /// Which line of the log.
        line: u64,
        /// What.
        fault: Fault,
    },
    /// A record has no packed form.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// Judges a log to its end or to its first divergence.
pub fn judge(from: impl BufRead, options: Options) -> Result<Verdict, JudgeError> {
    let mut log = LogReader::new(from)?;
    let rules = log.header().book.rules().map_err(JudgeError::Book)?;
    let given = log.header().given()?;
    let mut judge = Judge::new(&rules, options, &given, log.header().start);
    while let Some(record) = log.next_record()? {
        if let Some(divergence) = judge.take(log.line(), &record)? {
            return Ok(judge.verdict(None, Some(divergence)));
        }
    }
    let footer = log.footer().cloned();
    let line = log.line();
    // Without a footer the log may have been cut anywhere, so only what lies before its end is due.
    let end = footer.as_ref().map_or(judge.now, |footer| footer.end);
    let after_end = if footer.is_some() { SimDuration::from_nanos(1) } else { SimDuration::ZERO };
    let divergence = judge.overdue(line, end + after_end)?;
    let fits = footer.filter(|_| judge.complete).map(|footer| {
        footer.records == judge.digester.records() && footer.digest == judge.digester.digest()
    });
    judge.now = judge.now.max(end);
    Ok(judge.verdict(fits, divergence))
}

type Found = Result<Option<Box<Divergence>>, JudgeError>;

struct Judge<'a> {
    rules: &'a Rules,
    options: Options,
    now: SimTime,
    accounts: Accounts,
    pending: Pending,
    bindings: BTreeMap<AccountId, Bindings>,
    histories: BTreeMap<AccountId, History>,
    digester: Digester,
    records: u64,
    /// Whether every record so far had its internal half.
    complete: bool,
}

impl<'a> Judge<'a> {
    fn new(rules: &'a Rules, options: Options, given: &Digest, start: SimTime) -> Self {
        Self {
            rules,
            options,
            now: start,
            accounts: Accounts::default(),
            pending: Pending::default(),
            bindings: BTreeMap::new(),
            histories: BTreeMap::new(),
            digester: Digester::new(given),
            records: 0,
            complete: true,
        }
    }

    fn verdict(&self, digest_fits: Option<bool>, divergence: Option<Box<Divergence>>) -> Verdict {
        Verdict { records: self.records, end: self.now, digest_fits, divergence }
    }

    /// Walks one record.
    fn take(&mut self, line: u64, record: &Record) -> Found {
        if let Some(divergence) = self.overdue(line, record.at)? {
            return Ok(Some(divergence));
        }
        self.now = record.at;
        self.records += 1;
        self.complete &= record.inside.is_some();
        if self.complete {
            self.digester.add(record)?;
        }
        let found = match &record.what {
            What::Draw(_) => None,
            // What happens on a network is not for the rules to judge.
            What::Sight(_) => return Ok(None),
            What::Command(command) => {
                self.take_command(line, record.at, command)?;
                None
            }
            What::Event(event) => self.take_event(line, record, event)?,
            What::Refusal(refused) => self.take_refusal(line, record, &refused.reason),
        };
        let account = record.account.clone();
        self.histories.entry(account.clone()).or_default().add(line, record);
        self.forget(&account);
        Ok(found)
    }

    /// Frees what belongs to phones and orders that do not live any more.
    fn forget(&mut self, id: &AccountId) {
        let Some(account) = self.accounts.get(id) else { return };
        if let Some(history) = self.histories.get_mut(id) {
            history.retain(|phone| account.phones.contains_key(phone));
        }
        if let Some(bindings) = self.bindings.get_mut(id) {
            bindings.prune(account);
        }
    }

    fn take_command(
        &mut self,
        line: u64,
        at: SimTime,
        command: &Command,
    ) -> Result<(), JudgeError> {
        let account = command.envelope.account.clone();
        let ours = self.in_our_names(&account, &command.op);
        let command = Command { envelope: command.envelope.clone(), op: ours };
        let decision = self.ask(line, &account, at, Input::Command(&command))?;
        self.carry_out(line, &account, at, decision, None)
    }

    /// The operation with foreign order names replaced by ours.
    fn in_our_names(&self, account: &AccountId, op: &Op) -> Op {
        let mut op = op.clone();
        let Some(bindings) = self.bindings.get(account) else { return op };
        for order in op.orders_mut() {
            if let OrderRef::Named(id) = order {
                *id = bindings.ours(id);
            }
        }
        op
    }

    fn ask(
        &self,
        line: u64,
        id: &AccountId,
        at: SimTime,
        input: Input<'_>,
    ) -> Result<Decision, JudgeError> {
        let decision = decide(self.rules, id, self.accounts.get(id), at, input);
        decision.map_err(|fault| JudgeError::Fault { line, fault })
    }

    /// Applies a decision at the instant at which it was seen; all of its answers but the one `seen`
    /// already are due now.
    fn carry_out(
        &mut self,
        line: u64,
        account: &AccountId,
        at: SimTime,
        decision: Decision,
        mut seen: Option<usize>,
    ) -> Result<(), JudgeError> {
        let read = decision.read;
        for (place, decided) in decision.events.into_iter().enumerate() {
            let applied = self.accounts.apply(account, at, &decided.event);
            applied.map_err(|fault| JudgeError::Fault { line, fault })?;
            if seen.take_if(|seen| *seen == place).is_none() {
                let answer = Answer::Event(Box::new(decided));
                self.pending.expect(account, Due { at, answer, read });
            }
        }
        if let Some(refusal) = decision.refusal {
            let answer = Answer::Refusal(refusal.reason, refusal.rules);
            self.pending.expect(account, Due { at, answer, read });
        }
        self.pending.set(account, decision.timers);
        Ok(())
    }

    /// Something that should have been seen before `at`.
    fn overdue(&mut self, line: u64, at: SimTime) -> Found {
        let before = at - self.options.tolerance;
        if let Some((account, due)) = self.pending.unanswered(before) {
            return Ok(Some(self.missing(line, at, &account, &due)));
        }
        while let Some((latest, account, key)) = self.pending.overdue(before) {
            let decision = self.ask(line, &account, latest, Input::Timer(&key))?;
            let window = self.window_of(&account, &key);
            self.pending.remove(&account, &key);
            if let Some(decided) = decision.events.first() {
                let (event, rules) = (Box::new(decided.event.clone()), decided.rules);
                let expected =
                    Expected::Event { event, window: window.unwrap_or(Window::exactly(latest)) };
                let divergence =
                    self.diverge(line, Kind::Missing, &account, expected, Seen::NothingBefore(at));
                return Ok(Some(self.explained(divergence, rules, decision.read)));
            }
            // A timer that leads to nothing is not seen by anybody; it only moves on.
            self.pending.set(&account, decision.timers);
        }
        Ok(None)
    }

    fn window_of(&self, account: &AccountId, key: &TimerKey) -> Option<Window> {
        let timers = self.pending.timers(account);
        timers.into_iter().find(|(other, _)| other == key).map(|(_, window)| window)
    }

    fn missing(&self, line: u64, at: SimTime, account: &AccountId, due: &Due) -> Box<Divergence> {
        let (kind, expected) = match &due.answer {
            Answer::Event(decided) => {
                let (event, window) = (Box::new(decided.event.clone()), Window::exactly(due.at));
                (Kind::Missing, Expected::Event { event, window })
            }
            Answer::Refusal(reason, _) => (Kind::Refusal, Expected::Refusal(reason.clone())),
        };
        let divergence = self.diverge(line, kind, account, expected, Seen::NothingBefore(at));
        self.explained(divergence, due.answer.rules(), due.read)
    }

    fn take_refusal(
        &mut self,
        line: u64,
        record: &Record,
        reason: &Reason,
    ) -> Option<Box<Divergence>> {
        let account = &record.account;
        let matches =
            |answer: &Answer| matches!(answer, Answer::Refusal(other, _) if other == reason);
        if self.pending.tick_off(account, matches) {
            return None;
        }
        Some(match self.pending.due(account).first().cloned() {
            Some(due) => {
                let mut divergence = self.missing(line, record.at, account, &due);
                divergence.kind = Kind::Refusal;
                divergence.seen = Seen::Record(Box::new(record.clone()));
                divergence
            }
            None => self.unexpected(line, record),
        })
    }

    fn take_event(&mut self, line: u64, record: &Record, event: &Event) -> Found {
        let account = &record.account;
        let bindings = self.bindings.entry(account.clone()).or_default();
        let mut matches = |answer: &Answer| match answer {
            Answer::Event(decided) => bindings.unify(event, &decided.event),
            Answer::Refusal(..) => false,
        };
        if self.pending.tick_off(account, &mut matches) {
            return Ok(None);
        }
        for (key, window) in self.candidates(account, event) {
            let late = record.at - self.options.tolerance;
            if record.at < window.earliest || late > window.latest {
                continue;
            }
            // A writer that is late by its own clock still worked at the last allowed instant.
            let at = record.at.min(window.latest);
            let decision = self.ask(line, account, at, Input::Timer(&key))?;
            let bindings = self.bindings.entry(account.clone()).or_default();
            let seen = decision.events.iter().position(|d| bindings.unify(event, &d.event));
            if seen.is_some() && matches!(event, Event::TierSet(_)) {
                // Whatever happens next to an account tells its tier first (R8.2): the tier is taken
                // as seen, and the timer stays for what it leads to itself.
                let applied = self.accounts.apply(account, at, event);
                applied.map_err(|fault| JudgeError::Fault { line, fault })?;
                return Ok(None);
            }
            if seen.is_some() {
                self.pending.remove(account, &key);
                self.carry_out(line, account, at, decision, seen)?;
                return Ok(None);
            }
        }
        self.nearest(line, record, event).map(Some)
    }

    /// Timers that could lead to an event: those of its phones, and those of no phone. The tier of an
    /// account is told by any of them.
    fn candidates(&self, account: &AccountId, event: &Event) -> Vec<(TimerKey, Window)> {
        let mut timers = self.pending.timers(account);
        let phones = event.phones();
        if !matches!(event, Event::TierSet(_)) {
            timers.retain(|(key, _)| key.phone().is_none_or(|phone| phones.contains(phone)));
        }
        timers
    }

    /// Explains an event that nothing allows: the answer or timer that comes nearest to it.
    fn nearest(
        &self,
        line: u64,
        record: &Record,
        event: &Event,
    ) -> Result<Box<Divergence>, JudgeError> {
        let seen = || Seen::Record(Box::new(record.clone()));
        let account = &record.account;
        for due in self.pending.due(account) {
            let mut divergence = self.missing(line, record.at, account, due);
            divergence.seen = seen();
            match &due.answer {
                Answer::Refusal(..) => return Ok(divergence),
                Answer::Event(decided) if alike(&decided.event, event) => {
                    divergence.kind = Kind::Content;
                    if let Expected::Event { event: expected, .. } = &mut divergence.expected {
                        **expected = in_names_of(expected.as_ref().clone(), event);
                    }
                    return Ok(divergence);
                }
                Answer::Event(_) => {}
            }
        }
        let mut best: Option<Box<Divergence>> = None;
        for (key, window) in self.candidates(account, event) {
            let at = record.at.clamp(window.earliest, window.latest);
            let decision = self.ask(line, account, at, Input::Timer(&key))?;
            let Some(near) = decision.events.iter().find(|d| alike(&d.event, event)) else {
                continue;
            };
            let kind = if window.allows(record.at) { Kind::Content } else { Kind::Instant };
            let near_event = in_names_of(near.event.clone(), event);
            let expected = Expected::Event { event: Box::new(near_event), window };
            let divergence = self.diverge(line, kind, account, expected, seen());
            let divergence = self.explained(divergence, near.rules, decision.read);
            if best.as_ref().is_none_or(|b| divergence.fields().len() < b.fields().len()) {
                best = Some(divergence);
            }
        }
        if let Some(divergence) = best {
            return Ok(divergence);
        }
        Ok(self.unexpected(line, record))
    }

    fn unexpected(&self, line: u64, record: &Record) -> Box<Divergence> {
        let seen = Seen::Record(Box::new(record.clone()));
        self.diverge(line, Kind::Unexpected, &record.account, Expected::Nothing, seen)
    }

    fn diverge(
        &self,
        line: u64,
        kind: Kind,
        account: &AccountId,
        expected: Expected,
        seen: Seen,
    ) -> Box<Divergence> {
        let mut phones: Vec<PhoneId> = Vec::new();
        if let Expected::Event { event, .. } = &expected {
            phones.extend(event.phones().iter().cloned());
        }
        if let Seen::Record(record) = &seen {
            phones.extend(record.event().map_or(&[][..], Event::phones).iter().cloned());
        }
        phones.sort();
        phones.dedup();
        let history = self.histories.get(account).map(|h| h.of(&phones)).unwrap_or_default();
        let (rules, parameters) = (Vec::new(), Vec::new());
        let account = account.clone();
        Box::new(Divergence {
            line,
            kind,
            account,
            phones,
            rules,
            expected,
            seen,
            parameters,
            history,
        })
    }

    fn explained(
        &self,
        mut divergence: Box<Divergence>,
        rules: &[koosim_model::rulebook::RuleId],
        read: &[Read],
    ) -> Box<Divergence> {
        divergence.rules = rules.to_vec();
        let (settings, day) = (self.rules.settings(), self.now.day());
        let values = read.iter().filter_map(|Read { rule, name }| {
            let value = settings.value(*rule, name, day).ok()?;
            Some(format!("{rule}.{name} = {value}"))
        });
        divergence.parameters = values.collect();
        divergence
    }
}

/// Whether two events speak of the same thing: of one kind and about the same phones.
fn alike(expected: &Event, seen: &Event) -> bool {
    expected.kind() == seen.kind() && expected.phones() == seen.phones()
}

/// The expected event with the writer's name for its order, which is not what differs.
fn in_names_of(expected: Event, seen: &Event) -> Event {
    match seen.order() {
        Some(order) => expected.with_order(order.clone()),
        None => expected,
    }
}
