//! What an event is about: phones, an order, and whose money it takes or gives back.

use super::Event;
use crate::name::{OrderId, PhoneId};
use crate::state::Split;

impl Event {
    /// The phones that the event is about.
    pub fn phones(&self) -> &[PhoneId] {
        match self {
            Self::OrderPlaced(e) => &e.phones,
            Self::Charged(e) => &e.phones,
            Self::ProvisioningFailed(e) => &e.phones,
            Self::ReviewStarted(e) => &e.phones,
            Self::ReviewEnded(e) => &e.phones,
            Self::Notified(e) => &e.about,
            _ => self.phone().map_or(&[], std::slice::from_ref),
        }
    }

    /// The order that the event is about.
    pub fn order(&self) -> Option<&OrderId> {
        match self {
            Self::OrderPlaced(e) => Some(&e.order),
            Self::OrderApproved(e) => Some(&e.order),
            Self::OrderConfirmed(e) => Some(&e.order),
            Self::PaymentFailed(e) => Some(&e.order),
            Self::Charged(e) => Some(&e.order),
            Self::OrderCancelled(e) => Some(&e.order),
            Self::OrderCompleted(e) => Some(&e.order),
            Self::Provisioned(e) => Some(&e.order),
            Self::BecameSubscribed(e) => Some(&e.order),
            Self::Renewed(e) => Some(&e.order),
            Self::Refunded(e) => Some(&e.order),
            Self::SizeChanged(e) => Some(&e.order),
            Self::ProvisioningFailed(e) => Some(&e.order),
            _ => None,
        }
    }

    /// What the event takes from the sources of the account.
    pub const fn paid(&self) -> Option<&Split> {
        match self {
            Self::Charged(e) => Some(&e.paid),
            Self::Settled(e) => Some(&e.paid),
            Self::MonthCharged(e) => Some(&e.paid),
            Self::ErasedCollected(e) => Some(&e.paid),
            Self::SizeChanged(e) => Some(&e.paid),
            _ => None,
        }
    }

    /// What the event gives back to the sources of the account.
    pub const fn returned(&self) -> Option<&Split> {
        match self {
            Self::Refunded(e) => Some(&e.refund),
            Self::SizeChanged(e) => Some(&e.returned),
            _ => None,
        }
    }

    /// The first order of the action that placed this one (R1.11).
    pub fn group_mut(&mut self) -> Option<&mut OrderId> {
        match self {
            Self::OrderPlaced(e) => e.group.as_mut().map(|group| &mut group.first),
            _ => None,
        }
    }

    /// The same event about an order of another name; unchanged if it is about none.
    #[must_use]
    pub fn with_order(mut self, id: OrderId) -> Self {
        match &mut self {
            Self::OrderPlaced(e) => e.order = id,
            Self::OrderApproved(e) => e.order = id,
            Self::OrderConfirmed(e) => e.order = id,
            Self::PaymentFailed(e) => e.order = id,
            Self::Charged(e) => e.order = id,
            Self::OrderCancelled(e) => e.order = id,
            Self::OrderCompleted(e) => e.order = id,
            Self::Provisioned(e) => e.order = id,
            Self::BecameSubscribed(e) => e.order = id,
            Self::Renewed(e) => e.order = id,
            Self::Refunded(e) => e.order = id,
            Self::SizeChanged(e) => e.order = id,
            Self::ProvisioningFailed(e) => e.order = id,
            _ => {}
        }
        self
    }

    fn phone(&self) -> Option<&PhoneId> {
        match self {
            Self::Provisioned(e) => Some(&e.phone),
            Self::AtExpirySet(e) => Some(&e.phone),
            Self::BecameOnDemand(e) => Some(&e.phone),
            Self::BecameSubscribed(e) => Some(&e.phone),
            Self::AutoRenewalSet(e) => Some(&e.phone),
            Self::AutoRenewalTried(e) => Some(&e.phone),
            Self::Renewed(e) => Some(&e.phone),
            Self::Created(e) => Some(&e.phone),
            Self::DepositFrozen(e) => Some(&e.phone),
            Self::DepositReleased(e) => Some(&e.phone),
            Self::UsePaused(e) => Some(&e.phone),
            Self::UseResumed(e) => Some(&e.phone),
            Self::Deleted(e) => Some(&e.phone),
            Self::PowerSet(e) => Some(&e.phone),
            Self::OperationStarted(e) => Some(&e.phone),
            Self::OperationDone(e) => Some(&e.phone),
            Self::OperationFailed(e) => Some(&e.phone),
            Self::Bound(e) => Some(&e.phone),
            Self::Unbound(e) => Some(&e.phone),
            Self::Settled(e) => Some(&e.phone),
            Self::Metered(e) => Some(&e.phone),
            Self::Expired(e) => Some(&e.phone),
            Self::Frozen(e) => Some(&e.phone),
            Self::Unfrozen(e) => Some(&e.phone),
            Self::Released(e) => Some(&e.phone),
            Self::Unsubscribed(e) => Some(&e.phone),
            Self::Refunded(e) => Some(&e.phone),
            Self::SizeChanged(e) => Some(&e.phone),
            Self::UnsubscribeFailed(e) => Some(&e.phone),
            Self::Marked(e) => Some(&e.phone),
            _ => None,
        }
    }
}
