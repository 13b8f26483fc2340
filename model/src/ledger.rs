//! The books of one account, in double entry: money never appears or vanishes, it moves from one
//! book to another. Postings are derived from events, never logged beside them.

use crate::event::Event;
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

/// The balance of every book of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    currency: Currency,
    /// INVARIANT: adds up to zero.
    balances: BTreeMap<Book, Amount>,
}

impl Ledger {
    /// Empty books.
    pub fn new(currency: Currency) -> Self {
        Self { currency, balances: BTreeMap::new() }
    }
    /// The balance of one book.
    pub fn balance(&self, book: &Book) -> Amount {
        self.balances.get(book).copied().unwrap_or(Amount::zero(self.currency))
    }
    /// The cash balance.
    pub fn cash(&self) -> Amount {
        self.balance(&Book::Cash)
    }
    /// The credit line; zero or below.
    pub fn credit(&self) -> Amount {
        self.balance(&Book::Credit)
    }
    /// The debt; zero or below.
    pub fn debt(&self) -> Amount {
        self.balance(&Book::Debt)
    }
    /// All books that have been used, in their order.
    pub fn balances(&self) -> impl Iterator<Item = (&Book, Amount)> {
        self.balances.iter().map(|(book, amount)| (book, *amount))
    }
    /// The sum over all books: always zero.
    pub fn total(&self) -> Result<Amount, MoneyError> {
        self.balances.values().try_fold(Amount::zero(self.currency), |sum, a| sum.plus(*a))
    }
    /// Moves money.
    pub fn post(&mut self, postings: &[Posting]) -> Result<(), MoneyError> {
        for Posting { from, to, amount } in postings {
            let less = self.balance(from).minus(*amount)?;
            self.balances.insert(from.clone(), less);
            let more = self.balance(to).plus(*amount)?;
            self.balances.insert(to.clone(), more);
        }
        Ok(())
    }
}

/// The moves of money that an event stands for.
pub fn postings(event: &Event) -> Vec<Posting> {
    let mut moves = Moves(Vec::new());
    match event {
        Event::ToppedUp(e) => {
            moves.add(Book::Outside, Book::Debt, e.to_debt);
            moves.add(Book::Outside, Book::Cash, e.to_cash);
        }
        Event::CouponGranted(e) => {
            if let Some((_, amount)) = e.terms.worth.money() {
                moves.add(Book::Granted, Book::Coupon(e.coupon.clone()), amount);
            }
        }
        Event::Charged(e) => moves.pay(&e.paid),
        Event::Settled(e) => moves.pay(&e.paid),
        Event::MonthCharged(e) => moves.pay(&e.paid),
        Event::ErasedCollected(e) => moves.pay(&e.paid),
        Event::MonthSettled(e) => {
            moves.add(Book::Cash, Book::Credit, e.cash);
            moves.add(Book::Debt, Book::Credit, e.debt);
        }
        Event::Withdrawn(e) => moves.add(Book::Cash, Book::Outside, e.amount),
        Event::DepositFrozen(e) => moves.add(Book::Cash, Book::Deposit, e.amount),
        Event::DepositReleased(e) => moves.add(Book::Deposit, Book::Cash, e.amount),
        Event::Refunded(e) => moves.pay_back(&e.refund),
        _ => {}
    }
    moves.0
}

struct Moves(Vec<Posting>);

impl Moves {
    fn add(&mut self, from: Book, to: Book, amount: Amount) {
        if !amount.is_zero() {
            self.0.push(Posting { from, to, amount });
        }
    }
    fn pay(&mut self, split: &Split) {
        for (book, amount) in sources(split) {
            self.add(book, Book::Revenue, amount);
        }
    }
    fn pay_back(&mut self, split: &Split) {
        for (book, amount) in sources(split) {
            self.add(Book::Revenue, book, amount);
        }
    }
}

fn sources(split: &Split) -> impl Iterator<Item = (Book, Amount)> {
    let coupons = split.coupons.iter().map(|p| (Book::Coupon(p.coupon.clone()), p.amount));
    let rest = [(Book::Cash, split.cash), (Book::Credit, split.credit), (Book::Debt, split.debt)];
    coupons.chain(rest)
}
