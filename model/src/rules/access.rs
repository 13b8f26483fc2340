//! What a phone accepts in each phase and under each freeze (P2.8, R8.6, R8.8, R8.10).

use crate::decision::Reason;
use crate::lifecycle::PhoneStatus;
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::{Params, p, r};
use crate::state::{Operation, Phone};

/// What somebody wants of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Something that takes a while.
    Operation(Operation),
    /// To give it to a member.
    Bind,
    /// To enter it with the client (P4.5).
    Enter,
    /// To control it, or the apps in it (P4.9, P4.10).
    Control,
}

impl Wanted {
    /// Everything, in declaration order.
    pub fn all() -> impl Iterator<Item = Self> {
        Operation::ALL.into_iter().map(Self::Operation).chain([
            Self::Bind,
            Self::Enter,
            Self::Control,
        ])
    }
    /// Whether it brings new use about, as against ending or keeping what is there (R8.6).
    fn begins_use(self) -> bool {
        match self {
            Self::Bind | Self::Enter => true,
            Self::Control => false,
            Self::Operation(operation) => match operation {
                Operation::PowerOn | Operation::Restart | Operation::Reset | Operation::Restore => {
                    true
                }
                Operation::PowerOff | Operation::Unbind | Operation::BackUp => false,
            },
        }
    }
    fn while_expired(self, params: &Params) -> bool {
        let life = &params.life;
        match self {
            Self::Bind => life.bind_while_expired,
            Self::Enter => params.using.stream_while_expired,
            Self::Control => true,
            Self::Operation(operation) => match operation {
                Operation::PowerOn | Operation::PowerOff | Operation::Restart => {
                    life.power_while_expired
                }
                Operation::Unbind => life.unbind_while_expired,
                Operation::Reset | Operation::BackUp | Operation::Restore => {
                    life.data_while_expired
                }
            },
        }
    }
    fn while_frozen(self, params: &Params) -> bool {
        match self {
            Self::Operation(Operation::PowerOn | Operation::PowerOff | Operation::Restart) => {
                params.life.power_while_frozen
            }
            Self::Operation(Operation::Unbind) => params.life.unbind_while_frozen,
            Self::Operation(Operation::Reset | Operation::BackUp | Operation::Restore)
            | Self::Bind
            | Self::Enter
            | Self::Control => false,
        }
    }
}

/// A refusal before it is one: why, and by which rules.
pub(crate) type Barrier = (Reason, &'static [RuleId]);

/// P2.8, R8.6, R8.8, R8.10: why this phone does not accept what is wanted, if it does not.
pub fn barred(params: &Params, id: &PhoneId, phone: &Phone, wanted: Wanted) -> Option<Barrier> {
    match phone.status() {
        PhoneStatus::Provisioning => Some((Reason::NotProvisioned, by![r(1, 1)])),
        PhoneStatus::Gone => Some((Reason::UnknownPhone(id.clone()), by![p(2, 8)])),
        PhoneStatus::Active => None,
        PhoneStatus::Expired if params.life.partial_grace && wanted.begins_use() => {
            Some((Reason::Expired, by![r(8, 6), p(2, 8)]))
        }
        PhoneStatus::Expired if wanted.while_expired(params) => None,
        PhoneStatus::Expired => Some((Reason::Expired, by![p(2, 8), r(8, 6)])),
        PhoneStatus::Frozen if phone.details.holds.police => Some(BY_POLICE),
        PhoneStatus::Frozen if wanted.while_frozen(params) => None,
        PhoneStatus::Frozen => Some((Reason::Frozen, by![r(8, 10), p(2, 8)])),
    }
}

const BY_POLICE: Barrier = (Reason::FrozenByPolice, by![r(8, 8), p(2, 8)]);

/// R8.8: what public security froze can be neither renewed nor unsubscribed, released or deleted.
pub(crate) fn police(phone: &Phone) -> Option<Barrier> {
    phone.details.holds.police.then_some(BY_POLICE)
}

/// R8.8, R10.4: a phone frozen by hand does not begin to be charged by use, neither at once nor at the
/// end of its subscription.
pub(crate) fn use_barred(phone: &Phone) -> Option<Barrier> {
    let violation = phone.details.holds.violation.is_some();
    police(phone).or_else(|| violation.then_some((Reason::Frozen, by![r(8, 8)])))
}

/// R8.8: whether a phone frozen by hand may be paid for any longer: renewed, or subscribed instead of
/// charged by use.
pub(crate) fn renewal_barred(params: &Params, phone: &Phone) -> Option<Barrier> {
    use_barred(phone).filter(|_| phone.details.holds.police || !params.life.renew_while_violation)
}
