//! The virtual world: accounts, rules, queue, streams and digest under one clock. A world is a plain
//! value: cloning it is a checkpoint, keeping the clone is a rewind, running both is a fork.

mod ahead;

use crate::accounts::{AccountNumber, Accounts};
use crate::digest::{Digest, Digester, PackError};
use crate::due::{Due, Group, Part, Set};
use crate::path::sight::Sight;
use crate::plan::DrawMode;
use crate::queue::{Handle, Phase, PushError, Queue};
use crate::record::{Class, Draw, Inside, Record, RecordRef, Refused, WhatRef};
use crate::streams::{Domain, Streams};
use crate::timers::Timers;
use koosim_model::command::Command;
use koosim_model::decision::{Decision, Fault, TimerKey, TimerOp, Window};
use koosim_model::event::Event;
use koosim_model::name::AccountId;
use koosim_model::rulebook::RuleId;
use koosim_model::rules::{Input, PlainHour, Rules, decide_into, decide_plainly};
use koosim_model::state::PhonePlace;
use koosim_model::time::{NS_PER_S, SimTime};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

/// Inputs that may be taken at one instant; more means that the rules go round in a circle.
const INPUTS_PER_INSTANT_MAX: u64 = 100_000_000;

/// Why a world cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// The rules met something that they cannot decide on.
    #[error("at {at}, account `{account}`: {fault}")]
    Fault {
        /// When.
        at: SimTime,
        /// In which account.
        account: AccountId,
        /// What.
        fault: Box<Fault>,
    },
    /// Something was to happen before now.
    #[error(transparent)]
    Push(#[from] PushError),
    /// A record has no packed form.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The rules go round in a circle.
    #[error("more than {INPUTS_PER_INSTANT_MAX} inputs at {0}")]
    Circle(SimTime),
    /// A replayed run asked for another draw than the recorded one.
    #[error("draw {number} of the replay: recorded {recorded}, asked for {asked}")]
    Replay {
        /// Which draw, from 1.
        number: u64,
        /// What the log holds there.
        recorded: String,
        /// What this run asked for.
        asked: String,
    },
}

/// Where open instants come from.
#[derive(Clone, Debug)]
enum Draws {
    Default,
    Random(Streams),
    Recorded { draws: VecDeque<(AccountId, Draw)>, taken: u64 },
}

/// One deterministic world.
#[derive(Clone, Debug)]
pub struct World {
    rules: Arc<Rules>,
    draws: Draws,
    now: SimTime,
    inputs_now: u64,
    accounts: Accounts,
    queue: Queue<Due>,
    /// The entry to which a timer was added last, and its instant.
    newest: Option<(SimTime, Handle)>,
    /// By the number of the account.
    timers: Vec<Timers>,
    digester: Digester,
    /// Records since the last call of [`World::take_records`].
    fresh: Vec<Record>,
    /// How many groups of timers come due before the next ones are looked at.
    until_look: usize,
    /// Room for the decision that is being carried out; empty between two of them.
    decision: Decision,
    /// Room for the plain hour that is being settled.
    plain: Option<PlainHour>,
}

impl World {
    /// An empty world at `start`. `given` is the digest of what the run was given.
    pub fn new(
        rules: Arc<Rules>,
        start: SimTime,
        seed: u64,
        mode: DrawMode,
        given: &Digest,
    ) -> Self {
        let draws = match mode {
            DrawMode::Default => Draws::Default,
            DrawMode::Random => Draws::Random(Streams::new(seed)),
        };
        Self {
            rules,
            draws,
            now: start,
            inputs_now: 0,
            accounts: Accounts::default(),
            queue: Queue::new(),
            newest: None,
            timers: Vec::new(),
            digester: Digester::new(given),
            fresh: Vec::new(),
            until_look: 0,
            decision: Decision::default(),
            plain: None,
        }
    }
    /// From here on takes the draws that a log recorded, and stops at the first that differs. A world
    /// that takes defaults draws nothing, so that its log has nothing to replay.
    pub fn replay(&mut self, draws: VecDeque<(AccountId, Draw)>) {
        if matches!(self.draws, Draws::Random(_)) {
            self.draws = Draws::Recorded { draws, taken: 0 };
        }
    }
    /// The current instant.
    pub fn now(&self) -> SimTime {
        self.now
    }
    /// The rules of this world.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
    /// The accounts as they stand.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }
    /// Records so far.
    pub fn records(&self) -> u64 {
        self.digester.records()
    }
    /// The digest of the run so far.
    pub fn digest(&self) -> Digest {
        self.digester.digest()
    }
    /// When the next thing happens, if anything is to happen.
    pub fn next_due(&self) -> Option<SimTime> {
        self.queue.peek().map(|(at, _)| at)
    }
    /// Timers that are set, for measuring.
    pub fn pending(&self) -> usize {
        self.timers.iter().map(Timers::len).sum()
    }
    /// Records since the last call, oldest first.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.fresh)
    }

    /// Submits a command for an instant not before now.
    pub fn submit(&mut self, at: SimTime, command: Command) -> Result<(), WorldError> {
        self.queue.push(at, Phase::Command, Due::Command(Some(Box::new(command))))?;
        Ok(())
    }

    /// Logs something that was seen on the network at an instant not before now.
    pub(crate) fn note(
        &mut self,
        at: SimTime,
        account: &AccountId,
        sight: &Sight,
    ) -> Result<(), WorldError> {
        self.enter(at)?;
        let mut fresh = std::mem::take(&mut self.fresh);
        let entry = (WhatRef::Sight(sight), sight.class());
        let mut keep = |record: RecordRef<'_>| fresh.push(record.to_record());
        let logged = log(&mut self.digester, self.now, account, entry, &[], &mut keep);
        self.fresh = fresh;
        logged
    }

    /// Lets the next thing happen; answers whether there was one.
    pub fn step(&mut self) -> Result<bool, WorldError> {
        let next = self.queue.pop_part(SimTime::from_nanos(i64::MAX), Due::next);
        let Some((at, part, _)) = next else { return Ok(false) };
        let mut fresh = std::mem::take(&mut self.fresh);
        let taken = self.take(at, part, &mut |record| fresh.push(record.to_record()));
        self.fresh = fresh;
        taken.map(|()| true)
    }

    /// Lets everything happen that is due up to and including `last`, and shows the records to `sink`
    /// instead of keeping them. Now is then the instant of the last thing that happened.
    pub fn run_into(
        &mut self,
        last: SimTime,
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        while let Some((at, part, more)) = self.queue.pop_part(last, Due::next) {
            if !more {
                self.look_ahead();
            }
            self.take(at, part, sink)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn take(
        &mut self,
        at: SimTime,
        part: Part,
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        self.enter(at)?;
        match part {
            Part::Command(command) => {
                command.map_or(Ok(()), |command| self.take_command(&command, sink))
            }
            Part::Timer(set) => {
                if self.settle_plainly(set, sink)? {
                    return Ok(());
                }
                let timers = self.timers.get_mut(set.account.index());
                let Some(key) = timers.and_then(|timers| timers.fired(set.place)) else {
                    return Ok(());
                };
                self.ask(set.account, Input::Timer(&key))?;
                self.carry_out(set.account, sink)
            }
        }
    }

    /// Settles an hour if that is what the timer is for, and the hour is plain; answers whether it has.
    #[inline(always)]
    fn settle_plainly(
        &mut self,
        set: Set,
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<bool, WorldError> {
        let (at, number) = (self.now, set.account);
        let Some(timers) = self.timers.get(number.index()) else { return Ok(false) };
        let timer = timers.key(set.place).zip(timers.seen(set.place));
        let Some((TimerKey::Settle(phone, hour), seen)) = timer else { return Ok(false) };
        let Some(account) = self.accounts.at(number) else { return Ok(false) };
        let phone = (phone, seen);
        let plain = decide_plainly(&self.rules, account, at, phone, *hour, &mut self.plain);
        let Some(plain) = plain else { return Ok(false) };
        let (next, window, seen) = (plain.next, plain.window, plain.seen);
        if let Err(fault) = self.accounts.apply_at(number, at, plain.event(), seen) {
            return Err(self.fault(number, fault));
        }
        let what = WhatRef::Event(plain.event());
        let account = self.accounts.name(number);
        log(&mut self.digester, at, account, (what, Class::Business), plain.rules, sink)?;
        self.settle_next(set, seen, (next, window), sink).map(|()| true)
    }

    /// Sets the timer of an hour, which has fired, for a later hour.
    #[inline(always)]
    fn settle_next(
        &mut self,
        set: Set,
        seen: PhonePlace,
        (next, window): (SimTime, Window),
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        let timers = self.timers.get_mut(set.account.index());
        if let Draws::Default = self.draws
            && let Some(handle) = timers.and_then(|timers| timers.go_on(set.place, next, seen))
        {
            *handle = push(&mut self.queue, &mut self.newest, window.default, set)?;
            return Ok(());
        }
        let timers = self.timers.get_mut(set.account.index());
        match timers.and_then(|timers| timers.fired(set.place)) {
            Some(TimerKey::Settle(phone, _)) => {
                self.schedule(set.account, TimerKey::Settle(phone, next), window, sink)
            }
            _ => Ok(()),
        }
    }

    /// Applies an event and logs it.
    fn happen(
        &mut self,
        number: AccountNumber,
        event: &Event,
        rules: &'static [RuleId],
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        let applied = self.accounts.apply_at(number, self.now, event, PhonePlace::default());
        applied.map_err(|fault| self.fault(number, fault))?;
        self.log(number, WhatRef::Event(event), rules, sink)
    }

    /// Lets everything happen that is due up to and including `at`, which becomes now.
    pub fn run_through(&mut self, at: SimTime) -> Result<(), WorldError> {
        while self.next_due().is_some_and(|due| due <= at) {
            self.step()?;
        }
        if at > self.now {
            self.enter(at)?;
        }
        Ok(())
    }

    fn enter(&mut self, at: SimTime) -> Result<(), WorldError> {
        if at > self.now {
            self.now = at;
            self.inputs_now = 0;
        }
        self.inputs_now = self.inputs_now.saturating_add(1);
        if self.inputs_now > INPUTS_PER_INSTANT_MAX {
            return Err(WorldError::Circle(at));
        }
        Ok(())
    }

    fn take_command(
        &mut self,
        command: &Command,
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        let account = &command.envelope.account;
        let number = self.accounts.number(account);
        let number = number.map_err(|fault| fault_at(self.now, account.clone(), fault))?;
        self.ask(number, Input::Command(command))?;
        self.log(number, WhatRef::Command(command), &[], sink)?;
        if let Some(refusal) = self.decision.refusal.take() {
            let request = command.envelope.request.clone();
            let refused = Refused { request, reason: refusal.reason };
            self.log(number, WhatRef::Refusal(&refused), refusal.rules, sink)?;
        }
        self.carry_out(number, sink)
    }

    /// Asks the rules, whose answer is then in `decision`.
    fn ask(&mut self, number: AccountNumber, input: Input<'_>) -> Result<(), WorldError> {
        let id = self.accounts.name(number);
        let account = self.accounts.at(number);
        let asked = decide_into(&self.rules, id, account, self.now, input, &mut self.decision);
        let Err(fault) = asked else { return Ok(()) };
        self.decision.clear();
        Err(self.fault(number, fault))
    }

    fn fault(&self, number: AccountNumber, fault: Fault) -> WorldError {
        fault_at(self.now, self.accounts.name(number).clone(), fault)
    }

    fn carry_out(
        &mut self,
        number: AccountNumber,
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        let mut events = std::mem::take(&mut self.decision.events);
        for decided in &events {
            self.happen(number, &decided.event, decided.rules, sink)?;
        }
        events.clear();
        self.decision.events = events;
        let mut timers = std::mem::take(&mut self.decision.timers);
        for timer in timers.drain(..) {
            match timer {
                TimerOp::Schedule { key, window } => self.schedule(number, key, window, sink)?,
                TimerOp::Cancel { key } => self.cancel(number, &key),
            }
        }
        self.decision.timers = timers;
        self.decision.clear();
        Ok(())
    }

    fn cancel(&mut self, number: AccountNumber, key: &TimerKey) {
        let Some(timers) = self.timers.get_mut(number.index()) else { return };
        if let Some((place, handle)) = timers.cancel(key) {
            self.take_out(place, handle);
        }
    }

    /// Takes a timer out of its entry of the queue.
    fn take_out(&mut self, place: u32, handle: Handle) {
        if let Some(Due::Timers(group)) = self.queue.get_mut(handle)
            && group.remove(place)
        {
            self.queue.cancel(handle);
        }
    }

    fn schedule(
        &mut self,
        number: AccountNumber,
        key: TimerKey,
        window: Window,
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        let at = self.choose(number, &key, window, sink)?;
        if self.timers.len() <= number.index() {
            self.timers.resize_with(number.index() + 1, Timers::default);
        }
        let Some(timers) = self.timers.get_mut(number.index()) else { return Ok(()) };
        let seen = match (&key, self.accounts.at(number)) {
            (TimerKey::Settle(phone, _), Some(account)) => account.phones.place(phone),
            _ => None,
        };
        let place = timers.place(&key);
        let set = Set { account: number, place: place.number };
        let handle = push(&mut self.queue, &mut self.newest, at, set)?;
        if let Some(older) = timers.set(place, key, handle, seen.unwrap_or_default()) {
            self.take_out(set.place, older);
        }
        Ok(())
    }

    /// The instant of a timer: the only one allowed, the default, or a draw of whole seconds.
    fn choose(
        &mut self,
        number: AccountNumber,
        key: &TimerKey,
        window: Window,
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<SimTime, WorldError> {
        if window.is_exact() {
            return Ok(window.earliest);
        }
        let account = self.accounts.name(number);
        let at = match &mut self.draws {
            Draws::Default => return Ok(window.default),
            Draws::Random(streams) => {
                let id = format!("{account}/{key}/{}", window.earliest.as_nanos());
                let seconds = (window.latest - window.earliest).floor_secs();
                let seconds = u64::try_from(seconds).unwrap_or(0);
                let mut stream = streams.get(Domain::TimerInstant, &id);
                let peaked = self.rules.params(self.now).life.provisioning_is_peaked;
                let drawn = if peaked && matches!(key, TimerKey::Provision(_)) {
                    let peak = (window.default - window.earliest).floor_secs();
                    stream.peaked(seconds, u64::try_from(peak).unwrap_or(0))
                } else {
                    stream.up_to(seconds)
                };
                let offset = i64::try_from(drawn).unwrap_or(0).saturating_mul(NS_PER_S);
                SimTime::from_nanos(window.earliest.as_nanos().saturating_add(offset))
            }
            Draws::Recorded { draws, taken } => {
                *taken += 1;
                recorded(draws.pop_front(), *taken, account, key, window)?
            }
        };
        let draw = Draw { timer: key.clone(), window, at };
        self.log(number, WhatRef::Draw(&draw), &[], sink)?;
        Ok(at)
    }

    fn log(
        &mut self,
        number: AccountNumber,
        what: WhatRef<'_>,
        rules: &'static [RuleId],
        sink: &mut impl FnMut(RecordRef<'_>),
    ) -> Result<(), WorldError> {
        let account = self.accounts.name(number);
        log(&mut self.digester, self.now, account, (what, Class::Business), rules, sink)
    }
}

/// Adds a timer to the queue: to the newest entry if that is its account's and of its instant, since
/// then no other timer is between the two.
#[inline]
fn push(
    queue: &mut Queue<Due>,
    newest: &mut Option<(SimTime, Handle)>,
    at: SimTime,
    set: Set,
) -> Result<Handle, PushError> {
    if let Some((instant, handle)) = *newest
        && instant == at
        && let Some(Due::Timers(group)) = queue.get_mut(handle)
        && group.add(set)
    {
        return Ok(handle);
    }
    let handle = queue.push(at, Phase::BusinessTimer, Due::Timers(Group::of(set)))?;
    *newest = Some((at, handle));
    Ok(handle)
}

/// Adds a record to the digest and shows it.
#[inline]
fn log(
    digester: &mut Digester,
    at: SimTime,
    account: &AccountId,
    (what, class): (WhatRef<'_>, Class),
    rules: &'static [RuleId],
    sink: &mut impl FnMut(RecordRef<'_>),
) -> Result<(), WorldError> {
    let sequence = digester.records();
    let inside = Inside { sequence, class, rules: Cow::Borrowed(rules) };
    let record = RecordRef { at, account, what, inside: Some(&inside) };
    digester.add_ref(&record)?;
    sink(record);
    Ok(())
}

fn fault_at(at: SimTime, account: AccountId, fault: Fault) -> WorldError {
    WorldError::Fault { at, account, fault: Box::new(fault) }
}

fn recorded(
    draw: Option<(AccountId, Draw)>,
    number: u64,
    account: &AccountId,
    key: &TimerKey,
    window: Window,
) -> Result<SimTime, WorldError> {
    let name = |account: &AccountId, key: &TimerKey, window: &Window| {
        format!("{key} of {account} between {} and {}", window.earliest, window.latest)
    };
    let asked = name(account, key, &window);
    let held = draw.as_ref().map_or_else(
        || "no further draw".to_owned(),
        |(account, draw)| name(account, &draw.timer, &draw.window),
    );
    match draw {
        Some((_, draw)) if held == asked => Ok(draw.at),
        _ => Err(WorldError::Replay { number, recorded: held, asked }),
    }
}
