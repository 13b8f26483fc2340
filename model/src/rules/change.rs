//! Another size for a subscription (R10.1, R10.5). Phones have none; the arithmetic is that of the
//! platform, and a parameter lets it act.

use super::params::Reader;
use crate::bill::Cycle;
use crate::decision::{Decision, Fault, Read, Reason};
use crate::event::SizeChanged;
use crate::lifecycle::PhoneTrigger;
use crate::money::{Amount, MoneyError, Rounding, Unrounded};
use crate::name::{PhoneId, SizeId};
use crate::rulebook::{BookError, RuleId};
use crate::rules::{Case, Params, arrears, living, p, r, refund, unusable};
use crate::state::{Period, Split};
use crate::term::{Expiry, Term};
use crate::time::BillingDay;
use rust_decimal::Decimal;

const READ_CHANGE: &[Read] = &[
    Read { rule: r(10, 1), name: "change_supported" },
    Read { rule: r(10, 5), name: "year_days" },
];

/// The parameters of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeParams {
    /// R10.1 `change_supported`.
    pub supported: bool,
    /// R10.5 `year_days`.
    pub year_days: u32,
}

impl ChangeParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            supported: read.flag(r(10, 1), "change_supported")?,
            year_days: read.count(r(10, 5), "year_days")?,
        })
    }
}

/// R10.5: what is left of a term after the day of the change, up to and with the expiry day: in months,
/// each day as a part of its own month; in years, without 29 February.
pub fn remaining(params: &Params, term: Term, changed: BillingDay, expires: Expiry) -> Decimal {
    let (first, last) = (changed.plus_days(1), expires.day());
    match term {
        Term::Months(_) => {
            let months = std::iter::successors(Some(Cycle::of(first)), |month| Some(month.next()));
            let parts = months.take_while(|month| month.first_day() <= last).map(|month| {
                let from = month.first_day().max(first);
                let days = days_between(from, month.last_day().min(last));
                Decimal::from(days) / Decimal::from(month.last_day().day_of_month())
            });
            parts.sum()
        }
        Term::Years(_) => {
            let leap_days = (first.year()..=last.year())
                .filter_map(|year| BillingDay::new(year, 2, 29))
                .filter(|day| (first..=last).contains(day))
                .count();
            let leap_days = i64::try_from(leap_days).unwrap_or(0);
            let days = days_between(first, last) - leap_days;
            Decimal::from(days) / Decimal::from(params.change.year_days.max(1))
        }
    }
}

/// Days from one to another, both counted; none if they are in the other order.
fn days_between(first: BillingDay, last: BillingDay) -> i64 {
    const DAY_S: i64 = 24 * 3600;
    ((last.end() - first.start()).floor_secs() / DAY_S).max(0)
}

/// What a change costs; what comes back is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The difference of the list prices for the time that is left.
    pub official: Amount,
    /// What the commercial discount takes off it.
    pub discount: Amount,
    /// What rounding takes off; negative where it rounds up.
    pub erased: Amount,
    /// What is charged: official less discount less erased.
    pub due: Amount,
}

/// R10.5: the new price less the old for the time that is left, less the discount; at eight decimals,
/// and what is due half up to what can be paid.
pub fn difference(
    params: &Params,
    (old, new): (Amount, Amount),
    remaining: Decimal,
    rate: Decimal,
) -> Result<Difference, MoneyError> {
    let fine = |exact: Unrounded| exact.rounded(Rounding::HalfUp, params.fee_decimals);
    let exact = new.minus(old)?.times(remaining)?;
    let currency = new.currency();
    let part = |factor: Decimal| -> Result<Unrounded, MoneyError> {
        let product = exact.value().checked_mul(factor).ok_or(MoneyError::Overflow)?;
        Ok(Unrounded::of(product, currency))
    };
    let (official, discount) = (fine(exact)?, fine(part(rate)?)?);
    let due = part(Decimal::ONE - rate)?;
    let due = due.rounded(Rounding::HalfUp, params.due_decimals(currency))?;
    let erased = official.minus(discount)?.minus(due)?;
    Ok(Difference { official, discount, erased, due })
}

/// R10.1, R10.5: the customer wants another size for the rest of a subscription.
pub(super) fn change_size(case: &Case<'_>, id: &PhoneId, to: &SizeId) -> Result<Decision, Fault> {
    let Some(phone) = living(case, id) else {
        return Ok(Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(10, 1)]));
    };
    let refusal = refuse(case, id, phone, to);
    if let Some((reason, rules)) = refusal {
        return Ok(Decision::refuse(reason, rules));
    }
    let Some(subscription) = phone.subscription() else { return Ok(Decision::default()) };
    let Some(period) = subscription.periods.iter().rfind(|period| period.from <= case.now) else {
        return Ok(Decision::default());
    };
    let unit = match period.term {
        Term::Months(_) => Term::Months(1),
        Term::Years(_) => Term::Years(1),
    };
    let catalogue = case.rules.catalogue();
    let prices =
        (catalogue.subscription(&phone.details.size, unit)?, catalogue.subscription(to, unit)?);
    let (Some(old), Some(new)) = prices else {
        return Ok(Decision::refuse(Reason::NotSold(to.clone()), by![r(10, 5)]));
    };
    let left = remaining(case.params, period.term, case.now.day(), subscription.expires);
    let rate = case.account.discount.value();
    let difference = difference(case.params, (old, new), left, rate)?;
    let Some((difference, paid, returned)) = settle(case, period, difference)? else {
        return Ok(Decision::refuse(Reason::BalanceTooLow, by![r(10, 5), r(4, 1)]));
    };
    let Difference { official, discount, erased, due } = difference;
    let mut decision = Decision { read: READ_CHANGE, ..Decision::default() };
    let (phone_id, order, from) = (id.clone(), period.order.clone(), phone.details.size.clone());
    decision.happen(
        by![r(10, 5), r(10, 1), r(3, 5)],
        SizeChanged {
            phone: phone_id,
            order,
            from,
            to: to.clone(),
            official,
            discount,
            erased,
            due,
            paid,
            returned,
        },
    );
    Ok(decision)
}

fn refuse(
    case: &Case<'_>,
    id: &PhoneId,
    phone: &crate::state::Phone,
    to: &SizeId,
) -> Option<(Reason, &'static [RuleId])> {
    if !case.params.change.supported {
        let on_demand = phone.metering().is_some();
        let rules: &[RuleId] =
            if on_demand { by![r(2, 15), r(10, 1), p(1, 5)] } else { by![r(10, 1), p(1, 5)] };
        return Some((Reason::SizeFixed, rules));
    }
    if phone.details.size == *to {
        return Some((Reason::OutOfRange, by![r(10, 5)]));
    }
    if arrears::in_arrears(case) {
        return Some((Reason::InArrears, by![r(1, 14), r(8, 5)]));
    }
    let catalogue = case.rules.catalogue();
    let sold = |term| catalogue.subscription(to, term).is_ok_and(|price| price.is_some());
    if !sold(Term::Months(1)) && !sold(Term::Years(1)) {
        return Some((Reason::NotSold(to.clone()), by![r(10, 5)]));
    }
    if phone.metering().is_some() {
        return Some((Reason::OnDemand, by![r(10, 5)]));
    }
    // The same states in which a subscription may be given back.
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Unsubscribe, id) {
        return Some((reason, by![r(10, 5)]));
    }
    if case.account.open_order_of(id).is_some() {
        return Some((Reason::OrderPending, by![r(10, 5)]));
    }
    let waits = case.account.returns.under_review(id);
    waits.then_some((Reason::UnderReview, by![r(9, 9)]))
}

/// Who pays, or gets back: cash and then credit pay; what comes back is shared like the payment of the
/// period in use and is never more than that. `None` if the balance does not reach.
fn settle(
    case: &Case<'_>,
    period: &Period,
    mut difference: Difference,
) -> Result<Option<(Difference, Split, Split)>, Fault> {
    let currency = case.account.currency();
    let (mut paid, mut returned) = (Split::nothing(currency), Split::nothing(currency));
    if difference.due.is_negative() {
        let back = difference.due.negated().lesser(period.paid.paid()?)?;
        let due = back.negated();
        difference.erased = difference.erased.plus(difference.due)?.minus(due)?;
        difference.due = due;
        returned = refund::share_refund(&period.paid, back)?;
        refund::to_the_line(case, std::iter::once(&mut returned))?;
    } else {
        let available = case.account.available()?;
        if !available.at_least_zero().covers(difference.due) {
            return Ok(None);
        }
        paid.cash = case.account.ledger.cash().at_least_zero().lesser(difference.due)?;
        paid.credit = difference.due.minus(paid.cash)?;
    }
    Ok(Some((difference, paid, returned)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::rulebook::Rulebook;
    use crate::rules::{Catalogue, Rules};
    use crate::time::SimTime;

    fn rules() -> Rules {
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &[]).unwrap();
        Rules::new(settings, Catalogue::default()).unwrap()
    }

    fn check_left(term: Term, changed: &str, expires: &str, parts: &[(i64, i64)]) {
        let day = |text: &str| BillingDay::parse(text).unwrap();
        let rules = rules();
        let params = rules.params(SimTime::EPOCH);
        let left = remaining(params, term, day(changed), Expiry::on(day(expires)));
        let part = |(days, of): &(i64, i64)| Decimal::from(*days) / Decimal::from(*of);
        assert_eq!(left, parts.iter().map(part).sum::<Decimal>(), "{changed} to {expires}");
    }

    #[test]
    fn what_is_left_leaves_out_the_day_of_the_change_and_counts_the_last() {
        let (month, year) = (Term::Months(1), Term::Years(1));
        check_left(month, "2023-04-18", "2023-05-08", &[(12, 30), (8, 31)]);
        check_left(Term::Months(3), "2021-08-24", "2021-11-15", &[(7, 31), (2, 1), (15, 30)]);
        check_left(month, "2024-01-31", "2024-02-29", &[(1, 1)]);
        check_left(month, "2024-02-29", "2024-02-29", &[]);
        check_left(month, "2023-12-31", "2024-01-01", &[(1, 31)]);
        check_left(year, "2023-03-08", "2024-03-08", &[(365, 365)]);
        check_left(year, "2024-02-28", "2024-03-08", &[(8, 365)]);
        check_left(Term::Years(3), "2023-03-08", "2026-03-08", &[(3, 1)]);
    }

    fn check_difference(prices: (&str, &str), left: &str, rate: &str, expect: [&str; 4]) {
        let cny = |text: &str| Amount::parse(text, Currency::CNY).unwrap();
        let rules = rules();
        let params = rules.params(SimTime::EPOCH);
        let (left, rate) = (left.parse().unwrap(), rate.parse().unwrap());
        let seen = difference(params, (cny(prices.0), cny(prices.1)), left, rate).unwrap();
        let Difference { official, discount, erased, due } = seen;
        assert_eq!([official, discount, erased, due], expect.map(cny));
    }

    #[test]
    fn a_change_costs_the_difference_for_what_is_left_less_the_discount() {
        let left = "0.6580645161290322580645161290";
        check_difference(("470", "869"), left, "0", ["262.56774194", "0", "-0.00225806", "262.57"]);
        check_difference(
            ("869", "470"),
            left,
            "0",
            ["-262.56774194", "0", "0.00225806", "-262.57"],
        );
        check_difference(("100", "150"), "0.5", "0.1", ["25", "2.5", "0", "22.50"]);
        check_difference(("100", "100"), "0.5", "0.1", ["0", "0", "0", "0"]);
    }
}
