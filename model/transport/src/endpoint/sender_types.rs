use super::connection::{ConnectionChange, ConnectionOptions};
use super::packetiser::{Codec, Frame};
use super::parity::FecOptions;
use super::resend::ResendOptions;
use crate::BitRate;
use crate::congestion::ControlOptions;
use crate::packet::{Extensions, Packet, Sources};
use koosim_time::SimDuration;
use serde::Serialize;

/// How the receiver tells what arrived; both sides are told the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackKind {
    /// By the number of the transport (T2.7), which every packet carries.
    #[default]
    Transport,
    /// By the numbers of the streams, with congestion marks (T2.8).
    Congestion,
}

/// How what is lost of pictures is made good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Not at all: a key frame follows.
    None,
    /// Packets are sent once more (T2.12).
    #[default]
    Repeats,
    /// Parity is sent with them (T2.12).
    Parity,
    /// Both.
    Both,
}

impl Repair {
    /// Whether packets are sent once more.
    pub const fn repeats(self) -> bool {
        matches!(self, Self::Repeats | Self::Both)
    }
    /// Whether parity is sent.
    pub const fn parity(self) -> bool {
        matches!(self, Self::Parity | Self::Both)
    }
}

/// What a [`super::Sender`] can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SenderOptions {
    /// Source ids, the same on both sides.
    pub sources: Sources,
    /// Number of the first packet of every stream; RFC 3550 wants it drawn.
    pub first_sequence: u16,
    /// Most bytes of a packet with all RTP headers, without UDP and IP.
    pub mtu: u16,
    /// Bytes of UDP and IP, which rates count.
    pub overhead: u16,
    /// Format of pictures.
    pub codec: Codec,
    /// Extensions of every packet.
    pub extensions: Extensions,
    /// How arrivals are told.
    pub feedback: FeedbackKind,
    /// Congestion control.
    pub control: ControlOptions,
    /// Bits a second of sound with all headers, which pictures leave free (T4.7).
    pub sound: BitRate,
    /// The pacer lets so much time's worth leave at once.
    pub burst: SimDuration,
    /// Whether packets are sent once more.
    pub resend: Option<ResendOptions>,
    /// Whether and how parity is sent.
    pub fec: Option<FecOptions>,
    /// Time between sender reports.
    pub report_interval: SimDuration,
    /// Least time between two key frames that are asked for.
    pub key_frame_interval: SimDuration,
    /// How silence is taken.
    pub connection: ConnectionOptions,
}

impl SenderOptions {
    /// What a browser would do, with a controller of one's choice and a client that may come back: packets of 1200
    /// bytes over IPv4, bursts of 5 ms, repeats without parity, reports each second, key frames at most each 300
    /// ms.
    pub fn new(sources: Sources, control: ControlOptions, connection: ConnectionOptions) -> Self {
        Self {
            sources,
            first_sequence: 0,
            mtu: 1200,
            overhead: u16::try_from(crate::packet::UDP_IPV4_BYTES).unwrap_or_default(),
            codec: Codec::H264,
            extensions: Extensions::TransportSequence,
            feedback: FeedbackKind::Transport,
            control,
            sound: BitRate::default(),
            burst: SimDuration::from_millis(5),
            resend: Some(ResendOptions::default()),
            fec: None,
            report_interval: SimDuration::from_secs(1),
            key_frame_interval: SimDuration::from_millis(300),
            connection,
        }
    }
}

/// A payload of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioFrame {
    /// Its bytes; one that does not fit into a packet is dropped.
    pub bytes: u16,
    /// Ticks of 48 kHz, wrapping.
    pub timestamp: u32,
}

/// What happens to a sender.
#[derive(Clone, Copy, Debug)]
pub enum SenderInput<'a> {
    /// A picture was encoded. Ids grow.
    Frame(Frame),
    /// Sound was encoded.
    Audio(AudioFrame),
    /// A packet of the receiver came. The caller keeps it, so that its buffer can be used again.
    Packet(&'a Packet),
    /// From here on there are no pictures (RFC 8867 5.8).
    Pause,
    /// There are pictures again, from a key frame on.
    Resume,
    /// The path changed at this side: what was learnt of it is forgotten.
    NetworkChanged,
}

/// Why a picture is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The session has ended.
    Ended,
    /// The connection is lost.
    Lost,
    /// The sender is paused.
    Paused,
    /// It has more packets than [`super::FRAME_PACKETS_MAX`].
    TooLarge,
    /// Its id is not above that of the picture before.
    OutOfOrder,
    /// Too many pictures wait already.
    QueueFull,
    /// It needs a picture that was refused or dropped; only a key frame helps.
    Undecodable,
}

/// What a sender does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SenderOutput {
    /// Put this on the link now.
    Send(Packet),
    /// What the encoder should aim at.
    TargetRate {
        /// Bits a second of pictures, without headers, repeats, parity and sound.
        video: BitRate,
        /// Bits a second of everything.
        total: BitRate,
    },
    /// The next picture should be a key frame.
    KeyFrameWanted,
    /// The picture is not sent.
    FrameRefused {
        /// Which.
        frame: u32,
        /// Why.
        cause: Refusal,
    },
    /// So many pictures that waited are not sent to their end, since the connection was lost or changed.
    FramesDropped(u64),
    /// The receiver is lost or back.
    Connection(ConnectionChange),
}

/// What a sender counts. Every picture that was offered is refused, dropped, sent or waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SenderStats {
    /// Pictures offered.
    pub frames_offered: u64,
    /// Pictures refused.
    pub frames_refused: u64,
    /// Pictures dropped while they waited.
    pub frames_dropped: u64,
    /// Pictures sent to their end.
    pub frames_sent: u64,
    /// Payloads of sound offered,
    pub audio_offered: u64,
    /// and dropped: while they waited, while the connection was lost, or longer than a packet.
    pub audio_dropped: u64,
    /// Packets of pictures, and bytes with all headers.
    pub video: (u64, u64),
    /// Packets of sound.
    pub audio: (u64, u64),
    /// Repeats.
    pub repair: (u64, u64),
    /// Parity.
    pub parity: (u64, u64),
    /// Padding.
    pub padding: (u64, u64),
    /// Repeats that were asked for,
    pub repeats_asked: u64,
    /// and of these not sent: too old, sent just now, or too many.
    pub repeats_refused: u64,
    /// Key frames that the encoder was asked for.
    pub key_frames_wanted: u64,
    /// Packets that reports called lost.
    pub reported_lost: u64,
    /// Packets that reports called arrived.
    pub reported_arrived: u64,
    /// Times that the connection was lost,
    pub connections_lost: u64,
    /// came back,
    pub connections_back: u64,
    /// or went over to another path.
    pub path_changes: u64,
}
