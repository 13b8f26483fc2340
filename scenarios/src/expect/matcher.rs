//! Looks on while a plan is carried out, and judges each expectation at the end of its instant.
//! Memory is bounded by what happens at one instant, however long the run.

use super::bill::Billing;
use super::events::{Happened, event, refusal, silence};
use super::{BillExpectation, Expectation, Outcome, Verdict, flow, state};
use crate::lower::Scenario;
use crate::span::Span;
use koosim_engine::plan::{Awaited, When};
use koosim_engine::record::{Record, What};
use koosim_engine::run::{Observer, Run, StepOutcome, Summary};
use koosim_model::command::Source;
use koosim_model::event::Event;
use koosim_model::lifecycle::OrderStatus;
use koosim_model::name::{AccountId, OrderId};
use koosim_model::rulebook::RuleId;
use koosim_model::state::Order;
use koosim_model::time::SimTime;
use std::collections::BTreeMap;

/// Judges the expectations of one scenario.
#[derive(Debug)]
pub struct Matcher<'s> {
    scenario: &'s Scenario,
    /// The step and the place of each command of the plan, in its order.
    commands: Vec<(usize, Span)>,
    /// How many commands set the accounts up.
    setup: usize,
    /// How many commands the log has had.
    asked: usize,
    /// What happened at the instant of the last record.
    now: Option<SimTime>,
    happened: Vec<Happened>,
    /// What happened since the last instant at which a step stood, before this one.
    earlier: BTreeMap<&'static str, (u64, SimTime)>,
    /// When each kind of event happened last.
    last: BTreeMap<&'static str, SimTime>,
    /// Orders that are not open any more, and how they ended.
    ended: BTreeMap<(AccountId, OrderId), OrderStatus>,
    /// Bills, where some expectation looks at them.
    billing: Option<Billing>,
    /// Steps of this instant whose events are not judged yet.
    open: Vec<usize>,
    verdicts: Vec<Verdict>,
    rules: BTreeMap<RuleId, u64>,
    /// How many steps have been reached.
    reached: usize,
}

impl<'s> Matcher<'s> {
    /// Judges this scenario.
    pub fn new(scenario: &'s Scenario) -> Self {
        let commands = scenario.steps.iter().enumerate();
        let commands = commands.flat_map(|(i, s)| s.commands.iter().map(move |span| (i, *span)));
        Self {
            scenario,
            commands: commands.collect(),
            setup: scenario.steps.first().map_or(0, |setup| setup.commands.len()),
            asked: 0,
            now: None,
            happened: vec![],
            earlier: BTreeMap::new(),
            last: BTreeMap::new(),
            ended: BTreeMap::new(),
            billing: billing(scenario),
            open: vec![],
            verdicts: vec![],
            rules: BTreeMap::new(),
            reached: 0,
        }
    }

    /// The outcome of a run that ended so.
    pub fn finish(mut self, summary: Summary) -> Outcome {
        self.close();
        let mut verdicts = self.verdicts;
        verdicts.sort_by_key(|verdict| verdict.step);
        let steps = self.scenario.steps.iter().skip(self.reached);
        let unreached = steps.filter(|step| step.expectation.is_some()).count();
        Outcome {
            name: self.scenario.name.clone(),
            title: self.scenario.title.clone(),
            seed: self.scenario.plan.seed,
            verdicts,
            unreached,
            rules: self.rules,
            summary,
        }
    }

    /// A step could not take place.
    pub(super) fn fail(&mut self, step: usize, at: Option<SimTime>, message: String) {
        let span = self.scenario.steps.get(step).map(|step| step.span).unwrap_or_default();
        self.verdicts.push(Verdict { step, span, at, failure: Some(message) });
    }

    fn judge(&mut self, step: usize, span: Span, at: SimTime, answer: Result<(), String>) {
        self.verdicts.push(Verdict { step, span, at: Some(at), failure: answer.err() });
    }

    /// Begins a new instant, unless it is the same.
    fn enter(&mut self, at: SimTime) {
        if self.now == Some(at) {
            return;
        }
        self.close();
        for one in self.happened.drain(..) {
            let (count, _) = self.earlier.entry(one.kind()).or_insert((0, one.record.at));
            *count += 1;
            self.last.insert(one.kind(), one.record.at);
        }
        self.now = Some(at);
    }

    /// Judges what is open of this instant, events before silences.
    fn close(&mut self) {
        let Some(at) = self.now.filter(|_| !self.open.is_empty()) else { return };
        let open = std::mem::take(&mut self.open);
        let scenario = self.scenario;
        let expectations: Vec<_> = open
            .iter()
            .filter_map(|step| Some((*step, scenario.steps.get(*step)?.expectation.as_ref()?)))
            .collect();
        for (step, (span, expectation)) in &expectations {
            let answer = match expectation {
                Expectation::Event(expected) => event(expected, &mut self.happened, at, &self.last),
                Expectation::Refused(expected) => refusal(expected, &mut self.happened, at),
                _ => continue,
            };
            self.judge(*step, *span, at, answer);
        }
        for (step, (span, expectation)) in &expectations {
            if let Expectation::Silence { except } = expectation {
                let answer = silence(except, &self.earlier, &self.happened);
                self.judge(*step, *span, at, answer);
            }
        }
        self.unexpected_refusals(at);
        self.earlier.clear();
        for one in self.happened.drain(..) {
            self.last.insert(one.kind(), at);
        }
    }

    /// A command that was refused although nothing says so is a mistake of the file or of the rules.
    fn unexpected_refusals(&mut self, at: SimTime) {
        let refusals = self.happened.iter().filter(|one| !one.named);
        let verdicts: Vec<_> = refusals
            .filter_map(|one| {
                let refused = one.refusal()?;
                let (step, span) = one.command.and_then(|c| self.commands.get(c).copied())?;
                let rules: Vec<_> = one.record.rules().iter().map(ToString::to_string).collect();
                let failure = format!(
                    "refused: {} ({}), which no expectation names",
                    refused.reason,
                    rules.join(", ")
                );
                Some(Verdict { step, span, at: Some(at), failure: Some(failure) })
            })
            .collect();
        self.verdicts.extend(verdicts);
    }

    /// A bill is a view that follows rules of its own, which act where it is looked at.
    fn follow_bill(&mut self, expected: &BillExpectation) {
        for rule in expected.rules() {
            *self.rules.entry(rule).or_default() += 1;
        }
    }

    fn follow_order(&mut self, account: &AccountId, event: &Event) {
        let (order, status) = match event {
            Event::OrderCompleted(e) => (&e.order, OrderStatus::Completed),
            Event::OrderCancelled(e) => (&e.order, OrderStatus::Cancelled),
            _ => return,
        };
        self.ended.insert((account.clone(), order.clone()), status);
    }

    fn state(&self, run: &Run, expectation: &Expectation) -> Option<Result<(), String>> {
        let world = run.world();
        match expectation {
            Expectation::Phone(expected) => Some(state::phone(world, expected)),
            Expectation::Account(expected) => Some(state::account(world, expected)),
            Expectation::Coupon(expected) => Some(state::coupon(world, expected)),
            Expectation::Member(expected) => Some(state::member(world, expected)),
            Expectation::User(expected) => Some(state::user(world, expected)),
            Expectation::Token(expected) => Some(state::token(world, expected)),
            Expectation::Flow(expected) => Some(flow::flow(run.network(), expected, world.now())),
            Expectation::Share(expected) => Some(flow::share(run.network(), expected)),
            Expectation::Bill(expected) => {
                self.billing.as_ref().map(|billing| billing.check(expected, world.now()))
            }
            Expectation::Order { account, order, is } => {
                let key = (account.clone(), order.clone());
                // An open order says itself where it stands; the log tells how the others ended.
                let open = world.accounts().get(account).and_then(|a| a.orders.get(order));
                let told = self.ended.get(&key).copied().unwrap_or(OrderStatus::Unplaced);
                let seen = open.map_or(told, Order::status).name();
                Some(if seen == *is {
                    Ok(())
                } else {
                    Err(format!("order `{order}`: is: expected {is}, seen {seen}"))
                })
            }
            Expectation::Event(_) | Expectation::Refused(_) | Expectation::Silence { .. } => None,
        }
    }
}

impl Observer for Matcher<'_> {
    fn record(&mut self, record: &Record) {
        self.enter(record.at);
        for rule in record.rules() {
            *self.rules.entry(*rule).or_default() += 1;
        }
        if let Some(billing) = &mut self.billing {
            billing.take(record);
        }
        match &record.what {
            // What the network asks for stands in no file.
            What::Command(command) if command.envelope.source == Source::Network => {}
            What::Command(_) => self.asked += 1,
            What::Draw(_) | What::Sight(_) => {}
            What::Event(event) => {
                self.follow_order(&record.account, event);
                // The accounts come into being before the story begins.
                if self.asked > self.setup || record.at > self.scenario.plan.start {
                    self.happened(record);
                }
            }
            What::Refusal(_) => self.happened(record),
        }
    }

    fn step(&mut self, run: &Run, step: usize, outcome: StepOutcome) {
        match outcome {
            StepOutcome::Reached(at) => {
                self.enter(at);
                self.reached = step + 1;
                self.open.push(step);
                let scenario = self.scenario;
                let note = scenario.steps.get(step).and_then(|note| note.expectation.as_ref());
                if let Some((span, expectation)) = note
                    && let Some(answer) = self.state(run, expectation)
                {
                    // What a rule says of how a phone is shown acts where somebody looks at it.
                    if let (Expectation::Phone(expected), true) = (expectation, answer.is_ok()) {
                        for rule in state::rules_of(expected) {
                            *self.rules.entry(rule).or_default() += 1;
                        }
                    }
                    if let Expectation::Bill(expected) = expectation {
                        self.follow_bill(expected);
                    }
                    self.judge(step, *span, at, answer);
                }
            }
            StepOutcome::WaitedInVain(at) => {
                let plan = &self.scenario.plan;
                let message = match plan.steps.get(step).map(|step| &step.when) {
                    Some(When::On(awaited)) => waited(awaited, at),
                    _ => format!("waited until {}", at.wall()),
                };
                self.fail(step, Some(at), message);
            }
        }
    }
}

impl Matcher<'_> {
    fn happened(&mut self, record: &Record) {
        let command = self.asked.checked_sub(1);
        self.happened.push(Happened { record: record.clone(), named: false, command });
    }
}

/// Bills for a scenario that expects something of them. A broken rulebook keeps it from running at all.
fn billing(scenario: &Scenario) -> Option<Billing> {
    let mut expected = scenario.steps.iter().filter_map(|step| step.expectation.as_ref());
    let looks = expected.any(|(_, expectation)| matches!(expectation, Expectation::Bill(_)));
    let rules = looks.then(|| scenario.plan.book.rules().ok()).flatten();
    rules.map(Billing::new)
}

fn waited(awaited: &Awaited, at: SimTime) -> String {
    let of = match (&awaited.phone, &awaited.account) {
        (Some(phone), _) => format!(" of `{phone}`"),
        (None, Some(account)) => format!(" of `{account}`"),
        (None, None) => String::new(),
    };
    format!("waited until {} for `{}`{of}, which did not happen", at.wall(), awaited.kind)
}
