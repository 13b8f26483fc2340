//! Verbs of calls and short messages to commands.

use super::commands::placed;
use super::{Lowering, Placed};
use crate::grammar::{
    CallNewsWord, MessageDoc, MessageResultWord, PermitDoc, PermitWord, VerbDoc, ViewerDoc,
};
use crate::read::Name;
use crate::span::Spanned;
use koosim_model::command::{AtDevice, CallAction, CallOp, MessageOutcome, Op, Permit};
use koosim_model::name::{DeviceId, PhoneId};
use koosim_model::tel::TelNumber;

/// Whether a verb is one of them.
pub(super) const fn is_one(verb: &VerbDoc) -> bool {
    matches!(
        verb,
        VerbDoc::Permit(_)
            | VerbDoc::Dial(_)
            | VerbDoc::AnswerCall(_)
            | VerbDoc::HangUp(_)
            | VerbDoc::HoldCall(_)
            | VerbDoc::ResumeCall(_)
            | VerbDoc::IncomingCall(_)
            | VerbDoc::CallNews(_)
            | VerbDoc::SendMessage(_)
            | VerbDoc::MessageResult(_)
            | VerbDoc::IncomingMessage(_)
    )
}

impl<'d> Lowering<'d, '_> {
    /// The command of one of these verbs.
    pub(super) fn call_command(&mut self, verb: &'d VerbDoc) -> Option<Placed> {
        match verb {
            VerbDoc::Permit(doc) => self.permit(doc),
            VerbDoc::Dial(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let (device, number) = (device(&doc.device)?, doc.number.value.0.clone());
                Some(placed(&account, asked(CallOp::Dial { phone, device, number }), doc.head))
            }
            VerbDoc::IncomingCall(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let number = doc.number.as_ref().map(|number| number.value.0.clone());
                let op = CallOp::Ring { phone, device: device(&doc.device)?, number };
                Some(placed(&account, asked(op), doc.head))
            }
            VerbDoc::AnswerCall(doc) => self.act(doc, CallAction::Answer),
            VerbDoc::HangUp(doc) => self.act(doc, CallAction::HangUp),
            VerbDoc::HoldCall(doc) => self.act(doc, CallAction::Hold),
            VerbDoc::ResumeCall(doc) => self.act(doc, CallAction::Resume),
            VerbDoc::CallNews(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let op = CallOp::Report { phone, is: at_device(doc.is.value) };
                Some(placed(&account, asked(op), doc.head))
            }
            VerbDoc::SendMessage(doc) => self.message(doc, |phone, device, number, text| {
                CallOp::Send { phone, device, number, text }
            }),
            VerbDoc::IncomingMessage(doc) => self.message(doc, |phone, device, number, text| {
                CallOp::Receive { phone, device, number, text }
            }),
            VerbDoc::MessageResult(doc) => {
                let (account, phone) = self.phone(&doc.phone, &doc.account)?;
                let message = u32::try_from(doc.message.get()).ok()?;
                let outcome = match doc.result.value {
                    MessageResultWord::Sent => MessageOutcome::Sent,
                    MessageResultWord::Failed => MessageOutcome::Failed,
                };
                let op = CallOp::Result { phone, message, outcome };
                Some(placed(&account, asked(op), doc.head))
            }
            _ => None,
        }
    }

    fn permit(&mut self, doc: &PermitDoc) -> Option<Placed> {
        let account = self.account_or_only(&doc.account, doc.head)?;
        let what = match doc.what.value {
            PermitWord::Calls => Permit::Calls,
            PermitWord::Messages => Permit::Messages,
        };
        let given = doc.on.is_none_or(|on| on.value.0);
        let op = CallOp::Permit { device: device(&doc.device)?, what, given };
        Some(placed(&account, asked(op), doc.head))
    }

    fn act(&mut self, doc: &ViewerDoc, action: CallAction) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let op = CallOp::Act { phone, device: device(&doc.device)?, action };
        Some(placed(&account, asked(op), doc.head))
    }

    fn message(
        &mut self,
        doc: &MessageDoc,
        op: impl Fn(PhoneId, DeviceId, TelNumber, String) -> CallOp,
    ) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let (number, text) = (doc.number.value.0.clone(), doc.text.to_string());
        Some(placed(&account, asked(op(phone, device(&doc.device)?, number, text)), doc.head))
    }
}

fn at_device(word: CallNewsWord) -> AtDevice {
    match word {
        CallNewsWord::Dialling => AtDevice::Dialling,
        CallNewsWord::Active => AtDevice::Active,
        CallNewsWord::Held => AtDevice::Held,
        CallNewsWord::Ended => AtDevice::Ended,
        CallNewsWord::Failed => AtDevice::Failed,
    }
}

fn device(name: &Spanned<Name>) -> Option<DeviceId> {
    DeviceId::new(name.as_str()).ok()
}

fn asked(op: CallOp) -> Op {
    Op::Call(Box::new(op))
}
