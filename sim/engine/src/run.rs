//! A plan carried out in a world, step by step, with somebody looking on.
//!
//! All steps of one instant are taken together: first their commands in order, then everything that is
//! due at that instant, then whoever looks on. A step that waits for an event takes place at the event's
//! instant, once everything else of that instant has happened.

use crate::digest::{Digest, PackError};
use crate::log::Header;
use crate::path::network::Network;
use crate::path::{PathError, Tap};
use crate::plan::{Awaited, Plan, Step, When};
use crate::record::{Class, Draw, Record};
use crate::world::{World, WorldError};
use koosim_model::name::{AccountId, PhoneId};
use koosim_model::rulebook::BookError;
use koosim_model::time::{SimDuration, SimTime};
use std::collections::VecDeque;
use std::sync::Arc;

/// Whoever looks on: a matcher of expectations, a writer of logs, a counter of rules.
pub trait Observer {
    /// A record was made.
    fn record(&mut self, record: &Record);
    /// A step took place, or waited in vain; the run stands at the end of its instant.
    fn step(&mut self, run: &Run, step: usize, outcome: StepOutcome);
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// It took place at this instant.
    Reached(SimTime),
    /// The event that it waits for had not happened by this instant. The run ends here.
    WaitedInVain(SimTime),
}

/// Why a plan cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The rulebook cannot be resolved.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Book(Vec<BookError>),
    /// The world cannot go on.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The network cannot go on.
    #[error(transparent)]
    Network(#[from] PathError),
    /// A step lies before the one above it.
    #[error("step {step} lies at {at}, before the step above it at {before}")]
    Backwards {
        /// Which step, from 0.
        step: usize,
        /// Its instant.
        at: SimTime,
        /// The instant of the one above.
        before: SimTime,
    },
    /// The plan has no packed form.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// What a finished run was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// First instant.
    pub start: SimTime,
    /// Last instant.
    pub end: SimTime,
    /// Number of records.
    pub records: u64,
    /// The digest.
    pub digest: Digest,
}

/// A plan in the course of being carried out. Cloning it is a checkpoint.
#[derive(Clone, Debug)]
pub struct Run {
    plan: Arc<Plan>,
    header: Arc<Header>,
    world: World,
    /// Nothing where the plan has no network.
    network: Option<Network>,
    /// The next step to take.
    next: usize,
    /// Where the previous step took place.
    instant: SimTime,
    /// Events since the previous step, for steps that wait.
    since: Vec<Seen>,
    ended: bool,
    /// Whether the figures of the network were told.
    closed: bool,
}

#[derive(Clone, Debug)]
struct Seen {
    at: SimTime,
    kind: &'static str,
    account: AccountId,
    phones: Vec<PhoneId>,
}

impl Run {
    /// A run of `plan`, at its first instant, which logs sessions.
    pub fn new(name: &str, plan: Arc<Plan>) -> Result<Self, RunError> {
        Self::at_level(name, plan, Class::Session)
    }
    /// A run of `plan`, at its first instant, which logs entries as fine as `level`, and sessions always.
    pub fn at_level(name: &str, plan: Arc<Plan>, level: Class) -> Result<Self, RunError> {
        let rules = plan.book.rules().map_err(RunError::Book)?;
        let level = level.max(Class::Session);
        let header = Header::of(name, &plan, &rules, level)?;
        let network = plan.has_network().then(|| Network::new(plan.start, plan.seed, level));
        let world =
            World::new(Arc::new(rules), plan.start, plan.seed, plan.draws, &header.given()?);
        let instant = plan.start;
        let header = Arc::new(header);
        let (next, since, ended, closed) = (0, Vec::new(), false, false);
        Ok(Self { plan, header, world, network, next, instant, since, ended, closed })
    }
    /// From here on takes the draws of a log instead of its own.
    pub fn replay(&mut self, draws: VecDeque<(AccountId, Draw)>) {
        self.world.replay(draws);
    }
    /// Lets a listener see every packet that hosts of the network send and receive from now on, up to the end
    /// of the run; answers whether there is a network.
    pub fn listen(&mut self, tap: Box<dyn Tap>) -> bool {
        let network = self.network.as_mut();
        network.map(|network| network.listen(tap)).is_some()
    }
    /// The header of the run's log.
    pub fn header(&self) -> &Header {
        &self.header
    }
    /// The world as it stands.
    pub fn world(&self) -> &World {
        &self.world
    }
    /// The network as it stands, if the plan has one.
    pub fn network(&self) -> Option<&Network> {
        self.network.as_ref()
    }
    /// The run so far.
    pub fn summary(&self) -> Summary {
        Summary {
            start: self.plan.start,
            end: self.world.now(),
            records: self.world.records(),
            digest: self.world.digest(),
        }
    }
    /// Carries out everything that is left.
    pub fn finish(&mut self, observer: &mut dyn Observer) -> Result<Summary, RunError> {
        while self.advance(observer)? {}
        Ok(self.summary())
    }

    /// Carries out the steps of the next instant; answers whether there were any.
    pub fn advance(&mut self, observer: &mut dyn Observer) -> Result<bool, RunError> {
        let plan = Arc::clone(&self.plan);
        let Some(step) = plan.steps.get(self.next).filter(|_| !self.ended) else {
            self.close(observer)?;
            return Ok(false);
        };
        let at = match &step.when {
            When::At(at) => *at,
            When::After(length) => self.instant + *length,
            When::On(awaited) => match self.wait(awaited, observer)? {
                Some(at) => at,
                None => {
                    self.ended = true;
                    let outcome = StepOutcome::WaitedInVain(self.world.now());
                    observer.step(self, self.next, outcome);
                    self.close(observer)?;
                    return Ok(false);
                }
            },
        };
        if !matches!(step.when, When::On(_)) {
            self.since.clear();
        }
        if at < self.instant {
            return Err(RunError::Backwards { step: self.next, at, before: self.instant });
        }
        self.take(&plan, at, observer)?;
        Ok(true)
    }

    /// Takes all steps that stand at `at`, the next one first.
    fn take(
        &mut self,
        plan: &Plan,
        at: SimTime,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        // Everything before the instant comes first, so that commands meet the state of their instant.
        while self.next_due().is_some_and(|due| due < at) {
            self.go_on(before(at), observer)?;
            self.since.clear();
        }
        let first = self.next;
        let rest = plan.steps.iter().skip(first + 1);
        let same = rest.take_while(|step| match &step.when {
            When::At(other) => *other == at,
            When::After(length) => *length == SimDuration::ZERO,
            When::On(_) => false,
        });
        let count = 1 + same.count();
        for step in plan.steps.iter().skip(first).take(count) {
            for command in &step.commands {
                self.world.submit(at, command.clone())?;
            }
        }
        while self.world.next_due().is_some_and(|due| due <= at) {
            self.world.step()?;
            self.show(observer)?;
        }
        self.world.run_through(at)?;
        for step in plan.steps.iter().skip(first).take(count) {
            self.order(at, step, observer)?;
        }
        self.finish_instant(at, observer)?;
        self.instant = at;
        for step in first..first + count {
            observer.step(self, step, StepOutcome::Reached(at));
        }
        self.next = first + count;
        Ok(())
    }

    /// Lets the world run until the awaited event; answers its instant, with everything else of that
    /// instant done.
    fn wait(
        &mut self,
        awaited: &Awaited,
        observer: &mut dyn Observer,
    ) -> Result<Option<SimTime>, RunError> {
        let until = self.instant + awaited.within;
        loop {
            if let Some(place) = self.since.iter().position(|seen| seen.is(awaited)) {
                let at = self.since.drain(..=place).next_back().map_or(until, |seen| seen.at);
                self.finish_instant(at, observer)?;
                return Ok(Some(at));
            }
            if self.next_due().is_none_or(|due| due > until) {
                self.world.run_through(until)?;
                return Ok(None);
            }
            self.since.clear();
            self.go_on(until, observer)?;
        }
    }

    /// When something happens next.
    fn next_due(&mut self) -> Option<SimTime> {
        let network = self.network.as_mut().and_then(Network::next_due);
        self.world.next_due().into_iter().chain(network).min()
    }
    /// Lets everything happen that is left of an instant.
    fn finish_instant(&mut self, at: SimTime, observer: &mut dyn Observer) -> Result<(), RunError> {
        while self.next_due().is_some_and(|due| due <= at) {
            self.go_on(at, observer)?;
        }
        if let Some(network) = &mut self.network {
            network.enter(at);
        }
        Ok(())
    }
    /// Lets the next thing happen, which is not after `last`: what happens to accounts comes before what is
    /// on its way at the same instant. Of the network, everything up to the first sight.
    fn go_on(&mut self, last: SimTime, observer: &mut dyn Observer) -> Result<(), RunError> {
        let business = self.world.next_due().filter(|due| *due <= last);
        if let Some(network) = &mut self.network {
            let until = business.map_or(last, |due| before(due).min(last));
            if network.next_due().is_some_and(|due| due <= until) {
                network.run_to_sight(until)?;
                return self.look(observer);
            }
        }
        self.world.step()?;
        self.show(observer)
    }
    /// Carries out what a step says of the network.
    fn order(
        &mut self,
        at: SimTime,
        step: &Step,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let Some(network) = &mut self.network else { return Ok(()) };
        for order in &step.network {
            let (params, accounts) = (self.world.rules().params(at), self.world.accounts());
            network.order(at, params, accounts, order)?;
        }
        self.look(observer)
    }
    /// The windows of all flows end with the run.
    fn close(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        if let Some(network) = self.network.as_mut().filter(|_| !self.closed) {
            self.closed = true;
            network.close()?;
            self.look(observer)?;
        }
        Ok(())
    }
    /// Logs what was seen of the network, and submits what the service asks for because of it.
    fn look(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let Some(network) = &mut self.network else { return Ok(()) };
        let now = network.now().max(self.world.now());
        let (sights, asked) = network.take_sights();
        for (account, sight) in &sights {
            self.world.note(now, account, sight)?;
        }
        for command in asked {
            self.world.submit(now, command)?;
        }
        self.show(observer)
    }

    /// Shows fresh records to the observer, lets the network follow them, and keeps what steps may wait for.
    fn show(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        for record in self.world.take_records() {
            if let Some(event) = record.event() {
                let phones = event.phones().to_vec();
                let (at, account) = (record.at, record.account.clone());
                if let Some(network) = &mut self.network {
                    network.follow(at, self.world.rules().params(at), &account, event)?;
                }
                self.since.push(Seen { at, kind: event.kind(), account, phones });
            }
            observer.record(&record);
        }
        Ok(())
    }
}

/// The last instant before one.
fn before(at: SimTime) -> SimTime {
    SimTime::from_nanos(at.as_nanos().saturating_sub(1))
}

impl Seen {
    fn is(&self, awaited: &Awaited) -> bool {
        self.kind == awaited.kind
            && awaited.account.as_ref().is_none_or(|account| *account == self.account)
            && awaited.phone.as_ref().is_none_or(|phone| self.phones.contains(phone))
    }
}
