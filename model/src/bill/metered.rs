//! Use that is charged with its month: what each phone had of it (R2.5, R11.3).

use super::row::Row;
use super::sums::{CouponKinds, PaidBy};
use crate::decision::Fault;
use crate::event;
use crate::money::{Amount, Currency, MoneyError};
use crate::name::PhoneId;
use crate::rules::{Params, payment, usage};
use crate::state::Split;
use crate::time::SimTime;
use std::collections::BTreeMap;

/// The use of one month that is not charged yet, by phone.
#[derive(Clone, Debug, Default)]
pub(super) struct Metered {
    phones: BTreeMap<PhoneId, Used>,
}

#[derive(Clone, Copy, Debug)]
struct Used {
    from: SimTime,
    to: SimTime,
    official: Amount,
    discount: Amount,
}

impl Metered {
    pub(super) fn add(&mut self, e: &event::Metered) -> Result<(), MoneyError> {
        let Some(used) = self.phones.get_mut(&e.phone) else {
            let (from, to) = (e.from, e.to);
            let used = Used { from, to, official: e.official, discount: e.discount };
            self.phones.insert(e.phone.clone(), used);
            return Ok(());
        };
        (used.from, used.to) = (used.from.min(e.from), used.to.max(e.to));
        used.official = used.official.plus(e.official)?;
        used.discount = used.discount.plus(e.discount)?;
        Ok(())
    }

    pub(super) fn phones(&self) -> Vec<PhoneId> {
        self.phones.keys().cloned().collect()
    }

    /// List price and discount of all phones.
    pub(super) fn sums(&self, currency: Currency) -> Result<(Amount, Amount), MoneyError> {
        let zero = Amount::zero(currency);
        self.phones.values().try_fold((zero, zero), |(official, discount), used| {
            Ok((official.plus(used.official)?, discount.plus(used.discount)?))
        })
    }

    /// The month's row by phone. What is due is rounded for the first phone, the first two and so on,
    /// each from the start, so that the parts add up to the month and none is off by a whole coin.
    pub(super) fn rows(
        &self,
        params: &Params,
        month: &Row,
        paid: &Split,
        kinds: &CouponKinds,
    ) -> Result<Vec<Row>, Fault> {
        let zero = Amount::zero(month.due.currency());
        let (mut net, mut before) = (zero, zero);
        let mut rows = Vec::with_capacity(self.phones.len());
        for (place, (phone, used)) in self.phones.iter().enumerate() {
            let own = used.official.minus(used.discount)?;
            net = net.plus(own)?;
            let last = place + 1 == self.phones.len();
            let up_to = if last { month.due } else { usage::due(params, net)?.0 };
            let due = up_to.minus(before)?;
            let share = payment::take(paid, before, due)?;
            before = up_to;
            rows.push(Row {
                consumed_from: used.from,
                consumed_to: used.to,
                phones: vec![phone.clone()],
                official: used.official,
                discount: used.discount,
                erased: own.minus(due)?,
                due,
                paid: PaidBy::of(&share, kinds)?,
                ..month.clone()
            });
        }
        Ok(rows)
    }
}
