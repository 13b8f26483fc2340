//! Transport-wide feedback (T2.7, draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).

use crate::wire::cursor::{Cursor, Write, low16, low24};
use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};
use std::fmt;

/// The longest run of one chunk.
const RUN_MAX: usize = (1 << 13) - 1;
/// Statuses of a chunk with one and with two bits for each.
const ONE_BIT_LEN: usize = 14;
const TWO_BIT_LEN: usize = 7;
const VECTOR: u16 = 0x8000;
const TWO_BIT: u16 = 0x4000;
/// Bytes in front of the chunks.
const HEAD_LEN: usize = 16;
const REFERENCE_MAX: u32 = (1 << 24) - 1;

/// When packets of all streams of a transport arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportCc<'a> {
    /// Who received them.
    pub sender: u32,
    /// Any stream of the transport.
    pub media: u32,
    /// Transport-wide number of the first packet that is reported.
    pub base: u16,
    /// The instant that differences count from, in 64 ms, 24 bits.
    pub reference: u32,
    /// Counts the feedback packets, modulo 2^8.
    pub count: u8,
    /// One for each number from `base` on, at least one.
    pub arrivals: Arrivals<'a>,
}

/// For each packet the time since the arrival before it (or the reference), in 250 us; `None` was not received.
#[derive(Clone, Copy)]
pub struct Arrivals<'a> {
    // INVARIANT: either `values` is empty, or everything else is; bytes were walked once without an error.
    count: usize,
    chunks: &'a [[u8; 2]],
    deltas: &'a [u8],
    values: &'a [Option<i16>],
}

impl<'a> Arrivals<'a> {
    /// Arrivals to be written.
    pub const fn of(values: &'a [Option<i16>]) -> Self {
        Self { count: 0, chunks: &[], deltas: &[], values }
    }
    /// How many packets are reported.
    pub const fn len(&self) -> usize {
        self.count + self.values.len()
    }
    /// Whether none is.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The arrivals in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<i16>> + Clone + use<'a> {
        let mut deltas = self.deltas.iter();
        let read = Symbols::new(self.chunks, self.count).map(move |symbol| match symbol {
            Symbol::Lost => None,
            Symbol::Small => deltas.next().map(|byte| i16::from(*byte)),
            Symbol::Large => {
                let bytes = deltas.next().zip(deltas.next());
                bytes.map(|(high, low)| i16::from_be_bytes([*high, *low]))
            }
        });
        read.chain(self.values.iter().copied())
    }
    fn symbols(&self) -> impl Iterator<Item = Symbol> + Clone + use<'a> {
        self.iter().map(Symbol::of)
    }
    fn deltas_len(&self) -> usize {
        self.symbols().map(Symbol::delta_len).sum()
    }

    fn read(cursor: &mut Cursor<'a>, count: usize) -> Result<Self, Malformed> {
        let (all, mut covered, mut chunks_len) = (cursor.clone(), 0, 0);
        while covered < count {
            let (_, len) = split(cursor.u16()?);
            (covered, chunks_len) = (covered + len, chunks_len + 1);
        }
        let mut all = all;
        let chunks = all.pieces(chunks_len)?;
        let mut deltas_len = 0;
        for symbol in RawSymbols::new(chunks, count) {
            let Some(symbol) = Symbol::from_bits(symbol) else {
                let found = Found::Value { what: "status of a packet", value: 3 };
                return Err(cursor.fail_before(chunks_len * 2, found));
            };
            deltas_len += symbol.delta_len();
        }
        let read = Self { count, chunks, deltas: cursor.take(deltas_len)?, values: &[] };
        if cursor.is_strict() {
            read.note_freedoms(cursor);
        }
        Ok(read)
    }

    fn note_freedoms(&self, cursor: &mut Cursor<'a>) {
        let shortest = self.deltas_len() == self.deltas.len();
        cursor.note_if(!shortest, Freedom::DeltaSize);
        let ours = Chunks { left: self.symbols() }.map(u16::to_be_bytes);
        let same = ours.eq(self.chunks.iter().copied());
        cursor.note_if(shortest && !same, Freedom::ChunkChoice);
    }
}

impl fmt::Debug for Arrivals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Arrivals<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Arrivals<'_> {}

/// How a packet's arrival is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Lost,
    Small,
    Large,
}

impl Symbol {
    fn of(arrival: Option<i16>) -> Self {
        match arrival.map(u8::try_from) {
            None => Self::Lost,
            Some(Ok(_)) => Self::Small,
            Some(Err(_)) => Self::Large,
        }
    }
    const fn from_bits(bits: u16) -> Option<Self> {
        match bits {
            0 => Some(Self::Lost),
            1 => Some(Self::Small),
            2 => Some(Self::Large),
            _ => None,
        }
    }
    const fn bits(self) -> u16 {
        match self {
            Self::Lost => 0,
            Self::Small => 1,
            Self::Large => 2,
        }
    }
    const fn delta_len(self) -> usize {
        match self {
            Self::Lost => 0,
            Self::Small => 1,
            Self::Large => 2,
        }
    }
}

/// How a chunk holds its statuses, and how many.
#[derive(Clone, Copy)]
enum Kind {
    Run(u16),
    OneBit,
    TwoBit,
}

fn split(chunk: u16) -> (Kind, usize) {
    match (chunk & VECTOR != 0, chunk & TWO_BIT != 0) {
        (true, false) => (Kind::OneBit, ONE_BIT_LEN),
        (true, true) => (Kind::TwoBit, TWO_BIT_LEN),
        (false, _) => (Kind::Run(chunk >> 13 & 3), usize::from(chunk) & RUN_MAX),
    }
}

/// The bits of `count` statuses out of chunks.
#[derive(Clone)]
struct RawSymbols<'a> {
    chunks: std::slice::Iter<'a, [u8; 2]>,
    chunk: u16,
    // Statuses that are left of the chunk, and of all.
    here: usize,
    left: usize,
}

impl<'a> RawSymbols<'a> {
    fn new(chunks: &'a [[u8; 2]], count: usize) -> Self {
        Self { chunks: chunks.iter(), chunk: 0, here: 0, left: count }
    }
}

impl Iterator for RawSymbols<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        self.left = self.left.checked_sub(1)?;
        while self.here == 0 {
            self.chunk = u16::from_be_bytes(*self.chunks.next()?);
            self.here = split(self.chunk).1;
        }
        self.here -= 1;
        Some(match split(self.chunk).0 {
            Kind::Run(bits) => bits,
            Kind::OneBit => self.chunk >> self.here & 1,
            Kind::TwoBit => self.chunk >> (self.here * 2) & 3,
        })
    }
}

/// The statuses of chunks that were checked.
#[derive(Clone)]
struct Symbols<'a>(RawSymbols<'a>);

impl<'a> Symbols<'a> {
    fn new(chunks: &'a [[u8; 2]], count: usize) -> Self {
        Self(RawSymbols::new(chunks, count))
    }
}

impl Iterator for Symbols<'_> {
    type Item = Symbol;

    fn next(&mut self) -> Option<Symbol> {
        self.0.next().and_then(Symbol::from_bits)
    }
}

/// Chunks for statuses: each time the one that holds most of what is left; of equals a run before one bit
/// before two. The draft leaves the choice open.
struct Chunks<I> {
    left: I,
}

impl<I: Iterator<Item = Symbol> + Clone> Chunks<I> {
    /// How many statuses a vector of `len` holds, all of them `fit`: nothing but a full one or the last.
    fn vector(&self, len: usize, fit: impl Fn(Symbol) -> bool) -> usize {
        let ahead = self.left.clone().take(len);
        if ahead.clone().all(fit) { ahead.count() } else { 0 }
    }
    fn bits(&self, len: usize, width: usize) -> u16 {
        self.left
            .clone()
            .take(len)
            .enumerate()
            .fold(0, |bits, (place, symbol)| bits | symbol.bits() << ((len - 1 - place) * width))
    }
}

impl<I: Iterator<Item = Symbol> + Clone> Iterator for Chunks<I> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let first = self.left.clone().next()?;
        let run = self.left.clone().take(RUN_MAX).take_while(|symbol| *symbol == first).count();
        let one_bit = self.vector(ONE_BIT_LEN, |symbol| symbol != Symbol::Large);
        let two_bit = self.vector(TWO_BIT_LEN, |_| true);
        let (used, chunk) = if run >= one_bit && run >= two_bit {
            (run, first.bits() << 13 | low16(run))
        } else if one_bit >= two_bit {
            (one_bit, VECTOR | self.bits(ONE_BIT_LEN, 1))
        } else {
            (two_bit, VECTOR | TWO_BIT | self.bits(TWO_BIT_LEN, 2))
        };
        self.left.nth(used - 1);
        Some(chunk)
    }
}

impl<'a> TransportCc<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.name(Format::TransportCc);
        let (sender, media, base) = (cursor.u32()?, cursor.u32()?, cursor.u16()?);
        let packets = usize::from(cursor.u16()?);
        if packets == 0 {
            return Err(cursor.fail_before(2, Found::Missing("packet")));
        }
        let (reference, count) = (cursor.u24()?, cursor.u8()?);
        let arrivals = Arrivals::read(cursor, packets)?;
        Ok(Self { sender, media, base, reference, count, arrivals })
    }
    fn chunks(&self) -> impl Iterator<Item = u16> + use<'a> {
        Chunks { left: self.arrivals.symbols() }
    }
}

impl Write for TransportCc<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        if self.arrivals.is_empty() {
            return Err(Unwritable::Missing("packet"));
        }
        Unwritable::limit("packets", self.arrivals.len(), usize::from(u16::MAX))?;
        let reference = usize::try_from(self.reference).unwrap_or(usize::MAX);
        let most = usize::try_from(REFERENCE_MAX).unwrap_or(usize::MAX);
        Unwritable::limit("reference time", reference, most)
    }
    fn wire_len(&self) -> usize {
        HEAD_LEN + self.chunks().count() * 2 + self.arrivals.deltas_len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sender.to_be_bytes());
        out.extend_from_slice(&self.media.to_be_bytes());
        out.extend_from_slice(&self.base.to_be_bytes());
        out.extend_from_slice(&low16(self.arrivals.len()).to_be_bytes());
        out.extend_from_slice(&low24(self.reference));
        out.push(self.count);
        for chunk in self.chunks() {
            out.extend_from_slice(&chunk.to_be_bytes());
        }
        for delta in self.arrivals.iter().flatten() {
            match u8::try_from(delta) {
                Ok(small) => out.push(small),
                Err(_) => out.extend_from_slice(&delta.to_be_bytes()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Read;
    use crate::wire::rtcp::{Body, Packet};

    fn said(packets: u16, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff];
        bytes.extend(packets.to_be_bytes());
        bytes.extend([0, 0, 9, 4]);
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes[3] = u8::try_from(bytes.len() / 4 - 1).unwrap();
        bytes
    }

    fn read(bytes: &[u8]) -> (Vec<Option<i16>>, Option<Freedom>) {
        let (packet, freedom) = Packet::parse_strictly(bytes).unwrap();
        let Body::TransportCc(feedback) = packet.body else { panic!("{packet:?}") };
        assert_eq!((feedback.base, feedback.reference, feedback.count), (0xffff, 9, 4));
        (feedback.arrivals.iter().collect(), freedom)
    }

    fn written(arrivals: &[Option<i16>]) -> Vec<u8> {
        let arrivals = Arrivals::of(arrivals);
        let feedback =
            TransportCc { sender: 1, media: 2, base: 0xffff, reference: 9, count: 4, arrivals };
        let packet = Packet { body: Body::TransportCc(feedback), padding: 0 };
        let mut out = Vec::new();
        packet.write(&mut out).unwrap();
        assert_eq!(out.len(), packet.wire_len());
        out
    }

    /// The examples of chunks in sections 3.1.3 and 3.1.4 of the draft: a run of 221 lost packets, fourteen
    /// one-bit statuses, and seven two-bit ones.
    #[test]
    fn the_chunks_of_the_draft() {
        let run = said(221, &[0x00, 0xdd]);
        assert_eq!(read(&run), (vec![None; 221], None));
        assert_eq!(written(&[None; 221]), run);

        let one_bit = said(14, &[0x9f, 0x1c, 1, 2, 3, 4, 5, 6, 7, 8]);
        let (arrivals, freedom) = read(&one_bit);
        let expect = [0, 1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 0, 0].map(|t| (t > 0).then_some(t));
        assert_eq!((&arrivals[..], freedom), (&expect[..], None));
        assert_eq!(written(&arrivals), one_bit);

        // Not received, without a large difference, three received, two not, with differences of both sizes.
        let two_bit = said(7, &[0xcd, 0x50, 0xff, 1, 2, 3]);
        assert!(Packet::parse(&two_bit).is_err(), "status 3 is reserved");
        let two_bit = said(7, &[0xc9, 0x50, 0xff, 0xff, 1, 2, 3]);
        let (arrivals, freedom) = read(&two_bit);
        let expect = [None, Some(-1), Some(1), Some(2), Some(3), None, None];
        assert_eq!((&arrivals[..], freedom), (&expect[..], None));
        assert_eq!(written(&arrivals), two_bit);
    }

    #[test]
    fn other_chunks_for_the_same_are_a_freedom() {
        let two_runs = said(4, &[0x20, 2, 0x20, 2, 1, 2, 3, 4]);
        let expect = vec![Some(1), Some(2), Some(3), Some(4)];
        assert_eq!(read(&two_runs), (expect.clone(), Some(Freedom::ChunkChoice)));
        let wide = said(4, &[0x40, 4, 0, 1, 0, 2, 0, 3, 0, 4]);
        assert_eq!(read(&wide), (expect, Some(Freedom::DeltaSize)));
    }

    #[test]
    fn differences_beyond_a_byte_take_two() {
        let arrivals = [Some(255), Some(256), Some(-1), Some(i16::MIN), Some(i16::MAX)];
        assert_eq!(read(&written(&arrivals)), (arrivals.to_vec(), None));
    }

    #[test]
    fn both_kinds_of_padding_are_kept() {
        let zeros = said(1, &[0x20, 1, 9]);
        assert_eq!(&zeros[20..], [0x20, 1, 9, 0]);
        let mut counted = zeros.clone();
        counted[0] |= 0x20;
        counted[23] = 1;
        for bytes in [&zeros, &counted] {
            let (packet, freedom) = Packet::parse_strictly(bytes).unwrap();
            let mut again = Vec::new();
            packet.write(&mut again).unwrap();
            assert_eq!((&again, freedom), (bytes, None));
        }
        // A small difference in two bytes needs one byte of padding less than in one.
        let mut wide = said(2, &[0x20, 1, 0x40, 1, 9, 0, 9, 1]);
        wide[0] |= 0x20;
        let (packet, freedom) = Packet::parse_strictly(&wide).unwrap();
        assert_eq!((packet.padding, freedom), (0, Some(Freedom::DeltaSize)));
        let mut again = Vec::new();
        packet.write(&mut again).unwrap();
        assert_eq!(again, said(2, &[0x20, 2, 9, 9]));
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let refused = |bytes: &[u8]| Packet::parse(bytes).unwrap_err().to_string();
        assert_eq!(refused(&said(0, &[])), "transport feedback, byte 14: packet missing");
        let text = "transport feedback, byte 20: 0 bytes where 2 are needed";
        assert_eq!(refused(&said(1, &[])), text);
        let text = "transport feedback, byte 22: 2 bytes where 3 are needed";
        assert_eq!(refused(&said(3, &[0x20, 3, 1, 2])), text);
        let long = said(1, &[0x20, 1, 9, 0, 0, 0, 0, 0]);
        assert_eq!(refused(&long), "transport feedback, byte 23: 5 bytes after the end");
        // Runs of nothing end with the bytes.
        assert!(Packet::parse(&said(1, &[0; 40])).is_err());
    }
}
