//! Verbs of phones as devices, of their members and of the world that freezes them, to commands.

use super::commands::placed;
use super::{Lowering, Placed};
use crate::grammar::{
    Freezer as FreezerWord, PhoneDoc, VerbDoc, Verification as VerifiedWord, Via, Way as WayWord,
};
use crate::read::Name;
use crate::span::Spanned;
use koosim_model::command::{Freezer, Op, Source, Way};
use koosim_model::name::{MemberId, PhoneId, RegionId, ZoneId};
use koosim_model::state::{Operation, Verification};

impl<'d> Lowering<'d, '_> {
    /// The command of one of these verbs.
    pub(super) fn device_command(&mut self, verb: &'d VerbDoc) -> Option<Placed> {
        match verb {
            VerbDoc::Restart(doc) => self.operate(doc, Operation::Restart),
            VerbDoc::Reset(doc) => self.operate(doc, Operation::Reset),
            VerbDoc::BackUp(doc) => self.operate(doc, Operation::BackUp),
            VerbDoc::Restore(doc) => self.operate(doc, Operation::Restore),
            VerbDoc::Unbind(doc) => self.operate(doc, Operation::Unbind),
            VerbDoc::FailOperation(doc) => self.of_phone(doc, |phone| Op::FailOperation { phone }),
            VerbDoc::Release(doc) => self.of_phone(doc, |phone| Op::Release { phone }),
            VerbDoc::Bind(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let member = MemberId::new(doc.member.as_str()).ok()?;
                Some(placed(&account, Op::Bind { phone, member }, doc.head))
            }
            VerbDoc::Move(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let region = RegionId::new(doc.region.as_str()).ok()?;
                Some(placed(&account, Op::Move { phone, region }, doc.head))
            }
            VerbDoc::Connect(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let by = match doc.by.value {
                    WayWord::Adb => Way::Adb,
                    WayWord::Vnc => Way::Vnc,
                };
                Some(placed(&account, Op::Connect { phone, by }, doc.head))
            }
            VerbDoc::Freeze(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let by = freezer(doc.by.value);
                Some(placed(&account, Op::Freeze { phone, by }, doc.head))
            }
            VerbDoc::Unfreeze(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let by = freezer(doc.by.value);
                Some(placed(&account, Op::Unfreeze { phone, by }, doc.head))
            }
            VerbDoc::Verify(doc) => {
                let account = self.account(&doc.account)?;
                let to = verification(doc.r#as.value);
                Some(placed(&account, Op::SetVerification { to }, doc.head))
            }
            VerbDoc::Promotion(doc) => {
                let account = self.account(&doc.account)?;
                let days = |days: Option<u64>| days.and_then(|days| u32::try_from(days).ok());
                let op = Op::GrantPromotion {
                    grace_days: days(doc.grace_days.map(|days| days.get())),
                    retention_days: days(doc.retention_days.map(|days| days.get())),
                    until: doc.expires.until(),
                };
                Some(placed(&account, op, doc.head))
            }
            _ => None,
        }
    }

    fn operate(&mut self, doc: &PhoneDoc, operation: Operation) -> Option<Placed> {
        self.of_phone(doc, |phone| Op::Operate { phone, operation })
    }

    fn of_phone(&mut self, doc: &PhoneDoc, op: impl Fn(PhoneId) -> Op) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        Some(placed(&account, op(phone), doc.head))
    }
}

/// A command that names where it is meant for and where it comes in.
pub(super) fn addressed(
    (mut command, span): Placed,
    region: &Option<Spanned<Name>>,
    zone: &Option<Spanned<Name>>,
    via: Option<Spanned<Via>>,
) -> Placed {
    let envelope = &mut command.envelope;
    envelope.region = region.as_ref().and_then(|name| RegionId::new(name.as_str()).ok());
    envelope.zone = zone.as_ref().and_then(|name| ZoneId::new(name.as_str()).ok());
    if via.is_some_and(|via| via.value == Via::Api) {
        envelope.source = Source::Api;
    }
    (command, span)
}

/// The names of so many phones: the prefix and a number from 1 on.
pub(super) fn numbered(prefix: &str, count: u64) -> impl Iterator<Item = String> {
    (1..=count).map(move |n| format!("{prefix}{n}"))
}

pub(super) fn verification(word: VerifiedWord) -> Verification {
    match word {
        VerifiedWord::None => Verification::None,
        VerifiedWord::Individual => Verification::Individual,
        VerifiedWord::Enterprise => Verification::Enterprise,
    }
}

fn freezer(word: FreezerWord) -> Freezer {
    match word {
        FreezerWord::Violation => Freezer::Violation,
        FreezerWord::Police => Freezer::Police,
    }
}
