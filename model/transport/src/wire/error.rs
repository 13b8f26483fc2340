//! What can be wrong with bytes that came, and with values that are to be written.

use std::fmt;
use thiserror::Error;

/// The format that was being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// RTP packet (RFC 3550 section 5.1).
    Rtp,
    /// RTP header extensions (RFC 8285).
    Extension,
    /// Header of an RTCP packet, or the order of packets in a compound (RFC 3550 section 6).
    Rtcp,
    /// Sender or receiver report (RFC 3550 section 6.4).
    Report,
    /// Source description (RFC 3550 section 6.5).
    SourceDescription,
    /// Goodbye (RFC 3550 section 6.6).
    Goodbye,
    /// Generic NACK (RFC 4585 section 6.2.1).
    Nack,
    /// Picture loss indication (RFC 4585 section 6.3.1).
    PictureLoss,
    /// Full intra request (RFC 5104 section 4.3.1).
    FullIntra,
    /// Receiver's estimate of the bit rate (draft-alvestrand-rmcat-remb-03).
    Remb,
    /// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    TransportCc,
    /// Congestion control feedback (RFC 8888).
    CongestionFeedback,
    /// Extended report (RFC 3611).
    Extended,
    /// Retransmission payload (RFC 4588).
    Rtx,
    /// Parity of RFC 5109.
    UlpFec,
    /// Parity of draft-ietf-payload-flexible-fec-scheme-03, which is not RFC 8627.
    FlexFec03,
    /// H.264 payload (RFC 6184).
    H264,
    /// H.265 payload (RFC 7798).
    H265,
    /// Opus payload (RFC 7587, RFC 6716 section 3).
    Opus,
    /// This project's control channel.
    Control,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rtp => "RTP",
            Self::Extension => "RTP extension",
            Self::Rtcp => "RTCP",
            Self::Report => "RTCP report",
            Self::SourceDescription => "RTCP source description",
            Self::Goodbye => "RTCP goodbye",
            Self::Nack => "NACK",
            Self::PictureLoss => "PLI",
            Self::FullIntra => "FIR",
            Self::Remb => "REMB",
            Self::TransportCc => "transport feedback",
            Self::CongestionFeedback => "congestion feedback",
            Self::Extended => "extended report",
            Self::Rtx => "RTX",
            Self::UlpFec => "ULPFEC",
            Self::FlexFec03 => "FlexFEC-03",
            Self::H264 => "H.264 payload",
            Self::H265 => "H.265 payload",
            Self::Opus => "Opus payload",
            Self::Control => "control message",
        })
    }
}

/// Why bytes are refused: the format, the place, and what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{format}, byte {at}: {found}")]
pub struct Malformed {
    /// What was being read.
    pub format: Format,
    /// Offset from the start of what was given to the reader.
    pub at: usize,
    /// What stood there.
    pub found: Found,
}

/// What was found in place of what was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Found {
    /// The bytes end too early.
    #[error("{left} bytes where {needed} are needed")]
    Short {
        /// Bytes that the next field takes.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// The bytes go on after the end.
    #[error("{0} bytes after the end")]
    Trailing(usize),
    /// A version that this reader does not know.
    #[error("version {0}")]
    Version(u8),
    /// A count of padding that is zero or larger than what could be padding.
    #[error("{0} bytes of padding")]
    Padding(usize),
    /// A length that cannot be.
    #[error("length {0}")]
    Length(usize),
    /// A type or number that has no meaning here, or one that is refused by name.
    #[error("{what} {value}")]
    Value {
        /// The field.
        what: &'static str,
        /// What it holds.
        value: u64,
    },
    /// More of something than the limit.
    #[error("{count} {what}, at most {most} are read")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        most: usize,
    },
    /// Something that must be there is not.
    #[error("{0} missing")]
    Missing(&'static str),
    /// Something stands where it may not.
    #[error("{0} out of place")]
    Misplaced(&'static str),
    /// Text that is not UTF-8.
    #[error("text that is not UTF-8")]
    Text,
}

/// A choice that a format leaves to the sender, made otherwise than this writer makes it. Bytes with a
/// freedom are valid, and mean the same as what is written in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freedom {
    /// Padding holds something other than zeros.
    PaddingNotZero,
    /// There is more padding than the alignment needs, or padding between elements.
    PaddingPlaced,
    /// Bits without meaning are set.
    ReservedNotZero,
    /// One-byte extensions are ended early by id 15 or an id 0 with a length.
    ExtensionsEnded,
    /// The same statuses of packets are put into other chunks.
    ChunkChoice,
    /// A small difference of time is written in two bytes.
    DeltaSize,
}

/// Why a value cannot be written in its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unwritable {
    /// A field cannot hold the value.
    #[error("{what} {value} where at most {most} can be written")]
    TooBig {
        /// The field.
        what: &'static str,
        /// What it should hold.
        value: usize,
        /// The most that it can hold.
        most: usize,
    },
    /// The format wants more of something.
    #[error("{0} missing")]
    Missing(&'static str),
    /// The value would be read back as something else.
    #[error("{0} has a format of its own")]
    Ambiguous(&'static str),
    /// A length has to be a whole number of something.
    #[error("{what} of {value} bytes, not a multiple of {of}")]
    NotMultiple {
        /// The field.
        what: &'static str,
        /// Its length.
        value: usize,
        /// What divides it.
        of: usize,
    },
}

impl Unwritable {
    /// Whether `value` is at most `most`.
    pub(crate) const fn limit(what: &'static str, value: usize, most: usize) -> Result<(), Self> {
        if value > most { Err(Self::TooBig { what, value, most }) } else { Ok(()) }
    }
    /// Whether `value` is a multiple of `of`.
    pub(crate) const fn multiple(what: &'static str, value: usize, of: usize) -> Result<(), Self> {
        if value.is_multiple_of(of) { Ok(()) } else { Err(Self::NotMultiple { what, value, of }) }
    }
}
