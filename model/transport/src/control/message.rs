//! Every message of the channel, and its bytes: big-endian, the type first (T5.2). What has no counterpart in
//! scrcpy has a type from 64 on.

use crate::control::device::{
    Call, CallAction, CallRequest, CallState, Location, Motion, NUMBER_LEN_MAX, SMS_LEN_MAX, Sms,
    SmsOutcome, SmsResult,
};
use crate::control::fields::{put_text, put_time, read_text, read_time};
use crate::control::input::{
    BACK, CLIPBOARD, Input, KEY, ROTATE, SCROLL, TEXT, TOUCH, TouchAction,
};
use crate::control::session::{Notice, NoticeKind, Rotation};
use crate::wire::{Cursor, Format, Found, Malformed, Read, Unwritable, Write};
use koosim_time::SimTime;

/// Most bytes of typed text (T5.2).
pub const TEXT_LEN_MAX: usize = 300;
/// Most bytes of a message, all of it (T5.2).
pub const MESSAGE_LEN_MAX: usize = 256 * 1024;

const ROTATION: u8 = 64;
const PHONE_CLIPBOARD: u8 = 65;
const CALL: u8 = 66;
const CALL_REQUEST: u8 = 67;
const SMS: u8 = 68;
const SMS_RESULT: u8 = 69;
const LOCATION: u8 = 70;
const GYROSCOPE: u8 = 71;
const ACCELEROMETER: u8 = 72;
const NOTICE: u8 = 73;

/// Number and time of an input (T5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Counts the inputs of a client, modulo 2^32.
    pub number: u32,
    /// When the client saw it.
    pub at: SimTime,
}

impl Stamp {
    /// Bytes of it.
    pub(crate) const LEN: usize = 12;

    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { number: cursor.u32()?, at: read_time(cursor)? })
    }
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number.to_be_bytes());
        put_time(self.at, out);
    }
}

/// A message with text of its own.
pub type Owned = Message<Box<str>>;

/// One message. `S` is the text, borrowed or owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<S> {
    /// What a person does: client to phone.
    Input(Stamp, Input<S>),
    /// The picture was turned (T5.5): phone to client.
    Rotation(Rotation),
    /// What is on the clipboard of the phone: phone to client.
    Clipboard(S),
    /// How a call of the client's device stands: client to phone.
    Call(Call<S>),
    /// What the phone wants done about a call: phone to client.
    CallRequest(CallRequest<S>),
    /// A short message that came to the device, or that the phone wants sent: both ways.
    Sms(Sms<S>),
    /// What became of one: both ways.
    SmsResult(SmsResult),
    /// Where the device is: client to phone.
    Location(Location),
    /// How the device turns, in 10^-6 rad/s: client to phone.
    Gyroscope(Motion),
    /// How the device is accelerated, in 10^-6 m/s²: client to phone.
    Accelerometer(Motion),
    /// What becomes of the session: phone to client.
    Notice(Notice),
}

/// How a message is delivered (T5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Once, and in order.
    Ordered,
    /// Perhaps, and never after a newer one of the same slot.
    Droppable(Slot),
}

/// What a droppable message is the newest of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Where a pointer is.
    Pointer(u64),
    /// Where the device is.
    Location,
    /// How it turns.
    Gyroscope,
    /// How it is accelerated.
    Accelerometer,
}

impl<S> Message<S> {
    /// How it is delivered (T5.3): moves and readings of sensors may be dropped, nothing else.
    pub const fn class(&self) -> Class {
        match self {
            Self::Input(_, Input::Touch(touch)) => match touch.action {
                TouchAction::Move | TouchAction::HoverMove => {
                    Class::Droppable(Slot::Pointer(touch.pointer))
                }
                _ => Class::Ordered,
            },
            Self::Location(_) => Class::Droppable(Slot::Location),
            Self::Gyroscope(_) => Class::Droppable(Slot::Gyroscope),
            Self::Accelerometer(_) => Class::Droppable(Slot::Accelerometer),
            _ => Class::Ordered,
        }
    }
}

impl Message<&str> {
    /// The message with text of its own.
    pub fn into_owned(self) -> Owned {
        match self {
            Self::Input(stamp, input) => Message::Input(stamp, own_input(&input)),
            Self::Rotation(rotation) => Message::Rotation(rotation),
            Self::Clipboard(text) => Message::Clipboard(text.into()),
            Self::Call(Call { id, state, number }) => {
                Message::Call(Call { id, state, number: number.into() })
            }
            Self::CallRequest(CallRequest { id, action, number }) => {
                Message::CallRequest(CallRequest { id, action, number: number.into() })
            }
            Self::Sms(Sms { id, at, number, text }) => {
                Message::Sms(Sms { id, at, number: number.into(), text: text.into() })
            }
            Self::SmsResult(result) => Message::SmsResult(result),
            Self::Location(location) => Message::Location(location),
            Self::Gyroscope(motion) => Message::Gyroscope(motion),
            Self::Accelerometer(motion) => Message::Accelerometer(motion),
            Self::Notice(notice) => Message::Notice(notice),
        }
    }
}

fn own_input(input: &Input<&str>) -> Input<Box<str>> {
    match *input {
        Input::Key(key) => Input::Key(key),
        Input::Text(text) => Input::Text(text.into()),
        Input::Touch(touch) => Input::Touch(touch),
        Input::Scroll(scroll) => Input::Scroll(scroll),
        Input::Back(action) => Input::Back(action),
        Input::Clipboard { sequence, paste, text } => {
            Input::Clipboard { sequence, paste, text: text.into() }
        }
        Input::Rotate => Input::Rotate,
    }
}

impl<'a> Read<'a> for Message<&'a str> {
    const FORMAT: Format = Format::Control;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let len = cursor.left().len();
        if len > MESSAGE_LEN_MAX {
            let found = Found::TooMany { what: "bytes", count: len, most: MESSAGE_LEN_MAX };
            return Err(cursor.fail(found));
        }
        Ok(match cursor.u8()? {
            kind @ (KEY | TEXT | TOUCH | SCROLL | BACK | CLIPBOARD | ROTATE) => {
                // The stamp comes last, so that the type is first and scrcpy's bytes stand together.
                let input = Input::read(cursor, kind)?;
                Self::Input(Stamp::read(cursor)?, input)
            }
            ROTATION => Self::Rotation(Rotation { width: cursor.u16()?, height: cursor.u16()? }),
            PHONE_CLIPBOARD => Self::Clipboard(read_text(cursor, MESSAGE_LEN_MAX)?),
            CALL => Self::Call(Call {
                id: cursor.u32()?,
                state: CallState::read(cursor)?,
                number: read_text(cursor, NUMBER_LEN_MAX)?,
            }),
            CALL_REQUEST => Self::CallRequest(CallRequest {
                id: cursor.u32()?,
                action: CallAction::read(cursor)?,
                number: read_text(cursor, NUMBER_LEN_MAX)?,
            }),
            SMS => Self::Sms(Sms {
                id: cursor.u32()?,
                at: read_time(cursor)?,
                number: read_text(cursor, NUMBER_LEN_MAX)?,
                text: read_text(cursor, SMS_LEN_MAX)?,
            }),
            SMS_RESULT => {
                Self::SmsResult(SmsResult { id: cursor.u32()?, outcome: SmsOutcome::read(cursor)? })
            }
            LOCATION => Self::Location(Location::read(cursor)?),
            GYROSCOPE => Self::Gyroscope(Motion::read(cursor)?),
            ACCELEROMETER => Self::Accelerometer(Motion::read(cursor)?),
            NOTICE => {
                Self::Notice(Notice { kind: NoticeKind::read(cursor)?, at: read_time(cursor)? })
            }
            kind => {
                let found = Found::Value { what: "type", value: u64::from(kind) };
                return Err(cursor.fail_before(1, found));
            }
        })
    }
}

impl<S: AsRef<str>> Write for Message<S> {
    fn check(&self) -> Result<(), Unwritable> {
        let number =
            |number: &S| Unwritable::limit("number", number.as_ref().len(), NUMBER_LEN_MAX);
        match self {
            Self::Input(_, input) => input.check()?,
            Self::Call(call) => number(&call.number)?,
            Self::CallRequest(request) => number(&request.number)?,
            Self::Sms(sms) => {
                number(&sms.number)?;
                Unwritable::limit("short message", sms.text.as_ref().len(), SMS_LEN_MAX)?;
            }
            Self::Location(location) if !location.is_on_earth() => {
                return Err(Unwritable::Missing("place on Earth"));
            }
            _ => {}
        }
        Unwritable::limit("message", self.wire_len(), MESSAGE_LEN_MAX)
    }
    fn wire_len(&self) -> usize {
        let text = |text: &S| 4 + text.as_ref().len();
        match self {
            Self::Input(_, input) => input.wire_len() + Stamp::LEN,
            Self::Rotation(_) => 5,
            Self::Clipboard(content) => 1 + text(content),
            Self::Call(call) => 6 + text(&call.number),
            Self::CallRequest(request) => 6 + text(&request.number),
            Self::Sms(sms) => 13 + text(&sms.number) + text(&sms.text),
            Self::SmsResult(_) => 6,
            Self::Location(_) => 25,
            Self::Gyroscope(_) | Self::Accelerometer(_) => 21,
            Self::Notice(_) => 10,
        }
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Input(stamp, input) => {
                input.put(out);
                stamp.put(out);
            }
            Self::Rotation(Rotation { width, height }) => {
                out.push(ROTATION);
                out.extend_from_slice(&width.to_be_bytes());
                out.extend_from_slice(&height.to_be_bytes());
            }
            Self::Clipboard(text) => {
                out.push(PHONE_CLIPBOARD);
                put_text(text.as_ref(), out);
            }
            Self::Call(call) => put_call(CALL, call.id, call.state.code(), &call.number, out),
            Self::CallRequest(request) => {
                put_call(CALL_REQUEST, request.id, request.action.code(), &request.number, out);
            }
            Self::Sms(sms) => {
                out.push(SMS);
                out.extend_from_slice(&sms.id.to_be_bytes());
                put_time(sms.at, out);
                put_text(sms.number.as_ref(), out);
                put_text(sms.text.as_ref(), out);
            }
            Self::SmsResult(result) => {
                out.push(SMS_RESULT);
                out.extend_from_slice(&result.id.to_be_bytes());
                out.push(result.outcome.code());
            }
            Self::Location(location) => {
                out.push(LOCATION);
                location.put(out);
            }
            Self::Gyroscope(motion) => {
                out.push(GYROSCOPE);
                motion.put(out);
            }
            Self::Accelerometer(motion) => {
                out.push(ACCELEROMETER);
                motion.put(out);
            }
            Self::Notice(notice) => {
                out.extend_from_slice(&[NOTICE, notice.kind.code()]);
                put_time(notice.at, out);
            }
        }
    }
}

fn put_call(kind: u8, id: u32, code: u8, number: &impl AsRef<str>, out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&id.to_be_bytes());
    out.push(code);
    put_text(number.as_ref(), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::input::{Place, Touch};

    fn check(message: &Message<&str>, bytes: &[u8]) {
        let mut out = Vec::new();
        message.write(&mut out).unwrap();
        assert_eq!((&out[..], out.len()), (bytes, message.wire_len()), "{message:?}");
        assert_eq!(Message::parse(bytes).as_ref(), Ok(message));
    }

    #[test]
    fn the_type_comes_first_and_an_input_ends_with_its_stamp() {
        let stamp = Stamp { number: 7, at: SimTime::from_nanos(0x0102) };
        let text = Message::Input(stamp, Input::Text("hi"));
        check(&text, &[1, 0, 0, 0, 2, b'h', b'i', 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 2]);
        check(&Message::Input(stamp, Input::Rotate), &[11, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 2]);
        check(&Message::Rotation(Rotation { width: 720, height: 1280 }), &[64, 2, 0xd0, 5, 0]);
        let call = Call { id: 1, state: CallState::Active, number: "10086" };
        let bytes = [66, 0, 0, 0, 1, 2, 0, 0, 0, 5, b'1', b'0', b'0', b'8', b'6'];
        check(&Message::Call(call), &bytes);
        let result = SmsResult { id: 9, outcome: SmsOutcome::NotAllowed };
        check(&Message::SmsResult(result), &[69, 0, 0, 0, 9, 3]);
        let notice = Notice { kind: NoticeKind::InputTaken, at: SimTime::from_nanos(-1) };
        let ones = [0xff; 8];
        check(&Message::Notice(notice), &[&[73, 10][..], &ones].concat());
    }

    /// T5.3: a down or an up is never dropped, nor is anything else that the next does not replace.
    #[test]
    fn moves_and_sensors_alone_may_be_dropped() {
        let place = Place { x: 0, y: 0, width: 1, height: 1 };
        let stamp = Stamp { number: 0, at: SimTime::EPOCH };
        for action in TouchAction::ALL.iter().copied() {
            let touch =
                Touch { action, pointer: 7, place, pressure: 0, action_button: 0, buttons: 0 };
            let class = Message::<&str>::Input(stamp, Input::Touch(touch)).class();
            let is_move = matches!(action, TouchAction::Move | TouchAction::HoverMove);
            let slot = Class::Droppable(Slot::Pointer(7));
            assert_eq!(class, if is_move { slot } else { Class::Ordered });
        }
        let motion = Motion { at: SimTime::EPOCH, x: 0, y: 0, z: 0 };
        let (latitude, longitude) = (0, 0);
        let (at, altitude_cm, accuracy_cm) = (SimTime::EPOCH, 0, 0);
        let location = Location { at, latitude, longitude, altitude_cm, accuracy_cm };
        for (message, slot) in [
            (Message::<&str>::Gyroscope(motion), Slot::Gyroscope),
            (Message::Accelerometer(motion), Slot::Accelerometer),
            (Message::Location(location), Slot::Location),
        ] {
            assert_eq!(message.class(), Class::Droppable(slot));
        }
        let sms = SmsResult { id: 0, outcome: SmsOutcome::Sent };
        for message in [Message::Input(stamp, Input::Rotate), Message::SmsResult(sms)] {
            assert_eq!(Message::<&str>::class(&message), Class::Ordered);
        }
    }

    #[test]
    fn limits_hold_both_ways() {
        let stamp = Stamp { number: 0, at: SimTime::EPOCH };
        let (most, long) = ("a".repeat(TEXT_LEN_MAX), "a".repeat(TEXT_LEN_MAX + 1));
        let text = Message::Input(stamp, Input::Text(most.as_str()));
        let mut bytes = Vec::new();
        text.write(&mut bytes).unwrap();
        let text = Message::Input(stamp, Input::Text(long.as_str()));
        assert!(text.write(&mut bytes).is_err());
        bytes[4] += 1;
        let refused = Message::parse(&bytes).unwrap_err().to_string();
        assert_eq!(refused, "control message, byte 1: 301 bytes of text, at most 300 are read");
        let clipboard = |len: usize| Message::Clipboard("a".repeat(len)).check();
        assert!(clipboard(MESSAGE_LEN_MAX - 5).is_ok());
        assert!(clipboard(MESSAGE_LEN_MAX - 4).is_err());
        let refused = Message::parse(&[65; MESSAGE_LEN_MAX + 1]).unwrap_err().to_string();
        assert_eq!(refused, "control message, byte 0: 262145 bytes, at most 262144 are read");
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        let refused = |bytes: &[u8]| Message::parse(bytes).unwrap_err().to_string();
        assert_eq!(refused(&[]), "control message, byte 0: 0 bytes where 1 are needed");
        assert_eq!(refused(&[74]), "control message, byte 0: type 74");
        assert_eq!(refused(&[73, 11]), "control message, byte 1: notice 11");
        assert_eq!(
            refused(&[65, 0, 0, 0, 1, 0xff]),
            "control message, byte 5: text that is not UTF-8"
        );
        let mut pole = vec![70, 0, 0, 0, 0, 0, 0, 0, 0];
        pole.extend(900_000_001_i32.to_be_bytes());
        pole.extend([0; 12]);
        assert_eq!(refused(&pole), "control message, byte 9: location out of place");
    }
}
