//! The course of a subscription: renewal, its end, moves between the charging modes.

use crate::decision::Reason;
use crate::event::AutoRenewalResult;
use crate::money::Amount;
use crate::name::{OrderId, PhoneId, SizeId};
use crate::state::{AtExpiry, AutoRenewal, OrderKind, Split};
use crate::term::Expiry;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

payloads! {
    /// Auto-renewal was set, changed or (with nothing) taken away (R6.7).
    pub struct AutoRenewalSet {
        /// Which phone.
        phone: PhoneId,
        /// The setting now.
        setting: Option<AutoRenewal>,
    }
    /// What is to happen at the end of a subscription was said (R7.1).
    pub struct AtExpirySet {
        /// Which phone.
        phone: PhoneId,
        /// What is to happen.
        policy: AtExpiry,
    }
    /// A subscribed phone is charged by use from here on (R10.3, R10.4).
    pub struct BecameOnDemand {
        /// Which phone.
        phone: PhoneId,
        /// List price of an hour.
        unit_price: Amount,
    }
    /// A phone that was charged by use is subscribed from here on (R10.2).
    pub struct BecameSubscribed {
        /// Which phone.
        phone: PhoneId,
        /// The order that paid for it.
        order: OrderId,
        /// The instant from which its term counts, and up to which use is charged.
        effective: SimTime,
        /// When its term ends.
        expires: Expiry,
    }
    /// The service tried to renew a phone by itself (R6.1).
    pub struct AutoRenewalTried {
        /// Which phone.
        phone: PhoneId,
        /// How it went.
        result: AutoRenewalResult,
        /// The price of the renewal.
        needed: Amount,
        /// What the account could spend.
        available: Amount,
    }
    /// A subscription was lengthened (R1.4, R5.2).
    pub struct Renewed {
        /// Which phone.
        phone: PhoneId,
        /// The order that paid for it.
        order: OrderId,
        /// Whether by hand or by auto-renewal.
        by: OrderKind,
        /// The old expiry, from which the new period counts.
        from: Expiry,
        /// The new expiry.
        expires: Expiry,
    }
    /// A subscription has another size for the rest of its term (R10.5).
    pub struct SizeChanged {
        /// Which phone.
        phone: PhoneId,
        /// The order that had paid for the period in use.
        order: OrderId,
        /// Its size before.
        from: SizeId,
        /// Its size now.
        to: SizeId,
        /// Difference of the list prices for the time that is left; negative for a smaller size.
        official: Amount,
        /// What the commercial discount takes off.
        discount: Amount,
        /// What rounding takes off.
        erased: Amount,
        /// What is charged, or if negative what comes back.
        due: Amount,
        /// Which sources paid it.
        paid: Split,
        /// To which sources it came back.
        returned: Split,
    }
    /// A subscription ended; the phone stays usable for a while (R8.1).
    pub struct Expired {
        /// Which phone.
        phone: PhoneId,
        /// End of its grace period.
        grace_until: SimTime,
    }
    /// One phone of several for which the same was asked was refused it (R5.4, R7.3).
    pub struct RefusedFor {
        /// Which phone.
        phone: PhoneId,
        /// Why.
        reason: Reason,
    }
}
