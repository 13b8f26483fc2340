//! R6: when the service renews, for how long, by what voucher, and what it tells.

use super::arithmetic::{at_second, cents, half_up};
use super::lives::{deduction_days, paid, placed};
use super::payment::fits_order;
use super::prices::{best_discount, list_price, remembered};
use super::{Invariant, Moment, Tally};
use koosim_model::command::Op;
use koosim_model::decision::Reason;
use koosim_model::event::{AutoRenewalResult, AutoRenewalTried, Event, Notified};
use koosim_model::name::PhoneId;
use koosim_model::notice::NoticeKind;
use koosim_model::state::{AutoRenewal, CouponWorth, OrderKind, Phase};
use koosim_model::term::Term;
use koosim_model::time::{BillingDay, SimTime};
use rust_decimal::Decimal;
use std::cmp::Reverse;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "attempts begin on the deduction day at their time",
        rules: &["R6.1", "R6.5"],
        check: attempts_begin,
    },
    Invariant {
        name: "a failed attempt is repeated every day until the last",
        rules: &["R6.1", "R6.4"],
        check: repeated_daily,
    },
    Invariant {
        name: "no phone that renews itself expires untried",
        rules: &["R6.1"],
        check: not_untried,
    },
    Invariant {
        name: "what was bought by month renews by a month, by year by a year",
        rules: &["R6.2"],
        check: length_of_a_renewal,
    },
    Invariant {
        name: "turned on too late for a daily attempt it tries at once",
        rules: &["R6.3"],
        check: tries_at_once,
    },
    Invariant {
        name: "nothing is tried after the last attempt",
        rules: &["R6.4"],
        check: ends_with_expiry,
    },
    Invariant {
        name: "the deduction day lies in its range",
        rules: &["R6.5"],
        check: deduction_day_in_range,
    },
    Invariant {
        name: "each automatic renewal lowers the count by one, and the last ends it",
        rules: &["R6.6"],
        check: counts_down,
    },
    Invariant {
        name: "auto-renewal is set before expiry, and not anew for what is withdrawn",
        rules: &["R6.7"],
        check: set_before_expiry,
    },
    Invariant {
        name: "an automatic renewal takes the largest voucher or none",
        rules: &["R6.8"],
        check: largest_voucher,
    },
    Invariant {
        name: "notices go out on their days at their time",
        rules: &["R6.9"],
        check: notices,
    },
    Invariant {
        name: "whom a partner froze renews nothing",
        rules: &["R6.10"],
        check: frozen_by_a_partner,
    },
    Invariant {
        name: "a renewal by hand leaves the setting as it is",
        rules: &["R6.11", "R6.6"],
        check: left_alone_by_hand,
    },
    Invariant {
        name: "auto-renewal is refused on expired and frozen phones only",
        rules: &["R6.12"],
        check: refused_on_expired,
    },
];

/// The time of the daily attempt on a day.
fn attempt_on(m: &Moment<'_>, day: BillingDay) -> SimTime {
    at_second(day, m.time_of_day("R6.1.attempt_time"))
}

fn tried<'a>(m: &Moment<'a>) -> Option<&'a AutoRenewalTried> {
    match m.event()? {
        Event::AutoRenewalTried(e) => Some(e),
        _ => None,
    }
}

fn attempts_begin(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::DeductionDaySet(e)) = m.event() {
        // At once: the next attempt of every phone is judged by the new day.
        tally.same(m.folded.deduction_days, e.days, e);
    }
    if m.is_over()
        && let Some((_, Event::AccountOpened(e))) = m.before().last()
    {
        tally.same(i64::from(e.deduction_days), m.integer("R6.1.first_attempt_days"), e);
    }
    if let Some(Event::Renewed(e)) = m.event()
        && e.by == OrderKind::AutoRenew
    {
        let tried = m.before().take_while(|(at, _)| *at == m.at).any(|(_, event)| {
            matches!(event, Event::AutoRenewalTried(t)
                if t.phone == e.phone && t.result == AutoRenewalResult::Renewed)
        });
        tally.holds(tried, e);
    }
    let Some(e) = tried(m) else { return };
    tally.same(e.available, m.account.available().unwrap(), e);
    let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
    if let Some(needed) = needed(m, e, paid.setting) {
        tally.same(e.needed.value(), needed, e);
    }
    let last = paid.last().last;
    let daily = m.at == attempt_on(m, m.at.day());
    let first_day = last.minus_days(deduction_days(m));
    // At once where it was turned on with no daily attempt left; see R6.3.
    let turned_on = m.before().take_while(|(at, _)| *at == m.at).any(|(_, event)| match event {
        Event::AutoRenewalSet(s) => s.phone == e.phone && s.setting.is_some(),
        Event::Provisioned(p) => p.phone == e.phone,
        Event::Renewed(r) => r.phone == e.phone,
        Event::Unsubscribed(u) => u.phone == e.phone,
        _ => false,
    });
    let no_daily_left = attempt_on(m, last) < m.at || m.at == attempt_on(m, last);
    if turned_on && no_daily_left {
        tally.holds(m.at < last.end(), e);
    } else {
        tally.holds(daily && m.at >= attempt_on(m, first_day), &(e, deduction_days(m)));
    }
}

/// What an attempt needs: the price of its renewal less the best discount or a promotion.
fn needed(m: &Moment<'_>, e: &AutoRenewalTried, setting: Option<AutoRenewal>) -> Option<Decimal> {
    let size = &m.account.phones.get(&e.phone)?.details.size;
    let term = length(m, setting?, last_term(m, &e.phone)?);
    let price = list_price(m, size, term, e.needed.currency())?;
    let currency = e.needed.currency();
    let promotion = remembered(m, &e.phone, OrderKind::AutoRenew, price, currency);
    let off = promotion.map(|(_, off)| off);
    Some(price - off.unwrap_or_else(|| half_up(price * best_discount(m).0, cents(currency))))
}

/// Whether an event changes what the attempts of a phone hang on.
fn changes_attempts(event: &Event, phone: &PhoneId) -> bool {
    match event {
        Event::DeductionDaySet(_) => true,
        Event::Renewed(_)
        | Event::AutoRenewalSet(_)
        | Event::Unsubscribed(_)
        | Event::Released(_)
        | Event::BecameOnDemand(_) => event.phones().contains(phone),
        _ => false,
    }
}

/// Until when a phone is tried.
fn tried_until(m: &Moment<'_>, phone: &PhoneId) -> Option<SimTime> {
    let end = paid(m, phone)?.end();
    if m.word("R6.4.retries_end") == "expiry" {
        return Some(end);
    }
    let phases = ["R8.2.prepaid_grace_days", "R8.2.prepaid_retention_days"];
    let days = phases.map(|path| super::lives::days_of(m, path)).iter().sum();
    Some(end + super::arithmetic::days(days))
}

fn repeated_daily(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = tried(m).filter(|e| e.result != AutoRenewalResult::Renewed) else { return };
    let next = attempt_on(m, m.at.day().plus_days(1));
    if tried_until(m, &e.phone).is_none_or(|end| next >= end) {
        return;
    }
    let mut later = m.told_after().take_while(|told| told.at <= next);
    let settled = later.find_map(|told| match &told.what {
        super::What::Happened(Event::AutoRenewalTried(t)) if t.phone == e.phone => Some(told.at),
        super::What::Happened(event) if changes_attempts(event, &e.phone) => Some(next),
        super::What::Over => Some(next),
        _ => None,
    });
    let over_before = m.told_after().last().is_some_and(|told| told.at < next);
    tally.holds(over_before || settled == Some(next), &(e, settled.map(SimTime::wall)));
}

fn not_untried(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Expired(e)) = m.event() else { return };
    let Some(paid) = paid(m, &e.phone) else { return };
    // A late renewal may end in the past.
    if paid.setting.is_none() || m.at != paid.end() {
        return;
    }
    let since = m.before().take_while(|(_, event)| {
        let begun =
            matches!(event, Event::Provisioned(_) | Event::BecameSubscribed(_) | Event::Renewed(_));
        !(begun && event.phones().contains(&e.phone))
    });
    let tried = |event: &Event| matches!(event, Event::AutoRenewalTried(t) if t.phone == e.phone);
    let frozen = m.account.phones.get(&e.phone).is_some_and(|phone| phone.details.holds.any());
    tally.holds(frozen || since.map(|(_, event)| event).any(tried), &(e, &paid));
}

/// The length that a setting has for what was last bought for a phone.
fn length(m: &Moment<'_>, setting: AutoRenewal, last_order: Term) -> Term {
    let count = |path| u32::try_from(m.integer(path)).unwrap();
    setting.every.unwrap_or(match last_order {
        Term::Months(_) => Term::Months(count("R6.2.months_if_bought_by_month")),
        Term::Years(_) => Term::Years(count("R6.2.years_if_bought_by_year")),
    })
}

fn last_term(m: &Moment<'_>, phone: &PhoneId) -> Option<Term> {
    let paid = paid(m, phone)?;
    Some(placed(m, &paid.last().order).1.term)
}

fn length_of_a_renewal(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::OrderPlaced(e)) if e.kind == OrderKind::New => {
            let Some(Op::Buy { term, auto_renewal: Some(wish), .. }) =
                m.asked_now().map(|command| &command.op)
            else {
                return;
            };
            let due = Some(Some(length(m, *wish, *term)));
            tally.same(e.auto_renewal.map(|setting| setting.every), due, e);
        }
        Some(Event::OrderPlaced(e)) if e.kind == OrderKind::AutoRenew => {
            let Some(phone) = e.phones.first() else { return };
            let setting = paid(m, phone).and_then(|paid| paid.setting);
            let Some(first) = last_term(m, phone) else { return };
            // A wish at purchase is fixed by the unit of that purchase (R6.11).
            let bought = paid(m, phone)
                .and_then(|paid| Some(placed(m, &paid.stretches.first()?.order).1.term));
            let unit = bought.unwrap_or(first);
            tally.same(setting.map(|setting| length(m, setting, unit)), Some(e.term), e);
        }
        Some(Event::AutoRenewalSet(e)) => {
            let Some(Op::SetAutoRenewal { phone, setting: Some(wish) }) =
                m.asked_now().map(|command| &command.op)
            else {
                return;
            };
            // The first answers the wish. One that follows at once, after a last renewal, is R6.6.
            let answered = m.before().take_while(|(at, _)| *at == m.at).any(
                |(_, event)| matches!(event, Event::AutoRenewalSet(set) if set.phone == e.phone),
            );
            if *phone != e.phone || answered {
                return;
            }
            let Some(last) = last_term(m, &e.phone) else { return };
            let due = Some(Some(length(m, *wish, last)));
            tally.same(e.setting.map(|setting| setting.every), due, e);
        }
        _ => {}
    }
}

fn tries_at_once(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::AutoRenewalSet(e)) = m.event() else { return };
    let Some(paid) = paid(m, &e.phone).filter(|_| e.setting.is_some()) else { return };
    if attempt_on(m, paid.last().last) >= m.at || paid.end() <= m.at {
        return;
    }
    let tried = m.after().take_while(|(at, _)| *at == m.at).any(|(_, event)| match event {
        Event::AutoRenewalTried(t) => t.phone == e.phone,
        event => changes_attempts(event, &e.phone),
    });
    let asked_again = m
        .told_after()
        .take_while(|told| told.at == m.at)
        .any(|told| matches!(told.what, super::What::Asked(_)));
    tally.holds(tried || asked_again, e);
}

fn ends_with_expiry(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = tried(m) else { return };
    tally.holds(tried_until(m, &e.phone).is_some_and(|end| m.at < end), e);
}

fn deduction_day_in_range(m: &Moment<'_>, tally: &mut Tally) {
    let range = m.integer("R6.5.deduction_day_min")..=m.integer("R6.5.deduction_day_max");
    if let Some(Event::DeductionDaySet(e)) = m.event() {
        tally.holds(range.contains(&i64::from(e.days)), e);
    }
    if let Some((Reason::OutOfRange, Op::SetDeductionDay { days })) = m.refused() {
        tally.holds(!range.contains(&i64::from(*days)), days);
    }
}

fn counts_down(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = tried(m).filter(|e| e.result == AutoRenewalResult::Renewed) else { return };
    let set = m.before().find_map(|(at, event)| match event {
        Event::AutoRenewalSet(s) if s.phone == e.phone => Some((at, s.setting)),
        Event::Provisioned(p) if p.phone == e.phone => {
            Some((at, placed(m, &p.order).1.auto_renewal))
        }
        _ => None,
    });
    let Some((set_at, Some(AutoRenewal { times_left: Some(times), .. }))) = set else { return };
    tally.holds(i64::from(times) <= m.integer("R6.6.times_max"), e);
    let successes = m.before().take_while(|(at, _)| *at >= set_at).filter(|(_, event)| {
        matches!(event, Event::AutoRenewalTried(t)
            if t.phone == e.phone && t.result == AutoRenewalResult::Renewed)
    });
    let done = 1 + u32::try_from(successes.count()).unwrap();
    tally.holds(done <= times, &(e, times));
    let left = m.folded.subscription(&e.phone).and_then(|s| s.auto_renewal?.times_left);
    tally.same(left.unwrap_or(0), times - done, e);
    let ended = m.then().any(|event| {
        matches!(event, Event::AutoRenewalSet(s) if s.phone == e.phone && s.setting.is_none())
    });
    tally.same(ended, done == times, e);
}

fn set_before_expiry(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::AutoRenewalSet(e)) = m.event() else { return };
    let Some(paid) = paid(m, &e.phone).filter(|_| e.setting.is_some()) else { return };
    tally.holds(m.at < paid.end(), e);
    let size = m.account.phones.get(&e.phone).map(|phone| &phone.details.size);
    let withdrawn = size.and_then(|size| m.judged_by().catalogue().withdrawn_at(size));
    tally.holds(withdrawn.is_none_or(|gone| m.at < gone), e);
}

fn largest_voucher(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Charged(e)) = m.event() else { return };
    if e.reason != OrderKind::AutoRenew {
        return;
    }
    let (_, order) = placed(m, &e.order);
    let uses = m.flag("R6.8.uses_vouchers");
    let by_expiry = m.word("R6.8.tie") == "nearest_expiry";
    let mut fitting: Vec<_> = m
        .account
        .coupons
        .iter()
        .filter(|(_, coupon)| {
            let terms = &coupon.terms;
            let limits = terms.limits.as_deref();
            let excludes = limits.is_some_and(|limits| limits.excludes_discounts);
            let items = match (&e.promotion, excludes) {
                (Some(_), _) => order.official.value() - e.discount.value(),
                (None, true) => order.official.value(),
                (None, false) => order.due.value(),
            };
            let least = limits.and_then(|limits| limits.minimum);
            matches!(terms.worth, CouponWorth::Voucher(_))
                && terms.valid_from <= m.at
                && m.at < terms.valid_until
                && coupon.balance.is_positive()
                && fits_order(coupon, OrderKind::AutoRenew, &order.size)
                && !(excludes && e.promotion.is_some())
                && least.is_none_or(|least| items >= least.value())
        })
        .collect();
    fitting.sort_by_key(|(id, coupon)| {
        let end = by_expiry.then_some(coupon.terms.valid_until);
        (Reverse(coupon.balance.value()), end, *id)
    });
    let due = fitting.first().filter(|_| uses).map(|(id, _)| *id);
    let found: Vec<_> = e.paid.coupons.iter().map(|part| &part.coupon).collect();
    tally.same(found, due.into_iter().collect(), &(e, order));
}

fn notices(m: &Moment<'_>, tally: &mut Tally) {
    nobody_is_left_untold(m, tally);
    let Some(Event::Notified(e)) = m.event() else { return };
    tally.holds(m.flag("R6.9.sent"), e);
    let channels = m.table("R6.9.channels");
    let sent = e.channels.iter().all(|channel| channels.integer(channel.name()) == Some(1));
    tally.holds(sent && !e.channels.is_empty(), e);
    let table = match e.kind {
        NoticeKind::Expiring => "R6.9.manual_days_before_expiry",
        NoticeKind::AutoRenewalFailed => "R6.9.failed_days_before_expiry",
        NoticeKind::Releasing => "R6.9.failed_days_before_release",
        // The others are told at once.
        _ => return,
    };
    if e.days.is_some() {
        told_on_its_day(m, tally, e, table);
    }
}

/// Of some events the customer is told at once; of a coming end on the days of the calendar.
fn nobody_is_left_untold(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event().filter(|_| m.flag("R6.9.sent")) else { return };
    let at_once = match event {
        Event::AutoRenewalTried(e) if e.result == AutoRenewalResult::Renewed => {
            Some(NoticeKind::AutoRenewed)
        }
        Event::Released(_) => Some(NoticeKind::Released),
        Event::ArrearsStarted(_) => Some(NoticeKind::Arrears),
        Event::BalanceAlert(_) => Some(NoticeKind::LowBalance),
        _ => None,
    };
    if let Some(kind) = at_once {
        let told = m.then().any(|event| matches!(event, Event::Notified(n) if n.kind == kind));
        tally.holds(told, event);
    }
    let Event::Expired(e) = event else { return };
    let Some(paid) = paid(m, &e.phone).filter(|paid| paid.end() == m.at) else { return };
    let last_change = m.before().find(|(_, event)| {
        let about = event.phones().contains(&e.phone);
        let changes = matches!(
            event,
            Event::Provisioned(_)
                | Event::BecameSubscribed(_)
                | Event::Renewed(_)
                | Event::AutoRenewalSet(_)
                | Event::Unsubscribed(_)
        );
        about && changes
    });
    let since = last_change.map_or(m.at, |(at, _)| at);
    for (_, days) in m.table("R6.9.manual_days_before_expiry").entries() {
        let day = paid.last().last.minus_days(u64::try_from(days).unwrap());
        let due = at_second(day, m.time_of_day("R6.9.time"));
        if paid.setting.is_none() && due > since {
            let told = m.before().any(|(at, event)| {
                at == due
                    && matches!(event, Event::Notified(n)
                        if n.kind == NoticeKind::Expiring && n.about.contains(&e.phone))
            });
            tally.holds(told, &(e, due.wall()));
        }
    }
}

fn told_on_its_day(m: &Moment<'_>, tally: &mut Tally, e: &Notified, table: &str) {
    let days = i64::from(e.days.unwrap_or_default());
    tally.holds(m.table(table).entries().any(|(_, day)| day == days.into()), e);
    tally.same(m.at, at_second(m.at.day(), m.time_of_day("R6.9.time")), e);
    for phone in &e.about {
        let Some(paid) = paid(m, phone) else { return tally.holds(false, e) };
        let renews = paid.setting.is_some();
        tally.same(renews, e.kind != NoticeKind::Expiring, &(e, phone));
        if e.kind != NoticeKind::Releasing {
            let left = (paid.last().last.start() - m.at.day().start()).floor_secs() / 86_400;
            tally.same(left, days, &(e, phone));
        }
    }
}

fn frozen_by_a_partner(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = tried(m) else { return };
    let frozen = m.before().find_map(|(_, event)| match event {
        Event::PartnerFreezeSet(p) => Some(p.frozen),
        _ => None,
    });
    let priced = e.result != AutoRenewalResult::NotSold;
    let due = frozen.unwrap_or(false) && priced;
    tally.same(e.result == AutoRenewalResult::PartnerFrozen, due, e);
}

fn left_alone_by_hand(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Renewed(e)) = m.event() else { return };
    // Where a policy sent with a renewal has an effect, it may be one on auto-renewal (R7.1).
    let with_policy =
        matches!(m.asked_now().map(|command| &command.op), Some(Op::Renew { policy: Some(_), .. }));
    let applied = with_policy && m.word("R7.1.policy_in_renewal") == "applied";
    if e.by != OrderKind::Renew || applied {
        return;
    }
    let before = m.account.subscription(&e.phone).and_then(|s| s.auto_renewal);
    let after = m.folded.subscription(&e.phone).and_then(|s| s.auto_renewal);
    tally.same(after, before, e);
    let set = m.then().any(|event| matches!(event, Event::AutoRenewalSet(s) if s.phone == e.phone));
    tally.holds(!set, e);
}

fn refused_on_expired(m: &Moment<'_>, tally: &mut Tally) {
    let phase = |phone: &PhoneId| m.account.subscription(phone).map(|s| s.phase);
    if let Some(Event::AutoRenewalSet(e)) = m.event()
        && e.setting.is_some()
    {
        tally.same(phase(&e.phone), Some(Phase::Active), e);
    }
    if let Some((reason @ (Reason::Expired | Reason::Frozen), Op::SetAutoRenewal { phone, .. })) =
        m.refused()
    {
        let held = m.account.phones.get(phone).is_some_and(|phone| phone.details.holds.any());
        let due = match (reason, phase(phone)) {
            (Reason::Expired, phase) => {
                let over = paid(m, phone).is_some_and(|paid| paid.end() == m.at);
                over || matches!(phase, Some(Phase::Grace { .. }))
            }
            (_, phase) => held || matches!(phase, Some(Phase::Frozen { .. })),
        };
        tally.holds(due, &(reason, phone));
    }
}
