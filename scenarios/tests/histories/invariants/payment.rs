//! R4: how an amount is composed of sources, and money around the balance.

use super::arithmetic::{cents, days, half_up, later, sum};
use super::lives::placed;
use super::{Invariant, Moment, Tally};
use koosim_model::command::Op;
use koosim_model::event::{Charged, Event};
use koosim_model::name::{CouponId, PhoneId, RegionId, SizeId};
use koosim_model::state::{
    Coupon, CouponLimits, CouponWorth, OrderKind, OrderWait, Settlement, Split,
};
use koosim_model::time::{BillingDay, SimDuration, SimTime};
use koosim_model::view::ChargingMode;
use rust_decimal::Decimal;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "who cannot pay at once is told what is missing",
        rules: &["R4.1"],
        check: told_what_is_missing,
    },
    Invariant {
        name: "an order takes one coupon of a kind, then the balance, then credit",
        rules: &["R4.1"],
        check: composition_of_orders,
    },
    Invariant {
        name: "what a month put on the credit line is evened out from cash",
        rules: &["R4.1"],
        check: months_on_credit,
    },
    Invariant {
        name: "use takes vouchers, flexi, cards, cash and credit in that order",
        rules: &["R4.2"],
        check: composition_of_use,
    },
    Invariant {
        name: "a voucher pays for what it is limited to, alone of its kind",
        rules: &["R4.3"],
        check: limits_of_vouchers,
    },
    Invariant { name: "only cash is taken out", rules: &["R4.3"], check: only_cash_is_taken_out },
    Invariant { name: "a card lasts its months", rules: &["R4.4"], check: cards_last_their_months },
    Invariant {
        name: "the sources add up to what is due",
        rules: &["R4.5"],
        check: sources_add_up,
    },
    Invariant {
        name: "a balance alert is given at the threshold, on its days",
        rules: &["R4.7"],
        check: alerts,
    },
    Invariant {
        name: "a top-up pays what is owed first, and a transfer takes its time",
        rules: &["R4.8"],
        check: debt_first,
    },
];

/// The place of a coupon among those that hold money: voucher, flexi, card.
fn rank(worth: &CouponWorth) -> Option<u8> {
    match worth {
        CouponWorth::Voucher(_) => Some(0),
        CouponWorth::Flexi(_) => Some(1),
        CouponWorth::Card(_) => Some(2),
        CouponWorth::DiscountCoupon(_) | CouponWorth::Promotion(_) => None,
    }
}

pub(super) fn coupon<'a>(m: &Moment<'a>, id: &CouponId) -> &'a Coupon {
    m.account.coupons.get(id).unwrap_or_else(|| panic!("{id} was never granted"))
}

fn composition_of_orders(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Charged(e)) = m.event() else { return };
    let money: Vec<_> = e.paid.coupons.iter().map(|part| coupon(m, &part.coupon)).collect();
    let ranks: Vec<_> = money.iter().map(|coupon| rank(&coupon.terms.worth)).collect();
    tally.holds(ranks.is_sorted_by(|a, b| a < b), e);
    let used = ranks.len() + usize::from(e.discount_coupon.is_some());
    tally.holds(i64::try_from(used).unwrap() <= m.integer("R4.1.coupons_per_order_max"), e);
    // A source is used up before the next one is.
    let left: Decimal = e
        .paid
        .coupons
        .iter()
        .map(|part| coupon(m, &part.coupon).balance.value() - part.amount.value())
        .sum();
    let rest = e.paid.cash.value() + e.paid.credit.value();
    tally.holds(rest.is_zero() || left.is_zero(), e);
    let cash = m.account.ledger.cash().value().max(Decimal::ZERO);
    let credit = m.account.credit_limit.value() + m.account.ledger.credit().value();
    let (first, second, held) = match settlement(m) {
        Settlement::AtOnce => (e.paid.cash, e.paid.credit, cash),
        Settlement::Monthly => (e.paid.credit, e.paid.cash, credit),
    };
    tally.holds(second.is_zero() || first.value() == held, e);
    tally.holds(e.paid.cash.value() <= cash && e.paid.credit.value() <= credit, e);
}

fn settlement(m: &Moment<'_>) -> Settlement {
    let told = m.before().find_map(|(_, event)| match event {
        Event::SettlementSet(e) => Some(e.settlement),
        _ => None,
    });
    told.unwrap_or_default()
}

fn months_on_credit(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::MonthSettled(e)) = m.event() else { return };
    let drawn = -m.account.ledger.credit().value();
    let cash = m.account.ledger.cash().value().max(Decimal::ZERO);
    tally.holds(e.due.value() <= drawn, e);
    let by_cash = e.due.value().min(cash);
    tally.same((e.cash.value(), e.debt.value()), (by_cash, e.due.value() - by_cash), e);
}

/// A charge for use: what is due, when the use was, of which size and at a discount or not.
struct ToPay<'a> {
    due: Decimal,
    used_at: SimTime,
    size: Option<&'a SizeId>,
    region: Option<&'a RegionId>,
    discounted: bool,
    paid: &'a Split,
}

fn to_pay<'a>(m: &Moment<'a>) -> Option<ToPay<'a>> {
    let last_second = |cycle: BillingDay| later(cycle, 1, 1).start() - SimDuration::from_secs(1);
    let month = |cycle, due: koosim_model::money::Amount, paid| ToPay {
        due: due.value(),
        used_at: last_second(cycle),
        size: None,
        region: None,
        discounted: false,
        paid,
    };
    match m.event()? {
        Event::Settled(e) => Some(ToPay {
            due: e.due.value(),
            used_at: e.from,
            size: m.account.phones.get(&e.phone).map(|phone| &phone.details.size),
            region: region(m, &e.phone),
            discounted: !e.discount.is_zero(),
            paid: &e.paid,
        }),
        Event::MonthCharged(e) => Some(month(e.cycle, e.due, &e.paid)),
        Event::ErasedCollected(e) => Some(month(e.cycle, e.due, &e.paid)),
        _ => None,
    }
}

/// Where a phone runs, if that was ever said.
fn region<'a>(m: &Moment<'a>, id: &PhoneId) -> Option<&'a RegionId> {
    m.account.phones.get(id)?.details.place.as_ref().map(|place| &place.region)
}

/// Whether a coupon of regions is for phones there.
pub(super) fn is_there(limits: &CouponLimits, region: Option<&RegionId>) -> bool {
    limits.regions.is_empty() || region.is_some_and(|region| limits.regions.contains(region))
}

/// Whether a coupon may pay for such use by its limits.
fn fits_use(coupon: &Coupon, to_pay: &ToPay<'_>) -> bool {
    let Some(limits) = coupon.terms.limits.as_deref() else { return true };
    let Some(size) = to_pay.size else { return false };
    limits.orders.is_empty()
        && limits.charging != Some(ChargingMode::Subscribed)
        && (limits.sizes.is_empty() || limits.sizes.contains(size))
        && is_there(limits, to_pay.region)
        && limits.minimum.is_none_or(|least| to_pay.due >= least.value())
        && !(limits.excludes_discounts && to_pay.discounted)
}

fn composition_of_use(m: &Moment<'_>, tally: &mut Tally) {
    let Some(to_pay) = to_pay(m) else { return };
    let mut usable: Vec<_> = m
        .account
        .coupons
        .iter()
        .filter(|(_, coupon)| {
            let terms = &coupon.terms;
            let valid = terms.valid_from <= to_pay.used_at && to_pay.used_at < terms.valid_until;
            valid && coupon.balance.is_positive() && fits_use(coupon, &to_pay)
        })
        .filter_map(|(id, coupon)| {
            let limited = coupon.terms.limits.as_ref().is_some_and(|l| !l.sizes.is_empty());
            let rank = rank(&coupon.terms.worth)?;
            Some(((rank, !limited, coupon.terms.valid_until, id), coupon.balance.value()))
        })
        .collect();
    usable.sort();
    let mut rest = to_pay.due;
    let mut due: Vec<(CouponId, Decimal)> = Vec::new();
    for ((.., id), balance) in usable {
        let part = balance.min(rest);
        if !part.is_zero() {
            due.push((id.clone(), part));
        }
        rest -= part;
    }
    let found: Vec<_> =
        to_pay.paid.coupons.iter().map(|part| (part.coupon.clone(), part.amount.value())).collect();
    tally.same(found, due, &m.event());
    let cash = m.account.ledger.cash().value().max(Decimal::ZERO).min(rest);
    let credit = m.account.credit_limit.value() + m.account.ledger.credit().value();
    let credit = credit.max(Decimal::ZERO).min(rest - cash);
    let found = [to_pay.paid.cash, to_pay.paid.credit, to_pay.paid.debt]
        .map(koosim_model::money::Amount::value);
    tally.same(found, [cash, credit, rest - cash - credit], &m.event());
}

/// Whether a voucher may be used on such an order by its limits, whatever the amount.
pub(super) fn fits_order(coupon: &Coupon, kind: OrderKind, size: &SizeId) -> bool {
    coupon.terms.limits.as_deref().is_none_or(|limits| {
        (limits.sizes.is_empty() || limits.sizes.contains(size))
            && (limits.orders.is_empty() || limits.orders.contains(&kind))
            && limits.charging != Some(ChargingMode::OnDemand)
    })
}

fn limits_of_vouchers(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Charged(e)) = m.event() else { return };
    let size = &placed(m, &e.order).1.size;
    let vouchers = e
        .paid
        .coupons
        .iter()
        .filter(|part| matches!(coupon(m, &part.coupon).terms.worth, CouponWorth::Voucher(_)));
    let most = m.integer("R4.3.vouchers_per_order_max");
    let count = i64::try_from(vouchers.count()).unwrap();
    for part in &e.paid.coupons {
        let coupon = coupon(m, &part.coupon);
        tally.holds(count <= most, e);
        tally.holds(fits_order(coupon, e.reason, size), &(e, coupon));
        let ordered = placed(m, &e.order).1.place.as_ref().map(|place| &place.region);
        let there = |id| coupon.terms.limits.as_deref().is_none_or(|limits| is_there(limits, id));
        let all_there = e.phones.iter().all(|id| there(ordered.or_else(|| region(m, id))));
        tally.holds(all_there, &(e, coupon));
        tally.holds(
            coupon.terms.valid_from <= m.at && m.at < coupon.terms.valid_until,
            &(e, coupon),
        );
        let excludes = coupon.terms.limits.as_ref().is_some_and(|l| l.excludes_discounts);
        let undiscounted = e.discount.is_zero() && e.discount_coupon.is_none();
        tally.holds(!excludes || undiscounted, &(e, coupon));
        let least = coupon.terms.limits.as_ref().and_then(|limits| limits.minimum);
        let items: Decimal = eligible(m, e, coupon);
        tally.holds(least.is_none_or(|least| items >= least.value()), &(e, coupon));
    }
}

/// What was due, before discount coupons, for the orders of one payment that a coupon fits.
fn eligible(m: &Moment<'_>, e: &Charged, coupon: &Coupon) -> Decimal {
    let earlier = m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
    let others = earlier.chain(m.then()).filter_map(|event| match event {
        Event::Charged(other) => Some(other),
        _ => None,
    });
    let orders = others.filter(|other| {
        let sizes: Vec<_> = m
            .told_before()
            .chain(m.told_after())
            .filter_map(|told| match &told.what {
                super::What::Happened(Event::OrderPlaced(p)) if p.order == other.order => {
                    Some(&p.size)
                }
                _ => None,
            })
            .collect();
        sizes.iter().any(|size| fits_order(coupon, other.reason, size))
    });
    let due = |e: &Charged| e.due.value() + e.coupon_discount.value();
    due(e) + orders.map(due).sum::<Decimal>()
}

fn told_what_is_missing(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::PaymentFailed(e)) = m.event() {
        tally.same(e.available, m.account.available().unwrap(), e);
        tally.holds(e.needed.value() > e.available.value(), e);
        let (_, order) = placed(m, &e.order);
        let coupons = match m.asked_now().map(|command| &command.op) {
            Some(Op::Buy { payment, .. } | Op::Renew { payment, .. }) => payment.as_deref(),
            _ => return,
        };
        if coupons.is_none_or(<[CouponId]>::is_empty) && order.group.is_none() {
            tally.same(e.needed, order.due, e);
        }
    }
    let Some(Event::OrderPlaced(e)) = m.event() else { return };
    let pays = match m.asked_now().map(|command| &command.op) {
        Some(Op::Buy { payment, .. } | Op::Renew { payment, .. }) => payment.is_some(),
        _ => return,
    };
    if pays && e.waits_for == OrderWait::Payment {
        let answered = m.then().any(|event| match event {
            Event::Charged(c) => c.order == e.order,
            Event::PaymentFailed(f) => f.order == e.order,
            _ => false,
        });
        tally.holds(answered, e);
    }
}

fn only_cash_is_taken_out(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::Withdrawn(e)) = m.event() {
        tally.holds(m.account.ledger.cash().value() >= e.amount.value(), e);
        tally.holds(!m.account.debt().is_positive(), e);
    }
}

fn cards_last_their_months(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::CouponGranted(e)) = m.event() else { return };
    let CouponWorth::Card(_) = e.terms.worth else { return };
    let Some(Op::GrantCoupon { terms, .. }) = m.asked_now().map(|command| &command.op) else {
        return;
    };
    let months = u32::try_from(m.integer("R4.4.card_validity_months")).unwrap();
    let first = e.terms.valid_from.day();
    let longest = later(first, months, first.day_of_month()).end();
    tally.same(e.terms.valid_until, terms.valid_until.min(longest), e);
}

fn sources_add_up(m: &Moment<'_>, tally: &mut Tally) {
    let (due, paid) = match m.event() {
        Some(Event::Charged(e)) => {
            let official = placed(m, &e.order).1.official;
            tally.same(sum([e.due, e.discount, e.coupon_discount]), official.value(), e);
            let own = e.discount_coupon.as_ref().map(|id| &coupon(m, id).terms.worth);
            let rate = match own {
                Some(CouponWorth::DiscountCoupon(rate)) => rate.value(),
                _ => Decimal::ZERO,
            };
            let before = official.value() - e.discount.value();
            let off = half_up(before * rate, cents(e.due.currency()));
            tally.same(e.coupon_discount.value(), off, e);
            (e.due, &e.paid)
        }
        Some(Event::Settled(e)) => (e.due, &e.paid),
        Some(Event::MonthCharged(e)) => (e.due, &e.paid),
        Some(Event::ErasedCollected(e)) => (e.due, &e.paid),
        _ => return,
    };
    let coupons = paid.coupons.iter().map(|part| part.amount);
    let parts: Vec<_> = coupons.chain([paid.cash, paid.credit, paid.debt]).collect();
    for part in &paid.coupons {
        let voucher = matches!(coupon(m, &part.coupon).terms.worth, CouponWorth::Voucher(_));
        tally.same(part.counts_as_paid, !voucher, &m.event());
    }
    tally.holds(parts.iter().all(|part| !part.is_negative()), &m.event());
    tally.same(sum(parts), due.value(), &m.event());
}

/// What a balance alert watches: what can be spent, general vouchers and flexi coupons.
fn watched(m: &Moment<'_>, at: SimTime) -> Decimal {
    let account = m.account;
    let credit = account.credit_limit.value() + account.ledger.credit().value();
    let money = account.ledger.cash().value() + credit + account.ledger.debt().value();
    let counted = account.coupons.values().filter(|coupon| {
        let general = match coupon.terms.worth {
            CouponWorth::Voucher(_) => coupon.terms.limits.is_none(),
            CouponWorth::Flexi(_) => true,
            CouponWorth::Card(_) | CouponWorth::DiscountCoupon(_) | CouponWorth::Promotion(_) => {
                false
            }
        };
        general && coupon.terms.valid_from <= at && at < coupon.terms.valid_until
    });
    money + counted.map(|coupon| coupon.balance.value()).sum::<Decimal>()
}

fn alerts(m: &Moment<'_>, tally: &mut Tally) {
    let at_threshold = m.flag("R4.7.fires_at_threshold");
    let is_low =
        |left: Decimal, threshold: Decimal| left < threshold || (at_threshold && left == threshold);
    if let Some(Event::BalanceAlert(e)) = m.event() {
        let left = watched(m, m.at);
        tally.same(e.left.value(), left, e);
        let asked = m.before().find_map(|(_, event)| match event {
            Event::AlertSet(set) => set.threshold,
            _ => None,
        });
        tally.same(Some(e.threshold), asked, e);
        tally.holds(is_low(left, e.threshold.value()), e);
        let given = m.account.funds.alert.map_or(0, |alert| alert.given);
        tally.same(e.time, given + 1, e);
        tally.holds(i64::from(e.time) <= m.integer("R4.7.days"), e);
        if e.time > 1 {
            tally.same(last_alert(m).map(|(at, _)| at + days(1)), Some(m.at), e);
        }
        return;
    }
    // Between two instants nothing is left to be told of the earlier one.
    let Some(last) = m.told_before().next().filter(|last| last.at < m.at) else { return };
    let Some(alert) = &m.account.funds.alert else { return };
    if let (super::What::Happened(event), 0) = (&last.what, alert.given) {
        tally.holds(!is_low(watched(m, last.at), alert.threshold.value()), event);
    }
    // Nothing has happened since `last`: was there an alert to be repeated meanwhile?
    if let Some((at, time)) = last_alert(m).filter(|_| alert.given > 0) {
        let again = at + days(1);
        let passed = last.at < again && again < m.at;
        let due = passed && is_low(watched(m, again), alert.threshold.value());
        tally.holds(!due || i64::from(time) >= m.integer("R4.7.days"), &(alert, again));
    }
}

/// When an alert was last given, and the how-many-th of its row it was.
fn last_alert(m: &Moment<'_>) -> Option<(SimTime, u32)> {
    m.before().find_map(|(at, event)| match event {
        Event::BalanceAlert(e) => Some((at, e.time)),
        _ => None,
    })
}

fn debt_first(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::ToppedUp(e)) => {
            let debt = -m.account.ledger.debt().value();
            let to_debt = e.amount.value().min(debt);
            let due = (to_debt, e.amount.value() - to_debt);
            tally.same((e.to_debt.value(), e.to_cash.value()), due, e);
        }
        Some(Event::DebtPaid(e)) => {
            let debt = -m.account.ledger.debt().value();
            let cash = m.account.ledger.cash().value();
            tally.same(e.amount.value(), debt.min(cash), e);
        }
        Some(Event::TransferArrived(e)) => {
            let sent = m.before().find_map(|(at, event)| match event {
                Event::TransferSent(s) if s.number == e.number => Some(at),
                _ => None,
            });
            let after = |path| sent.unwrap() + m.duration(path);
            if m.drawn() {
                let first = after("R4.8.transfer_lag_earliest");
                tally.holds(first <= m.at && m.at <= after("R4.8.transfer_lag_latest"), e);
            } else {
                tally.same(m.at, after("R4.8.transfer_lag_default"), e);
            }
        }
        _ => {}
    }
}
