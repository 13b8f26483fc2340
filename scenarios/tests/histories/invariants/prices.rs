//! R3: what orders cost before coupons.

use super::arithmetic::{cents, half_up};
use super::lives::placed;
use super::payment::{coupon, fits_order, is_there};
use super::{Invariant, Moment, Tally};
use koosim_model::command::{Op, Source};
use koosim_model::event::{Event, OrderPlaced};
use koosim_model::money::Currency;
use koosim_model::name::{CouponId, PhoneId, SizeId};
use koosim_model::state::{CouponWorth, DiscountSource, OrderKind};
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
    Invariant {
        name: "a promotion takes the place of the discount, and by itself only where it had before",
        rules: &["R3.4"],
        check: promotions,
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

/// What a promotion takes off a price, if the coupon is one that counts now.
fn promotion(m: &Moment<'_>, id: &CouponId) -> Option<Decimal> {
    let terms = &coupon(m, id).terms;
    match terms.worth {
        CouponWorth::Promotion(part) if terms.valid_from <= m.at && m.at < terms.valid_until => {
            Some(part.value())
        }
        _ => None,
    }
}

/// The promotion that the service itself uses for a phone: the best of those that orders for it have
/// had, if it takes off more than the best discount; with the amount that it takes off.
pub(super) fn remembered(
    m: &Moment<'_>,
    phone: &PhoneId,
    kind: OrderKind,
    price: Decimal,
    currency: Currency,
) -> Option<(CouponId, Decimal)> {
    let state =
        m.account.phones.get(phone).filter(|_| m.flag("R3.4.counts_in_automatic_payment"))?;
    let alive = m.before().take_while(|(_, event)| !ends(event, phone)).map(|(_, event)| event);
    let had = alive.filter_map(|event| match event {
        Event::Charged(e) if e.phones.contains(phone) => e.promotion.as_ref(),
        _ => None,
    });
    let mut usable: Vec<_> = had
        .filter_map(|id| {
            let part = promotion(m, id).filter(|part| *part > best_discount(m).0)?;
            let coupon = coupon(m, id);
            let limits = coupon.terms.limits.as_deref();
            let off = half_up(price * part, cents(currency));
            let least = limits.and_then(|limits| limits.minimum);
            let region = state.details.place.as_ref().map(|place| &place.region);
            let fits = fits_order(coupon, kind, &state.details.size)
                && limits.is_none_or(|limits| is_there(limits, region))
                && least.is_none_or(|least| price - off >= least.value());
            fits.then_some((std::cmp::Reverse(part), id, off))
        })
        .collect();
    usable.sort();
    usable.first().map(|(_, id, off)| ((*id).clone(), *off))
}

/// Whether a phone of that name was another one before.
fn ends(event: &Event, phone: &PhoneId) -> bool {
    match event {
        Event::Released(e) => e.phone == *phone,
        Event::Deleted(e) => e.phone == *phone,
        Event::Unsubscribed(e) => e.phone == *phone && e.expires.is_none(),
        Event::ProvisioningFailed(e) => e.phones.contains(phone),
        _ => false,
    }
}

fn promotions(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Charged(e)) = m.event() else { return };
    let (_, order) = placed(m, &e.order);
    let currency = e.due.currency();
    if let Some(id) = &e.promotion {
        let part = promotion(m, id);
        let off = part.map(|part| half_up(order.official.value() * part, cents(currency)));
        tally.same(Some(e.discount.value()), off, e);
        tally.holds(fits_order(coupon(m, id), e.reason, &order.size), e);
        tally.holds(m.names("R3.4"), e);
    }
    let Some(phone) = e.phones.first() else { return };
    let price = order.official.value();
    let by_itself = || remembered(m, phone, e.reason, price, currency).map(|(id, _)| id);
    if e.reason == OrderKind::AutoRenew {
        return tally.same(e.promotion.clone(), by_itself(), e);
    }
    let Some(asked) = m.asked_now() else { return };
    let named = match &asked.op {
        Op::Buy { payment, .. }
        | Op::BuyTogether { payment, .. }
        | Op::Renew { payment, .. }
        | Op::Subscribe { payment, .. } => payment.as_deref().unwrap_or_default(),
        Op::PayOrder { coupons, .. } => coupons,
        _ => return,
    };
    match &e.promotion {
        Some(id) if !named.contains(id) => {
            tally.holds(asked.envelope.source == Source::Api, e);
            tally.same(by_itself().as_ref(), Some(id), e);
        }
        None if asked.envelope.source == Source::Api && named.is_empty() => {
            let pays = !matches!(asked.op, Op::PayOrder { .. });
            tally.same(by_itself().filter(|_| pays), None, e);
        }
        _ => {}
    }
}
