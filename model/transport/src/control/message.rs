//! Every message of the channel, and its bytes: big-endian, the type first (T5.2). What has no counterpart in
//! scrcpy has a type from 64 on.

use crate::control::code::codes;
use crate::control::input::{
    BACK, CLIPBOARD, Input, KEY, ROTATE, SCROLL, TEXT, TOUCH, TouchAction,
};
use crate::wire::{Cursor, Format, Found, Malformed, Read, Unwritable, Write};
use koosim_time::SimTime;

/// Most bytes of typed text (T5.2).
pub const TEXT_LEN_MAX: usize = 300;
/// Most bytes of a message, all of it (T5.2).
pub const MESSAGE_LEN_MAX: usize = 256 * 1024;
/// Most bytes of a telephone number: fifteen digits with separators fit.
pub const NUMBER_LEN_MAX: usize = 32;
/// Most bytes of a short message: ten parts of 153 characters, three bytes each, fit.
pub const SMS_LEN_MAX: usize = 4_590;

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

/// Bounds of a place on Earth, in 10^-7 degrees.
const LATITUDE_MAX: u32 = 900_000_000;
const LONGITUDE_MAX: u32 = 1_800_000_000;

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

/// A new picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
}

codes! {
    /// How a call stands.
    CallState, "call state":
    /// Somebody calls.
    Ringing = 0,
    /// Somebody is being called.
    Dialling = 1,
    /// They speak.
    Active = 2,
    /// They wait.
    Held = 3,
    /// It is over.
    Ended = 4,
    /// It could not be made.
    Failed = 5,
}

codes! {
    /// What is wanted about a call.
    CallAction, "call action":
    /// Call somebody.
    Dial = 0,
    /// Take the call.
    Answer = 1,
    /// End it, or do not take it.
    HangUp = 2,
    /// Let it wait.
    Hold = 3,
    /// Go on with it.
    Resume = 4,
}

codes! {
    /// What became of a short message.
    SmsOutcome, "outcome":
    /// The network took it.
    Sent = 0,
    /// It is at its receiver.
    Delivered = 1,
    /// The network refused it.
    Failed = 2,
    /// The device may not send it.
    NotAllowed = 3,
}

codes! {
    /// What becomes of a session.
    NoticeKind, "notice":
    /// It streams.
    Started = 0,
    /// It stopped and stays in place (P4.3).
    Stopped = 1,
    /// A newer connection took its place (P4.7).
    Preempted = 2,
    /// The device token does not hold any more (P4.2).
    TokenExpired = 3,
    /// The phone was frozen.
    Frozen = 4,
    /// The phone was switched off.
    PoweredOff = 5,
    /// The phone was unbound.
    Unbound = 6,
    /// The phone's term is over.
    Expired = 7,
    /// The account is in arrears.
    Arrears = 8,
    /// This viewer's input counts from now on.
    InputGranted = 9,
    /// It does not any more.
    InputTaken = 10,
}

/// How a call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<S> {
    /// Which one.
    pub id: u32,
    /// How it stands.
    pub state: CallState,
    /// The other's number, empty where it is hidden.
    pub number: S,
}

/// What is wanted about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRequest<S> {
    /// Which one.
    pub id: u32,
    /// What is wanted.
    pub action: CallAction,
    /// Who is to be called.
    pub number: S,
}

/// A short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sms<S> {
    /// Which one.
    pub id: u32,
    /// When it was written.
    pub at: SimTime,
    /// The other's number.
    pub number: S,
    /// What it says, at most [`SMS_LEN_MAX`] bytes.
    pub text: S,
}

/// What became of a short message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsResult {
    /// Which one.
    pub id: u32,
    /// What became of it.
    pub outcome: SmsOutcome,
}

/// Where the device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// When.
    pub at: SimTime,
    /// North of the equator, in 10^-7 degrees, at most 90 degrees either way.
    pub latitude: i32,
    /// East of Greenwich, in 10^-7 degrees, at most 180 degrees either way.
    pub longitude: i32,
    /// Above sea level, in cm.
    pub altitude_cm: i32,
    /// How far it may be wrong, in cm.
    pub accuracy_cm: u32,
}

impl Location {
    const fn is_on_earth(&self) -> bool {
        self.latitude.unsigned_abs() <= LATITUDE_MAX
            && self.longitude.unsigned_abs() <= LONGITUDE_MAX
    }
}

/// A reading of a sensor with three axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Motion {
    /// When.
    pub at: SimTime,
    /// Along the screen's width.
    pub x: i32,
    /// Along its height.
    pub y: i32,
    /// Out of it.
    pub z: i32,
}

impl Motion {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let at = read_time(cursor)?;
        let (x, y, z) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        Ok(Self { at, x: x.cast_signed(), y: y.cast_signed(), z: z.cast_signed() })
    }
    fn put(&self, kind: u8, out: &mut Vec<u8>) {
        out.push(kind);
        put_time(self.at, out);
        for axis in [self.x, self.y, self.z] {
            out.extend_from_slice(&axis.to_be_bytes());
        }
    }
}

/// What becomes of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// When.
    pub at: SimTime,
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

pub(crate) fn read_text<'a>(cursor: &mut Cursor<'a>, most: usize) -> Result<&'a str, Malformed> {
    let len = usize::try_from(cursor.u32()?).unwrap_or(usize::MAX);
    if len > most {
        let found = Found::TooMany { what: "bytes of text", count: len, most };
        return Err(cursor.fail_before(4, found));
    }
    let bytes = cursor.take(len)?;
    std::str::from_utf8(bytes).map_err(|_| cursor.fail_before(len, Found::Text))
}

pub(crate) fn put_text(text: &str, out: &mut Vec<u8>) {
    // Messages are far below 4 GiB.
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn read_time(cursor: &mut Cursor<'_>) -> Result<SimTime, Malformed> {
    cursor.u64().map(|ns| SimTime::from_nanos(ns.cast_signed()))
}

fn put_time(at: SimTime, out: &mut Vec<u8>) {
    out.extend_from_slice(&at.as_nanos().to_be_bytes());
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
            LOCATION => Self::Location(read_location(cursor)?),
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

fn read_location(cursor: &mut Cursor<'_>) -> Result<Location, Malformed> {
    let at = read_time(cursor)?;
    let (latitude, longitude) = (cursor.u32()?.cast_signed(), cursor.u32()?.cast_signed());
    let (altitude_cm, accuracy_cm) = (cursor.u32()?.cast_signed(), cursor.u32()?);
    let location = Location { at, latitude, longitude, altitude_cm, accuracy_cm };
    if location.is_on_earth() {
        Ok(location)
    } else {
        Err(cursor.fail_before(16, Found::Misplaced("location")))
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
            Self::Location(location) => put_location(location, out),
            Self::Gyroscope(motion) => motion.put(GYROSCOPE, out),
            Self::Accelerometer(motion) => motion.put(ACCELEROMETER, out),
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

fn put_location(location: &Location, out: &mut Vec<u8>) {
    out.push(LOCATION);
    put_time(location.at, out);
    for field in [location.latitude, location.longitude, location.altitude_cm] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    out.extend_from_slice(&location.accuracy_cm.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

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
