//! When each step takes place, as far as the file alone can tell.

use super::Lowering;
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::grammar::{After, ExpectDoc, StepDoc, VerbDoc};
use crate::read::LAST_YEAR;
use crate::span::Span;
use koosim_engine::plan::{Awaited, When};
use koosim_model::time::{BillingDay, SimDuration, SimTime};

/// How long a step waits for an event unless it says otherwise.
pub const DEFAULT_WAIT: SimDuration = SimDuration::from_days(1);

/// What is known of the instant of the step before.
pub(super) struct Clock {
    /// Not before this; nothing if the file's start or a step is broken.
    floor: Option<SimTime>,
    /// Not after this.
    ceiling: Option<SimTime>,
    /// Where the step before stands.
    place: Option<Span>,
    /// An expectation that looks at the end of this instant.
    expected: Option<Span>,
}

impl Clock {
    pub(super) fn new(start: Option<SimTime>) -> Self {
        Self { floor: start, ceiling: start, place: None, expected: None }
    }
    /// Nothing is known from here on but that time does not run backwards.
    pub(super) fn lose(&mut self) {
        self.ceiling = None;
        self.expected = None;
    }
    pub(super) fn expected(&mut self, place: Span) {
        self.expected = self.expected.or(Some(place));
    }
    pub(super) fn expects(&self) -> Option<Span> {
        self.expected
    }

    fn stands_at(&self, at: SimTime) -> bool {
        self.floor == Some(at) && self.ceiling == Some(at)
    }
    fn at(&mut self, at: SimTime) {
        if !self.stands_at(at) {
            self.expected = None;
        }
        (self.floor, self.ceiling) = (Some(at), Some(at));
    }
    fn later(&mut self, least: SimDuration, most: SimDuration) {
        self.floor = self.floor.and_then(|floor| floor.checked_add(least));
        self.ceiling = self.ceiling.and_then(|ceiling| ceiling.checked_add(most));
        self.expected = None;
    }
}

/// The first instant of which a scenario may no longer speak.
fn end_of_time() -> SimTime {
    BillingDay::new(LAST_YEAR + 1, 1, 1).map_or(SimTime::EPOCH, BillingDay::start)
}

impl<'d> Lowering<'d, '_> {
    /// When a step takes place; nothing if a diagnostic says why not.
    pub(super) fn when(&mut self, step: &'d StepDoc, clock: &mut Clock) -> Option<When> {
        let when = match (&step.at, &step.after, &step.until) {
            (Some(at), _, _) => self.at(at.get(), at.span, clock),
            (_, Some(after), _) => match &after.value {
                After::Length(length) => self.after(step, length.get(), after.span, clock),
                After::Event(kind) => self.on(step, kind.name(), after.span, clock),
            },
            (_, _, Some(until)) => {
                if !matches!(&step.verb, VerbDoc::Expect(ExpectDoc::Silence { .. })) {
                    let message = "`until` says how long there is silence";
                    self.out.push(
                        Diagnostic::error(Code::BadTiming, step.head, message, "not silence")
                            .and(until.span, "until here")
                            .help("write `at`, or `expect: silence`"),
                    );
                }
                self.at(until.get(), until.span, clock)
            }
            (None, None, None) => Some(When::After(SimDuration::ZERO)),
        };
        clock.place = Some(step.head);
        when
    }

    fn at(&mut self, at: SimTime, span: Span, clock: &mut Clock) -> Option<When> {
        if let Some(floor) = clock.floor.filter(|floor| at < *floor) {
            let message = format!("time runs backwards: {} is before {}", at.wall(), floor.wall());
            self.out.push(match clock.place {
                Some(place) => {
                    let label = "before the step above";
                    Diagnostic::error(Code::BadTiming, span, message, label)
                        .and(place, format!("not before {}", floor.wall()))
                }
                None => Diagnostic::error(Code::BadTiming, span, message, "before the start"),
            });
            return None;
        }
        clock.at(at);
        Some(When::At(at))
    }

    fn after(
        &mut self,
        step: &StepDoc,
        length: SimDuration,
        span: Span,
        clock: &mut Clock,
    ) -> Option<When> {
        let extras = [step.of.as_ref().map(|of| of.span), step.within.as_ref().map(|w| w.span)];
        for extra in extras.into_iter().flatten() {
            let message = "`of` and `within` go with a kind of event, not with a length of time";
            self.out.push(
                Diagnostic::error(Code::BadTiming, extra, message, "nothing to wait for")
                    .and(span, "a length of time"),
            );
        }
        if length > SimDuration::ZERO {
            clock.later(length, length);
        }
        self.check_end(clock, span)?;
        Some(When::After(length))
    }

    fn on(
        &mut self,
        step: &'d StepDoc,
        kind: &'static str,
        span: Span,
        clock: &mut Clock,
    ) -> Option<When> {
        let within = step.within.as_ref().map_or(DEFAULT_WAIT, |within| within.get());
        clock.later(SimDuration::ZERO, within);
        self.check_end(clock, span)?;
        let (account, phone) = match &step.of {
            None => (None, None),
            Some(of) => {
                let (account, phone) = self.about(of)?;
                (Some(account), phone)
            }
        };
        Some(When::On(Awaited { kind: kind.to_owned(), account, phone, within }))
    }

    fn check_end(&mut self, clock: &Clock, span: Span) -> Option<()> {
        let Some(ceiling) = clock.ceiling.filter(|at| *at >= end_of_time()) else {
            return Some(());
        };
        let message = format!("this may be as late as {}", quoted(&ceiling.wall().to_string()));
        self.out.push(
            Diagnostic::error(Code::DateOutOfRange, span, message, "too late")
                .help(format!("a scenario ends by {LAST_YEAR}")),
        );
        None
    }
}
