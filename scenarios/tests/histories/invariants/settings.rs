//! What an accepted request sets is what was asked for, and nothing that was due is forgotten.

use super::{Invariant, Moment, Tally, What};
use koosim_model::command::Op;
use koosim_model::event::Event;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::state::{CouponWorth, OrderPhase, Phase};
use koosim_model::time::SimDuration;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "a setting is what was asked for",
        rules: &["R1.8", "R4.7", "R4.8", "R5.6", "R6.5", "R8.2", "P1.1"],
        check: as_asked,
    },
    Invariant {
        name: "nothing that was due is left when a story ends",
        rules: &["R1.1", "R2.9", "R4.8", "R8.1", "R9.9", "R9.10"],
        check: nothing_is_left,
    },
];

fn as_asked(m: &Moment<'_>, tally: &mut Tally) {
    let What::Asked(command) = m.what else { return };
    let refused = m.told_after().next().is_some_and(|next| matches!(next.what, What::Refused(_)));
    if refused {
        return;
    }
    let mut answers = m.then();
    let answered = match &command.op {
        Op::SetApproval { needed } => {
            answers.any(|event| matches!(event, Event::ApprovalSet(e) if e.needed == *needed))
        }
        Op::SetAlert { threshold } => {
            answers.any(|event| matches!(event, Event::AlertSet(e) if e.threshold == *threshold))
        }
        Op::SetDeductionDay { days } => {
            answers.any(|event| matches!(event, Event::DeductionDaySet(e) if e.days == *days))
        }
        Op::SetUnifiedDay { day } => {
            answers.any(|event| matches!(event, Event::UnifiedDaySet(e) if e.day == *day))
        }
        Op::SetVerification { to } => {
            answers.any(|event| matches!(event, Event::VerificationSet(e) if e.to == *to))
        }
        Op::Transfer { amount } => {
            answers.any(|event| matches!(event, Event::TransferSent(e) if e.amount == *amount))
        }
        Op::GrantPromotion { grace_days, retention_days, until } => answers.any(|event| {
            matches!(event, Event::PromotionGranted(e)
                if (e.grace_days, e.retention_days) == (*grace_days, *retention_days)
                    && e.until == *until)
        }),
        Op::GrantCoupon { coupon, terms } => answers.any(|event| {
            // The end of a card is the rule's (R4.4).
            let card = matches!(terms.worth, CouponWorth::Card(_));
            matches!(event, Event::CouponGranted(e)
                if e.coupon == *coupon
                    && (e.terms.worth, &e.terms.limits) == (terms.worth, &terms.limits)
                    && e.terms.valid_from == terms.valid_from
                    && (card || e.terms.valid_until == terms.valid_until))
        }),
        _ => return,
    };
    tally.holds(answered, &command.op);
}

fn nothing_is_left(m: &Moment<'_>, tally: &mut Tally) {
    if !m.is_over() {
        return;
    }
    let account = m.account;
    for (id, order) in &account.orders {
        if let OrderPhase::Processing { paid_at, .. } = order.phase {
            let latest = paid_at + m.duration("P1.3.provisioning_latest");
            tally.holds(m.at <= latest, &(id, order));
        }
    }
    let month = SimDuration::from_days(40);
    for cycle in account.funds.erased.keys().chain(account.funds.on_month.keys()) {
        tally.holds(m.at <= cycle.start() + month, cycle);
    }
    let sent = m.before().filter_map(|(at, event)| match event {
        Event::TransferSent(e) if account.funds.transfers.contains_key(&e.number) => Some(at),
        _ => None,
    });
    // What was due at the last instant has happened as well.
    let lag = if m.drawn() { "R4.8.transfer_lag_latest" } else { "R4.8.transfer_lag_default" };
    for at in sent {
        tally.holds(m.at < at + m.duration(lag), &at);
    }
    for arrives in account.returns.underway.keys() {
        tally.holds(m.at < *arrives, arrives);
    }
    for review in account.returns.reviews.values() {
        tally.holds(m.at < review.asked + m.duration("R9.9.approved_after"), review);
    }
    for (id, phone) in account.phones.iter() {
        let phase = phone.subscription().map(|s| s.phase);
        let phase = phase.or(phone.metering().map(|metering| metering.phase));
        if let (Some(Phase::Grace { until } | Phase::Frozen { until, .. }), false) =
            (phase, phone.details.holds.police || phone.status() == PhoneStatus::Gone)
        {
            tally.holds(m.at <= until, &(id, phone));
        }
    }
}
