//! Verbs of streaming sessions to commands.

use super::commands::placed;
use super::{Lowering, Placed};
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::grammar::{PhoneDoc, StreamWord, VerbDoc, ViewerDoc};
use koosim_model::command::{Op, SessionOp, StreamType};
use koosim_model::name::{DeviceId, MemberId, PhoneId};

impl<'d> Lowering<'d, '_> {
    /// The commands of one of these verbs.
    pub(super) fn session_commands(&mut self, verb: &'d VerbDoc) -> Vec<Placed> {
        let one = match verb {
            VerbDoc::Prepare(doc) => {
                let member = doc.member.as_ref().and_then(|m| MemberId::new(m.as_str()).ok());
                let calls = self.calls(&doc.phone, &doc.phones, &doc.account).into_iter();
                let prepare = |phones| SessionOp::Prepare { phones, member: member.clone() };
                return calls
                    .map(|(account, phones, span)| placed(&account, asked(prepare(phones)), span))
                    .collect();
            }
            VerbDoc::ReleaseSession(doc) => {
                let calls = self.calls(&doc.phone, &doc.phones, &doc.account).into_iter();
                return calls
                    .map(|(account, phones, span)| {
                        placed(&account, asked(SessionOp::Release { phones }), span)
                    })
                    .collect();
            }
            VerbDoc::Authorise(doc) => {
                let stream = match doc.stream.map(|word| word.value) {
                    Some(StreamWord::H5) => StreamType::H5,
                    Some(StreamWord::Sdk) | None => StreamType::Sdk,
                };
                self.phone(&doc.phone, &doc.account).map(|(account, phone)| {
                    placed(&account, asked(SessionOp::Authorise { phone, stream }), doc.head)
                })
            }
            VerbDoc::StartStream(doc) => {
                self.at_stream(doc, |phone, device| SessionOp::Start { phone, device })
            }
            VerbDoc::JoinStream(doc) => {
                self.at_stream(doc, |phone, device| SessionOp::Join { phone, device })
            }
            VerbDoc::LeaveStream(doc) => {
                self.at_stream(doc, |phone, device| SessionOp::Part { phone, device })
            }
            VerbDoc::GiveControl(doc) => {
                self.at_stream(doc, |phone, device| SessionOp::GiveControl { phone, device })
            }
            VerbDoc::StopStream(doc) => self.of_stream(doc, |phone| SessionOp::Stop { phone }),
            VerbDoc::LoseConnection(doc) => {
                self.of_link(doc, |phone| SessionOp::LoseConnection { phone })
            }
            VerbDoc::Reconnect(doc) => self.of_link(doc, |phone| SessionOp::Reconnect { phone }),
            _ => None,
        };
        one.into_iter().collect()
    }

    fn at_stream(
        &mut self,
        doc: &ViewerDoc,
        op: impl Fn(PhoneId, DeviceId) -> SessionOp,
    ) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let device = DeviceId::new(doc.device.as_str()).ok()?;
        Some(placed(&account, asked(op(phone, device)), doc.head))
    }

    /// What befalls the link of a stream that no flow stands for: where one does, its packets decide.
    fn of_link(&mut self, doc: &PhoneDoc, op: impl Fn(PhoneId) -> SessionOp) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let Some((flow, place)) = self.network.flow_of(&account, &phone) else {
            return Some(placed(&account, asked(op(phone)), doc.head));
        };
        let message =
            format!("the packets of the flow {} say when it is connected", quoted(flow.as_str()));
        self.out.push(
            Diagnostic::error(Code::BadValue, doc.head, message, "not for a phone that has a flow")
                .and(place, "the flow of this phone")
                .help("switch its links instead: `links: { down: { cut: yes } }`, later `cut: no`"),
        );
        None
    }

    fn of_stream(&mut self, doc: &PhoneDoc, op: impl Fn(PhoneId) -> SessionOp) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        Some(placed(&account, asked(op(phone)), doc.head))
    }
}

fn asked(op: SessionOp) -> Op {
    Op::Session(Box::new(op))
}
