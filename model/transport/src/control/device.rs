//! What the client's own device has and the phone uses: calls, short messages and sensors.

use crate::control::code::codes;
use crate::control::fields::{put_time, read_time};
use crate::wire::{Cursor, Found, Malformed};
use koosim_time::SimTime;

/// Most bytes of a telephone number: fifteen digits with separators fit.
pub const NUMBER_LEN_MAX: usize = 32;
/// Most bytes of a short message: ten parts of 153 characters, three bytes each, fit.
pub const SMS_LEN_MAX: usize = 4_590;

/// Bounds of a place on Earth, in 10^-7 degrees.
const LATITUDE_MAX: u32 = 900_000_000;
const LONGITUDE_MAX: u32 = 1_800_000_000;

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
    pub(crate) const fn is_on_earth(&self) -> bool {
        self.latitude.unsigned_abs() <= LATITUDE_MAX
            && self.longitude.unsigned_abs() <= LONGITUDE_MAX
    }
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let at = read_time(cursor)?;
        let (latitude, longitude) = (cursor.u32()?.cast_signed(), cursor.u32()?.cast_signed());
        let (altitude_cm, accuracy_cm) = (cursor.u32()?.cast_signed(), cursor.u32()?);
        let location = Self { at, latitude, longitude, altitude_cm, accuracy_cm };
        if location.is_on_earth() {
            Ok(location)
        } else {
            Err(cursor.fail_before(16, Found::Misplaced("location")))
        }
    }
    /// Appends what follows the type.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_time(self.at, out);
        for field in [self.latitude, self.longitude, self.altitude_cm] {
            out.extend_from_slice(&field.to_be_bytes());
        }
        out.extend_from_slice(&self.accuracy_cm.to_be_bytes());
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
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let at = read_time(cursor)?;
        let (x, y, z) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        Ok(Self { at, x: x.cast_signed(), y: y.cast_signed(), z: z.cast_signed() })
    }
    /// Appends what follows the type.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_time(self.at, out);
        for axis in [self.x, self.y, self.z] {
            out.extend_from_slice(&axis.to_be_bytes());
        }
    }
}
