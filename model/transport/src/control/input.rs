//! What a person does to the phone. Layouts, type numbers and action numbers are those of scrcpy 4.0, whose
//! protocol is tied to its version (T5.2); action numbers are Android's.

use crate::control::code::codes;
use crate::control::fields::{put_text, read_text};
use crate::control::message::TEXT_LEN_MAX;
use crate::wire::{Cursor, Format, Found, Malformed, Unwritable};

/// Bytes of a touch in scrcpy 4.0 (T5.2).
pub const SCRCPY_TOUCH_LEN: usize = 32;
/// Bytes of a key in scrcpy 4.0 (T5.2).
pub const SCRCPY_KEY_LEN: usize = 14;

pub(crate) const KEY: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const TOUCH: u8 = 2;
pub(crate) const SCROLL: u8 = 3;
pub(crate) const BACK: u8 = 4;
pub(crate) const CLIPBOARD: u8 = 9;
pub(crate) const ROTATE: u8 = 11;

codes! {
    /// What a pointer does.
    TouchAction, "touch action":
    /// It begins to touch.
    Down = 0,
    /// It ends.
    Up = 1,
    /// It moves while it touches.
    Move = 2,
    /// The gesture is taken back.
    Cancel = 3,
    /// A mouse moves without a button.
    HoverMove = 7,
    /// A mouse comes over the picture.
    HoverEnter = 9,
    /// A mouse leaves it.
    HoverExit = 10,
}

codes! {
    /// What a key does.
    KeyAction, "key action":
    /// It is pressed.
    Down = 0,
    /// It is let go.
    Up = 1,
}

codes! {
    /// What the back key does; pressed on a dark screen, it lights it.
    BackAction, "back action":
    /// It is pressed.
    Down = 0,
    /// It is let go.
    Up = 1,
}

/// Where on a picture of which size, so that a place on an outdated picture can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Pixels from the left.
    pub x: i32,
    /// Pixels from the top.
    pub y: i32,
    /// Width of the picture that was seen.
    pub width: u16,
    /// Height of the picture that was seen.
    pub height: u16,
}

impl Place {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let (x, y) = (cursor.u32()?.cast_signed(), cursor.u32()?.cast_signed());
        Ok(Self { x, y, width: cursor.u16()?, height: cursor.u16()? })
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.x.to_be_bytes());
        out.extend_from_slice(&self.y.to_be_bytes());
        out.extend_from_slice(&self.width.to_be_bytes());
        out.extend_from_slice(&self.height.to_be_bytes());
    }
}

/// One change of one pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// What it does.
    pub action: TouchAction,
    /// Which one. All ones is a mouse, one less a finger, two less a second finger that is only thought.
    pub pointer: u64,
    /// Where.
    pub place: Place,
    /// How hard, in 1/65536; all ones is 1.
    pub pressure: u16,
    /// The button that changed, as Android's bits.
    pub action_button: u32,
    /// The buttons that are down, as Android's bits.
    pub buttons: u32,
}

/// One change of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it does.
    pub action: KeyAction,
    /// Which one, as Android's number.
    pub code: u32,
    /// How often it was repeated while down.
    pub repeat: u32,
    /// Shift and the like, as Android's bits.
    pub meta: u32,
}

/// A wheel turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    /// Where.
    pub place: Place,
    /// Sideways, in 1/2048 of a step.
    pub horizontal: i16,
    /// Up and down, in 1/2048 of a step.
    pub vertical: i16,
    /// The buttons that are down, as Android's bits.
    pub buttons: u32,
}

/// What a person does. `S` is the text, borrowed or owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<S> {
    /// A key.
    Key(Key),
    /// Typed text, at most [`TEXT_LEN_MAX`] bytes.
    Text(S),
    /// A pointer.
    Touch(Touch),
    /// A wheel.
    Scroll(Scroll),
    /// The back key.
    Back(BackAction),
    /// What is on the clipboard of the client.
    Clipboard {
        /// Counts the clipboards, so that taking one can be confirmed.
        sequence: u64,
        /// Whether it is pasted at once.
        paste: Paste,
        /// The text.
        text: S,
    },
    /// The phone shall be turned by a quarter.
    Rotate,
}

codes! {
    /// What becomes of a clipboard.
    Paste, "paste flag":
    /// It is kept.
    Keep = 0,
    /// It is pasted where the cursor stands.
    Now = 1,
}

impl Touch {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            action: TouchAction::read(cursor)?,
            pointer: cursor.u64()?,
            place: Place::read(cursor)?,
            pressure: cursor.u16()?,
            action_button: cursor.u32()?,
            buttons: cursor.u32()?,
        })
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.action.code());
        out.extend_from_slice(&self.pointer.to_be_bytes());
        self.place.put(out);
        out.extend_from_slice(&self.pressure.to_be_bytes());
        out.extend_from_slice(&self.action_button.to_be_bytes());
        out.extend_from_slice(&self.buttons.to_be_bytes());
    }
}

impl<'a> Input<&'a str> {
    /// Out of a message of scrcpy 4.0.
    ///
    /// # Errors
    /// What is malformed, and types and actions that a cloud phone's client does not send.
    pub fn from_scrcpy(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(Format::Control, bytes);
        let kind = cursor.u8()?;
        let input = Self::read(&mut cursor, kind)?;
        cursor.end().map(|()| input)
    }
    /// Reads what follows the type.
    pub(crate) fn read(cursor: &mut Cursor<'a>, kind: u8) -> Result<Self, Malformed> {
        Ok(match kind {
            KEY => Self::Key(Key {
                action: KeyAction::read(cursor)?,
                code: cursor.u32()?,
                repeat: cursor.u32()?,
                meta: cursor.u32()?,
            }),
            TEXT => Self::Text(read_text(cursor, TEXT_LEN_MAX)?),
            TOUCH => Self::Touch(Touch::read(cursor)?),
            SCROLL => Self::Scroll(Scroll {
                place: Place::read(cursor)?,
                horizontal: cursor.u16()?.cast_signed(),
                vertical: cursor.u16()?.cast_signed(),
                buttons: cursor.u32()?,
            }),
            BACK => Self::Back(BackAction::read(cursor)?),
            CLIPBOARD => Self::Clipboard {
                sequence: cursor.u64()?,
                paste: Paste::read(cursor)?,
                text: read_text(cursor, usize::MAX)?,
            },
            ROTATE => Self::Rotate,
            kind => {
                let found = Found::Value { what: "type", value: u64::from(kind) };
                return Err(cursor.fail_before(1, found));
            }
        })
    }
}

impl<S: AsRef<str>> Input<S> {
    /// Appends the message of scrcpy 4.0.
    ///
    /// # Errors
    /// Text that is too long.
    pub fn to_scrcpy(&self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.check()?;
        self.put(out);
        Ok(())
    }
    pub(crate) fn check(&self) -> Result<(), Unwritable> {
        match self {
            Self::Text(text) => Unwritable::limit("text", text.as_ref().len(), TEXT_LEN_MAX),
            Self::Key(_)
            | Self::Touch(_)
            | Self::Scroll(_)
            | Self::Back(_)
            | Self::Clipboard { .. }
            | Self::Rotate => Ok(()),
        }
    }
    /// Bytes with the type.
    pub(crate) fn wire_len(&self) -> usize {
        match self {
            Self::Key(_) => SCRCPY_KEY_LEN,
            Self::Text(text) => 5 + text.as_ref().len(),
            Self::Touch(_) => SCRCPY_TOUCH_LEN,
            Self::Scroll(_) => 21,
            Self::Back(_) => 2,
            Self::Clipboard { text, .. } => 14 + text.as_ref().len(),
            Self::Rotate => 1,
        }
    }
    /// Appends the type and what follows it.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Key(key) => {
                out.extend_from_slice(&[KEY, key.action.code()]);
                for field in [key.code, key.repeat, key.meta] {
                    out.extend_from_slice(&field.to_be_bytes());
                }
            }
            Self::Text(text) => {
                out.push(TEXT);
                put_text(text.as_ref(), out);
            }
            Self::Touch(touch) => {
                out.push(TOUCH);
                touch.put(out);
            }
            Self::Scroll(scroll) => {
                out.push(SCROLL);
                scroll.place.put(out);
                out.extend_from_slice(&scroll.horizontal.to_be_bytes());
                out.extend_from_slice(&scroll.vertical.to_be_bytes());
                out.extend_from_slice(&scroll.buttons.to_be_bytes());
            }
            Self::Back(action) => out.extend_from_slice(&[BACK, action.code()]),
            Self::Clipboard { sequence, paste, text } => {
                out.push(CLIPBOARD);
                out.extend_from_slice(&sequence.to_be_bytes());
                out.push(paste.code());
                put_text(text.as_ref(), out);
            }
            Self::Rotate => out.push(ROTATE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of `test_serialize_inject_touch_event` in scrcpy 4.0 (Apache-2.0).
    const VECTOR: [u8; SCRCPY_TOUCH_LEN] = [
        0x02, 0x00, 0x12, 0x34, 0x56, 0x78, 0x87, 0x65, 0x43, 0x21, 0, 0, 0, 100, 0, 0, 0, 200,
        0x04, 0x38, 0x07, 0x80, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 1,
    ];

    fn check(input: &Input<&str>, bytes: &[u8]) {
        let mut out = Vec::new();
        input.to_scrcpy(&mut out).unwrap();
        assert_eq!((&out[..], out.len()), (bytes, input.wire_len()));
        assert_eq!(Input::from_scrcpy(bytes).as_ref(), Ok(input));
    }

    /// T5.2.
    #[test]
    fn the_touch_that_scrcpy_publishes() {
        let touch = Touch {
            action: TouchAction::Down,
            pointer: 0x1234_5678_8765_4321,
            place: Place { x: 100, y: 200, width: 1080, height: 1920 },
            pressure: u16::MAX,
            action_button: 1,
            buttons: 1,
        };
        check(&Input::Touch(touch), &VECTOR);
    }

    /// T5.2, T5.5: the other vectors of the same file.
    #[test]
    fn the_other_messages_that_scrcpy_publishes() {
        let key = Key { action: KeyAction::Up, code: 66, repeat: 5, meta: 0x41 };
        check(&Input::Key(key), &[0, 1, 0, 0, 0, 66, 0, 0, 0, 5, 0, 0, 0, 0x41]);
        let hello = b"\0\0\0\x0dhello, world!";
        check(&Input::Text("hello, world!"), &[&[1][..], hello].concat());
        let scroll = Scroll {
            place: Place { x: 260, y: 1026, width: 1080, height: 1920 },
            horizontal: i16::MAX,
            vertical: i16::MIN,
            buttons: 1,
        };
        let mut bytes = vec![3, 0, 0, 1, 4, 0, 0, 4, 2, 4, 0x38, 7, 0x80, 0x7f, 0xff, 0x80, 0];
        bytes.extend([0, 0, 0, 1]);
        check(&Input::Scroll(scroll), &bytes);
        check(&Input::Back(BackAction::Up), &[4, 1]);
        let (sequence, paste) = (0x0102_0304_0506_0708, Paste::Now);
        let clipboard = Input::Clipboard { sequence, paste, text: "hello, world!" };
        check(&clipboard, &[&[9, 1, 2, 3, 4, 5, 6, 7, 8, 1][..], hello].concat());
        check(&Input::Rotate, &[11]);
    }

    #[test]
    fn what_a_cloud_phone_does_not_take_is_refused() {
        let refused = |bytes: &[u8]| Input::from_scrcpy(bytes).unwrap_err().to_string();
        assert_eq!(refused(&VECTOR[..31]), "control message, byte 28: 3 bytes where 4 are needed");
        let long = [&VECTOR[..], &[0]].concat();
        assert_eq!(refused(&long), "control message, byte 32: 1 bytes after the end");
        let mut outside = VECTOR;
        outside[1] = 4;
        assert_eq!(refused(&outside), "control message, byte 1: touch action 4");
        assert_eq!(refused(&[22]), "control message, byte 0: type 22");
    }
}
