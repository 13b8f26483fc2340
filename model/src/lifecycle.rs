//! The machines of the lifecycle as tables: what may follow what (R8.1). The outcome of every
//! trigger in every state is one reviewed snapshot; whatever a table does not list is refused.
//!
//! The same tables are drawn in `reports/diagrams/lifecycle.md`; [`diagram::document`] writes it.

use std::fmt;

macro_rules! machine {
    ($(#[$doc:meta])* $status:ident { $($(#[$sdoc:meta])* $state:ident = $sname:literal,)* }
     $(#[$tdoc:meta])* $trigger:ident { $($(#[$edoc:meta])* $event:ident = $ename:literal
        [$($from:ident => $to:ident),* $(,)?],)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $status { $($(#[$sdoc])* $state,)* }

        $(#[$tdoc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $trigger { $($(#[$edoc])* $event,)* }

        impl $status {
            /// Every state, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$state),*];

            /// The state's name in scenarios and views.
            pub fn name(self) -> &'static str {
                match self { $(Self::$state => $sname,)* }
            }
            /// The state after a trigger, or `None` where the trigger is illegal here.
            pub fn after(self, trigger: $trigger) -> Option<Self> {
                match (self, trigger) {
                    $($((Self::$from, $trigger::$event) => Some(Self::$to),)*)*
                    _ => None,
                }
            }
            /// The whole table, by names.
            pub fn machine(about: &'static str) -> diagram::Machine {
                let arrows = Self::ALL.iter().flat_map(|from| {
                    $trigger::ALL.iter().filter_map(|trigger| {
                        let to = from.after(*trigger)?;
                        Some(diagram::Arrow {
                            from: from.name(),
                            trigger: trigger.name(),
                            to: to.name(),
                        })
                    })
                });
                diagram::Machine {
                    about,
                    states: Self::ALL.iter().map(|state| state.name()).collect(),
                    triggers: $trigger::ALL.iter().map(|trigger| trigger.name()).collect(),
                    arrows: arrows.collect(),
                }
            }
        }

        impl $trigger {
            /// Every trigger, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$event),*];

            /// The trigger's name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$event => $ename,)* }
            }
        }

        impl fmt::Display for $status {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

mod arrears;
mod call;
pub mod diagram;
mod hold;
mod phone;
mod session;

pub use arrears::{ArrearsStatus, ArrearsTrigger};
pub use call::{CallStatus, CallTrigger};
pub use hold::{HoldStatus, HoldTrigger};
pub use phone::{
    BindingStatus, BindingTrigger, DataStatus, DataTrigger, PowerStatus, PowerTrigger,
};
pub use session::{SessionStatus, SessionTrigger};

machine! {
    /// Where a phone stands.
    PhoneStatus {
        /// Ordered, perhaps paid, not there yet.
        Provisioning = "provisioning",
        /// Usable.
        Active = "running",
        /// Its subscription ended; still usable (grace).
        Expired = "expired",
        /// Not usable, data kept (retention).
        Frozen = "frozen",
        /// Released, unsubscribed, deleted, or never provisioned.
        Gone = "gone",
    }
    /// What can befall a phone.
    PhoneTrigger {
        /// A paid order was fulfilled (R1.1).
        Provisioned = "provisioned" [Provisioning => Active],
        /// A paid order could not be fulfilled (R9.1).
        ProvisioningFailed = "provisioning_failed" [Provisioning => Gone],
        /// It was switched, backed up or bound, or somebody froze it or lifted that (R8.8, R8.10).
        Operate = "operated" [Active => Active, Expired => Expired, Frozen => Frozen],
        /// Its subscription was lengthened beyond now (R5.2, R5.7).
        Renewed = "renewed" [Active => Active, Expired => Active, Frozen => Active],
        /// It is charged by use from here on (R10.3, R10.4).
        BecomeOnDemand = "became_on_demand" [Active => Active],
        /// It is subscribed from here on (R10.2).
        BecomeSubscribed = "became_subscribed" [Active => Active],
        /// Its subscription ended (R8.1).
        Expire = "expired" [Active => Expired],
        /// Grace ended, or debt was not paid (R8.1).
        Freeze = "frozen" [Active => Frozen, Expired => Frozen],
        /// Debt was paid (R8.7).
        Unfreeze = "unfrozen" [Frozen => Active],
        /// Retention ended, it was released by hand, or it was to go at its expiry (R7.1, R8.1, R8.11).
        Release = "released" [Active => Gone, Expired => Gone, Frozen => Gone],
        /// It was taken away for a violation (R8.8).
        Revoke = "released_for_violation" [Active => Gone, Expired => Gone, Frozen => Gone],
        /// The customer gave the subscription back (R9.1, R9.8).
        Unsubscribe = "unsubscribed" [Active => Gone],
        /// The customer deleted it (R2.14, R8.8).
        Delete = "deleted" [Active => Gone, Frozen => Gone],
    }
}

machine! {
    /// Where an order stands (R1.8).
    OrderStatus {
        /// Not there yet.
        Unplaced = "unplaced",
        /// It waits for somebody of the account to approve it.
        PendingApproval = "pending_approval",
        /// It was placed for the customer, who has not confirmed it.
        ToBeConfirmed = "to_be_confirmed",
        /// It waits for payment.
        PendingPayment = "pending_payment",
        /// Paid, not fulfilled.
        Processing = "processing",
        /// It could not be fulfilled; its money is on the way back.
        PendingRefund = "pending_refund",
        /// Its flow is over.
        Completed = "completed",
        /// It ended without effect.
        Cancelled = "cancelled",
    }
    /// What can befall an order.
    OrderTrigger {
        /// The customer or the service ordered.
        Place = "placed" [Unplaced => PendingPayment],
        /// The customer ordered, and the account wants orders approved.
        Submit = "placed_for_approval" [Unplaced => PendingApproval],
        /// An account manager ordered for the customer.
        Offer = "placed_for_confirmation" [Unplaced => ToBeConfirmed],
        /// It was approved.
        Approve = "order_approved" [PendingApproval => PendingPayment],
        /// The customer agreed to it.
        Confirm = "order_confirmed" [ToBeConfirmed => PendingPayment],
        /// It was paid.
        Pay = "charged" [PendingPayment => Processing],
        /// Some of what was ordered cannot be provided; the rest goes on (R1.13).
        FailPart = "part_failed" [Processing => Processing],
        /// Nothing of what was ordered can be provided (R1.13).
        Fail = "provisioning_failed" [Processing => PendingRefund],
        /// Everything ordered is there.
        Complete = "order_completed" [Processing => Completed],
        /// It was given up or refused, was not paid in time, or has been paid back (R1.9, R1.13).
        Cancel = "order_cancelled" [
            PendingApproval => Cancelled, ToBeConfirmed => Cancelled,
            PendingPayment => Cancelled, PendingRefund => Cancelled],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_trigger_in_every_state() {
        let mut table = String::new();
        for machine in diagram::machines() {
            let after: BTreeMap<_, _> = machine
                .arrows
                .iter()
                .map(|arrow| ((arrow.from, arrow.trigger), arrow.to))
                .collect();
            for state in &machine.states {
                for trigger in &machine.triggers {
                    let to = after.get(&(*state, *trigger)).copied().unwrap_or("-");
                    table += &format!("{:12} {state:16} {trigger:22} {to}\n", machine.name());
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn nothing_leaves_a_final_state() {
        for trigger in PhoneTrigger::ALL {
            assert_eq!(PhoneStatus::Gone.after(*trigger), None);
        }
        for trigger in OrderTrigger::ALL {
            assert_eq!(OrderStatus::Completed.after(*trigger), None);
            assert_eq!(OrderStatus::Cancelled.after(*trigger), None);
        }
    }
}
