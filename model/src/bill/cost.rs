//! Cost by day (R11.7): what was paid ahead, spread over the days that it pays for.

use super::cycle::Cycle;
use crate::decision::Fault;
use crate::event::{Charged, Event, Refunded, SizeChanged};
use crate::money::{Amount, MoneyError, Unrounded};
use crate::name::{AccountId, OrderId, PhoneId};
use crate::rules::{CostDays, Params, Rules, payment};
use crate::state::Split;
use crate::term::Expiry;
use crate::time::{BillingDay, SimDuration, SimTime};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// An amount spread over days. What the first days cost together is rounded, never a single day, so
/// that no error adds up and the days together cost the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    amount: Amount,
    first: BillingDay,
    days: u32,
}

impl Spread {
    /// The amount over the days from `from` to the expiry day, one of which is left out: of two periods
    /// that meet, each day belongs to one, and a year has 365.
    pub fn over(params: &Params, amount: Amount, from: BillingDay, expires: Expiry) -> Self {
        let length = expires.day().start() - from.start();
        let days = u32::try_from(length.floor_secs() / SECONDS_PER_DAY).unwrap_or(0).max(1);
        let first = match params.bills.cost_day_left_out {
            CostDays::ExpiryDay => from,
            CostDays::FirstDay => from.plus_days(1),
        };
        Self { amount, first, days }
    }
    /// The days over which it is spread.
    pub fn days(&self) -> impl Iterator<Item = BillingDay> + use<> {
        let first = self.first;
        (0..self.days).map(move |n| first.plus_days(u64::from(n)))
    }
    /// What the days before `day` cost together.
    pub fn before(&self, params: &Params, day: BillingDay) -> Result<Amount, MoneyError> {
        let passed = (day.start() - self.first.start()).floor_secs() / SECONDS_PER_DAY;
        let passed = passed.clamp(0, i64::from(self.days));
        if passed == i64::from(self.days) {
            return Ok(self.amount);
        }
        let product = self.amount.times(Decimal::from(passed))?.value();
        let part = product.checked_div(Decimal::from(self.days)).ok_or(MoneyError::Overflow)?;
        let part = Unrounded::of(part, self.amount.currency());
        part.rounded(params.fee_rounding, params.fee_decimals)
    }
    /// What `day` costs.
    pub fn on(&self, params: &Params, day: BillingDay) -> Result<Amount, MoneyError> {
        self.before(params, day.plus_days(1))?.minus(self.before(params, day)?)
    }
}

const SECONDS_PER_DAY: i64 = 24 * 3600;

/// The cost of every account by day, as far as the log has been read. Days to come bear what is paid
/// for them already; what an unsubscription leaves of a period is borne by its day.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    accounts: BTreeMap<AccountId, AccountCosts>,
}

#[derive(Clone, Debug, Default)]
struct AccountCosts {
    /// Paid orders that are not fulfilled yet.
    orders: BTreeMap<OrderId, (Split, Vec<PhoneId>)>,
    /// Periods of phones that live.
    periods: BTreeMap<(PhoneId, OrderId), Spread>,
    days: BTreeMap<BillingDay, Amount>,
}

impl Costs {
    /// Reads one event.
    ///
    /// # Errors
    /// A [`Fault`] where a sum leaves its range.
    pub fn take(
        &mut self,
        rules: &Rules,
        at: SimTime,
        account: &AccountId,
        event: &Event,
    ) -> Result<(), Fault> {
        if !self.accounts.contains_key(account) {
            self.accounts.insert(account.clone(), AccountCosts::default());
        }
        match self.accounts.get_mut(account) {
            Some(costs) => costs.take(rules.params(at), at, event),
            None => Ok(()),
        }
    }
    /// What one day costs an account.
    pub fn on(&self, account: &AccountId, day: BillingDay) -> Option<Amount> {
        self.accounts.get(account).and_then(|costs| costs.days.get(&day).copied())
    }
    /// What the days of a cycle cost an account together.
    pub fn of_cycle(
        &self,
        account: &AccountId,
        cycle: Cycle,
    ) -> Result<Option<Amount>, MoneyError> {
        let days = self.accounts.get(account).map(|costs| &costs.days);
        let range = cycle.first_day()..=cycle.last_day();
        let mut of_days = days.into_iter().flat_map(|days| days.range(range.clone()));
        of_days.try_fold(None, |sum: Option<Amount>, (_, amount)| {
            sum.map_or(Ok(*amount), |sum| sum.plus(*amount)).map(Some)
        })
    }
    /// Every day that costs something, by account.
    pub fn all(&self) -> impl Iterator<Item = (&AccountId, BillingDay, Amount)> {
        self.accounts
            .iter()
            .flat_map(|(id, costs)| costs.days.iter().map(move |(day, amount)| (id, *day, *amount)))
    }
}

impl AccountCosts {
    fn take(&mut self, params: &Params, at: SimTime, event: &Event) -> Result<(), Fault> {
        match event {
            Event::Charged(e) => self.charged(e),
            Event::Provisioned(e) => {
                let from = e.effective.day();
                self.spread(params, &e.phone, &e.order, from, e.expires)?;
            }
            Event::BecameSubscribed(e) => {
                self.spread(params, &e.phone, &e.order, e.effective.day(), e.expires)?;
            }
            Event::Renewed(e) => {
                // A period can be given back until its expiry day is over, which may cost nothing.
                self.periods.retain(|(phone, _), spread| {
                    let last = spread.first.plus_days(u64::from(spread.days));
                    *phone != e.phone || last >= at.day()
                });
                self.spread(params, &e.phone, &e.order, e.from.day(), e.expires)?;
            }
            Event::OrderCompleted(e) => {
                self.orders.remove(&e.order);
            }
            Event::OrderCancelled(e) => {
                self.orders.remove(&e.order);
            }
            Event::Refunded(e) => self.refunded(params, at.day(), e)?,
            Event::SizeChanged(e) => self.resized(params, at.day(), e)?,
            Event::Unsubscribed(e) if e.expires.is_none() => self.forget(&e.phone),
            Event::BecameOnDemand(e) => self.forget(&e.phone),
            Event::Released(e) => self.forget(&e.phone),
            Event::Settled(e) => self.add(last_second(e.to), e.due)?,
            Event::Metered(e) => self.add(last_second(e.to), e.official.minus(e.discount)?)?,
            Event::ErasedCollected(e) => self.add(Cycle::of(e.cycle).last_day(), e.due)?,
            Event::MonthCharged(e) => {
                self.add(Cycle::of(e.cycle).last_day(), e.erased.negated())?;
            }
            _ => {}
        }
        Ok(())
    }

    fn charged(&mut self, e: &Charged) {
        self.orders.insert(e.order.clone(), (e.paid.clone(), e.phones.clone()));
    }

    fn spread(
        &mut self,
        params: &Params,
        phone: &PhoneId,
        order: &OrderId,
        from: BillingDay,
        expires: Expiry,
    ) -> Result<(), Fault> {
        let Some((paid, phones)) = self.orders.get(order) else { return Ok(()) };
        let Some(place) = phones.iter().position(|other| other == phone) else { return Ok(()) };
        let amount = payment::share(paid, phones.len(), place)?.total()?;
        let spread = Spread::over(params, amount, from, expires);
        for day in spread.days() {
            self.add(day, spread.on(params, day)?)?;
        }
        self.periods.insert((phone.clone(), order.clone()), spread);
        Ok(())
    }

    /// The days that are left cost nothing any more; this day bears what is not returned of them.
    fn refunded(&mut self, params: &Params, today: BillingDay, e: &Refunded) -> Result<(), Fault> {
        let key = (e.phone.clone(), e.order.clone());
        let Some(spread) = self.periods.remove(&key) else { return Ok(()) };
        for day in spread.days().filter(|day| *day >= today) {
            self.add(day, spread.on(params, day)?.negated())?;
        }
        let borne = spread.before(params, today)?;
        self.add(today, spread.amount.minus(borne)?.minus(e.refund.total()?)?)?;
        Ok(())
    }

    /// The days that are left bear the rest of what was paid for them and the difference.
    fn resized(
        &mut self,
        params: &Params,
        today: BillingDay,
        e: &SizeChanged,
    ) -> Result<(), Fault> {
        let key = (e.phone.clone(), e.order.clone());
        let Some(spread) = self.periods.get(&key).copied() else {
            return Ok(self.add(today, e.due)?);
        };
        for day in spread.days().filter(|day| *day >= today) {
            self.add(day, spread.on(params, day)?.negated())?;
        }
        let rest = spread.amount.minus(spread.before(params, today)?)?.plus(e.due)?;
        let left = spread.days().filter(|day| *day >= today).count();
        let days = u32::try_from(left).unwrap_or(0).max(1);
        let rest = Spread { amount: rest, first: today.max(spread.first), days };
        for day in rest.days() {
            self.add(day, rest.on(params, day)?)?;
        }
        self.periods.insert(key, rest);
        Ok(())
    }

    fn forget(&mut self, phone: &PhoneId) {
        self.periods.retain(|(of, _), _| of != phone);
    }

    fn add(&mut self, day: BillingDay, amount: Amount) -> Result<(), MoneyError> {
        let sum = self.days.get(&day).map_or(Ok(amount), |sum| sum.plus(amount))?;
        if sum.is_zero() {
            self.days.remove(&day);
        } else {
            self.days.insert(day, sum);
        }
        Ok(())
    }
}

/// The day of a record's last second, as in the cycle of R11.4.
fn last_second(end: SimTime) -> BillingDay {
    (end - SimDuration::from_secs(1)).day()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::rulebook::Rulebook;
    use crate::rules::Catalogue;

    fn check(amount: &str, from: &str, expires: &str, expect: &[(&str, &str)]) {
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &[]).unwrap();
        let rules = Rules::new(settings, Catalogue::default()).unwrap();
        let params = rules.params(SimTime::EPOCH);
        let day = |text: &str| BillingDay::parse(text).unwrap();
        let amount = Amount::parse(amount, Currency::CNY).unwrap();
        let spread = Spread::over(params, amount, day(from), Expiry::on(day(expires)));
        let costs = spread.days().map(|day| spread.on(params, day).unwrap());
        let sum = costs.fold(Amount::zero(Currency::CNY), |sum, cost| sum.plus(cost).unwrap());
        assert_eq!(sum, amount, "the days cost the amount");
        for (of, cost) in expect {
            assert_eq!(spread.on(params, day(of)).unwrap().value().to_string(), *cost, "{of}");
        }
    }

    #[test]
    fn days_cost_what_was_paid() {
        let year = [("2023-03-01", "1"), ("2024-02-28", "1"), ("2024-02-29", "0")];
        check("365", "2023-03-01", "2024-02-29", &year);
        check("365", "2023-03-08", "2024-03-07", &[("2024-03-06", "1"), ("2024-03-07", "0")]);
        let third = [("2024-03-01", "0.33333333"), ("2024-03-02", "0.33333334")];
        check("1", "2024-03-01", "2024-03-04", &third);
        check("1", "2024-03-01", "2024-03-04", &[("2024-03-03", "0.33333333")]);
        check("0.01", "2024-03-08", "2024-04-08", &[("2024-02-01", "0"), ("2024-04-08", "0")]);
    }
}
