//! The machines as drawings: one document of state diagrams, written from the tables alone, so that no
//! picture can tell another story than the rules.

use super::{
    ArrearsStatus, BindingStatus, CallStatus, DataStatus, HoldStatus, OrderStatus, PhoneStatus,
    PowerStatus, SessionStatus,
};
use std::fmt::Write as _;

/// One arrow of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The state that it leaves.
    pub from: &'static str,
    /// What happens.
    pub trigger: &'static str,
    /// The state that it leads to.
    pub to: &'static str,
}

/// One machine by names; the first state is where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What it is about: a word, a colon, a sentence.
    pub about: &'static str,
    /// Its states.
    pub states: Vec<&'static str>,
    /// Its triggers.
    pub triggers: Vec<&'static str>,
    /// Every legal step, by state and then by trigger.
    pub arrows: Vec<Arrow>,
}

impl Machine {
    /// The machine's name.
    pub fn name(&self) -> &'static str {
        self.about.split_once(':').map_or(self.about, |(name, _)| name)
    }
}

/// Every machine.
pub fn machines() -> Vec<Machine> {
    vec![
        OrderStatus::machine("order: from its placing to its end (R1.8, R1.9)."),
        PhoneStatus::machine("phone: the subscription or the charge by use behind it (R8.1)."),
        ArrearsStatus::machine("arrears: an account and what it owes (R8.1, R8.5)."),
        HoldStatus::machine("hold: a freeze that lies over whatever the phone is in (R8.8)."),
        PowerStatus::machine("power: switched, restarted and reset, in the words of P2.1 (P2.6)."),
        BindingStatus::machine("binding: a member and its phone (P3.4, P3.5)."),
        DataStatus::machine("data: backed up and restored (P4.1, P4.4)."),
        SessionStatus::machine(
            "session: the stream of a phone, from preparation to release (P4.1).",
        ),
        CallStatus::machine("call: made or taken by the real phone for the cloud phone (P4.13)."),
    ]
}

/// All machines as one Markdown document with a Mermaid diagram each.
pub fn document() -> String {
    let mut text = String::from(
        "# Lifecycle\n\nDrawn from the tables of `model/src/lifecycle.rs`; a test keeps it true. \
         What is not drawn is refused.\n",
    );
    for machine in machines() {
        let (name, about) = (machine.name(), machine.about);
        let rest = about.split_once(": ").map_or("", |(_, rest)| rest);
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {name}\n\nThe {name} machine: {rest}\n\n```mermaid\n");
        text.push_str(&drawn(&machine));
        text.push_str("```\n");
    }
    text
}

/// One machine as a Mermaid state diagram.
fn drawn(machine: &Machine) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    if let Some(first) = machine.states.first() {
        let _ = writeln!(text, "    [*] --> {first}");
    }
    for state in &machine.states {
        let leaving: Vec<_> = machine.arrows.iter().filter(|arrow| arrow.from == *state).collect();
        for arrow in &leaving {
            let _ = writeln!(text, "    {} --> {}: {}", arrow.from, arrow.to, arrow.trigger);
        }
        if leaving.is_empty() {
            let _ = writeln!(text, "    {state} --> [*]");
        }
    }
    text
}
