//! The sums modulo 2 of RTP packets, and the packet that they bring back.

use crate::wire::rtp::{RTP_HEADER_LEN, VERSION};
use thiserror::Error;

/// Sums of the header fields of the packets that a parity packet protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Sums {
    /// Padding, extension and count of sources: the lower six bits of the first byte.
    pub flags: u8,
    /// Marker and payload type: the second byte.
    pub kind: u8,
    /// Bytes behind the fixed header.
    pub len: u16,
    /// Timestamps.
    pub timestamp: u32,
}

/// The bits of the first byte that are summed.
pub(crate) const FLAGS: u8 = 0x3f;

/// What is summed of one packet: its number, its fields, and what stands behind the fixed header.
struct Part<'a> {
    sequence: u16,
    ssrc: u32,
    sums: Sums,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    /// `None` if the bytes are no RTP packet, or longer than a sum can say.
    fn of(packet: &'a [u8]) -> Option<Self> {
        let (head, body) = packet.split_first_chunk::<RTP_HEADER_LEN>()?;
        let [flags, kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *head;
        let len = u16::try_from(body.len()).ok()?;
        let timestamp = u32::from_be_bytes([t0, t1, t2, t3]);
        let sums = Sums { flags: flags & FLAGS, kind, len, timestamp };
        let (sequence, ssrc) = (u16::from_be_bytes([s0, s1]), u32::from_be_bytes([c0, c1, c2, c3]));
        (flags >> 6 == VERSION).then_some(Self { sequence, ssrc, sums, body })
    }
}

impl Sums {
    const fn add(&mut self, other: Self) {
        self.flags ^= other.flags;
        self.kind ^= other.kind;
        self.len ^= other.len;
        self.timestamp ^= other.timestamp;
    }
}

/// Adds `body` to the bytes of `out` from `start` on.
fn add_bytes(out: &mut Vec<u8>, start: usize, body: &[u8]) {
    if out.len() < start + body.len() {
        out.resize(start + body.len(), 0);
    }
    for (sum, byte) in out.iter_mut().skip(start).zip(body) {
        *sum ^= byte;
    }
}

/// Why packets cannot be protected together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unprotectable {
    /// There is nothing to protect.
    #[error("no packet to protect")]
    Empty,
    /// One of them is no RTP packet, or longer than 64 KiB.
    #[error("packet {0} is no RTP packet or is too long")]
    NotRtp(usize),
    /// They are of several streams.
    #[error("packet {0} is of another stream")]
    OtherStream(usize),
    /// A number does not fit into the mask behind the first, or is there twice.
    #[error("number {sequence} cannot be marked behind {base}")]
    OutOfMask {
        /// The number.
        sequence: u16,
        /// The first.
        base: u16,
    },
}

/// What protects packets.
pub(crate) struct Protection {
    pub(crate) base: u16,
    pub(crate) ssrc: u32,
    /// Bit `i` stands for number `base + i`.
    pub(crate) mask: u128,
    pub(crate) sums: Sums,
    /// The longest of what stands behind the fixed headers.
    pub(crate) len: usize,
}

/// Says what will protect `packets`, the first of which has the lowest number. Marks reach `span` numbers.
pub(crate) fn protection(packets: &[&[u8]], span: u16) -> Result<Protection, Unprotectable> {
    let mut all: Option<Protection> = None;
    for (place, packet) in packets.iter().enumerate() {
        let part = Part::of(packet).ok_or(Unprotectable::NotRtp(place))?;
        let fresh = Protection {
            base: part.sequence,
            ssrc: part.ssrc,
            mask: 0,
            sums: Sums::default(),
            len: 0,
        };
        let all = all.get_or_insert(fresh);
        let ahead = part.sequence.wrapping_sub(all.base);
        if part.ssrc != all.ssrc {
            return Err(Unprotectable::OtherStream(place));
        }
        if ahead >= span || all.mask >> ahead & 1 == 1 {
            return Err(Unprotectable::OutOfMask { sequence: part.sequence, base: all.base });
        }
        all.mask |= 1 << ahead;
        all.sums.add(part.sums);
        all.len = all.len.max(part.body.len());
    }
    all.ok_or(Unprotectable::Empty)
}

/// Appends the sum of what stands behind the fixed headers of `packets`.
pub(crate) fn put_parity(packets: &[&[u8]], out: &mut Vec<u8>) {
    let start = out.len();
    for part in packets.iter().filter_map(|packet| Part::of(packet)) {
        add_bytes(out, start, part.body);
    }
}

/// Why a packet does not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unrecoverable {
    /// All protected packets are there.
    #[error("nothing is missing")]
    NothingMissing,
    /// More than one is missing.
    #[error("{0} packets are missing")]
    Missing(u32),
    /// The missing packet would be longer than what protects it: the parity and the packets do not belong
    /// together.
    #[error("{len} bytes are missing, {protected} are protected")]
    TooLong {
        /// Bytes behind the fixed header.
        len: usize,
        /// Bytes of parity.
        protected: usize,
    },
}

/// The packet that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Its number.
    pub sequence: u16,
    /// Its length in bytes, all of it.
    pub len: usize,
}

/// What a parity packet says, whatever its format.
pub(crate) struct Repair<'a> {
    pub(crate) base: u16,
    pub(crate) mask: u128,
    pub(crate) sums: Sums,
    pub(crate) parity: &'a [u8],
}

impl Repair<'_> {
    /// Appends the one protected packet of stream `ssrc` that is not among `received`, or nothing.
    pub(crate) fn recover<'p>(
        &self,
        ssrc: u32,
        received: impl IntoIterator<Item = &'p [u8]>,
        out: &mut Vec<u8>,
    ) -> Result<Recovered, Unrecoverable> {
        let start = out.len();
        let recovered = self.try_recover(ssrc, received, out);
        if recovered.is_err() {
            out.truncate(start);
        }
        recovered
    }

    fn try_recover<'p>(
        &self,
        ssrc: u32,
        received: impl IntoIterator<Item = &'p [u8]>,
        out: &mut Vec<u8>,
    ) -> Result<Recovered, Unrecoverable> {
        let start = out.len();
        out.resize(start + RTP_HEADER_LEN, 0);
        out.extend_from_slice(self.parity);
        let (mut missing, mut sums) = (self.mask, self.sums);
        for part in received.into_iter().filter_map(Part::of).filter(|part| part.ssrc == ssrc) {
            let mark = 1_u128.checked_shl(u32::from(part.sequence.wrapping_sub(self.base)));
            let mark = mark.unwrap_or_default();
            if missing & mark != 0 {
                missing ^= mark;
                sums.add(part.sums);
                add_bytes(out, start + RTP_HEADER_LEN, part.body);
            }
        }
        match missing.count_ones() {
            0 => return Err(Unrecoverable::NothingMissing),
            1 => {}
            more => return Err(Unrecoverable::Missing(more)),
        }
        let (len, protected) = (usize::from(sums.len), self.parity.len());
        if len > protected {
            return Err(Unrecoverable::TooLong { len, protected });
        }
        let ahead = u16::try_from(missing.trailing_zeros()).unwrap_or_default();
        let sequence = self.base.wrapping_add(ahead);
        let head = header(sums, sequence, ssrc);
        for (place, byte) in out.iter_mut().skip(start).zip(head) {
            *place = byte;
        }
        out.truncate(start + RTP_HEADER_LEN + len);
        Ok(Recovered { sequence, len: RTP_HEADER_LEN + len })
    }
}

fn header(sums: Sums, sequence: u16, ssrc: u32) -> [u8; RTP_HEADER_LEN] {
    let [s0, s1] = sequence.to_be_bytes();
    let [t0, t1, t2, t3] = sums.timestamp.to_be_bytes();
    let [c0, c1, c2, c3] = ssrc.to_be_bytes();
    [VERSION << 6 | sums.flags, sums.kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3]
}
