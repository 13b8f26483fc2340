//! From the documents of one case to a plan and its expectations. Every name is looked up here, and
//! everything that is wrong is said; the order of keys and of accounts in the file changes nothing.

mod bill;
mod book;
mod budgets;
mod call;
mod commands;
mod coupons;
mod device;
mod expectations;
mod identity;
mod links;
mod member;
mod names;
mod network;
mod orders;
mod returns;
mod session;
mod timing;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expect::Expectation;
use crate::grammar::{Draws, ScenarioDoc, StepDoc, VerbDoc};
use crate::read::Lenient;
use crate::span::Span;
use crate::traces::Traces;
use book::Priced;
use koosim_engine::plan::{DrawMode, Plan, Step, When};
use koosim_model::command::Command;
use koosim_model::rules::Params;
use koosim_model::time::SimTime;
use names::Names;
use network::Declared;
use std::sync::Arc;
use timing::Clock;

pub(crate) use book::{NOTICES, currency};
pub(crate) use coupons::for_ever;
pub use timing::DEFAULT_WAIT;

/// One case, ready to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The name of the case: `file[discount=10,tier=V0]`.
    pub name: String,
    /// What it shows, in one sentence.
    pub title: String,
    /// The plan. Its first step sets the accounts up; the others are those of the file.
    pub plan: Arc<Plan>,
    /// The seed, if the file fixes one; the plan has it or 0.
    pub seed: Option<u64>,
    /// What the file says about each step of the plan.
    pub steps: Vec<StepNote>,
}

impl Scenario {
    /// The same case with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        Arc::make_mut(&mut self.plan).seed = seed;
        self
    }
}

/// What the file says about one step of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepNote {
    /// What to underline when the step as a whole is meant.
    pub span: Span,
    /// The places of its commands.
    pub commands: Vec<Span>,
    /// What must be seen, if it says so.
    pub expectation: Option<(Span, Expectation)>,
}

/// Lowers the document of one case. Nothing means that the diagnostics hold an error.
pub fn lower(
    name: &str,
    document: &ScenarioDoc,
    traces: &Traces,
    out: &mut Diagnostics,
) -> Option<Scenario> {
    let before = out.errors();
    let start = document.start.good().map(|start| start.get());
    let priced = book::price(document, start, out);
    let names = Names::gather(document, priced.as_ref(), out);
    let currency = priced.as_ref().map(|priced| priced.currency);
    let calls_pay = priced.as_ref().is_some_and(|priced| priced.calls_pay);
    let params = priced.as_ref().and_then(|priced| priced.params.clone());
    let network = Declared::default();
    let mut lowering = Lowering { names, currency, calls_pay, params, traces, network, start, out };
    let setup = lowering.setup(document);
    let first = document.links.as_ref().and_then(Lenient::good);
    if document.links.is_some() && first.is_none() {
        lowering.network.lose();
    }
    let network = first.map(|links| lowering.links(links)).unwrap_or_default();
    let (steps, mut notes) = lowering.steps(document);
    let (setup, commands): (Vec<Command>, Vec<Span>) = setup.into_iter().unzip();
    notes.insert(0, StepNote { span: document.head, commands, expectation: None });
    if out.errors() > before {
        return None;
    }
    let (start, Priced { book, .. }) = (start?, priced?);
    let seed = document.seed.as_ref().and_then(Lenient::good).map(|seed| seed.get());
    let draws = match document.draws.as_ref().and_then(Lenient::good).map(|draws| draws.value) {
        None | Some(Draws::Default) => DrawMode::Default,
        Some(Draws::Random) => DrawMode::Random,
    };
    let first = Step { when: When::At(start), commands: setup, network };
    let steps = std::iter::once(first).chain(steps).collect();
    let plan = Plan { start, seed: seed.unwrap_or(0), draws, book, steps };
    let title = document.scenario.good()?.to_string();
    Some(Scenario { name: name.to_owned(), title, plan: Arc::new(plan), seed, steps: notes })
}

/// What the lowering of one case knows.
struct Lowering<'d, 'o> {
    names: Names<'d>,
    /// The currency of the rulebook; nothing if the rulebook is broken.
    currency: Option<koosim_model::money::Currency>,
    /// Whether a call of the interface that does not say so pays at once (P1.9).
    calls_pay: bool,
    start: Option<SimTime>,
    /// What the rulebook says of links and pictures; nothing if it is broken.
    params: Option<Box<Params>>,
    traces: &'o Traces,
    /// What has been declared of the network up to here.
    network: Declared,
    out: &'o mut Diagnostics,
}

/// A command with its place.
type Placed = (Command, Span);

impl<'d> Lowering<'d, '_> {
    fn steps(&mut self, document: &'d ScenarioDoc) -> (Vec<Step>, Vec<StepNote>) {
        let mut clock = Clock::new(self.start);
        let (mut steps, mut notes) = (vec![], vec![]);
        for step in document.steps.good().into_iter().flatten() {
            let Lenient::Good(step) = step else {
                // Where a broken step stands in time is not known.
                clock.lose();
                self.network.lose();
                continue;
            };
            let when = self.when(step, &mut clock);
            let note = self.step(step);
            self.warn_of_order(step, &mut clock, &note);
            let (commands, places) = note.0.into_iter().unzip();
            let place = step.verb.span();
            let expectation = note.1.map(|expectation| (place, expectation));
            notes.push(StepNote { span: step.head, commands: places, expectation });
            if let Some(when) = when {
                let network = self.network_orders(&step.verb);
                steps.push(Step { when, commands, network });
            }
        }
        (steps, notes)
    }

    fn step(&mut self, step: &'d StepDoc) -> (Vec<Placed>, Option<Expectation>) {
        match &step.verb {
            VerbDoc::Expect(expect) => (vec![], self.expectation(expect)),
            VerbDoc::WritePolicy(_)
            | VerbDoc::AddGroup(_)
            | VerbDoc::AddUser(_)
            | VerbDoc::Membership(_)
            | VerbDoc::Attach(_)
            | VerbDoc::Detach(_)
            | VerbDoc::ChangeUser(_)
            | VerbDoc::Bounds(_)
            | VerbDoc::Agency(_)
            | VerbDoc::GetToken(_)
            | VerbDoc::CheckToken(_)
            | VerbDoc::Permission(_) => {
                let command = self.identity_command(step).into_iter().collect();
                (self.given_by(step, command), self.answered(step))
            }
            VerbDoc::CreateOrganisation(_)
            | VerbDoc::AddDepartment(_)
            | VerbDoc::EditDepartment(_)
            | VerbDoc::RemoveDepartment(_)
            | VerbDoc::AddMember(_)
            | VerbDoc::SetMemberPassword(_)
            | VerbDoc::RemoveMember(_)
            | VerbDoc::LogIn(_)
            | VerbDoc::LogOut(_)
            | VerbDoc::Enter(_)
            | VerbDoc::Leave(_)
            | VerbDoc::Consent(_)
            | VerbDoc::Try(_)
            | VerbDoc::Control(_)
            | VerbDoc::AppList(_)
            | VerbDoc::AttachList(_)
            | VerbDoc::EnableList(_)
            | VerbDoc::RemoveLists(_)
            | VerbDoc::UploadApp(_)
            | VerbDoc::DistributeApp(_) => {
                let commands = self.member_commands(step);
                (self.given_by(step, commands), self.deed_answered(step))
            }
            VerbDoc::Prepare(_)
            | VerbDoc::Authorise(_)
            | VerbDoc::StartStream(_)
            | VerbDoc::JoinStream(_)
            | VerbDoc::LeaveStream(_)
            | VerbDoc::GiveControl(_)
            | VerbDoc::StopStream(_)
            | VerbDoc::ReleaseSession(_)
            | VerbDoc::LoseConnection(_)
            | VerbDoc::Reconnect(_) => {
                let commands = self.session_commands(&step.verb);
                (self.given_by(step, commands), None)
            }
            verb if network::is_one(verb) => (vec![], None),
            verb if call::is_one(verb) => {
                let command = self.call_command(verb).into_iter().collect();
                (self.given_by(step, command), None)
            }
            verb => {
                let commands = self.command(verb);
                (self.given_by(step, commands), None)
            }
        }
    }

    /// Expectations look at the end of an instant, whatever stands above or below them in the file.
    fn warn_of_order(
        &mut self,
        step: &StepDoc,
        clock: &mut Clock,
        note: &(Vec<Placed>, Option<Expectation>),
    ) {
        if note.1.is_some() && note.0.is_empty() {
            clock.expected(step.head);
        } else if let (Some(expected), false) = (clock.expects(), note.0.is_empty()) {
            let message = "a command stands after an expectation of the same instant";
            self.out.push(
                Diagnostic::warning(
                    Code::CommandAfterExpectation,
                    step.head,
                    message,
                    "happens first",
                )
                .and(expected, "looks at the end of the instant")
                .help("move the command up, or give it a time of its own"),
            );
        }
    }
}
