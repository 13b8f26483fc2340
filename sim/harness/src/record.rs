//! One thing that happened on the network, in a fixed number of bytes.

use koosim_engine::net::DropCause;
use koosim_model::time::SimTime;

/// No host, where a record speaks of one only.
pub(crate) const NOBODY: u32 = u32::MAX;
/// Bytes of a packed record.
pub(crate) const PACKED_BYTES: usize = 34;

/// Why a packet that arrived at a host reached no one there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// The host has no power.
    HostOff,
    /// Nothing is bound to the port.
    NoSocket,
    /// The socket holds as many datagrams as it may.
    InboxFull,
    /// The listener has as many connections as it may that nobody has accepted.
    BacklogFull,
    /// Some of its bits were turned over on the way, and its checksum says so.
    Corrupt,
}

/// How a packet is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// By itself.
    Datagram,
    /// As a piece of a byte stream.
    Segment,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The host's component began to run.
    Started,
    /// The component returned.
    Finished,
    /// The component was killed.
    Crashed,
    /// The host lost its power.
    PoweredOff,
    /// The link from the host to the peer was cut.
    Cut,
    /// The link from the host to the peer was joined again.
    Joined,
    /// The link from the host to the peer got other properties.
    LinkChanged,
    /// The component said something; the text is [`RunLog::note`](crate::RunLog::note).
    Note,
    /// The host sent a packet to the peer: it was offered to their link.
    Sent(Carrier),
    /// The link dropped a packet that the host had sent to the peer.
    Dropped(Carrier, DropCause),
    /// A packet from the peer reached a socket of the host.
    Arrived(Carrier),
    /// A packet from the peer reached the host, but no socket.
    Discarded(Carrier, Discard),
}

impl What {
    /// The kind and the detail as two bytes: part of the digest.
    const fn code(self) -> [u8; 2] {
        match self {
            Self::Started => [1, 0],
            Self::Finished => [2, 0],
            Self::Crashed => [3, 0],
            Self::PoweredOff => [4, 0],
            Self::Cut => [5, 0],
            Self::Joined => [6, 0],
            Self::LinkChanged => [7, 0],
            Self::Note => [8, 0],
            Self::Sent(carrier) => [16 + carrier_code(carrier), 0],
            Self::Arrived(carrier) => [18 + carrier_code(carrier), 0],
            Self::Dropped(carrier, cause) => [20 + carrier_code(carrier), drop_code(cause)],
            Self::Discarded(carrier, cause) => [22 + carrier_code(carrier), discard_code(cause)],
        }
    }
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Crashed => "crashed",
            Self::PoweredOff => "lost its power",
            Self::Cut => "was cut",
            Self::Joined => "was joined",
            Self::LinkChanged => "was changed",
            Self::Note => "noted",
            Self::Sent(_) => "sent",
            Self::Arrived(_) => "received",
            Self::Dropped(_, DropCause::Partitioned) => "lost to a cut link",
            Self::Dropped(_, DropCause::Outage) => "lost to an outage",
            Self::Dropped(_, DropCause::TooBig) => "lost to the link's limit of size",
            Self::Dropped(_, DropCause::QueueFull) => "lost to a full queue",
            Self::Dropped(_, DropCause::Managed) => "lost to the law of a queue",
            Self::Dropped(_, DropCause::Lost) => "lost on the wire",
            Self::Discarded(_, Discard::HostOff) => "is off and missed",
            Self::Discarded(_, Discard::NoSocket) => "has no socket for",
            Self::Discarded(_, Discard::InboxFull) => "has no room for",
            Self::Discarded(_, Discard::BacklogFull) => "has no place in its backlog for",
            Self::Discarded(_, Discard::Corrupt) => "cannot read",
        }
    }
    pub(crate) const fn carrier(self) -> Option<Carrier> {
        match self {
            Self::Sent(c) | Self::Arrived(c) | Self::Dropped(c, _) | Self::Discarded(c, _) => {
                Some(c)
            }
            Self::Started
            | Self::Finished
            | Self::Crashed
            | Self::PoweredOff
            | Self::Cut
            | Self::Joined
            | Self::LinkChanged
            | Self::Note => None,
        }
    }
}

const fn carrier_code(carrier: Carrier) -> u8 {
    match carrier {
        Carrier::Datagram => 0,
        Carrier::Segment => 1,
    }
}

const fn drop_code(cause: DropCause) -> u8 {
    match cause {
        DropCause::Partitioned => 1,
        DropCause::TooBig => 2,
        DropCause::QueueFull => 3,
        DropCause::Lost => 4,
        DropCause::Outage => 5,
        DropCause::Managed => 6,
    }
}

const fn discard_code(cause: Discard) -> u8 {
    match cause {
        Discard::HostOff => 1,
        Discard::NoSocket => 2,
        Discard::InboxFull => 3,
        Discard::BacklogFull => 4,
        Discard::Corrupt => 5,
    }
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: What,
    /// The host that did it, by its place in [`RunLog::hosts`](crate::RunLog::hosts).
    pub host: u32,
    /// The other host, or `u32::MAX` where there is none.
    pub peer: u32,
    /// The host's port, or zero.
    pub port: u16,
    /// The peer's port, or zero.
    pub peer_port: u16,
    /// Bytes of payload.
    pub bytes: u32,
    /// A fingerprint of the content, not a secure one.
    pub content: u64,
}

impl Record {
    pub(crate) const fn of_host(at: SimTime, what: What, host: u32, peer: u32) -> Self {
        Self { at, what, host, peer, port: 0, peer_port: 0, bytes: 0, content: 0 }
    }
    /// Appends the form that enters the digest.
    pub(crate) fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.at.as_nanos().to_le_bytes());
        out.extend_from_slice(&self.what.code());
        out.extend_from_slice(&self.host.to_le_bytes());
        out.extend_from_slice(&self.peer.to_le_bytes());
        out.extend_from_slice(&self.port.to_le_bytes());
        out.extend_from_slice(&self.peer_port.to_le_bytes());
        out.extend_from_slice(&self.bytes.to_le_bytes());
        out.extend_from_slice(&self.content.to_le_bytes());
    }
}

/// A 64-bit fingerprint of bytes, continued from `seed`: the same on every machine, and not secure.
pub(crate) fn fingerprint(seed: u64, bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = words.iter().fold(seed, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let mut tail = [0; 8];
    for (to, from) in tail.iter_mut().zip(rest) {
        *to = *from;
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    hash = mix(mix(hash, u64::from_le_bytes(tail)), length);
    hash = (hash ^ (hash >> 32)).wrapping_mul(FACTOR);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_tell_contents_apart() {
        let contents: [&[u8]; 7] = [b"", b"\0", b"\0\0", b"a", b"b", b"abcdefgh", b"abcdefgh\0"];
        let mut all: Vec<u64> = contents.iter().map(|bytes| fingerprint(0, bytes)).collect();
        all.push(fingerprint(1, b""));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8);
        assert_eq!(fingerprint(7, b"koosim"), fingerprint(7, b"koosim"));
    }

    #[test]
    fn a_packed_record_has_its_declared_size() {
        let mut out = Vec::new();
        Record::of_host(SimTime::EPOCH, What::Note, 0, NOBODY).pack(&mut out);
        assert_eq!(out.len(), PACKED_BYTES);
    }
}
