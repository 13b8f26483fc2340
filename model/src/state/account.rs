//! One paying account with its phones, orders and money: the unit of state.

use crate::command::Tier;
use crate::event::AccountOpened;
use crate::ledger::Ledger;
use crate::lifecycle::ArrearsStatus;
use crate::money::{Amount, Currency, Fraction, MoneyError};
use crate::name::{CouponId, OrderId, PhoneId};
use crate::state::{
    Coupon, DiscountSource, Funds, Identity, Library, Metering, Order, Organisations, Phone,
    Phones, Promotion, Returns, Session, Spend, Subscription, Telephony, Verification,
};
use crate::time::{BillingDay, SimTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where an account in arrears stands (R8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrears {
    /// It owes nothing.
    None,
    /// It owes; its on-demand phones are still usable.
    Grace {
        /// End of grace.
        until: SimTime,
    },
    /// Its on-demand phones are frozen.
    Retention {
        /// End of retention.
        until: SimTime,
    },
    /// Retention has passed; what it owes stays owed.
    Released,
}

impl Arrears {
    /// Its place in the lifecycle.
    pub fn status(self) -> ArrearsStatus {
        match self {
            Self::None => ArrearsStatus::None,
            Self::Grace { .. } => ArrearsStatus::Grace,
            Self::Retention { .. } => ArrearsStatus::Retention,
            Self::Released => ArrearsStatus::Released,
        }
    }
}

/// Uses of the five-day right in one calendar year (R9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiveDayUse {
    /// The year.
    pub year: i32,
    /// Instances returned in it.
    pub count: u32,
}

/// The state of one account.
///
/// It lies in memory in the order of its fields, and what settling an hour looks at comes first: where a fleet
/// settles an hour, nearly all the waiting is for memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(C)]
pub struct Account {
    /// Its living phones, and deleted ones whose last use is not settled.
    pub phones: Phones,
    /// Its coupons.
    pub coupons: BTreeMap<CouponId, Coupon>,
    /// Commercial discount (R3.4).
    pub discount: Fraction,
    /// The year in which the tier was set; nothing before the first event.
    pub tier_year: Option<i32>,
    /// What it has spent, by which the tier is set (R8.2).
    pub spend: Option<Spend>,
    /// Where it stands with its debts.
    pub arrears: Arrears,
    /// Discounts, alert, deposits and money on its way.
    pub funds: Funds,
    /// Balances of all its books.
    pub ledger: Ledger,
    /// Customer tier (R8.2).
    pub tier: Tier,
    /// Lengths of the phases that it was promised (R8.2).
    pub promotion: Option<Promotion>,
    /// As what its owner is verified (P1.1).
    pub verification: Verification,
    /// How far it may pay on credit.
    pub credit_limit: Amount,
    /// Days before expiry at which auto-renewal first deducts (R6.5).
    pub deduction_days: u32,
    /// The day up to which it renews if asked to; nothing where it never set one (R5.6).
    pub unified_day: Option<i32>,
    /// Whether a partner has frozen it as its customer (R6.10).
    pub partner_frozen: bool,
    /// Its open orders.
    pub orders: BTreeMap<OrderId, Order>,
    /// Orders placed so far; the next one's number is one more.
    pub orders_placed: u32,
    /// Whether an order waits for approval before it can be paid (R1.8).
    pub approval: bool,
    /// Its uses of the five-day right.
    pub five_day: Option<FiveDayUse>,
    /// What bears on giving its subscriptions back.
    pub returns: Returns,
    /// Who may do what in it, where the story speaks of that.
    pub identity: Option<Box<Identity>>,
    /// Its organisations and their members.
    pub organisations: Option<Box<Organisations>>,
    /// Its library of apps.
    pub library: Option<Box<Library>>,
    /// Streaming sessions of its phones, where there ever was one.
    pub sessions: Option<Box<BTreeMap<PhoneId, Session>>>,
    /// Calls and short messages through real phones, where there ever was one.
    pub telephony: Option<Box<Telephony>>,
    /// Metered and not yet charged, by the first day of the cycle (R2.5, international).
    pub unbilled: BTreeMap<BillingDay, Amount>,
}

impl Account {
    /// A fresh account.
    pub fn open(event: &AccountOpened) -> Self {
        Self {
            tier: event.tier,
            tier_year: None,
            spend: None,
            promotion: None,
            verification: Verification::Enterprise,
            credit_limit: event.credit_limit,
            discount: event.discount,
            deduction_days: event.deduction_days,
            unified_day: None,
            partner_frozen: false,
            ledger: Ledger::new(event.credit_limit.currency()),
            coupons: BTreeMap::new(),
            orders: BTreeMap::new(),
            orders_placed: 0,
            funds: Funds::default(),
            approval: false,
            phones: Phones::default(),
            arrears: Arrears::None,
            five_day: None,
            returns: Returns::default(),
            identity: None,
            organisations: None,
            library: None,
            sessions: None,
            telephony: None,
            unbilled: BTreeMap::new(),
        }
    }
    /// Something of each part that the settlement of an hour looks at, but its phones: for who wants to look at
    /// where they are kept in time.
    #[inline]
    pub fn outline(&self) -> (usize, bool, usize, Amount, Amount) {
        let (cash, revenue) = (self.ledger.cash(), self.ledger.revenue());
        (self.phones.len(), self.spend.is_some(), self.funds.deposits.len(), cash, revenue)
    }
    /// What it is billed in.
    pub fn currency(&self) -> Currency {
        self.credit_limit.currency()
    }
    /// What it owes; zero or above.
    pub fn debt(&self) -> Amount {
        self.ledger.debt().negated()
    }
    /// Credit that is left.
    pub fn credit_left(&self) -> Result<Amount, MoneyError> {
        self.credit_limit.plus(self.ledger.credit())
    }
    /// What it can spend on an order without coupons: cash and credit less debt (R8.5).
    pub fn available(&self) -> Result<Amount, MoneyError> {
        self.ledger.cash().plus(self.credit_left()?)?.minus(self.debt())
    }
    /// R3.4: the discount that takes off most; of equal ones the commercial goes first.
    pub fn best_discount(&self) -> (Fraction, Option<DiscountSource>) {
        let (commercial, partner) = (self.discount, self.funds.partner_discount);
        if partner > commercial {
            (partner, Some(DiscountSource::Partner))
        } else {
            (commercial, (commercial > Fraction::ZERO).then_some(DiscountSource::Commercial))
        }
    }
    /// What a balance alert watches (R4.7): the available amount and what is left of vouchers without
    /// limits and of flexi coupons that are valid now.
    pub fn watched(&self, now: SimTime) -> Result<Amount, MoneyError> {
        let counts = |coupon: &&Coupon| coupon.counts_for_alert() && coupon.valid_at(now);
        let coupons = self.coupons.values().filter(counts).map(|coupon| coupon.balance);
        coupons.fold(self.available(), |sum, balance| sum.and_then(|sum| sum.plus(balance)))
    }
    /// Whether debt blocks buying and renewing (R1.14, R8.5).
    pub fn in_arrears(&self) -> bool {
        self.debt().is_positive()
    }
    /// A phone's subscription, if it has one.
    pub fn subscription(&self, phone: &PhoneId) -> Option<&Subscription> {
        self.phones.get(phone).and_then(Phone::subscription)
    }
    /// A phone's metering, if it has one.
    pub fn metering(&self, phone: &PhoneId) -> Option<&Metering> {
        self.phones.get(phone).and_then(Phone::metering)
    }
    /// The open order in which a phone sits, the last one placed if several.
    pub fn open_order_of(&self, phone: &PhoneId) -> Option<(&OrderId, &Order)> {
        let holding = |order: &Order| order.living().any(|(_, other)| other == phone);
        let holding = self.orders.iter().filter(|(_, order)| holding(order));
        holding.max_by_key(|(_, order)| order.number)
    }
    /// The open orders that were placed in one action with `id`, itself among them, in their order.
    pub fn together_with(&self, id: &OrderId) -> Vec<(&OrderId, &Order)> {
        let group = self.orders.get(id).and_then(|order| order.group.as_ref());
        let same = |(other, order): &(&OrderId, &Order)| {
            *other == id || (group.is_some() && order.group.as_ref() == group)
        };
        let mut together: Vec<_> = self.orders.iter().filter(same).collect();
        together.sort_by_key(|(_, order)| order.number);
        together
    }
    /// Uses of the five-day right in `year` (R9.2).
    pub fn five_day_uses(&self, year: i32) -> u32 {
        self.five_day.filter(|uses| uses.year == year).map_or(0, |uses| uses.count)
    }
}
