//! R3: what orders cost before coupons.

use super::arithmetic::{cents, half_up};
use super::lives::placed;
use super::{Invariant, Moment, Tally};
use koosim_model::event::{Event, OrderPlaced};
use koosim_model::money::Currency;
use koosim_model::name::SizeId;
use koosim_model::state::DiscountSource;
use koosim_model::term::Term;
use rust_decimal::Decimal;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "an order costs its months or years for each phone",
        rules: &["R3.1"],
        check: months_or_years,
    },
    Invariant {
        name: "what the catalogue does not price has its published price",
        rules: &["R3.2"],
        check: published,
    },
    Invariant {
        name: "of several discounts the order has the one that takes off most",
        rules: &["R3.4"],
        check: best_of_several,
    },
];

/// The discount that takes off most before an entry, and whose it is.
pub(super) fn best_discount(m: &Moment<'_>) -> (Decimal, Option<DiscountSource>) {
    let told = m.before().find_map(|(_, event)| match event {
        Event::DiscountsSet(e) => Some((e.commercial.value(), e.partner.value())),
        Event::AccountOpened(e) => Some((e.discount.value(), Decimal::ZERO)),
        _ => None,
    });
    let (commercial, partner) = told.unwrap();
    if commercial.is_zero() && partner.is_zero() {
        (Decimal::ZERO, None)
    } else if commercial >= partner {
        (commercial, Some(DiscountSource::Commercial))
    } else {
        (partner, Some(DiscountSource::Partner))
    }
}

/// The price of a month or a year of a size by the catalogue.
pub(super) fn catalogue_price(m: &Moment<'_>, size: &SizeId, of: Term) -> Option<Decimal> {
    let mut sizes = m.judged_by().catalogue().sizes();
    let (_, prices) = sizes.find(|(other, _)| *other == size)?;
    let price = match of {
        Term::Months(_) => prices.month,
        Term::Years(_) => prices.year,
    };
    price.map(koosim_model::money::Amount::value)
}

fn published_price(m: &Moment<'_>, size: &SizeId, currency: Currency) -> Option<Decimal> {
    let rules = m.judged_by();
    let table = rules.settings().table("R3.2".parse().unwrap(), "price_month", m.at.day()).ok()?;
    table.get(size.as_str()).filter(|_| currency == Currency::CNY)
}

/// List price of one phone for a term.
pub(super) fn list_price(
    m: &Moment<'_>,
    size: &SizeId,
    term: Term,
    currency: Currency,
) -> Option<Decimal> {
    let month = catalogue_price(m, size, Term::Months(1)).or(published_price(m, size, currency));
    match term {
        Term::Months(n) => Some(month? * Decimal::from(n)),
        Term::Years(n) => {
            let by_month = || {
                let year = month? * m.decimal("R3.1.year_price_months");
                Some(half_up(year, cents(currency)))
            };
            let year = catalogue_price(m, size, Term::Years(1)).or_else(by_month)?;
            Some(year * Decimal::from(n))
        }
    }
}

fn due_list_price(m: &Moment<'_>, e: &OrderPlaced) -> Option<Decimal> {
    let each = list_price(m, &e.size, e.term, e.official.currency())?;
    let extra = e.unified.as_ref().map_or(Decimal::ZERO, |unified| unified.extra.value());
    Some((each + extra) * Decimal::from(e.phones.len()))
}

fn months_or_years(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::OrderPlaced(e)) = m.event() else { return };
    tally.same(Some(e.official.value()), due_list_price(m, e), e);
}

fn published(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::OrderPlaced(e)) => {
            let own = [Term::Months(1), Term::Years(1)];
            if own.iter().all(|of| catalogue_price(m, &e.size, *of).is_none()) {
                let month = published_price(m, &e.size, e.official.currency());
                let term = match e.term {
                    Term::Months(n) => Decimal::from(n),
                    Term::Years(n) => m.decimal("R3.1.year_price_months") * Decimal::from(n),
                };
                let extra = e.unified.as_ref().map_or(Decimal::ZERO, |u| u.extra.value());
                let phones = Decimal::from(e.phones.len());
                let due = month.map(|month| (month * term + extra) * phones);
                tally.same(Some(e.official.value()), due, e);
                tally.holds(m.names("R3.2") || e.unified.is_some(), &m.rules);
            }
        }
        Some(Event::Charged(e)) if m.names("R3.2") => {
            let size = &placed(m, &e.order).1.size;
            tally.holds(catalogue_price(m, size, Term::Months(1)).is_none(), e);
        }
        _ => {}
    }
}

fn best_of_several(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::OrderPlaced(e)) = m.event() else { return };
    let (rate, from) = best_discount(m);
    let off = half_up(e.official.value() * rate, cents(e.official.currency()));
    tally.same((e.discount.value(), e.discount_from), (off, from), e);
    tally.same(e.due.value(), e.official.value() - off, e);
}
