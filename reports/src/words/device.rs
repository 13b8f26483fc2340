//! Phones as devices and the standing of accounts, in words.

use super::wall;
use koosim_model::command::{Freezer, Op, Way};
use koosim_model::event::Event;
use koosim_model::state::{Operation, Setup};
use koosim_model::time::SimTime;

/// What a command that moves no money asks for.
pub(super) fn command(op: &Op) -> String {
    match op {
        Op::Operate { phone, operation } => format!("{} {phone}", wanted(*operation)),
        Op::FailOperation { phone } => format!("let what {phone} is doing fail"),
        Op::Bind { phone, member } => format!("bind {phone} to {member}"),
        Op::Move { phone, region } => format!("move {phone} to {region}"),
        Op::Connect { phone, by } => {
            let way = match by {
                Way::Adb => "ADB",
                Way::Vnc => "VNC",
            };
            format!("connect to {phone} by {way}")
        }
        Op::Release { phone } => format!("release {phone}"),
        Op::Freeze { phone, by } => format!("freeze {phone} {}", freezer(*by)),
        Op::Unfreeze { phone, by } => format!("lift the freeze of {phone} {}", freezer(*by)),
        Op::SetVerification { to } => format!("verify the account: {}", to.name()),
        Op::GrantPromotion { grace_days, retention_days, until } => {
            format!("promise {}", promise(*grace_days, *retention_days, *until))
        }
        _ => String::new(),
    }
}

/// What an event that moves no money says.
pub(super) fn event(event: &Event) -> String {
    match event {
        Event::OperationStarted(e) => {
            format!("{} {} until {}", e.phone, doing(e.operation), wall(e.until))
        }
        Event::OperationDone(e) => format!("{} {}", e.phone, done(e.operation)),
        Event::OperationFailed(e) => format!("{} failed: {}", wanted(e.operation), e.phone),
        Event::Bound(e) => {
            format!("{} bound to {}, who is told by text message", e.phone, e.member)
        }
        Event::Unbound(e) => format!("{} taken from {}, its data are wiped", e.phone, e.member),
        Event::VerificationSet(e) => format!("account verified: {}", e.to.name()),
        Event::TierSet(e) => format!("tier {} from here on", e.tier.name()),
        Event::PromotionGranted(e) => {
            format!("promised {}", promise(e.grace_days, e.retention_days, e.until))
        }
        _ => String::new(),
    }
}

fn freezer(by: Freezer) -> &'static str {
    match by {
        Freezer::Violation => "for a violation",
        Freezer::Police => "by public security",
    }
}

fn promise(grace: Option<u32>, retention: Option<u32>, until: SimTime) -> String {
    let days = |what: &str, days: Option<u32>| days.map(|days| format!("{days} days of {what}"));
    let lengths: Vec<_> =
        [days("grace", grace), days("retention", retention)].into_iter().flatten().collect();
    format!("{}, until {}", lengths.join(" and "), wall(until))
}

fn wanted(operation: Operation) -> &'static str {
    match operation {
        Operation::PowerOn => "power on",
        Operation::PowerOff => "power off",
        Operation::Restart => "restart",
        Operation::Reset => "reset",
        Operation::Unbind => "unbind",
        Operation::BackUp => "back up",
        Operation::Restore => "restore",
    }
}

fn doing(operation: Operation) -> &'static str {
    match operation {
        Operation::PowerOn => "powers on",
        Operation::PowerOff => "powers off",
        Operation::Restart => "restarts",
        Operation::Reset => "is reset",
        Operation::Unbind => "is wiped for its next member",
        Operation::BackUp => "is backed up",
        Operation::Restore => "is restored",
    }
}

fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::PowerOn => "powered on",
        Operation::PowerOff => "powered off",
        Operation::Restart => "restarted",
        Operation::Reset => "reset",
        Operation::Unbind => "wiped",
        Operation::BackUp => "backed up",
        Operation::Restore => "restored",
    }
}

/// System and network, where they were said.
pub(super) fn setup(setup: Option<Setup>) -> String {
    let setup = setup.unwrap_or_default();
    let system = setup.system.map(|system| format!(", {}", system.name())).unwrap_or_default();
    let network = setup.network.map(|network| format!(", {}", network.name())).unwrap_or_default();
    format!("{system}{network}")
}
