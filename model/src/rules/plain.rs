//! The plainest hour of a phone charged by use, decided without a detour.
//!
//! A fleet settles hundreds of hours to everything else it does, and nearly all are alike: the phone was
//! there to the end of the hour and stays, cash pays, and nothing follows. For these most of what
//! [`decide`](super::decide) looks at is looked at in vain. Whatever is not plain is asked there, and
//! the tests hold every answer against its: the same event for the same rules, the same next hour.

use crate::decision::Window;
use crate::event::{Event, Settled};
use crate::money::{Amount, Currency};
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::{DeductionMode, Params, Rules, usage};
use crate::state::{Account, Arrears, PhonePlace, Split, Usage};
use crate::time::SimTime;

/// The settlement of a plain hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainHour {
    // INVARIANT: a settlement that no coupon pays.
    event: Event,
    /// Why, as for any other event.
    pub rules: &'static [RuleId],
    /// The beginning of the hour whose timer is set next.
    pub next: SimTime,
    /// When that fires.
    pub window: Window,
    /// Where the phone is among those of its account.
    pub seen: PhonePlace,
}

impl PlainHour {
    /// What happens.
    pub fn event(&self) -> &Event {
        &self.event
    }
    /// Room for the hours of any phone, with nothing of an hour in it.
    fn room(phone: &PhoneId, currency: Currency) -> Self {
        let (never, zero) = (SimTime::EPOCH, Amount::zero(currency));
        let settled = Settled {
            phone: phone.clone(),
            from: never,
            to: never,
            seconds: 0,
            official: zero,
            discount: zero,
            erased: zero,
            due: zero,
            paid: Split::nothing(currency),
        };
        let event = Event::Settled(settled);
        let (window, seen) = (Window::exactly(never), PhonePlace::default());
        Self { event, rules: &[], next: never, window, seen }
    }
}

/// What [`decide`](super::decide) answers to the timer of one clock hour, if the hour is plain (R2.3 to
/// R2.8); `None` where it has to be asked. The phone is looked for where it was last seen. The answer is
/// written over the one in `room`: an event is large, and moving one takes longer than deciding on it.
#[inline]
pub fn decide_plainly<'r>(
    rules: &Rules,
    account: &Account,
    now: SimTime,
    (id, seen): (&PhoneId, PhonePlace),
    hour: SimTime,
    room: &'r mut Option<PlainHour>,
) -> Option<&'r PlainHour> {
    let params = rules.params(now);
    if !is_plain(params, account) {
        return None;
    }
    let discount = account.best_discount().0;
    let (phone, seen) = account.phones.find(id, seen)?;
    let metering = phone.metering()?;
    let [Usage { from, to: None }] = *metering.unsettled.as_slice() else { return None };
    let to = hour + usage::HOUR;
    if from < hour || to <= from {
        return None;
    }
    let seconds = u32::try_from((to - from).floor_secs()).ok()?;
    let price = usage::price(params, metering.unit_price, discount, seconds);
    let Ok((official, discount)) = price else { return None };
    let Ok(net) = official.minus(discount) else { return None };
    let Ok((due, erased)) = usage::due(params, net) else { return None };
    if params.on_demand.erased_is_collected && !erased.is_zero() {
        return None;
    }
    if !account.ledger.cash().covers(due) {
        return None;
    }
    let plain = room.get_or_insert_with(|| PlainHour::room(id, due.currency()));
    let Event::Settled(settled) = &mut plain.event else {
        unreachable!("another event in the room")
    };
    settled.phone.clone_from(id);
    (settled.from, settled.to, settled.seconds) = (from, to, seconds);
    (settled.official, settled.discount) = (official, discount);
    (settled.erased, settled.due) = (erased, due);
    let zero = Amount::zero(due.currency());
    (settled.paid.cash, settled.paid.credit, settled.paid.debt) = (due, zero, zero);
    plain.rules = usage::settled_by(now, due, to);
    plain.next = hour + usage::ahead(params);
    plain.window = usage::deducted(params, plain.next, now);
    plain.seen = seen;
    Some(plain)
}

/// Whether nothing of the account or the book bears on an hour but its price and the cash.
#[inline(always)]
fn is_plain(params: &Params, account: &Account) -> bool {
    params.deduction_mode == DeductionMode::Hourly
        && !params.zero_balance_is_arrears
        && params.life.tier_thresholds.is_none()
        && matches!(account.arrears, Arrears::None)
        && account.coupons.is_empty()
        && account.funds.deposits.is_empty()
        && account.funds.alert.is_none()
        && !account.ledger.cash().is_negative()
}
