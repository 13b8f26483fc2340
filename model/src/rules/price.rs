//! What things cost (R3.1, R3.2) and which discount they have (R3.4).

use crate::decision::Fault;
use crate::money::{Amount, Currency, Fraction, MoneyError, Rounding};
use crate::name::SizeId;
use crate::rules::Case;
use crate::state::{DiscountSource, Unified};
use crate::term::Term;

/// The price of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    /// List price.
    pub(super) official: Amount,
    /// What the best discount takes off.
    pub(super) discount: Amount,
    /// Whose discount that is.
    pub(super) from: Option<DiscountSource>,
    /// Whether the list price is a published one (R3.2).
    pub(super) published: bool,
}

/// List price and best discount of an order (R3.1, R3.2, R3.4), with the extra days of each of its phones
/// up to a unified day (R5.6); `None` if it is not sold.
pub(super) fn quote(
    case: &Case<'_>,
    size: &SizeId,
    term: Term,
    phones: usize,
    unified: Option<&Unified>,
) -> Result<Option<Quote>, Fault> {
    let count = u32::try_from(phones).map_err(|_| Fault::Range("phones of an order"))?;
    let Some((each, published)) = list_price(case, size, term)? else { return Ok(None) };
    let mut official = each.copies(count)?;
    if let Some(unified) = unified {
        official = official.plus(unified.extra.copies(count)?)?;
    }
    let (fraction, from) = case.account.best_discount();
    let discount = off(official, fraction)?;
    Ok(Some(Quote { official, discount, from, published }))
}

/// What a discount takes off a price; what is due must be an amount that can be paid (R2.7, R2.8).
pub(super) fn off(price: Amount, part: Fraction) -> Result<Amount, MoneyError> {
    price.times(part.value())?.rounded(Rounding::HalfUp, price.currency().decimals())
}

/// The list price of one phone for a term, and whether it is a published one. A year without a price of
/// its own costs as many months as the book says.
pub(super) fn list_price(
    case: &Case<'_>,
    size: &SizeId,
    term: Term,
) -> Result<Option<(Amount, bool)>, MoneyError> {
    if let Some(price) = case.rules.catalogue().subscription(size, term)? {
        return Ok(Some((price, false)));
    }
    let own = case.rules.catalogue().subscription(size, Term::Months(1))?;
    let published = own.is_none();
    let Some(month) = own.or(published_month(case, size)?) else { return Ok(None) };
    let price = match term {
        Term::Months(n) => month.copies(n)?,
        Term::Years(n) => {
            let year = month.times(case.params.year_price_months)?;
            year.rounded(Rounding::HalfUp, month.currency().decimals())?.copies(n)?
        }
    };
    Ok(Some((price, published)))
}

/// What the book says of the month of a size; its figures are in yuan.
fn published_month(case: &Case<'_>, size: &SizeId) -> Result<Option<Amount>, MoneyError> {
    let prices = case.params.price_month.as_ref();
    let price = prices.and_then(|prices| prices.get(size.as_str()));
    let price = price.filter(|_| case.account.currency() == Currency::CNY);
    price.map(|price| Amount::of(price, Currency::CNY)).transpose()
}
