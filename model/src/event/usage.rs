//! Phones that are charged by use, and what an account owes.

use crate::money::Amount;
use crate::name::{PhoneId, SizeId};
use crate::state::{Place, Split};
use crate::time::{BillingDay, SimTime};
use serde::{Deserialize, Serialize};

payloads! {
    /// An on-demand phone exists and runs (R2.2).
    pub struct Created {
        /// Which phone.
        phone: PhoneId,
        /// Its size.
        size: SizeId,
        /// Where it runs, if the buyer said it (P1.5, P1.6).
        place: Option<Place>,
        /// List price of an hour.
        unit_price: Amount,
    }
    /// Cash was set aside for an on-demand phone (R2.13).
    pub struct DepositFrozen {
        /// Which phone.
        phone: PhoneId,
        /// How much.
        amount: Amount,
    }
    /// A deposit was given back (R2.13).
    pub struct DepositReleased {
        /// Which phone.
        phone: PhoneId,
        /// How much.
        amount: Amount,
    }
    /// Use is not counted while the phone is switched off (R2.6).
    pub struct UsePaused {
        /// Which phone.
        phone: PhoneId,
    }
    /// Use is counted again (R2.6).
    pub struct UseResumed {
        /// Which phone.
        phone: PhoneId,
    }
    /// An on-demand phone is gone; its last usage is still to be settled (R2.2).
    pub struct Deleted {
        /// Which phone.
        phone: PhoneId,
    }
    /// The usage of one clock hour was charged (R2.3, R2.5).
    pub struct Settled {
        /// Which phone.
        phone: PhoneId,
        /// First instant used in the hour.
        from: SimTime,
        /// End of the last use in the hour.
        to: SimTime,
        /// Whole seconds used.
        seconds: u32,
        /// List price at eight decimals.
        official: Amount,
        /// What the commercial discount takes off.
        discount: Amount,
        /// What rounding takes off; negative where it rounds up.
        erased: Amount,
        /// What is charged: official less discount less erased.
        due: Amount,
        /// Which sources paid it; `debt` is what nobody could pay.
        paid: Split,
    }
    /// What rounding took off a record is kept, to be collected with its month (R2.9).
    pub struct ErasedKept {
        /// First day of the cycle.
        cycle: BillingDay,
        /// How much.
        erased: Amount,
    }
    /// What rounding took off the records of a month was charged (R2.9).
    pub struct ErasedCollected {
        /// First day of the cycle.
        cycle: BillingDay,
        /// Sum of what was erased.
        total: Amount,
        /// What is erased for good, because it is less than can be paid.
        erased: Amount,
        /// What is charged.
        due: Amount,
        /// Which sources paid it.
        paid: Split,
    }
    /// The usage of one clock hour was priced, to be charged with its month (R2.5, international).
    pub struct Metered {
        /// Which phone.
        phone: PhoneId,
        /// First instant used in the hour.
        from: SimTime,
        /// End of the last use in the hour.
        to: SimTime,
        /// Whole seconds used.
        seconds: u32,
        /// List price at eight decimals.
        official: Amount,
        /// What the commercial discount takes off.
        discount: Amount,
    }
    /// A month of metered usage was charged (R2.5, R2.8, international).
    pub struct MonthCharged {
        /// First day of the cycle.
        cycle: BillingDay,
        /// Sum of the month's records after discounts, at eight decimals.
        total: Amount,
        /// What rounding takes off; negative where it rounds up.
        erased: Amount,
        /// What is charged.
        due: Amount,
        /// Which sources paid it.
        paid: Split,
    }
    /// The account owes money (R8.5).
    pub struct ArrearsStarted {
        /// What it owes.
        debt: Amount,
        /// Until when its on-demand phones stay usable (R8.1, R8.2).
        grace_until: SimTime,
    }
    /// The account owes nothing any more (R8.7).
    pub struct ArrearsCleared {}
}
