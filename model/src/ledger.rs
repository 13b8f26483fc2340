//! The books of one account, in double entry: money never appears or vanishes, it moves from one
//! book to another. Postings are derived from events, never logged beside them.

use crate::event::{Event, RefundTo};
use crate::money::{Amount, Currency, MoneyError};
use crate::name::CouponId;
use crate::state::Split;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One book of an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Book {
    /// The world outside, where top-ups come from.
    Outside,
    /// The cash balance.
    Cash,
    /// The credit line; negative by what was paid on it.
    Credit,
    /// Cash set aside for on-demand phones (R2.13).
    Deposit,
    /// What is owed; negative by the debt.
    Debt,
    /// Where the worth of granted coupons comes from.
    Granted,
    /// A money coupon.
    Coupon(CouponId),
    /// Refunds that have not arrived (R9.10).
    Underway,
    /// What the service earned.
    Revenue,
}

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside => f.write_str("outside"),
            Self::Cash => f.write_str("cash"),
            Self::Credit => f.write_str("credit"),
            Self::Deposit => f.write_str("deposit"),
            Self::Debt => f.write_str("debt"),
            Self::Granted => f.write_str("granted"),
            Self::Coupon(coupon) => write!(f, "{COUPON_PREFIX}{coupon}"),
            Self::Underway => f.write_str("underway"),
            Self::Revenue => f.write_str("revenue"),
        }
    }
}

const COUPON_PREFIX: &str = "coupon:";

impl From<Book> for String {
    fn from(book: Book) -> Self {
        book.to_string()
    }
}

impl TryFrom<String> for Book {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let plain = [
            Self::Outside,
            Self::Cash,
            Self::Credit,
            Self::Debt,
            Self::Deposit,
            Self::Granted,
            Self::Underway,
            Self::Revenue,
        ];
        if let Some(book) = plain.into_iter().find(|book| book.to_string() == text) {
            return Ok(book);
        }
        let coupon = text.strip_prefix(COUPON_PREFIX).and_then(|name| CouponId::new(name).ok());
        coupon.map(Self::Coupon).ok_or_else(|| format!("`{text}` is not a book of an account"))
    }
}

/// A move of money between two books; it takes from one exactly what it gives to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The book that loses.
    pub from: Book,
    /// The book that gains.
    pub to: Book,
    /// How much; above zero.
    pub amount: Amount,
}

/// The balance of every book of one account; in memory as [`Account`](crate::state::Account) is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(C)]
pub struct Ledger {
    // INVARIANT: all books add up to zero.
    cash: Amount,
    revenue: Amount,
    outside: Amount,
    credit: Amount,
    deposit: Amount,
    debt: Amount,
    granted: Amount,
    underway: Amount,
    coupons: BTreeMap<CouponId, Amount>,
}

impl Ledger {
    /// Empty books.
    pub const fn new(currency: Currency) -> Self {
        let zero = Amount::zero(currency);
        Self {
            outside: zero,
            cash: zero,
            credit: zero,
            deposit: zero,
            debt: zero,
            granted: zero,
            underway: zero,
            revenue: zero,
            coupons: BTreeMap::new(),
        }
    }
    /// The balance of one book.
    pub fn balance(&self, book: &Book) -> Amount {
        match book {
            Book::Outside => self.outside,
            Book::Cash => self.cash,
            Book::Credit => self.credit,
            Book::Deposit => self.deposit,
            Book::Debt => self.debt,
            Book::Granted => self.granted,
            Book::Underway => self.underway,
            Book::Revenue => self.revenue,
            Book::Coupon(id) => {
                self.coupons.get(id).copied().unwrap_or(Amount::zero(self.cash.currency()))
            }
        }
    }
    /// The cash balance.
    #[inline]
    pub const fn cash(&self) -> Amount {
        self.cash
    }
    /// What the service earned.
    #[inline]
    pub const fn revenue(&self) -> Amount {
        self.revenue
    }
    /// The credit line; zero or below.
    #[inline]
    pub const fn credit(&self) -> Amount {
        self.credit
    }
    /// The debt; zero or below.
    #[inline]
    pub const fn debt(&self) -> Amount {
        self.debt
    }
    /// The sum over all books: always zero.
    pub fn total(&self) -> Result<Amount, MoneyError> {
        let (held, gone) = ([self.cash, self.credit, self.debt], [self.underway, self.revenue]);
        let plain = [self.outside, self.granted, self.deposit].into_iter().chain(held).chain(gone);
        let zero = Amount::zero(self.cash.currency());
        plain.chain(self.coupons.values().copied()).try_fold(zero, Amount::plus)
    }
    /// Moves the money that an event stands for.
    pub fn post(&mut self, event: &Event) -> Result<(), MoneyError> {
        each_posting(event, |from, to, amount| self.shift(from, to, amount))
    }
    /// Moves what a payment of these sources takes: the postings of an event that is nothing else.
    #[inline(always)]
    pub(crate) fn pay(&mut self, split: &Split) -> Result<(), MoneyError> {
        if split.is_of_cash() {
            self.cash = self.cash.minus(split.cash)?;
            self.revenue = self.revenue.plus(split.cash)?;
            return Ok(());
        }
        Moves(|from: &Book, to: &Book, amount| self.shift(from, to, amount)).pay(split)
    }
    fn shift(&mut self, from: &Book, to: &Book, amount: Amount) -> Result<(), MoneyError> {
        let giver = self.book(from);
        *giver = giver.minus(amount)?;
        let taker = self.book(to);
        *taker = taker.plus(amount)?;
        Ok(())
    }
    // Where the book is known, as it is for most moves, nothing is left of this.
    #[inline(always)]
    fn book(&mut self, book: &Book) -> &mut Amount {
        match book {
            Book::Outside => &mut self.outside,
            Book::Cash => &mut self.cash,
            Book::Credit => &mut self.credit,
            Book::Deposit => &mut self.deposit,
            Book::Debt => &mut self.debt,
            Book::Granted => &mut self.granted,
            Book::Underway => &mut self.underway,
            Book::Revenue => &mut self.revenue,
            Book::Coupon(id) => {
                let zero = Amount::zero(self.cash.currency());
                self.coupons.entry(id.clone()).or_insert(zero)
            }
        }
    }
}

/// The moves of money that an event stands for.
pub fn postings(event: &Event) -> Vec<Posting> {
    let mut moves = Vec::new();
    // Collecting does not fail.
    each_posting(event, |from, to, amount| {
        moves.push(Posting { from: from.clone(), to: to.clone(), amount });
        Ok(())
    })
    .map_or_else(|_| Vec::new(), |()| moves)
}

/// Gives each move of money that an event stands for to `take`; stops at its first error.
fn each_posting(
    event: &Event,
    take: impl FnMut(&Book, &Book, Amount) -> Result<(), MoneyError>,
) -> Result<(), MoneyError> {
    let mut moves = Moves(take);
    match event {
        Event::ToppedUp(e) => {
            moves.add(&Book::Outside, &Book::Debt, e.to_debt)?;
            moves.add(&Book::Outside, &Book::Cash, e.to_cash)
        }
        Event::CouponGranted(e) => match e.terms.worth.money() {
            Some((_, amount)) => moves.add(&Book::Granted, &Book::Coupon(e.coupon.clone()), amount),
            None => Ok(()),
        },
        Event::MonthSettled(e) => {
            moves.add(&Book::Cash, &Book::Credit, e.cash)?;
            moves.add(&Book::Debt, &Book::Credit, e.debt)
        }
        Event::Withdrawn(e) => moves.add(&Book::Cash, &Book::Outside, e.amount),
        Event::DepositFrozen(e) => moves.add(&Book::Cash, &Book::Deposit, e.amount),
        Event::DepositReleased(e) => moves.add(&Book::Deposit, &Book::Cash, e.amount),
        Event::Refunded(e) => moves.pay_back(&e.refund, &cash_book(e.to)),
        Event::SizeChanged(e) => {
            moves.pay(&e.paid)?;
            moves.pay_back(&e.returned, &Book::Cash)
        }
        Event::RefundArrived(e) => moves.add(&Book::Underway, &Book::Cash, e.amount),
        Event::DebtPaid(e) => moves.add(&Book::Cash, &Book::Debt, e.amount),
        _ => event.paid().map_or(Ok(()), |paid| moves.pay(paid)),
    }
}

/// Where the cash of a refund is posted (R9.10).
fn cash_book(to: RefundTo) -> Book {
    match to {
        RefundTo::Cash => Book::Cash,
        RefundTo::CashLater { .. } => Book::Underway,
        RefundTo::Partner | RefundTo::OriginalMethod => Book::Outside,
    }
}

/// What takes the postings of an event, one after the other.
struct Moves<T>(T);

impl<T: FnMut(&Book, &Book, Amount) -> Result<(), MoneyError>> Moves<T> {
    #[inline(always)]
    fn add(&mut self, from: &Book, to: &Book, amount: Amount) -> Result<(), MoneyError> {
        if amount.is_zero() { Ok(()) } else { (self.0)(from, to, amount) }
    }
    #[inline(always)]
    fn pay(&mut self, split: &Split) -> Result<(), MoneyError> {
        for part in &split.coupons {
            self.add(&Book::Coupon(part.coupon.clone()), &Book::Revenue, part.amount)?;
        }
        self.add(&Book::Cash, &Book::Revenue, split.cash)?;
        self.add(&Book::Credit, &Book::Revenue, split.credit)?;
        self.add(&Book::Debt, &Book::Revenue, split.debt)
    }
    fn pay_back(&mut self, split: &Split, cash: &Book) -> Result<(), MoneyError> {
        for part in &split.coupons {
            self.add(&Book::Revenue, &Book::Coupon(part.coupon.clone()), part.amount)?;
        }
        self.add(&Book::Revenue, cash, split.cash)?;
        self.add(&Book::Revenue, &Book::Credit, split.credit)?;
        self.add(&Book::Revenue, &Book::Debt, split.debt)
    }
}
