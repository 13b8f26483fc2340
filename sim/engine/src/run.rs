//! A plan carried out in a world, step by step, with somebody looking on.
//!
//! All steps of one instant are taken together: first their commands in order, then everything that is
//! due at that instant, then whoever looks on. A step that waits for an event takes place at the event's
//! instant, once everything else of that instant has happened.

use crate::digest::{Digest, PackError};
use crate::log::Header;
use crate::plan::{Awaited, Plan, When};
use crate::record::{Draw, Record};
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
    /// A step took place, or waited in vain; the world stands at the end of its instant.
    fn step(&mut self, world: &World, step: usize, outcome: StepOutcome);
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
    /// The next step to take.
    next: usize,
    /// Where the previous step took place.
    instant: SimTime,
    /// Events since the previous step, for steps that wait.
    since: Vec<Seen>,
    ended: bool,
}

#[derive(Clone, Debug)]
struct Seen {
    at: SimTime,
    kind: &'static str,
    account: AccountId,
    phones: Vec<PhoneId>,
}

impl Run {
    /// A run of `plan`, at its first instant.
    pub fn new(name: &str, plan: Arc<Plan>) -> Result<Self, RunError> {
        let rules = plan.book.rules().map_err(RunError::Book)?;
        let header = Header::of(name, &plan, &rules)?;
        let world =
            World::new(Arc::new(rules), plan.start, plan.seed, plan.draws, &header.given()?);
        let instant = plan.start;
        let header = Arc::new(header);
        Ok(Self { plan, header, world, next: 0, instant, since: Vec::new(), ended: false })
    }
    /// From here on takes the draws of a log instead of its own.
    pub fn replay(&mut self, draws: VecDeque<(AccountId, Draw)>) {
        self.world.replay(draws);
    }
    /// The header of the run's log.
    pub fn header(&self) -> &Header {
        &self.header
    }
    /// The world as it stands.
    pub fn world(&self) -> &World {
        &self.world
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
                    observer.step(&self.world, self.next, outcome);
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
        while self.world.next_due().is_some_and(|due| due < at) {
            self.world.step()?;
            self.show(observer);
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
            self.show(observer);
        }
        self.world.run_through(at)?;
        self.instant = at;
        for step in first..first + count {
            observer.step(&self.world, step, StepOutcome::Reached(at));
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
                while self.world.next_due().is_some_and(|due| due <= at) {
                    self.world.step()?;
                    self.show(observer);
                }
                return Ok(Some(at));
            }
            if self.world.next_due().is_none_or(|due| due > until) {
                self.world.run_through(until)?;
                return Ok(None);
            }
            self.since.clear();
            self.world.step()?;
            self.show(observer);
        }
    }

    /// Shows fresh records to the observer and keeps what steps may wait for.
    fn show(&mut self, observer: &mut dyn Observer) {
        for record in self.world.take_records() {
            if let Some(event) = record.event() {
                let phones = event.phones().to_vec();
                let (at, account) = (record.at, record.account.clone());
                self.since.push(Seen { at, kind: event.kind(), account, phones });
            }
            observer.record(&record);
        }
    }
}

impl Seen {
    fn is(&self, awaited: &Awaited) -> bool {
        self.kind == awaited.kind
            && awaited.account.as_ref().is_none_or(|account| *account == self.account)
            && awaited.phone.as_ref().is_none_or(|phone| self.phones.contains(phone))
    }
}
