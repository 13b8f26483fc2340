//! Calls and short messages, as a scenario writes them.

use super::{Fields, yes_no};
use koosim_model::command::{AtDevice, CallAction, CallOp};
use koosim_model::name::{DeviceId, PhoneId};

impl Fields {
    /// The fields of a request about calls and messages; gives the verb.
    pub(super) fn call(&mut self, op: &CallOp) -> Result<&'static str, &'static str> {
        Ok(match op {
            CallOp::Permit { device, what, given } => {
                self.name("device", device.as_str());
                self.word("what", what);
                self.add("on", yes_no(*given));
                "permit"
            }
            CallOp::Dial { phone, device, number } => {
                self.between(phone, device);
                self.name("number", number.as_str());
                "dial"
            }
            CallOp::Act { phone, device, action } => {
                self.between(phone, device);
                match action {
                    CallAction::Answer => "answer_call",
                    CallAction::HangUp => "hang_up",
                    CallAction::Hold => "hold_call",
                    CallAction::Resume => "resume_call",
                }
            }
            CallOp::Ring { phone, device, number } => {
                self.between(phone, device);
                number.iter().for_each(|number| self.name("number", number.as_str()));
                "incoming_call"
            }
            CallOp::Report { is: AtDevice::Ringing, .. } => return Err("that a call rings anew"),
            CallOp::Report { phone, is } => {
                self.name("phone", phone.as_str());
                self.word("is", is);
                "call_news"
            }
            CallOp::Send { phone, device, number, text } => {
                self.between(phone, device);
                self.name("number", number.as_str());
                self.name("text", text);
                "send_message"
            }
            CallOp::Result { phone, message, outcome } => {
                self.name("phone", phone.as_str());
                self.add("message", message);
                self.word("result", outcome);
                "message_result"
            }
            CallOp::Receive { phone, device, number, text } => {
                self.between(phone, device);
                self.name("number", number.as_str());
                self.name("text", text);
                "incoming_message"
            }
        })
    }

    fn between(&mut self, phone: &PhoneId, device: &DeviceId) {
        self.name("phone", phone.as_str());
        self.name("device", device.as_str());
    }
}
