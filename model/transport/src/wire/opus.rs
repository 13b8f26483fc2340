//! Opus payloads (T2.11, RFC 7587 section 4.2): one Opus packet each, told apart only as far as its length in
//! time needs it (RFC 6716 section 3).

use crate::wire::cursor::{Cursor, Read, Write};
use crate::wire::error::{Format, Found, Malformed, Unwritable};

/// Ticks of a second, whatever the sound's own rate (T2.11).
pub const OPUS_CLOCK: u32 = 48_000;
/// The longest packet: 120 ms (RFC 6716 section 3.4, R5).
pub const OPUS_PACKET_TICKS_MAX: u32 = 5_760;
/// The longest frame in bytes (RFC 6716 section 3.4, R2).
const FRAME_LEN_MAX: usize = 1_275;
/// From this byte on, a length goes on in a second one that counts four.
const TWO_BYTE_LENGTH: usize = 252;

/// One Opus packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opus<'a> {
    // INVARIANT: it meets RFC 6716 section 3.4.
    packet: &'a [u8],
    frames: u32,
}

impl<'a> Opus<'a> {
    /// The whole packet.
    pub const fn packet(&self) -> &'a [u8] {
        self.packet
    }
    /// The configuration, 0 to 31: mode, bandwidth and length of a frame (RFC 6716 table 2).
    pub fn configuration(&self) -> u8 {
        self.packet.first().map_or(0, |toc| toc >> 3)
    }
    /// Whether it has two channels.
    pub fn is_stereo(&self) -> bool {
        self.packet.first().is_some_and(|toc| toc & 4 != 0)
    }
    /// Frames in it, 1 to 48.
    pub const fn frames(&self) -> u32 {
        self.frames
    }
    /// Its length in ticks of [`OPUS_CLOCK`], at most [`OPUS_PACKET_TICKS_MAX`].
    pub fn ticks(&self) -> u32 {
        frame_ticks(self.configuration()) * self.frames
    }
}

/// Length of a frame in ticks (RFC 6716 table 2).
const fn frame_ticks(configuration: u8) -> u32 {
    let (short, step) = match configuration {
        0..12 => (480, configuration % 4),
        12..16 => (480, configuration % 2),
        _ => (120, configuration % 4),
    };
    match (configuration, step) {
        (0..12, 3) => 2_880,
        _ => short << step,
    }
}

impl<'a> Read<'a> for Opus<'a> {
    const FORMAT: Format = Format::Opus;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let packet = cursor.left();
        let toc = cursor.u8()?;
        let frames = match toc & 3 {
            0 => equal_frames(cursor, 1)?,
            1 => equal_frames(cursor, 2)?,
            2 => {
                let first = frame_len(cursor)?;
                cursor.take(first)?;
                equal_frames(cursor, 1)? + 1
            }
            _ => counted_frames(cursor, toc >> 3)?,
        };
        Ok(Self { packet, frames })
    }
}

/// `count` frames of one length fill what is left.
fn equal_frames(cursor: &mut Cursor<'_>, count: u32) -> Result<u32, Malformed> {
    let len = cursor.left().len();
    let each = usize::try_from(count).unwrap_or(usize::MAX);
    if !len.is_multiple_of(each) || len / each > FRAME_LEN_MAX {
        return Err(cursor.fail(Found::Length(len)));
    }
    cursor.rest();
    Ok(count)
}

/// The length in front of a frame (RFC 6716 section 3.2.1).
fn frame_len(cursor: &mut Cursor<'_>) -> Result<usize, Malformed> {
    let first = usize::from(cursor.u8()?);
    if first < TWO_BYTE_LENGTH {
        return Ok(first);
    }
    Ok(first + usize::from(cursor.u8()?) * 4)
}

/// Frames with their count in front, and padding behind (RFC 6716 section 3.2.5).
fn counted_frames(cursor: &mut Cursor<'_>, configuration: u8) -> Result<u32, Malformed> {
    let head = cursor.u8()?;
    let count = u32::from(head & 0x3f);
    if count == 0 || count * frame_ticks(configuration) > OPUS_PACKET_TICKS_MAX {
        let found = Found::Value { what: "count of frames", value: u64::from(count) };
        return Err(cursor.fail_before(1, found));
    }
    let padding = if head & 0x40 == 0 { 0 } else { padding_len(cursor)? };
    let Some(len) = cursor.left().len().checked_sub(padding) else {
        return Err(cursor.fail(Found::Padding(padding)));
    };
    let mut frames = cursor.split(Format::Opus, len)?;
    if head & 0x80 == 0 {
        equal_frames(&mut frames, count)?;
    } else {
        let mut all = 0;
        for _ in 1..count {
            all += frame_len(&mut frames)?;
        }
        frames.take(all)?;
        equal_frames(&mut frames, 1)?;
    }
    cursor.close(&frames)?;
    cursor.take(padding)?;
    Ok(count)
}

/// Bytes of padding: 255 stands for 254 and goes on.
fn padding_len(cursor: &mut Cursor<'_>) -> Result<usize, Malformed> {
    let mut len = 0;
    loop {
        match cursor.u8()? {
            255 => len += 254,
            last => return Ok(len + usize::from(last)),
        }
    }
}

impl Write for Opus<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Ok(())
    }
    fn wire_len(&self) -> usize {
        self.packet.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T2.11.
    #[test]
    fn lengths_of_rfc_6716_table_2() {
        let of = |from: u8, to: u8| (from..to).map(frame_ticks).collect::<Vec<_>>();
        for mode in [0, 4, 8] {
            assert_eq!(of(mode, mode + 4), [480, 960, 1_920, 2_880]);
        }
        assert_eq!(of(12, 16), [480, 960, 480, 960]);
        for mode in [16, 20, 24, 28] {
            assert_eq!(of(mode, mode + 4), [120, 240, 480, 960]);
        }
    }

    fn check(packet: &[u8], expect: Result<(u32, u32), &str>) {
        let read = Opus::parse(packet).map(|opus| (opus.frames(), opus.ticks()));
        let read = read.map_err(|refused| refused.to_string());
        assert_eq!(read, expect.map_err(str::to_owned), "{packet:x?}");
    }

    #[test]
    fn counts_of_rfc_6716_section_3_2() {
        // 20 ms of full band, as browsers send it: configuration 31, one frame.
        check(&[0xfc, 1, 2, 3], Ok((1, 960)));
        // A packet of nothing but its first byte: silence.
        check(&[0xf8], Ok((1, 960)));
        check(&[0xf9, 1, 2], Ok((2, 1_920)));
        check(&[0xf9, 1], Err("Opus payload, byte 1: length 1"));
        check(&[0xfa, 1, 7, 8, 9], Ok((2, 1_920)));
        check(&[0xfa, 3, 7], Err("Opus payload, byte 2: 1 bytes where 3 are needed"));
        check(&[0xfa], Err("Opus payload, byte 1: 0 bytes where 1 are needed"));
        check(&[0xfb, 3, 1, 2, 3], Ok((3, 2_880)));
        check(&[0xfb, 3, 1, 2], Err("Opus payload, byte 2: length 2"));
        check(&[0xfb, 0x83, 1, 2, 7, 8, 8, 9], Ok((3, 2_880)));
        check(&[0xfb, 0x41, 2, 7, 0, 0], Ok((1, 960)));
        check(&[0xfb, 0x41, 9, 7], Err("Opus payload, byte 3: 9 bytes of padding"));
        check(&[0xfb, 0], Err("Opus payload, byte 1: count of frames 0"));
        check(&[0xfb, 7], Err("Opus payload, byte 1: count of frames 7"));
        check(&[0xe3, 48], Ok((48, 5_760)));
        check(&[], Err("Opus payload, byte 0: 0 bytes where 1 are needed"));
    }

    #[test]
    fn frames_are_at_most_1275_bytes() {
        let mut long = vec![0xfc; 1 + 1_275];
        check(&long, Ok((1, 960)));
        long.push(0);
        check(&long, Err("Opus payload, byte 1: length 1276"));
        let two_bytes = [&[0xfa, 255, 255][..], &[0; 1_275]].concat();
        check(&two_bytes, Ok((2, 1_920)));
    }

    #[test]
    fn padding_goes_on_behind_255() {
        let packet = [&[0xfb, 0x41, 255, 1][..], &[0; 255], &[7]].concat();
        check(&packet, Ok((1, 960)));
    }

    #[test]
    fn the_first_byte_says_how_it_sounds() {
        let opus = Opus::parse(&[0xfc]).unwrap();
        assert_eq!(
            (opus.configuration(), opus.is_stereo(), opus.packet()),
            (31, true, &[0xfc][..])
        );
        let mut out = Vec::new();
        opus.write(&mut out).unwrap();
        assert_eq!((out.len(), opus.wire_len()), (1, 1));
    }
}
