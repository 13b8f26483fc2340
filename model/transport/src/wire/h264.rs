//! H.264 payloads in packetisation mode 1 (T2.9, RFC 6184 sections 5.6 to 5.8): single units, aggregates and
//! fragments. What interleaved mode adds (STAP-B, MTAP, FU-B) is refused by its type.

use crate::wire::cursor::{Cursor, Read, Write, low16};
use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};
use crate::wire::list::{Entries, Entry};

/// Type of an aggregate (STAP-A).
pub const H264_AGGREGATE: u8 = 24;
/// Type of a fragment (FU-A).
pub const H264_FRAGMENT: u8 = 28;
/// The last type of a unit of its own.
const UNIT_TYPE_MAX: u8 = 23;
const TYPE: u8 = 0x1f;
const START: u8 = 0x80;
const END: u8 = 0x40;
const RESERVED: u8 = 0x20;

/// One payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum H264<'a> {
    /// One unit, whole.
    Single(H264Nal<'a>),
    /// Several units of one picture.
    Aggregate {
        /// The forbidden bit and the importance, three bits: those of the units together.
        importance: u8,
        /// At least one.
        units: Entries<'a, H264Nal<'a>>,
    },
    /// A part of one unit.
    Fragment {
        /// The forbidden bit and the importance of the unit, three bits.
        importance: u8,
        /// Type of the unit, 1 to 23.
        kind: u8,
        /// Which part.
        part: Part,
        /// Bytes of the unit; the one with its type is not among them.
        data: &'a [u8],
    },
}

/// Which part of a unit a fragment is. Start and end in one would be no fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first.
    Start,
    /// Neither.
    Middle,
    /// The last.
    End,
}

impl Part {
    /// Out of the two highest bits; `None` if both are set.
    pub(crate) const fn from_bits(byte: u8) -> Option<Self> {
        match (byte & START != 0, byte & END != 0) {
            (true, true) => None,
            (true, false) => Some(Self::Start),
            (false, true) => Some(Self::End),
            (false, false) => Some(Self::Middle),
        }
    }
    pub(crate) const fn bits(self) -> u8 {
        match self {
            Self::Start => START,
            Self::Middle => 0,
            Self::End => END,
        }
    }
}

/// A unit of the coded picture: its first byte says its type, 1 to 23.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct H264Nal<'a>(pub &'a [u8]);

const fn is_unit(kind: u8) -> bool {
    kind != 0 && kind <= UNIT_TYPE_MAX
}

impl H264Nal<'_> {
    /// Its type, 0 if it is empty.
    pub fn kind(&self) -> u8 {
        self.0.first().map_or(0, |byte| byte & TYPE)
    }
    /// Its forbidden bit and its importance, three bits.
    pub fn importance(&self) -> u8 {
        self.0.first().map_or(0, |byte| byte >> 5)
    }
    fn check(&self) -> Result<(), Unwritable> {
        if is_unit(self.kind()) { Ok(()) } else { Err(Unwritable::Missing("type of a unit")) }
    }
}

fn unknown(kind: u8) -> Found {
    Found::Value { what: "type", value: u64::from(kind) }
}

impl<'a> Entry<'a> for H264Nal<'a> {
    const FORMAT: Format = Format::H264;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        if cursor.left().is_empty() {
            return Ok(None);
        }
        let len = usize::from(cursor.u16()?);
        if len == 0 {
            return Err(cursor.fail_before(2, Found::Length(0)));
        }
        let unit = Self(cursor.take(len)?);
        if !is_unit(unit.kind()) {
            return Err(cursor.fail_before(len, unknown(unit.kind())));
        }
        Ok(Some(unit))
    }
    fn wire_len(&self) -> usize {
        2 + self.0.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&low16(self.0.len()).to_be_bytes());
        out.extend_from_slice(self.0);
    }
}

impl<'a> H264<'a> {
    /// An aggregate with the bits that its units together have: the forbidden bit if one has it, and the
    /// highest importance (RFC 6184 section 5.7).
    pub fn aggregate(units: &'a [H264Nal<'a>]) -> Self {
        let forbidden = units.iter().fold(0, |all, unit| all | unit.importance() & 4);
        let highest = units.iter().fold(0, |all, unit| all.max(unit.importance() & 3));
        Self::Aggregate { importance: forbidden | highest, units: Entries::of(units) }
    }
}

impl<'a> Read<'a> for H264<'a> {
    const FORMAT: Format = Format::H264;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let all = cursor.left();
        let head = cursor.u8()?;
        let (importance, kind) = (head >> 5, head & TYPE);
        match kind {
            1..=UNIT_TYPE_MAX => {
                cursor.rest();
                Ok(Self::Single(H264Nal(all)))
            }
            H264_AGGREGATE => {
                let (units, count) = Entries::read(cursor)?;
                if count == 0 {
                    return Err(cursor.fail(Found::Missing("unit")));
                }
                Ok(Self::Aggregate { importance, units })
            }
            H264_FRAGMENT => {
                let second = cursor.u8()?;
                let Some(part) = Part::from_bits(second) else {
                    return Err(cursor.fail_before(1, Found::Misplaced("start and end together")));
                };
                if !is_unit(second & TYPE) {
                    return Err(cursor.fail_before(1, unknown(second & TYPE)));
                }
                cursor.note_if(second & RESERVED != 0, Freedom::ReservedNotZero);
                Ok(Self::Fragment { importance, kind: second & TYPE, part, data: cursor.rest() })
            }
            _ => Err(cursor.fail_before(1, unknown(kind))),
        }
    }
}

impl Write for H264<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        match self {
            Self::Single(unit) => unit.check(),
            Self::Aggregate { importance, units } => {
                Unwritable::limit("importance", usize::from(*importance), 7)?;
                if units.is_empty() {
                    return Err(Unwritable::Missing("unit"));
                }
                units.iter().try_for_each(|unit| {
                    Unwritable::limit("unit", unit.0.len(), usize::from(u16::MAX))?;
                    unit.check()
                })
            }
            Self::Fragment { importance, kind, .. } => {
                Unwritable::limit("importance", usize::from(*importance), 7)?;
                Unwritable::limit("type", usize::from(*kind), usize::from(UNIT_TYPE_MAX))?;
                if *kind == 0 { Err(Unwritable::Missing("type of a unit")) } else { Ok(()) }
            }
        }
    }
    fn wire_len(&self) -> usize {
        match self {
            Self::Single(unit) => unit.0.len(),
            Self::Aggregate { units, .. } => 1 + units.wire_len(),
            Self::Fragment { data, .. } => 2 + data.len(),
        }
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Single(unit) => out.extend_from_slice(unit.0),
            Self::Aggregate { importance, units } => {
                out.push(importance << 5 | H264_AGGREGATE);
                units.put(out);
            }
            Self::Fragment { importance, kind, part, data } => {
                out.extend_from_slice(&[importance << 5 | H264_FRAGMENT, part.bits() | kind]);
                out.extend_from_slice(data);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(bytes: &[u8]) -> H264<'_> {
        let (payload, freedom) = H264::parse_strictly(bytes).unwrap();
        let mut again = Vec::new();
        payload.write(&mut again).unwrap();
        assert_eq!((&again[..], again.len(), freedom), (bytes, payload.wire_len(), None));
        payload
    }

    fn refused(bytes: &[u8]) -> String {
        H264::parse(bytes).unwrap_err().to_string()
    }

    /// T2.9.
    #[test]
    fn the_three_kinds_of_rfc_6184_sections_5_6_to_5_8() {
        let idr = [0x65, 0x88, 0x84];
        assert_eq!(round(&idr), H264::Single(H264Nal(&idr)));
        let aggregate = [0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68];
        let units = [H264Nal(&[0x67, 0x42]), H264Nal(&[0x68])];
        assert_eq!(round(&aggregate), H264::aggregate(&units));
        for (bits, part) in [(0x80, Part::Start), (0, Part::Middle), (0x40, Part::End)] {
            let fragment = [0x7c, bits | 5, 1, 2];
            let said = H264::Fragment { importance: 3, kind: 5, part, data: &[1, 2] };
            assert_eq!(round(&fragment), said);
        }
        // A fragment may be empty (section 5.8).
        round(&[0x7c, 0x05]);
    }

    #[test]
    fn what_mode_1_does_not_have_is_refused() {
        assert_eq!(refused(&[]), "H.264 payload, byte 0: 0 bytes where 1 are needed");
        for kind in [0, 25, 26, 27, 29, 30, 31] {
            assert_eq!(refused(&[kind, 1, 2]), format!("H.264 payload, byte 0: type {kind}"));
        }
        assert_eq!(
            refused(&[0x7c, 0xc5]),
            "H.264 payload, byte 1: start and end together out of place"
        );
        assert_eq!(refused(&[0x7c, 0x9c]), "H.264 payload, byte 1: type 28");
        assert_eq!(refused(&[0x78]), "H.264 payload, byte 1: unit missing");
        assert_eq!(refused(&[0x78, 0, 0]), "H.264 payload, byte 1: length 0");
        assert_eq!(refused(&[0x78, 0, 1, 0x18]), "H.264 payload, byte 3: type 24");
        let short = "H.264 payload, byte 3: 1 bytes where 2 are needed";
        assert_eq!(refused(&[0x78, 0, 2, 0x67]), short);
        let freedom = H264::parse_strictly(&[0x7c, 0x25]).unwrap().1;
        assert_eq!(freedom, Some(Freedom::ReservedNotZero));
    }

    #[test]
    fn an_aggregate_is_as_important_as_its_units() {
        let units = [H264Nal(&[0x06]), H264Nal(&[0xa1]), H264Nal(&[0x41])];
        let H264::Aggregate { importance, .. } = H264::aggregate(&units) else { panic!() };
        assert_eq!(importance, 0b110);
        for wrong in [H264::aggregate(&[]), H264::aggregate(&[H264Nal(&[])])] {
            assert!(wrong.write(&mut Vec::new()).is_err());
        }
    }
}
