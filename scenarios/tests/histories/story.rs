//! A history as a scenario file, and what a run of that file tells.

use crate::desk::{Asked, Desk};
use crate::history::History;
use koosim_engine::log::Header;
use koosim_engine::plan::{DrawMode, Plan};
use koosim_engine::record::{Class, Record, Refused, What};
use koosim_engine::run::{Observer, Run, StepOutcome};
use koosim_model::name::AccountId;
use koosim_model::time::SimTime;
use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::expect::run_with;
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::write::{self, Unsayable};

const PLAIN: RenderOptions = RenderOptions { form: Form::Graphical, color: false, width: 100 };

/// What was asked, what happened and what was refused at a desk, in order.
pub(crate) fn told(desk: &Desk) -> Vec<Record> {
    let account = AccountId::new("acme").unwrap();
    let record = |at, what| Record { at, account: account.clone(), what, inside: None };
    let mut events = desk.log().iter().map(|(at, event)| record(*at, What::Event(event.clone())));
    let (mut records, mut before) = (Vec::new(), 0);
    for Asked { place, at, command, refused } in &desk.asked {
        records.extend(events.by_ref().take(place - before));
        before = *place;
        records.push(record(*at, What::Command(command.clone())));
        if let Some((reason, _)) = refused {
            let refusal = Refused { request: None, reason: reason.clone() };
            records.push(record(*at, What::Refusal(refusal)));
        }
    }
    records.extend(events);
    records
}

/// The text of a scenario file that tells what happened at the desk.
pub(crate) fn file(history: &History, desk: &Desk, title: &str) -> Result<String, Unsayable> {
    let (start, book) = (history.start(), history.book());
    let plan = Plan { start, seed: 0, draws: DrawMode::Default, book, steps: Vec::new() };
    let header = Header::of(title, &plan, desk.rules(), Class::Session).unwrap();
    let balance = (AccountId::new("acme").unwrap(), desk.account().ledger.cash());
    write::scenario(&header, &told(desk), desk.now, &[balance])
}

/// Keeps every record of a run.
#[derive(Default)]
struct Keep(Vec<Record>);

impl Observer for Keep {
    fn record(&mut self, record: &Record) {
        self.0.push(Record { inside: None, ..record.clone() });
    }
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}

/// What a run of the file tells; all that the file expects must be seen.
pub(crate) fn run(text: &str) -> Vec<Record> {
    let file = ScenarioFile::read("history.yaml", text.as_bytes());
    let shown = render(file.source(), file.diagnostics(), PLAIN);
    assert!(file.diagnostics().is_empty(), "{text}\n{shown}");
    let mut seen = Keep::default();
    let outcome = run_with(&file.case(0).unwrap(), &mut seen).unwrap();
    let failed = render(file.source(), &outcome.diagnostics(), PLAIN);
    assert!(outcome.passed(), "{text}\n{failed}");
    seen.0
}

/// The history written as a file and run tells itself again, record by record.
pub(crate) fn tells_itself_again(history: &History) {
    let desk = history.tell(|_, _| ());
    let text = file(history, &desk, "a random history").unwrap();
    let (one, other) = (told(&desk), run(&text));
    let end: SimTime = desk.now;
    let differing = one.iter().zip(&other).find(|(one, other)| one != other);
    assert_eq!(differing, None, "before {end}:\n{text}");
    assert_eq!(one.len(), other.len(), "before {end}:\n{text}");
}
