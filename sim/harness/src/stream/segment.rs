//! What the two ends of a byte stream send each other.

use crate::record::fingerprint;

/// Bytes of headers that each segment carries besides its payload.
pub const HEADER_BYTES: u32 = 40;

/// The two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// The end that asked for the connection.
    Client,
    /// The end that was asked.
    Server,
}

impl Side {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Asks for a connection; the sender takes `window` bytes.
    Open { window: u64 },
    /// Grants it; the sender takes `window` bytes.
    Accept { window: u64 },
    /// Bytes from `seq` on, and what has been received.
    Data(Data),
    /// There is no such connection, or there shall be none any more.
    Reset,
}

/// Bytes of the stream and an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Data {
    /// The place of the first byte in the stream, from zero.
    pub(crate) seq: u64,
    /// The bytes, if any.
    pub(crate) bytes: Vec<u8>,
    /// Whether the stream ends after these bytes. The end takes one place in the sequence.
    pub(crate) end: bool,
    /// The place up to which the sender of this has received everything.
    pub(crate) ack: u64,
    /// How many bytes after `ack` it takes.
    pub(crate) window: u64,
}

impl Segment {
    /// Bytes of payload.
    pub(crate) fn payload_bytes(&self) -> u32 {
        match self {
            Self::Data(data) => u32::try_from(data.bytes.len()).unwrap_or(u32::MAX),
            Self::Open { .. } | Self::Accept { .. } | Self::Reset => 0,
        }
    }
    /// A fingerprint of everything that it says.
    pub(crate) fn content(&self) -> u64 {
        match self {
            Self::Open { window } => fingerprint(1, &window.to_le_bytes()),
            Self::Accept { window } => fingerprint(2, &window.to_le_bytes()),
            Self::Reset => fingerprint(3, b""),
            Self::Data(data) => {
                let kind = fingerprint(4 + u64::from(data.end), &data.seq.to_le_bytes());
                let ack = fingerprint(kind, &data.ack.to_le_bytes());
                fingerprint(fingerprint(ack, &data.window.to_le_bytes()), &data.bytes)
            }
        }
    }
}
