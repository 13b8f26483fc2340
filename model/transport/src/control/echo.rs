//! What a frame carries back of the inputs that it is the first to show (T5.4). It travels in an RTP header
//! extension of the frame's first packet: one input fits an element with a one-byte header.

use crate::control::message::Stamp;
use crate::wire::{Cursor, Format, Found, Item, List, Malformed, Read, Unwritable, Write};
use koosim_time::SimTime;

/// Most inputs of a frame: as many as an extension element with a two-byte header holds.
pub const ECHOES_MAX: usize = 255 / Stamp::LEN;

/// One input that a frame is the first to show.
pub type Echo = Stamp;

impl Item<12> for Stamp {
    fn from_wire([n0, n1, n2, n3, time @ ..]: [u8; 12]) -> Self {
        let at = SimTime::from_nanos(i64::from_be_bytes(time));
        Self { number: u32::from_be_bytes([n0, n1, n2, n3]), at }
    }
    fn to_wire(self) -> [u8; 12] {
        let [n0, n1, n2, n3] = self.number.to_be_bytes();
        let [t0, t1, t2, t3, t4, t5, t6, t7] = self.at.as_nanos().to_be_bytes();
        [n0, n1, n2, n3, t0, t1, t2, t3, t4, t5, t6, t7]
    }
}

/// The inputs that a frame is the first to show: the data of an extension element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echoes<'a>(
    /// At least one, at most [`ECHOES_MAX`].
    pub List<'a, Echo, 12>,
);

impl<'a> Read<'a> for Echoes<'a> {
    const FORMAT: Format = Format::Control;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let count = cursor.left().len() / Stamp::LEN;
        if count == 0 || count > ECHOES_MAX {
            let found = Found::Value {
                what: "count of echoes",
                value: u64::try_from(count).unwrap_or(u64::MAX),
            };
            return Err(cursor.fail(found));
        }
        Ok(Self(List::read(cursor.pieces(count)?)))
    }
}

impl Write for Echoes<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        if self.0.is_empty() {
            return Err(Unwritable::Missing("echo"));
        }
        Unwritable::limit("echoes", self.0.len(), ECHOES_MAX)
    }
    fn wire_len(&self) -> usize {
        self.0.len() * Stamp::LEN
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Element, Entries, Extensions, OneByte, Rtp};

    /// T5.4.
    #[test]
    fn a_frame_carries_back_what_changed_it() {
        let stamps = [Stamp { number: 3, at: SimTime::from_nanos(5) }];
        let mut data = Vec::new();
        Echoes(List::of(&stamps)).write(&mut data).unwrap();
        assert_eq!(data, [0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5]);
        let elements = [OneByte(Element { id: 4, data: &data })];
        let packet = Rtp {
            marker: false,
            payload_type: 96,
            sequence: 1,
            timestamp: 2,
            ssrc: 3,
            csrcs: List::EMPTY,
            extensions: Extensions::OneByte(Entries::of(&elements)),
            payload: b"frame",
            padding: 0,
        };
        let mut bytes = Vec::new();
        packet.write(&mut bytes).unwrap();
        let data = Rtp::parse(&bytes).unwrap().extensions.get(4).unwrap();
        assert_eq!(Echoes::parse(data), Ok(Echoes(List::of(&stamps))));
    }

    #[test]
    fn none_and_too_many_are_refused() {
        for (len, refuses) in
            [(0, true), (11, true), (12, false), (13, true), (252, false), (264, true)]
        {
            assert_eq!(Echoes::parse(&vec![0; len]).is_err(), refuses, "{len}");
        }
        let stamps = [Stamp { number: 0, at: SimTime::EPOCH }; ECHOES_MAX + 1];
        assert!(Echoes(List::of(&stamps)).check().is_err());
        assert!(Echoes(List::of(&stamps[..0])).check().is_err());
    }
}
