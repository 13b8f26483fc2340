//! R1.8 to R1.14: the way of an order, alone and with others.

use super::arithmetic::sum;
use super::lives::placed;
use super::{Invariant, Moment, Tally};
use koosim_model::decision::Reason;
use koosim_model::event::{CancelReason, Charged, Event, OrderPlaced, RefundTerms};
use koosim_model::name::{CouponId, OrderId};
use koosim_model::state::{FreezeCause, OrderKind, OrderWait, SplitPart};
use koosim_model::time::{SimDuration, SimTime};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "an order goes from step to step as its kind does",
        rules: &["R1.8"],
        check: step_by_step,
    },
    Invariant {
        name: "an order nobody paid is cancelled at its deadline",
        rules: &["R1.9"],
        check: cancelled_at_the_deadline,
    },
    Invariant {
        name: "an order waiting for a phone ends with that phone",
        rules: &["R1.9"],
        check: ends_with_its_phone,
    },
    Invariant {
        name: "an order keeps the price at which it was placed",
        rules: &["R1.10"],
        check: keeps_its_price,
    },
    Invariant {
        name: "what one action ordered is paid and cancelled together",
        rules: &["R1.11"],
        check: stays_together,
    },
    Invariant {
        name: "what cannot be provisioned is paid back in full",
        rules: &["R1.13", "R9.1"],
        check: failures_are_paid_back,
    },
    Invariant {
        name: "arrears stop purchases and leave subscriptions alone",
        rules: &["R1.14", "R8.5"],
        check: arrears_stop_purchases,
    },
];

/// How far an order has come before an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Waits(OrderWait),
    Paid,
    Done,
    Cancelled,
}

fn step(m: &Moment<'_>, id: &OrderId) -> Option<Step> {
    m.before().find_map(|(_, event)| match event {
        Event::OrderPlaced(e) if e.order == *id => Some(Step::Waits(e.waits_for)),
        Event::OrderApproved(e) if e.order == *id => Some(Step::Waits(OrderWait::Payment)),
        Event::OrderConfirmed(e) if e.order == *id => Some(Step::Waits(OrderWait::Payment)),
        Event::Charged(e) if e.order == *id => Some(Step::Paid),
        Event::OrderCompleted(e) if e.order == *id => Some(Step::Done),
        Event::OrderCancelled(e) if e.order == *id => Some(Step::Cancelled),
        _ => None,
    })
}

fn step_by_step(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let waits = |wait| Some(Step::Waits(wait));
    let was = event.order().map(|order| step(m, order));
    let Some(was) = was else { return };
    match event {
        Event::OrderPlaced(_) => tally.same(was, None, event),
        Event::OrderApproved(_) => tally.same(was, waits(OrderWait::Approval), event),
        Event::OrderConfirmed(_) => tally.same(was, waits(OrderWait::Confirmation), event),
        Event::Charged(_) => tally.same(was, waits(OrderWait::Payment), event),
        Event::OrderCompleted(_) => tally.same(was, Some(Step::Paid), event),
        Event::Provisioned(_) | Event::ProvisioningFailed(_) => {
            tally.same(was, Some(Step::Paid), event);
        }
        Event::OrderCancelled(e) if e.reason == CancelReason::ProvisioningFailed => {
            tally.same(was, Some(Step::Paid), event);
        }
        Event::OrderCancelled(_) => tally.holds(matches!(was, Some(Step::Waits(_))), event),
        _ => {}
    }
}

fn cancelled_at_the_deadline(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::OrderPlaced(e)) => {
            tally.same(e.pay_by, m.at + m.duration("R1.9.payment_deadline"), e);
        }
        Some(Event::Charged(e)) => tally.holds(m.at <= placed(m, &e.order).1.pay_by, e),
        Some(Event::OrderCancelled(e)) if e.reason == CancelReason::Deadline => {
            tally.same(m.at, deadline(m, placed(m, &e.order).1), e);
        }
        None if m.is_over() => {
            for (id, order) in &m.account.orders {
                let waits = order.pay_by().is_none_or(|pay_by| m.at <= pay_by);
                tally.holds(waits, &(id, m.at.wall()));
            }
        }
        _ => {}
    }
}

/// The deadline of an order, or of the first to reach it of those that stay together.
fn deadline(m: &Moment<'_>, order: &OrderPlaced) -> SimTime {
    let Some(group) = &order.group else { return order.pay_by };
    let together = m.before().filter_map(|(_, event)| match event {
        Event::OrderPlaced(e) if e.group.as_ref() == Some(group) => Some(e.pay_by),
        _ => None,
    });
    together.min().unwrap()
}

fn ends_with_its_phone(m: &Moment<'_>, tally: &mut Tally) {
    let phone = match m.event() {
        Some(Event::Released(e)) => &e.phone,
        Some(Event::Deleted(e)) => &e.phone,
        Some(Event::BecameOnDemand(e)) => &e.phone,
        Some(Event::Unsubscribed(e)) if e.expires.is_none() => &e.phone,
        _ => return,
    };
    let waiting = m.account.orders.iter().filter(|(_, order)| {
        order.pay_by().is_some() && order.living().any(|(_, other)| other == phone)
    });
    for (id, _) in waiting {
        let cancelled =
            m.then().any(|event| matches!(event, Event::OrderCancelled(e) if e.order == *id));
        tally.holds(cancelled, &(m.event(), id));
    }
}

fn keeps_its_price(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Charged(e)) = m.event() else { return };
    let (at, order) = placed(m, &e.order);
    if at < m.at {
        let all = sum([e.due, e.discount, e.coupon_discount]);
        tally.same(all, order.official.value(), e);
        // A promotion is chosen with the payment (R3.4).
        let discount = e.discount == order.discount || e.discount.is_zero();
        let discount = discount || e.promotion.is_some();
        tally.holds(discount, e);
    }
}

fn stays_together(m: &Moment<'_>, tally: &mut Tally) {
    let ends = |event: &Event| match event {
        Event::Charged(e) => Some((e.order.clone(), None)),
        Event::OrderCancelled(e) if e.reason != CancelReason::ProvisioningFailed => {
            Some((e.order.clone(), Some(e.reason)))
        }
        _ => None,
    };
    let Some(event) = m.event() else { return };
    let Some((id, how)) = ends(event) else { return };
    if let Some(group) = &placed(m, &id).1.group {
        let mut others = m.before().filter_map(|(_, event)| match event {
            Event::OrderPlaced(e) if e.group.as_ref() == Some(group) => Some(&e.order),
            _ => None,
        });
        let here = |other: &OrderId| {
            let earlier = m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
            let told = earlier.chain(m.then()).chain([event]);
            let ended: Vec<_> = told.filter_map(ends).collect();
            ended.contains(&(other.clone(), how))
        };
        tally.holds(others.all(here), event);
    }
    // The service renews each phone by itself, several perhaps at one instant.
    let asked =
        |event: &Event| matches!(event, Event::Charged(e) if e.reason != OrderKind::AutoRenew);
    if asked(event) {
        let paid = 1 + m.then().filter(|event| asked(event)).count();
        let most = m.integer("R1.11.orders_paid_together_max");
        tally.holds(i64::try_from(paid).unwrap() <= most, event);
    }
}

fn charged<'a>(m: &Moment<'a>, order: &OrderId) -> Option<&'a Charged> {
    m.before().find_map(|(_, event)| match event {
        Event::Charged(e) if e.order == *order => Some(e),
        _ => None,
    })
}

/// Whether a coupon can still be given its money back.
pub(super) fn lives(m: &Moment<'_>, id: &CouponId) -> bool {
    m.before().any(|(_, event)| match event {
        Event::CouponGranted(e) => e.coupon == *id && m.at < e.terms.valid_until,
        _ => false,
    })
}

/// The first order of the action that placed one.
fn first(order: &OrderPlaced) -> Option<&OrderId> {
    order.group.as_ref().map(|group| &group.first)
}

/// What is sold in combination fails as a whole; any other order only if it was meant.
fn fails_as_a_whole(m: &Moment<'_>, tally: &mut Tally, id: &OrderId) {
    let (_, order) = placed(m, id);
    let combined = order.group.as_ref().filter(|group| group.combination);
    let fails = |event: &Event, id: &OrderId| matches!(event, Event::ProvisioningFailed(e) if e.order == *id);
    let here = m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
    let here: Vec<_> = here.chain(m.then()).chain(m.event()).collect();
    if let Some(group) = combined {
        let others = m.before().filter_map(|(_, event)| match event {
            Event::OrderPlaced(e) if first(e) == Some(&group.first) => Some(&e.order),
            _ => None,
        });
        for other in others.filter(|other| step(m, other) == Some(Step::Paid)) {
            tally.holds(here.iter().any(|event| fails(event, other)), &(id, other));
        }
    } else if let Some(group) = &order.group {
        let others = here.iter().filter_map(|event| match event {
            Event::ProvisioningFailed(e) if e.order != *id => Some(placed(m, &e.order).1),
            _ => None,
        });
        let together = others.filter(|other| first(other) == Some(&group.first));
        tally.same(together.count(), 0, &(id, order));
    }
}

fn failures_are_paid_back(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::ProvisioningFailed(e)) = m.event() {
        fails_as_a_whole(m, tally, &e.order);
    }
    match m.event() {
        Some(Event::Refunded(e)) if e.terms == RefundTerms::ProvisioningFailed => {
            tally.holds(e.fee.is_zero() && e.consumed.is_zero(), e);
            let failed = m.before().find_map(|(at, event)| match event {
                Event::ProvisioningFailed(f) if f.order == e.order => {
                    f.phones.contains(&e.phone).then_some((at, f.phones.len()))
                }
                _ => None,
            });
            let (at, _) = failed.unwrap();
            let whole = m
                .then()
                .any(|event| matches!(event, Event::OrderCancelled(c) if c.order == e.order));
            let lag =
                if whole { m.duration("R1.13.refund_lag") } else { SimDuration::from_secs(0) };
            tally.same(m.at, at + lag, e);
        }
        Some(Event::OrderCancelled(e)) if e.reason == CancelReason::ProvisioningFailed => {
            let paid = &charged(m, &e.order).unwrap();
            let lost = |part: &&SplitPart| !lives(m, &part.coupon);
            let lost = sum(paid.paid.coupons.iter().filter(lost).map(|part| part.amount));
            let returned = m.before().filter_map(|(_, event)| match event {
                Event::Refunded(r) if r.order == e.order => Some(r.refund.total().unwrap()),
                _ => None,
            });
            // A phone that failed before the others may have got a coupon back that has expired since.
            let (returned, due) = (sum(returned), paid.due.value());
            tally.holds(due - lost <= returned && returned <= due, e);
        }
        _ => {}
    }
}

fn arrears_stop_purchases(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(event @ (Event::Charged(_) | Event::OrderPlaced(_) | Event::Created(_))) => {
            tally.holds(!m.account.debt().is_positive(), event);
        }
        Some(Event::Frozen(e)) if e.cause == FreezeCause::Arrears => {
            tally.holds(m.account.metering(&e.phone).is_some(), e);
        }
        _ => {}
    }
    if let Some((Reason::InArrears, asked)) = m.refused() {
        let exhausted =
            m.flag("R8.5.zero_balance_is_arrears") && !m.account.available().unwrap().is_positive();
        tally.holds(m.account.debt().is_positive() || exhausted, asked);
    }
}
