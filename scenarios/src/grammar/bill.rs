//! What a bill must say.

use crate::document;
use crate::read::{AmountText, Day, FromText, Month, Name, Number, RuleName, Wrong};
use crate::read::{unknown_word, words_schema};
use crate::span::Spanned;
use koosim_model::bill::{BillType, MonthState};

/// The most rows that may be expected.
const MAX_ROWS: u64 = 1_000_000;

document! {
    /// What the bill of an account says, or what a day costs.
    pub struct ExpectBillDoc ("an expectation of a bill") {
        /// Whose bill; it may be left out where the file has one account.
        account: Option<Spanned<Name>>,
        /// The bill cycle.
        cycle: Option<Spanned<Month>>,
        /// The day, for its cost.
        day: Option<Spanned<Day>>,
        /// Only rows of this type.
        r#type: Option<Spanned<BillTypeWord>>,
        /// How final the month is.
        state: Option<Spanned<MonthWord>>,
        /// How many rows the transaction bill has.
        rows: Option<Spanned<Number<0, MAX_ROWS>>>,
        /// Sum at list price.
        official: Option<Spanned<AmountText>>,
        /// What discounts take off.
        discount: Option<Spanned<AmountText>>,
        /// What rounding takes off.
        erased: Option<Spanned<AmountText>>,
        /// What is charged less what is returned.
        due: Option<Spanned<AmountText>>,
        /// The part of it from the cash balance.
        cash: Option<Spanned<AmountText>>,
        /// The part on credit.
        credit: Option<Spanned<AmountText>>,
        /// The part by vouchers.
        voucher: Option<Spanned<AmountText>>,
        /// The part by flexi coupons.
        flexi: Option<Spanned<AmountText>>,
        /// The part by cards.
        card: Option<Spanned<AmountText>>,
        /// The part that was left owing when it was charged.
        debt: Option<Spanned<AmountText>>,
        /// What is still owed of the month.
        unsettled: Option<Spanned<AmountText>>,
        /// Use that is metered and not charged yet.
        not_yet_billed: Option<Spanned<AmountText>>,
        /// What can be invoiced of the month.
        invoiceable: Option<Spanned<AmountText>>,
        /// What the days of the month, or the day, cost.
        cost: Option<Spanned<AmountText>>,
        /// A rule of what is looked at.
        rule: Option<Spanned<RuleName>>,
    }
    ExactlyOne ["cycle", "day"];
    AtLeastOne [
        "state", "rows", "official", "discount", "erased", "due", "cash", "credit", "voucher",
        "flexi", "card", "debt", "unsettled", "not_yet_billed", "invoiceable", "cost"
    ];
}

/// A type of bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillTypeWord(pub BillType);

impl FromText for BillTypeWord {
    const WHAT: &'static str = "a type of bill";
    const PART: &'static str = "bill-type";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let found = BillType::ALL.iter().find(|bill_type| bill_type.name() == text);
        found.map(|found| Self(*found)).ok_or_else(|| unknown_word(text, Self::WHAT, &types()))
    }
    fn part() -> serde_json::Value {
        words_schema("A type of bill.", &types())
    }
}

fn types() -> Vec<&'static str> {
    BillType::ALL.iter().map(|bill_type| bill_type.name()).collect()
}

/// How final a month is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthWord(pub MonthState);

impl FromText for MonthWord {
    const WHAT: &'static str = "a state of a month";
    const PART: &'static str = "month-state";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let found = MonthState::ALL.into_iter().find(|state| state.name() == text);
        let names = MonthState::ALL.map(MonthState::name);
        found.map(Self).ok_or_else(|| unknown_word(text, Self::WHAT, &names))
    }
    fn part() -> serde_json::Value {
        words_schema("How final a month is.", &MonthState::ALL.map(MonthState::name))
    }
}
