//! H.265 payloads (T2.10, RFC 7798 section 4.4): single units, aggregates 48 and fragments 49, without the
//! decoding order numbers that only some sessions negotiate. PACI 50 is refused by its type.

use crate::wire::cursor::{Cursor, Read, Write, low16};
use crate::wire::error::{Format, Found, Malformed, Unwritable};
use crate::wire::h264::Part;
use crate::wire::list::{Entries, Entry};

/// Type of an aggregate.
pub const H265_AGGREGATE: u8 = 48;
/// Type of a fragment.
pub const H265_FRAGMENT: u8 = 49;
/// Type of a payload with control information, which is refused.
pub const H265_PACI: u8 = 50;
/// The last type of a unit of its own.
const UNIT_TYPE_MAX: u8 = 47;
/// The fewest units of an aggregate (RFC 7798 section 4.4.2).
const AGGREGATE_MIN: usize = 2;

/// The header of a unit, two bytes (RFC 7798 section 1.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct H265Header {
    /// The bit that is set where a network knows of damage.
    pub forbidden: bool,
    /// 0 to 63.
    pub kind: u8,
    /// 0 to 63.
    pub layer: u8,
    /// Temporal layer plus one, 1 to 7: 0 is not allowed.
    pub temporal: u8,
}

impl H265Header {
    pub(crate) const fn from_wire([first, second]: [u8; 2]) -> Self {
        Self {
            forbidden: first & 0x80 != 0,
            kind: first >> 1 & 0x3f,
            layer: (first & 1) << 5 | second >> 3,
            temporal: second & 7,
        }
    }
    /// Its bytes.
    pub const fn to_wire(self) -> [u8; 2] {
        let forbidden = if self.forbidden { 0x80 } else { 0 };
        let (kind, layer) = (self.kind & 0x3f, self.layer & 0x3f);
        [forbidden | kind << 1 | layer >> 5, layer << 3 | self.temporal & 7]
    }
    /// Reads a header and refuses the temporal layer that no unit may have.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let header = Self::from_wire(cursor.array()?);
        if header.temporal == 0 {
            let found = Found::Value { what: "temporal layer plus one", value: 0 };
            return Err(cursor.fail_before(1, found));
        }
        Ok(header)
    }
    fn check(self) -> Result<(), Unwritable> {
        Unwritable::limit("layer", usize::from(self.layer), 63)?;
        Unwritable::limit("temporal layer plus one", usize::from(self.temporal), 7)?;
        if self.temporal == 0 { Err(Unwritable::Missing("temporal layer")) } else { Ok(()) }
    }
}

/// A unit of the coded picture: its first two bytes are its header, of type 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct H265Nal<'a>(pub &'a [u8]);

impl H265Nal<'_> {
    /// Its header, if it has one.
    pub fn header(&self) -> Option<H265Header> {
        self.0.first_chunk().copied().map(H265Header::from_wire)
    }
    fn check(&self) -> Result<(), Unwritable> {
        let header = self.header().ok_or(Unwritable::Missing("header of a unit"))?;
        Unwritable::limit("type", usize::from(header.kind), usize::from(UNIT_TYPE_MAX))?;
        header.check()
    }
}

/// One payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum H265<'a> {
    /// One unit, whole.
    Single(H265Nal<'a>),
    /// Several units of one picture.
    Aggregate {
        /// Of type 48; the layers are the lowest of the units.
        header: H265Header,
        /// At least two.
        units: Entries<'a, H265Nal<'a>>,
    },
    /// A part of one unit.
    Fragment {
        /// The unit's header, with the unit's own type, 0 to 47.
        header: H265Header,
        /// Which part.
        part: Part,
        /// Bytes of the unit; its header is not among them.
        data: &'a [u8],
    },
}

fn unknown(kind: u8) -> Found {
    Found::Value { what: "type", value: u64::from(kind) }
}

impl<'a> Entry<'a> for H265Nal<'a> {
    const FORMAT: Format = Format::H265;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        if cursor.left().is_empty() {
            return Ok(None);
        }
        let len = usize::from(cursor.u16()?);
        let mut unit = cursor.split(Format::H265, len)?;
        let all = unit.left();
        let header = H265Header::read(&mut unit)?;
        if header.kind > UNIT_TYPE_MAX {
            return Err(unit.fail_before(2, unknown(header.kind)));
        }
        Ok(Some(Self(all)))
    }
    fn wire_len(&self) -> usize {
        2 + self.0.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&low16(self.0.len()).to_be_bytes());
        out.extend_from_slice(self.0);
    }
}

impl<'a> H265<'a> {
    /// An aggregate with the header that its units together have (RFC 7798 section 4.4.2): the forbidden bit
    /// if one has it, and the lowest layers.
    pub fn aggregate(units: &'a [H265Nal<'a>]) -> Self {
        let first = H265Header { forbidden: false, kind: H265_AGGREGATE, layer: 63, temporal: 7 };
        let headers = units.iter().filter_map(H265Nal::header);
        let header = headers.fold(first, |all, one| H265Header {
            forbidden: all.forbidden || one.forbidden,
            layer: all.layer.min(one.layer),
            temporal: all.temporal.min(one.temporal),
            ..all
        });
        Self::Aggregate { header, units: Entries::of(units) }
    }
}

impl<'a> Read<'a> for H265<'a> {
    const FORMAT: Format = Format::H265;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let all = cursor.left();
        let header = H265Header::read(cursor)?;
        match header.kind {
            0..=UNIT_TYPE_MAX => {
                cursor.rest();
                Ok(Self::Single(H265Nal(all)))
            }
            H265_AGGREGATE => {
                let (units, count) = Entries::read(cursor)?;
                if count < AGGREGATE_MIN {
                    return Err(cursor.fail(Found::Missing("unit")));
                }
                Ok(Self::Aggregate { header, units })
            }
            H265_FRAGMENT => {
                let second = cursor.u8()?;
                let Some(part) = Part::from_bits(second) else {
                    return Err(cursor.fail_before(1, Found::Misplaced("start and end together")));
                };
                let kind = second & 0x3f;
                if kind > UNIT_TYPE_MAX {
                    return Err(cursor.fail_before(1, unknown(kind)));
                }
                let header = H265Header { kind, ..header };
                Ok(Self::Fragment { header, part, data: cursor.rest() })
            }
            kind => Err(cursor.fail_before(2, unknown(kind))),
        }
    }
}

impl Write for H265<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        match self {
            Self::Single(unit) => unit.check(),
            Self::Aggregate { header, units } => {
                if header.kind != H265_AGGREGATE || units.iter().count() < AGGREGATE_MIN {
                    return Err(Unwritable::Missing("unit or type of an aggregate"));
                }
                header.check()?;
                units.iter().try_for_each(|unit| {
                    Unwritable::limit("unit", unit.0.len(), usize::from(u16::MAX))?;
                    unit.check()
                })
            }
            Self::Fragment { header, .. } => {
                Unwritable::limit("type", usize::from(header.kind), usize::from(UNIT_TYPE_MAX))?;
                header.check()
            }
        }
    }
    fn wire_len(&self) -> usize {
        match self {
            Self::Single(unit) => unit.0.len(),
            Self::Aggregate { units, .. } => 2 + units.wire_len(),
            Self::Fragment { data, .. } => 3 + data.len(),
        }
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Single(unit) => out.extend_from_slice(unit.0),
            Self::Aggregate { header, units } => {
                out.extend_from_slice(&header.to_wire());
                units.put(out);
            }
            Self::Fragment { header, part, data } => {
                let outer = H265Header { kind: H265_FRAGMENT, ..*header };
                out.extend_from_slice(&outer.to_wire());
                out.push(part.bits() | header.kind);
                out.extend_from_slice(data);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(bytes: &[u8]) -> H265<'_> {
        let (payload, freedom) = H265::parse_strictly(bytes).unwrap();
        let mut again = Vec::new();
        payload.write(&mut again).unwrap();
        assert_eq!((&again[..], again.len(), freedom), (bytes, payload.wire_len(), None));
        payload
    }

    fn refused(bytes: &[u8]) -> String {
        H265::parse(bytes).unwrap_err().to_string()
    }

    /// T2.10.
    #[test]
    fn the_kinds_of_rfc_7798_section_4_4() {
        let idr = [0x26, 0x01, 0xaf];
        assert_eq!(round(&idr), H265::Single(H265Nal(&idr)));
        let aggregate = [0x60, 0x01, 0, 3, 0x40, 0x01, 0x0c, 0, 2, 0x42, 0x02];
        let units = [H265Nal(&[0x40, 0x01, 0x0c]), H265Nal(&[0x42, 0x02])];
        assert_eq!(round(&aggregate), H265::aggregate(&units));
        for (bits, part) in [(0x80, Part::Start), (0, Part::Middle), (0x40, Part::End)] {
            let fragment = [0x62, 0x01, bits | 19, 7, 8];
            let header = H265Header { forbidden: false, kind: 19, layer: 0, temporal: 1 };
            assert_eq!(round(&fragment), H265::Fragment { header, part, data: &[7, 8] });
        }
    }

    #[test]
    fn headers_are_bits_of_two_bytes() {
        let header = H265Header { forbidden: true, kind: 21, layer: 33, temporal: 5 };
        assert_eq!(header.to_wire(), [0xab, 0x0d]);
        assert_eq!(H265Header::from_wire([0xab, 0x0d]), header);
    }

    #[test]
    fn what_is_not_sent_is_refused() {
        assert_eq!(refused(&[0x26]), "H.265 payload, byte 0: 1 bytes where 2 are needed");
        assert_eq!(refused(&[0x64, 1, 0]), "H.265 payload, byte 0: type 50");
        assert_eq!(refused(&[0x7e, 1, 0]), "H.265 payload, byte 0: type 63");
        assert_eq!(refused(&[0x26, 0]), "H.265 payload, byte 1: temporal layer plus one 0");
        let both = "H.265 payload, byte 2: start and end together out of place";
        assert_eq!(refused(&[0x62, 1, 0xd3]), both);
        assert_eq!(refused(&[0x62, 1, 0xb1]), "H.265 payload, byte 2: type 49");
        let one = [0x60, 0x01, 0, 2, 0x42, 0x01];
        assert_eq!(refused(&one), "H.265 payload, byte 6: unit missing");
        let nested = [0x60, 0x01, 0, 2, 0x60, 0x01];
        assert_eq!(refused(&nested), "H.265 payload, byte 4: type 48");
        let tiny = [0x60, 0x01, 0, 1, 0x42];
        assert_eq!(refused(&tiny), "H.265 payload, byte 4: 1 bytes where 2 are needed");
    }
}
