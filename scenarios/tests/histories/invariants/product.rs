//! P1, P2 and P3.4 to P3.7: what is sold and where, what a phone does, and who uses it.

use super::lives::buys;
use super::{Invariant, Moment, Tally, What};
use koosim_model::command::{Op, Source};
use koosim_model::decision::Reason;
use koosim_model::event::Event;
use koosim_model::lifecycle::{PhoneStatus, PowerStatus};
use koosim_model::name::{PhoneId, SizeId};
use koosim_model::state::{
    Data, Network, Operation, OrderKind, Phase, Phone, Place, Power, Setup, Verification,
};
use koosim_model::status::{BillingColumn, Vocabulary};
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime};
use rust_decimal::prelude::ToPrimitive;

pub(super) const ALL: &[Invariant] = &[
    Invariant { name: "phones are sold to whom they may be", rules: &["P1.1"], check: buyers },
    Invariant { name: "an account has no more phones than it may", rules: &["P1.2"], check: quota },
    Invariant {
        name: "a phone is there within its window of provisioning",
        rules: &["P1.3"],
        check: provisioned_in_time,
    },
    Invariant { name: "sizes are of an edition on sale", rules: &["P1.4"], check: editions },
    Invariant { name: "a phone stays where it was bought", rules: &["P1.5"], check: stays },
    Invariant { name: "phones are sold in regions on offer", rules: &["P1.6"], check: regions },
    Invariant {
        name: "a creation call keeps to its limits and leaves its order unpaid",
        rules: &["P1.7", "P1.9"],
        check: creation_call,
    },
    Invariant {
        name: "a phone has the system and network that were ordered, of those on offer",
        rules: &["P1.7"],
        check: setups,
    },
    Invariant {
        name: "on-demand phones are not had by the creation call",
        rules: &["P1.8"],
        check: by_console_only,
    },
    Invariant {
        name: "subscriptions are given back, and only on-demand phones deleted",
        rules: &["P1.10"],
        check: ways_out,
    },
    Invariant {
        name: "no phone is reached past its client",
        rules: &["P1.11"],
        check: past_the_client,
    },
    Invariant {
        name: "the status query speaks its vocabulary",
        rules: &["P2.1", "P2.2"],
        check: status_query,
    },
    Invariant {
        name: "power is switched, and data backed up and restored, only from where they can be",
        rules: &["P2.6", "P4.4"],
        check: power_guards,
    },
    Invariant {
        name: "the billing column counts to what comes next",
        rules: &["P2.7"],
        check: billing_column,
    },
    Invariant {
        name: "an operation takes its time",
        rules: &["P2.9"],
        check: operations_take_time,
    },
    Invariant { name: "a phone is bound to one member", rules: &["P3.4"], check: bound_to_one },
    Invariant {
        name: "unbinding wipes the phone, a reset keeps its member",
        rules: &["P3.5", "P3.6"],
        check: unbound_and_reset,
    },
    Invariant {
        name: "unbinding is refused only where the book does",
        rules: &["P3.7"],
        check: unbinding_refused,
    },
];

/// As what the owner of the account is verified before an entry.
pub(super) fn verified(m: &Moment<'_>) -> Verification {
    let told = m.before().find_map(|(_, event)| match event {
        Event::VerificationSet(e) => Some(e.to),
        _ => None,
    });
    told.unwrap_or(Verification::Enterprise)
}

/// As what it must be at least.
pub(super) fn verification_needed(m: &Moment<'_>, path: &str) -> Verification {
    match m.word(path) {
        "enterprise" => Verification::Enterprise,
        "individual" => Verification::Individual,
        _ => Verification::None,
    }
}

fn buyers(m: &Moment<'_>, tally: &mut Tally) {
    let needed = verification_needed(m, "P1.1.verification_needed");
    match m.event() {
        Some(Event::OrderPlaced(e)) if e.kind == OrderKind::New => {
            tally.holds(verified(m) >= needed, e);
        }
        Some(Event::Created(e)) => tally.holds(verified(m) >= needed, e),
        _ => {}
    }
    if let Some((Reason::NotVerified, asked)) = m.refused()
        && !matches!(asked, Op::Renew { .. })
    {
        tally.holds(verified(m) < needed, asked);
    }
}

fn quota(m: &Moment<'_>, tally: &mut Tally) {
    let most = usize::try_from(m.integer("P1.2.phones_max")).unwrap();
    let bought = match m.event() {
        Some(Event::OrderPlaced(e)) if e.kind == OrderKind::New => e.phones.len(),
        Some(Event::Created(_)) => 1,
        _ => 0,
    };
    if bought > 0 {
        tally.holds(most == 0 || m.account.phones.len() + bought <= most, &m.event());
    }
}

fn provisioned_in_time(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Provisioned(e)) = m.event() else { return };
    let paid = m.before().find_map(|(at, event)| match event {
        Event::Charged(c) if c.order == e.order => Some(at),
        _ => None,
    });
    let Some(paid) = paid else { return tally.holds(false, e) };
    let after = |path| paid + m.duration(path);
    if m.drawn() {
        let (first, last) = ("P1.3.provisioning_earliest", "P1.3.provisioning_latest");
        tally.holds(after(first) <= m.at && m.at <= after(last), e);
    } else {
        tally.same(m.at, after("P1.3.provisioning_default"), e);
    }
}

fn editions(m: &Moment<'_>, tally: &mut Tally) {
    let on_sale = m.flag("P1.4.enterprise_on_sale");
    let enterprise = |size: &SizeId| m.judged_by().catalogue().is_enterprise(size);
    match m.event() {
        Some(Event::OrderPlaced(e)) if e.kind == OrderKind::New => {
            tally.holds(on_sale || !enterprise(&e.size), e);
        }
        Some(Event::Created(e)) => tally.holds(on_sale || !enterprise(&e.size), e),
        _ => {}
    }
    if let Some((Reason::NotOffered, Op::Buy { size, .. })) = m.refused() {
        let asked = m.refused().map(|(_, asked)| asked);
        let setup =
            matches!(asked, Some(Op::Buy { setup, .. }) if !on_offer(m, setup.unwrap_or_default()));
        tally.holds((enterprise(size) && !on_sale) || setup, size);
    }
}

/// Where a phone was bought, as the log has it.
fn bought_at<'a>(m: &Moment<'a>, phone: &PhoneId) -> Option<&'a Option<Place>> {
    m.before().find_map(|(_, event)| match event {
        Event::OrderPlaced(e) if e.kind == OrderKind::New && e.phones.contains(phone) => {
            Some(&e.place)
        }
        Event::Created(e) if e.phone == *phone => Some(&e.place),
        _ => None,
    })
}

fn stays(m: &Moment<'_>, tally: &mut Tally) {
    if m.is_over() {
        for (id, phone) in m.account.phones.iter() {
            tally.same(Some(&phone.details.place), bought_at(m, id), id);
        }
    }
    if let (What::Asked(command), next) = (m.what, m.then().next())
        && let Op::Move { phone, .. } = &command.op
    {
        tally.holds(next.is_none(), phone);
    }
}

fn regions(m: &Moment<'_>, tally: &mut Tally) {
    let place = match m.event() {
        Some(Event::OrderPlaced(e)) => e.place.as_ref(),
        Some(Event::Created(e)) => e.place.as_ref(),
        _ => None,
    };
    let size = match (m.event(), m.refused()) {
        (Some(Event::OrderPlaced(e)), _) => Some(&e.size),
        (Some(Event::Created(e)), _) => Some(&e.size),
        (_, Some((_, Op::Buy { size, .. } | Op::CreateOnDemand { size, .. }))) => Some(size),
        _ => None,
    };
    // Phones for industries are the second kind, all others the first.
    let kind = size.map(|size| if m.judged_by().catalogue().is_industry(size) { 2 } else { 1 });
    let table = m.table("P1.6.regions");
    let kinds = |region: &str| table.get(region).and_then(|kinds| kinds.to_u32()).unwrap_or(0);
    let sold = |region: &str| kind.is_some_and(|kind| kinds(region) & kind != 0);
    if let Some(place) = place {
        tally.holds(sold(place.region.as_str()), place);
        let zone = place.zone.as_ref().map(koosim_model::name::ZoneId::as_str);
        let inside = zone.is_none_or(|zone| {
            zone.len() > place.region.as_str().len() && zone.starts_with(place.region.as_str())
        });
        tally.holds(inside, place);
    }
    if let (Some((Reason::RegionNotSold(region), _)), Some(asked)) = (m.refused(), m.asked_now()) {
        let zone = asked.envelope.zone.as_ref();
        tally.holds(!sold(region.as_str()) || zone.is_some(), region);
    }
}

fn by_api(m: &Moment<'_>) -> bool {
    m.asked_now().is_some_and(|command| command.envelope.source == Source::Api)
}

fn creation_call(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::OrderPlaced(e)) = m.event() else { return };
    if e.kind == OrderKind::New {
        let count = i64::try_from(e.phones.len()).unwrap();
        tally.holds(count <= m.integer("P1.7.count_max"), &count);
    }
    let asked = m.asked_now().map(|command| &command.op);
    if let (true, Some(Op::Buy { payment, .. })) = (by_api(m) && buys(e.kind), asked) {
        let within = match e.term {
            Term::Months(n) => i64::from(n) <= m.integer("P1.7.months_max"),
            Term::Years(n) => i64::from(n) <= m.integer("P1.7.years_max"),
        };
        tally.holds(within, e);
        let charged = m.then().any(|event| matches!(event, Event::Charged(_)));
        let pays = payment.is_some() || m.flag("P1.9.auto_pay_default");
        tally.holds(pays || !charged, e);
    }
}

/// Whether there are phones of a system and in a network, as far as they are said.
fn on_offer(m: &Moment<'_>, setup: Setup) -> bool {
    let has = |path, name: &str| m.table(path).get(name).is_some_and(|kinds| !kinds.is_zero());
    setup.system.is_none_or(|system| has("P1.7.systems", system.name()))
        && setup.network.is_none_or(|network| has("P1.7.networks", network.name()))
}

fn setups(m: &Moment<'_>, tally: &mut Tally) {
    let general = |size: &SizeId| !m.judged_by().catalogue().is_industry(size);
    let must_say = |size: &SizeId| by_api(m) && m.flag("P1.7.system_needed") && general(size);
    match m.event() {
        Some(Event::OrderPlaced(e)) if e.kind == OrderKind::New => {
            let asked = match m.asked_now().map(|command| &command.op) {
                Some(Op::Buy { setup, .. }) => setup.unwrap_or_default(),
                _ => Setup::default(),
            };
            let setup = e.setup.unwrap_or_default();
            let usual = by_api(m).then(|| m.word("P1.7.network_default"));
            let network = asked.network.map(Network::name).or(usual);
            tally.same(
                (setup.system, setup.network.map(Network::name)),
                (asked.system, network),
                e,
            );
            tally.holds(on_offer(m, setup) && e.setup != Some(Setup::default()), e);
            tally.holds(setup.system.is_some() || !must_say(&e.size), e);
        }
        Some(Event::OrderPlaced(e)) => tally.same(e.setup, None, e),
        Some(Event::Provisioned(e)) => {
            let setup = m.folded.phones.get(&e.phone).map(|phone| phone.details.setup);
            tally.same(setup, Some(super::lives::placed(m, &e.order).1.setup), e);
        }
        _ => {}
    }
    if let Some((Reason::SystemNotSaid, Op::Buy { size, setup, .. })) = m.refused() {
        tally.holds(must_say(size) && setup.is_none_or(|setup| setup.system.is_none()), size);
    }
}

fn by_console_only(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::Created(e)) = m.event() {
        tally.holds(!by_api(m), e);
    }
    if let Some((Reason::NotOffered, Op::CreateOnDemand { phone, size })) = m.refused() {
        let enterprise = m.judged_by().catalogue().is_enterprise(size);
        tally.holds(by_api(m) || enterprise, phone);
    }
}

fn ways_out(m: &Moment<'_>, tally: &mut Tally) {
    let metered = |phone: &PhoneId| m.account.metering(phone).is_some();
    match m.event() {
        Some(Event::Deleted(e)) => tally.holds(metered(&e.phone), e),
        Some(Event::Unsubscribed(e)) => tally.holds(!metered(&e.phone), e),
        _ => {}
    }
    if let Some((reason, Op::Delete { phone })) = m.refused() {
        match reason {
            Reason::OnDemand => tally.holds(by_api(m) && metered(phone), phone),
            Reason::Subscribed => tally.holds(!by_api(m) && !metered(phone), phone),
            _ => {}
        }
    }
}

fn past_the_client(m: &Moment<'_>, tally: &mut Tally) {
    let What::Asked(command) = m.what else { return };
    if let Op::Connect { .. } = command.op {
        let answer = m.told_after().next().map(|told| &told.what);
        tally.holds(matches!(answer, Some(What::Refused(_))), &command.op);
    }
}

/// The word for the power of a phone (P2.1).
fn power_word(phone: &Phone) -> &'static str {
    let operation = phone.details.task.map(|task| task.operation);
    match operation {
        _ if phone.status() == PhoneStatus::Provisioning => "unknown",
        Some(Operation::PowerOff | Operation::BackUp) => "going_offline",
        Some(_) => "starting",
        None if matches!(phone.details.data, Data::Stored | Data::RestoreFailed) => "stopped",
        None if phone.details.power == Power::Off => "powered_off",
        None => "running",
    }
}

/// The word for the slot of a phone (P2.2).
fn pool_word(phone: &Phone) -> &'static str {
    match (phone.details.task.map(|task| task.operation), phone.details.data) {
        (Some(Operation::BackUp), _) => "backing_up",
        (Some(Operation::Restore), _) => "restoring",
        (_, Data::Loaded) => "data_loaded",
        (_, Data::Stored) => "idle",
        (_, Data::BackupFailed) => "backup_failed",
        (_, Data::RestoreFailed) => "restore_failed",
    }
}

fn status_query(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let changes = matches!(
        event,
        Event::OperationStarted(_)
            | Event::OperationDone(_)
            | Event::OperationFailed(_)
            | Event::PowerSet(_)
            | Event::Provisioned(_)
    );
    if !changes {
        return;
    }
    let folded = m.folded;
    for phone in event.phones().iter().filter_map(|id| folded.phones.get(id)) {
        let codes = &m.told_by().params(m.at).life.codes;
        let of = |vocabulary| codes.of(vocabulary, folded, phone);
        let running = m.table("P2.1.running_status").get(power_word(phone));
        let pool = m.table("P2.2.pool_status").get(pool_word(phone));
        let of_pool = m.word("P2.1.status_api_version") == "table-2025-12";
        tally.same(of(Vocabulary::Running), running, event);
        tally.same(of(Vocabulary::Pool), pool, event);
        tally.same(of(Vocabulary::Status), if of_pool { pool } else { running }, event);
    }
}

fn power_guards(m: &Moment<'_>, tally: &mut Tally) {
    let power = |phone: &PhoneId| m.account.phones.get(phone).map(power_word);
    if let Some(Event::OperationStarted(e)) = m.event() {
        let now = power(&e.phone);
        let may = match e.operation {
            Operation::PowerOn => now == Some("powered_off"),
            Operation::Restore => now == Some("stopped"),
            Operation::PowerOff | Operation::Restart => now == Some("running"),
            Operation::Reset | Operation::Unbind | Operation::BackUp => {
                matches!(now, Some("running" | "powered_off"))
            }
        };
        tally.holds(may, &(e, now));
    }
    if let Some((reason, Op::Operate { phone, operation })) = m.refused() {
        let now = power(phone);
        match (reason, operation) {
            (Reason::NotRunning, Operation::Restart | Operation::PowerOff) => {
                tally.holds(now != Some("running"), phone);
            }
            (Reason::PowerUnchanged, Operation::PowerOn) => {
                tally.holds(!matches!(now, Some("powered_off" | "stopped")), phone);
            }
            (Reason::PowerUnchanged, Operation::PowerOff) => {
                tally.same(now, Some("powered_off"), phone);
            }
            _ => {}
        }
    }
}

/// Days from now to an end, with the one that has begun.
fn days_left(now: SimTime, end: SimTime) -> i64 {
    let left = (end.as_nanos() - now.as_nanos()).max(0);
    let day = SimDuration::from_days(1).as_nanos();
    (left + day - 1) / day
}

fn billing_column(m: &Moment<'_>, tally: &mut Tally) {
    // Seen whenever something is asked.
    if !matches!(m.what, What::Asked(_) | What::Over) {
        return;
    }
    for (id, phone) in m.account.phones.iter() {
        let phase = match (phone.subscription(), phone.metering()) {
            (Some(s), _) => s.phase,
            (_, Some(metering)) if !metering.deleted => metering.phase,
            _ => continue,
        };
        let due = if phone.details.holds.police {
            BillingColumn::Police
        } else if let Some(until) = phone.details.holds.violation {
            BillingColumn::Violation(days_left(m.at, until))
        } else {
            match (phase, phone.subscription()) {
                (Phase::Frozen { until, .. }, _) => BillingColumn::Frozen(days_left(m.at, until)),
                (Phase::Grace { until }, _) => BillingColumn::ToFreeze(days_left(m.at, until)),
                (Phase::Active, Some(s)) => {
                    BillingColumn::ToExpiry(days_left(m.at, s.expires.boundary()))
                }
                (Phase::Active, None) => BillingColumn::Since(phone.details.since.unwrap()),
            }
        };
        tally.same(BillingColumn::of(phone, m.at), due, id);
    }
}

fn operations_take_time(m: &Moment<'_>, tally: &mut Tally) {
    let length = |operation| {
        m.duration(match operation {
            Operation::PowerOn => "P2.9.start_time",
            Operation::PowerOff => "P2.9.stop_time",
            Operation::Restart => "P2.9.restart_time",
            Operation::Reset | Operation::Unbind => "P2.9.reset_time",
            Operation::BackUp => "P2.9.backup_time",
            Operation::Restore => "P2.9.restore_time",
        })
    };
    let begun = |phone: &PhoneId| {
        m.before().find_map(|(_, event)| match event {
            Event::OperationStarted(s) if s.phone == *phone => Some((s.operation, s.until)),
            _ => None,
        })
    };
    match m.event() {
        Some(Event::OperationStarted(e)) => {
            tally.same(e.until, m.at + length(e.operation), e);
            let busy =
                m.account.phones.get(&e.phone).is_some_and(|phone| phone.details.task.is_some());
            tally.holds(!busy, e);
        }
        Some(Event::OperationDone(e)) => {
            tally.same(begun(&e.phone), Some((e.operation, m.at)), e);
        }
        Some(Event::PowerSet(e)) => {
            let operation =
                if e.to == Power::On { Operation::PowerOn } else { Operation::PowerOff };
            tally.same(begun(&e.phone), Some((operation, m.at)), e);
        }
        _ => {}
    }
}

fn bound_to_one(m: &Moment<'_>, tally: &mut Tally) {
    let member =
        |phone: &PhoneId| m.account.phones.get(phone).and_then(|p| p.details.member.clone());
    if let Some(Event::Bound(e)) = m.event() {
        tally.same(member(&e.phone), None, e);
        let folded = m.folded;
        let now = folded.phones.get(&e.phone).and_then(|phone| phone.details.member.clone());
        tally.same(now, Some(e.member.clone()), e);
    }
    if let Some((Reason::AlreadyBound, Op::Bind { phone, .. })) = m.refused() {
        tally.holds(member(phone).is_some(), phone);
    }
}

fn unbound_and_reset(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::Unbound(e)) => {
            let wipes = m.then().any(|event| {
                matches!(event, Event::OperationStarted(s)
                    if s.phone == e.phone && s.operation == Operation::Unbind)
            });
            tally.holds(wipes, e);
            let folded = m.folded;
            let left = folded.phones.get(&e.phone).and_then(|phone| phone.details.member.clone());
            tally.same(left, None, e);
        }
        Some(Event::OperationStarted(e)) if e.operation == Operation::Reset => {
            let before =
                m.account.phones.get(&e.phone).and_then(|phone| phone.details.member.clone());
            let folded = m.folded;
            let after = folded.phones.get(&e.phone).and_then(|phone| phone.details.member.clone());
            tally.same(after, before, e);
        }
        _ => {}
    }
}

fn unbinding_refused(m: &Moment<'_>, tally: &mut Tally) {
    let off = |phone: &PhoneId| {
        let phone = m.account.phones.get(phone);
        phone.is_some_and(|phone| phone.power_status() == PowerStatus::PoweredOff)
    };
    let may = m.flag("P3.7.unbind_while_powered_off");
    if let Some(Event::Unbound(e)) = m.event() {
        tally.holds(may || !off(&e.phone), e);
    }
    if let Some((reason, Op::Operate { phone, operation: Operation::Unbind })) = m.refused() {
        match reason {
            Reason::NotRunning => tally.holds(off(phone) && !may, phone),
            Reason::NotBound => {
                let member = m.account.phones.get(phone).and_then(|p| p.details.member.clone());
                tally.same(member, None, phone);
            }
            _ => {}
        }
    }
}
