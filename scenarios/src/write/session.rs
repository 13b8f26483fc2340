//! Streaming sessions, as a scenario writes them.

use super::Fields;
use koosim_model::command::SessionOp;
use koosim_model::name::{DeviceId, PhoneId};

impl Fields {
    /// The fields of a request about sessions; gives the verb.
    pub(super) fn session(&mut self, op: &SessionOp) -> &'static str {
        match op {
            SessionOp::Prepare { phones, member } => {
                self.phones(phones);
                member.iter().for_each(|member| self.name("member", member.as_str()));
                "prepare"
            }
            SessionOp::Authorise { phone, stream } => {
                self.name("phone", phone.as_str());
                self.word("stream", stream);
                "authorise"
            }
            SessionOp::Start { phone, device } => self.at_stream(phone, device, "start_stream"),
            SessionOp::Join { phone, device } => self.at_stream(phone, device, "join_stream"),
            SessionOp::Part { phone, device } => self.at_stream(phone, device, "leave_stream"),
            SessionOp::GiveControl { phone, device } => {
                self.at_stream(phone, device, "give_control")
            }
            SessionOp::Stop { phone } => self.of_stream(phone, "stop_stream"),
            SessionOp::LoseConnection { phone } => self.of_stream(phone, "lose_connection"),
            SessionOp::Reconnect { phone } => self.of_stream(phone, "reconnect"),
            SessionOp::Release { phones } => {
                self.phones(phones);
                "release_session"
            }
        }
    }

    fn of_stream(&mut self, phone: &PhoneId, verb: &'static str) -> &'static str {
        self.name("phone", phone.as_str());
        verb
    }

    fn at_stream(
        &mut self,
        phone: &PhoneId,
        device: &DeviceId,
        verb: &'static str,
    ) -> &'static str {
        self.name("device", device.as_str());
        self.of_stream(phone, verb)
    }
}
