//! R8: phases after expiry and arrears, freezes, and coming back.

use super::arithmetic::{days, sum};
use super::lives::{days_of, paid, tier};
use super::{Invariant, Moment, Tally, What};
use koosim_model::command::{Op, Tier};
use koosim_model::decision::Reason;
use koosim_model::event::Event;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::name::PhoneId;
use koosim_model::state::{Arrears, FreezeCause, Operation, OrderKind, Phase, Split};
use koosim_model::time::SimTime;
use rust_decimal::Decimal;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "a phone goes from grace to retention to its release, and then nothing happens to it",
        rules: &["R8.1"],
        check: phases_in_order,
    },
    Invariant {
        name: "grace and retention last the days of the tier",
        rules: &["R8.2"],
        check: lengths_of_the_tier,
    },
    Invariant {
        name: "the tier follows what was spent",
        rules: &["R8.2"],
        check: tier_by_spending,
    },
    Invariant {
        name: "phases end whole days after midnight",
        rules: &["R8.3"],
        check: ends_of_phases,
    },
    Invariant {
        name: "nothing accrues in retention unless the book says so",
        rules: &["R8.4"],
        check: accrual,
    },
    Invariant { name: "who owes is in arrears", rules: &["R8.5"], check: arrears },
    Invariant {
        name: "grace is for all use, or for what already runs",
        rules: &["R8.6"],
        check: use_in_grace,
    },
    Invariant {
        name: "money above zero ends arrears and unfreezes",
        rules: &["R8.7"],
        check: comes_back,
    },
    Invariant {
        name: "what public security froze is left alone, and one cause lifted leaves the others",
        rules: &["R8.8"],
        check: kinds_of_freeze,
    },
    Invariant {
        name: "a frozen phone does nothing",
        rules: &["R8.10", "P2.8"],
        check: frozen_does_nothing,
    },
    Invariant {
        name: "by hand only what has expired is released",
        rules: &["R8.11"],
        check: released_by_hand,
    },
];

fn is_gone(event: &Event, phone: &PhoneId) -> bool {
    match event {
        Event::Released(e) => e.phone == *phone,
        Event::Deleted(e) => e.phone == *phone,
        Event::Unsubscribed(e) => e.phone == *phone && e.expires.is_none(),
        _ => false,
    }
}

fn phases_in_order(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let stage =
        |phone: &PhoneId| m.account.phones.get(phone).map(koosim_model::state::Phone::stage);
    match event {
        Event::Expired(e) => tally.same(stage(&e.phone), Some(PhoneStatus::Active), e),
        Event::Frozen(e) if e.cause == FreezeCause::Arrears => {
            tally.same(stage(&e.phone), Some(PhoneStatus::Active), e);
        }
        Event::Released(e) => {
            tally.holds(!matches!(stage(&e.phone), None | Some(PhoneStatus::Gone)), e);
            let folded = m.folded;
            let left = folded.phones.get(&e.phone).map(koosim_model::state::Phone::status);
            tally.holds(matches!(left, None | Some(PhoneStatus::Gone)), &(e, left));
        }
        _ => {}
    }
    // What is still to be told of a phone that is gone is its use and what is paid back.
    let serves = matches!(
        event,
        Event::Renewed(_)
            | Event::OperationStarted(_)
            | Event::OperationDone(_)
            | Event::PowerSet(_)
            | Event::Bound(_)
            | Event::Expired(_)
            | Event::Frozen(_)
            | Event::Unfrozen(_)
            | Event::AutoRenewalTried(_)
            | Event::AutoRenewalSet(_)
    );
    if !serves {
        return;
    }
    for phone in event.phones() {
        let last = m.before().find(|(_, earlier)| {
            let begins = matches!(earlier, Event::Created(_) | Event::Provisioned(_));
            is_gone(earlier, phone) || (begins && earlier.phones().contains(phone))
        });
        tally.holds(last.is_some_and(|(_, earlier)| !is_gone(earlier, phone)), event);
    }
}

fn lengths_of_the_tier(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::Expired(e)) => {
            let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
            let due = paid.end() + days(days_of(m, "R8.2.prepaid_grace_days"));
            tally.same(e.grace_until, due, &(e, tier(m)));
        }
        Some(Event::ArrearsStarted(e)) => {
            let due = m.at + days(days_of(m, "R8.2.on_demand_grace_days"));
            tally.same(e.grace_until, due, &(e, tier(m)));
        }
        Some(Event::Frozen(e)) => {
            let from = match e.cause {
                FreezeCause::Expiry => grace_end(m, &e.phone),
                FreezeCause::Arrears | FreezeCause::Violation => m.at,
                FreezeCause::Police => return tally.same(e.retention_until, None, e),
            };
            let on_demand = m.account.metering(&e.phone).is_some();
            let path = if on_demand {
                "R8.2.on_demand_retention_days"
            } else {
                "R8.2.prepaid_retention_days"
            };
            tally.same(e.retention_until, Some(from + days(days_of(m, path))), &(e, tier(m)));
        }
        _ => {}
    }
}

/// When the grace of an expired phone ended; its end where it had none.
fn grace_end(m: &Moment<'_>, phone: &PhoneId) -> SimTime {
    let told = m.before().find_map(|(_, event)| match event {
        Event::Expired(e) if e.phone == *phone => Some(Some(e.grace_until)),
        Event::Renewed(_) | Event::Provisioned(_) if event.phones().contains(phone) => Some(None),
        _ => None,
    });
    told.flatten().unwrap_or_else(|| paid(m, phone).unwrap().end())
}

/// What was spent by the customer: what was due, without vouchers, less what came back.
fn spent(m: &Moment<'_>, counts: impl Fn(SimTime) -> bool) -> Decimal {
    let of = |split: &Split| {
        let vouchers = split.coupons.iter().filter(|part| !part.counts_as_paid);
        split.total().unwrap().value() - sum(vouchers.map(|part| part.amount))
    };
    let events = m.before().filter(|(at, _)| counts(*at)).map(|(_, event)| match event {
        Event::Charged(e) => of(&e.paid),
        Event::Settled(e) => of(&e.paid),
        Event::MonthCharged(e) => of(&e.paid),
        Event::ErasedCollected(e) => of(&e.paid),
        Event::Refunded(e) => -of(&e.refund),
        Event::SizeChanged(e) => of(&e.paid) - of(&e.returned),
        _ => Decimal::ZERO,
    });
    events.sum()
}

fn tier_by_spending(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let thresholds = m.table("R8.2.tier_thresholds");
    let reached = |spent: Decimal| {
        let mut tiers = Tier::ALL.iter().rev();
        let found = tiers.find(|tier| {
            thresholds.get(tier.name()).is_some_and(|least| !least.is_zero() && spent >= least)
        });
        found.copied().unwrap_or(Tier::V0)
    };
    let moves = thresholds.entries().any(|(_, least)| !least.is_zero());
    let year = m.at.day().year();
    let before_today = |at: SimTime| at.day().year() == year && at.day() < m.at.day();
    let this_year = || reached(spent(m, before_today));
    if let Event::TierSet(e) = event {
        let last_year = reached(spent(m, |at| at.day().year() == year - 1));
        let told_this_year = m.before().any(|(at, event)| {
            let tells = matches!(event, Event::TierSet(_) | Event::AccountOpened(_));
            tells && at.day().year() == year
        });
        let first = if told_this_year { tier(m) } else { last_year };
        tally.same(e.tier, first.max(this_year()), e);
        tally.holds(moves, e);
    } else if moves && !matches!(event, Event::Notified(_)) {
        tally.holds(tier(m) >= this_year(), event);
    }
}

fn ends_of_phases(m: &Moment<'_>, tally: &mut Tally) {
    // A renewal that ends in the past brings everything up to now at once.
    let late = |phone: &PhoneId| {
        m.before()
            .take_while(|(at, _)| *at == m.at)
            .any(|(_, event)| matches!(event, Event::Renewed(r) if r.phone == *phone))
    };
    let unfrozen = |phone: &PhoneId| {
        m.before().take_while(|(at, _)| *at == m.at).any(|(_, event)| {
            matches!(event, Event::Unfrozen(u) if u.phone == *phone && u.cause == FreezeCause::Police)
        })
    };
    match m.event() {
        Some(Event::Expired(e)) => {
            let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
            let midnight = paid.last().last.plus_days(1).start();
            tally.holds(m.at == midnight || (late(&e.phone) && m.at > midnight), e);
        }
        Some(Event::Frozen(e)) if e.cause == FreezeCause::Expiry => {
            let due = grace_end(m, &e.phone);
            tally.holds(m.at == due || (late(&e.phone) && m.at > due), e);
        }
        Some(Event::Released(e)) => {
            let by_hand = matches!(m.asked_now().map(|c| &c.op), Some(Op::Release { .. }));
            let frozen = m.before().find_map(|(_, event)| match event {
                Event::Frozen(f) if f.phone == e.phone && f.cause == e.cause => f.retention_until,
                _ => None,
            });
            let stands = m
                .account
                .phones
                .get(&e.phone)
                .is_some_and(|phone| phone.freezes().contains(&e.cause));
            if let Some(until) = frozen.filter(|_| stands && !by_hand) {
                let late = late(&e.phone) || unfrozen(&e.phone);
                tally.holds(m.at == until || (late && m.at > until), e);
            }
        }
        _ => {}
    }
}

fn accrual(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::Frozen(e)) => {
            let on_demand = m.account.metering(&e.phone).is_some();
            let accrues = on_demand && m.flag("R8.4.on_demand_accrues_in_retention");
            tally.same(e.accrues, accrues, e);
        }
        // Use that is charged lies before the freeze.
        Some(Event::Settled(e)) => {
            let phase = m.account.metering(&e.phone).map(|metering| metering.phase);
            let begins = |event: &Event| match event {
                Event::Created(c) => c.phone == e.phone,
                Event::BecameOnDemand(b) => b.phone == e.phone,
                _ => false,
            };
            let mut since = m.before().take_while(|(_, event)| !begins(event));
            let frozen = since.find_map(|(at, event)| match event {
                Event::Frozen(f) if f.phone == e.phone && !f.accrues => Some(at),
                _ => None,
            });
            if let (Some(Phase::Frozen { .. }), Some(frozen)) = (phase, frozen) {
                tally.holds(e.to <= frozen, e);
            }
        }
        _ => {}
    }
}

fn arrears(m: &Moment<'_>, tally: &mut Tally) {
    let debt = m.account.debt();
    if let Some(Event::ArrearsStarted(e)) = m.event() {
        let zero = m.flag("R8.5.zero_balance_is_arrears");
        let exhausted = !m.account.available().unwrap().is_positive();
        tally.same(e.debt, debt, e);
        tally.holds(debt.is_positive() || (zero && exhausted), e);
    }
    let fresh = m.told_before().next().is_some_and(|last| last.at < m.at);
    if fresh && debt.is_positive() {
        tally.holds(m.account.arrears != Arrears::None, &(debt, m.what));
    }
}

/// Whether an operation brings new use about.
fn begins_use(operation: Operation) -> bool {
    match operation {
        Operation::PowerOn | Operation::Restart | Operation::Reset | Operation::Restore => true,
        Operation::PowerOff | Operation::Unbind | Operation::BackUp => false,
    }
}

/// The switch of P2.8 for an operation while the phone is expired.
fn while_expired(operation: Operation) -> &'static str {
    match operation {
        Operation::PowerOn | Operation::PowerOff | Operation::Restart => "P2.8.power_while_expired",
        Operation::Unbind => "P2.8.unbind_while_expired",
        Operation::Reset | Operation::BackUp | Operation::Restore => "P2.8.data_while_expired",
    }
}

fn use_in_grace(m: &Moment<'_>, tally: &mut Tally) {
    let expired = |phone: &PhoneId| {
        m.account.phones.get(phone).is_some_and(|p| p.status() == PhoneStatus::Expired)
    };
    let partial = m.word("R8.6.grace_usability") == "partial";
    match m.event() {
        Some(Event::OperationStarted(e)) if expired(&e.phone) => {
            tally.holds(!partial || !begins_use(e.operation), e);
            tally.holds(m.flag(while_expired(e.operation)), e);
        }
        Some(Event::Bound(e)) if expired(&e.phone) => {
            tally.holds(!partial && m.flag("P2.8.bind_while_expired"), e);
        }
        _ => {}
    }
    match m.refused() {
        Some((Reason::Expired, Op::Operate { phone, operation })) => {
            let barred = !m.flag(while_expired(*operation));
            tally.holds(expired(phone) && (barred || (partial && begins_use(*operation))), phone);
        }
        Some((Reason::Expired, Op::Bind { phone, .. })) => {
            tally.holds(expired(phone) && (partial || !m.flag("P2.8.bind_while_expired")), phone);
        }
        _ => {}
    }
}

fn comes_back(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let frozen = || {
        m.account
            .phones
            .iter()
            .filter(|(_, phone)| phone.metering().is_some() && phone.stage() == PhoneStatus::Frozen)
    };
    match event {
        Event::ArrearsCleared(e) => {
            let available = m.account.available().unwrap();
            tally.holds(!m.account.debt().is_positive(), e);
            let restores = m.flag("R8.7.restores_at_zero") || frozen().next().is_none();
            let zero_will_do = !m.flag("R8.5.zero_balance_is_arrears") && restores;
            tally.holds(available.is_positive() || zero_will_do, e);
            for (id, _) in frozen() {
                let unfrozen = m.then().any(|event| {
                    matches!(event, Event::Unfrozen(u)
                        if u.phone == *id && u.cause == FreezeCause::Arrears)
                });
                tally.holds(unfrozen, &(e, id));
            }
        }
        Event::ToppedUp(_) | Event::DebtPaid(_) => {
            let folded = m.folded;
            let owed = matches!(m.account.arrears, Arrears::None);
            let pays = !folded.debt().is_positive() && folded.available().unwrap().is_positive();
            if !owed && pays {
                let cleared = m.then().any(|event| matches!(event, Event::ArrearsCleared(_)));
                tally.holds(cleared, event);
            }
        }
        _ => {}
    }
}

fn kinds_of_freeze(m: &Moment<'_>, tally: &mut Tally) {
    let police =
        |phone: &PhoneId| m.account.phones.get(phone).is_some_and(|p| p.details.holds.police);
    let held = |phone: &PhoneId| m.account.phones.get(phone).is_some_and(|p| p.details.holds.any());
    match m.event() {
        Some(Event::Released(e)) => tally.holds(!police(&e.phone), e),
        Some(Event::Deleted(e)) => tally.holds(!police(&e.phone), e),
        Some(Event::Unsubscribed(e)) => tally.holds(!police(&e.phone), e),
        Some(Event::BecameOnDemand(e)) => tally.holds(!held(&e.phone), e),
        Some(Event::OrderPlaced(e)) => {
            tally.holds(!e.phones.iter().any(police), e);
            let violation = |id: &PhoneId| {
                m.account
                    .phones
                    .get(id)
                    .is_some_and(|phone| phone.details.holds.violation.is_some())
            };
            let renews = matches!(e.kind, OrderKind::Renew | OrderKind::AutoRenew);
            if renews && e.phones.iter().any(violation) {
                tally.holds(m.flag("R8.8.renew_while_violation"), e);
            }
        }
        Some(Event::Unfrozen(e)) => {
            let before = m
                .account
                .phones
                .get(&e.phone)
                .map(koosim_model::state::Phone::freezes)
                .unwrap_or_default();
            let after = m.folded;
            let after = after
                .phones
                .get(&e.phone)
                .map(koosim_model::state::Phone::freezes)
                .unwrap_or_default();
            let left: Vec<_> = before.into_iter().filter(|cause| *cause != e.cause).collect();
            tally.same(after, left, e);
        }
        _ => {}
    }
    if let Some((Reason::FrozenByPolice, asked)) = m.refused() {
        let phones = match asked {
            Op::Renew { phones, .. } => &phones[..],
            Op::Delete { phone } | Op::Release { phone } => std::slice::from_ref(phone),
            _ => return,
        };
        tally.holds(phones.iter().any(police), asked);
    }
    if let Some((Reason::Frozen, asked @ Op::Renew { .. })) = m.refused() {
        tally.holds(!m.flag("R8.8.renew_while_violation"), asked);
    }
}

/// The switch of P2.8 for an operation while the phone is frozen, if it has one.
fn while_frozen(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::PowerOn | Operation::PowerOff | Operation::Restart => {
            Some("P2.8.power_while_frozen")
        }
        Operation::Unbind => Some("P2.8.unbind_while_frozen"),
        Operation::Reset | Operation::BackUp | Operation::Restore => None,
    }
}

fn frozen_does_nothing(m: &Moment<'_>, tally: &mut Tally) {
    let state = |phone: &PhoneId| {
        let phone = m.account.phones.get(phone)?;
        (phone.status() == PhoneStatus::Frozen).then_some(phone.details.holds.police)
    };
    match m.event() {
        Some(Event::OperationStarted(e)) => {
            let may = |police: bool| {
                !police && while_frozen(e.operation).is_some_and(|switch| m.flag(switch))
            };
            tally.holds(state(&e.phone).is_none_or(may), e);
        }
        Some(Event::Bound(e)) => tally.holds(state(&e.phone).is_none(), e),
        _ => {}
    }
    if let Some((Reason::Frozen, Op::Operate { phone, operation })) = m.refused() {
        let switched = while_frozen(*operation).is_some_and(|switch| m.flag(switch));
        tally.holds(state(phone) == Some(false) && !switched, &(phone, operation));
    }
}

fn released_by_hand(m: &Moment<'_>, tally: &mut Tally) {
    let phase = |phone: &PhoneId| m.account.subscription(phone).map(|s| s.phase);
    let What::Asked(command) = m.what else {
        if let Some((Reason::NotExpired, Op::Release { phone })) = m.refused() {
            tally.same(phase(phone), Some(Phase::Active), phone);
        }
        return;
    };
    let Op::Release { phone } = &command.op else { return };
    let released = m
        .then()
        .next()
        .is_some_and(|event| matches!(event, Event::Released(e) if e.phone == *phone));
    if released {
        let ended = matches!(phase(phone), Some(Phase::Grace { .. } | Phase::Frozen { .. }));
        tally.holds(ended, phone);
    }
}
