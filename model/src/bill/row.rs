//! One row of a bill (R11.1, R11.2) and its codes in the interface.

use super::cycle::Cycle;
use super::sums::PaidBy;
use crate::money::Amount;
use crate::name::{OrderId, PhoneId};
use crate::rulebook::{BookError, Table};
use crate::rules::{Rules, r};
use crate::time::SimTime;
use crate::view::ChargingMode;
use rust_decimal::Decimal;
use serde::Serialize;

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every one, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name, which is also its key in the rulebook's table of codes.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

coded! {
    /// What a row charges or returns (R11.1), as far as the service does it.
    BillType {
        /// New phones.
        New = "new",
        /// A renewal by hand.
        Renew = "renew",
        /// The price of a larger size (R10.5).
        Change = "change",
        /// What an unsubscription returns.
        RefundUnsubscribe = "refund_unsubscribe",
        /// Use.
        Usage = "usage",
        /// A renewal by the service.
        AutoRenew = "auto_renew",
        /// What a smaller size returns (R10.5).
        RefundChange = "refund_change",
        /// What is left of a subscription that became on-demand at once (R10.4).
        RefundToOnDemand = "refund_to_on_demand",
        /// What rounding had taken off a month of use (R2.9).
        ErasedAmountCollected = "erased_amount_collected",
    }
}

coded! {
    /// How far a row has come (R11.2).
    RecordStatus {
        /// Nothing of it is owed.
        Paid = "paid",
        /// Some of it was owed when it was charged.
        Unsettled = "unsettled",
    }
}

/// One row of a bill. `official = discount + erased + due`, and the sources add up to `due`; what goes
/// back is negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The month to which it belongs (R11.4).
    pub cycle: Cycle,
    /// What it charges or returns.
    #[serde(rename = "type")]
    pub bill_type: BillType,
    /// How its phones are paid for.
    pub mode: ChargingMode,
    /// How far it has come.
    pub status: RecordStatus,
    /// When the use began; for orders the instant of payment (R1.12).
    pub consumed_from: SimTime,
    /// When the use ended.
    pub consumed_to: SimTime,
    /// When the money moved.
    pub traded_at: SimTime,
    /// Its order, where it has one.
    pub order: Option<OrderId>,
    /// Its phones.
    pub phones: Vec<PhoneId>,
    /// At list price.
    pub official: Amount,
    /// What discounts take off.
    pub discount: Amount,
    /// What rounding takes off; negative where it rounds up.
    pub erased: Amount,
    /// What is charged.
    pub due: Amount,
    /// Which sources paid it.
    pub paid: PaidBy,
}

/// The codes by which the interface knows types, modes and states (R11.1, R11.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    types: Table,
    modes: Table,
    states: Table,
}

impl Codes {
    /// The codes of a rulebook.
    pub fn of(rules: &Rules) -> Result<Self, BookError> {
        let day = SimTime::EPOCH.day();
        let table = |number, name| rules.settings().table(r(11, number), name, day).cloned();
        Ok(Self {
            types: table(1, "bill_types")?,
            modes: table(2, "charging_modes")?,
            states: table(2, "record_states")?,
        })
    }
    /// The code of a type; every type has one.
    pub fn bill_type(&self, bill_type: BillType) -> Option<Decimal> {
        self.types.get(bill_type.name())
    }
    /// The code of a mode.
    pub fn mode(&self, mode: ChargingMode) -> Option<Decimal> {
        self.modes.get(match mode {
            ChargingMode::Subscribed => "prepaid",
            ChargingMode::OnDemand => "on_demand",
        })
    }
    /// The code of a state.
    pub fn status(&self, status: RecordStatus) -> Option<Decimal> {
        self.states.get(status.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;
    use crate::rules::Catalogue;

    #[test]
    fn every_type_mode_and_state_has_its_code() {
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &[]).unwrap();
        let codes = Codes::of(&Rules::new(settings, Catalogue::default()).unwrap()).unwrap();
        let types: Vec<_> = BillType::ALL.iter().map(|t| codes.bill_type(*t).unwrap()).collect();
        let expect = [1, 2, 3, 4, 5, 8, 20, 24, 25].map(Decimal::from);
        assert_eq!(types, expect);
        let modes = [ChargingMode::Subscribed, ChargingMode::OnDemand].map(|m| codes.mode(m));
        assert_eq!(modes, [1, 3].map(|code| Some(Decimal::from(code))));
        let states: Vec<_> = RecordStatus::ALL.iter().map(|s| codes.status(*s)).collect();
        assert_eq!(states, [1, 2].map(|code| Some(Decimal::from(code))));
    }
}
