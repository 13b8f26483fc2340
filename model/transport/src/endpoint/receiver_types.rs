use super::connection::{ConnectionChange, ConnectionOptions};
use super::nack::NackOptions;
use super::playout::PlayoutOptions;
use super::sender_types::FeedbackKind;
use crate::BitRate;
use crate::Ecn;
use crate::packet::{Packet, Sources};
use koosim_time::{SimDuration, SimTime};

/// Half a second. A decision: whoever plays by hand would rather see a new key frame than what is so old.
const DECODER_WAIT_MAX: SimDuration = SimDuration::from_millis(500);

/// What a [`super::Receiver`] can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverOptions {
    /// Source ids, the same on both sides.
    pub sources: Sources,
    /// How arrivals are told.
    pub feedback: FeedbackKind,
    /// Time between two reports of arrivals, while packets arrive.
    pub feedback_interval: SimDuration,
    /// Time between receiver reports.
    pub report_interval: SimDuration,
    /// Whether and when packets are asked for.
    pub nack: Option<NackOptions>,
    /// Whether parity is used.
    pub fec: bool,
    /// Bounds of the jitter buffer.
    pub playout: PlayoutOptions,
    /// Least time between two requests for a key frame, beside a round trip.
    pub key_frame_interval: SimDuration,
    /// Pictures that come but cannot be shown for so long are worth a key frame.
    pub stall_max: SimDuration,
    /// A picture that a full decoder keeps waiting for longer is given up.
    pub decoder_wait_max: SimDuration,
    /// Time between two checks of a path that is silent or new.
    pub check_interval: SimDuration,
    /// How silence is taken.
    pub connection: ConnectionOptions,
}

impl ReceiverOptions {
    /// What a browser would do that may come back: feedback each 50 ms, reports each second, packets asked for,
    /// no parity, key frames asked for at most each 300 ms or after 1 s without any picture, checks each 500 ms.
    pub fn new(sources: Sources, connection: ConnectionOptions) -> Self {
        Self {
            sources,
            feedback: FeedbackKind::Transport,
            feedback_interval: SimDuration::from_millis(50),
            report_interval: SimDuration::from_secs(1),
            nack: Some(NackOptions::default()),
            fec: false,
            playout: PlayoutOptions::default(),
            key_frame_interval: SimDuration::from_millis(300),
            stall_max: SimDuration::from_secs(1),
            decoder_wait_max: DECODER_WAIT_MAX,
            check_interval: SimDuration::from_millis(500),
            connection,
        }
    }
}

/// What happens to a receiver.
#[derive(Clone, Copy, Debug)]
pub enum ReceiverInput<'a> {
    /// A packet of the sender came, with the mark that the network left on it.
    Packet(&'a Packet, Ecn),
    /// The receiver has another network: the path is checked and everything begins anew.
    NetworkChanged,
    /// The sender is to stay below a rate from now on.
    RateMax(BitRate),
    /// The decoder has no room for another picture before this instant; until then complete pictures are held.
    DecoderFull {
        /// From when on it has room.
        until: SimTime,
    },
}

/// What was done to make a picture whole, the most of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repaired {
    /// Nothing.
    No,
    /// Packets were made out of parity.
    ByParity,
    /// Packets were sent once more.
    ByRepeat,
}

/// A picture for the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Which.
    pub id: u32,
    /// Capture time in ticks of 90 kHz, wrapping.
    pub timestamp: u32,
    /// Bytes of its payloads, with those of fragmentation.
    pub bytes: u32,
    /// Its packets.
    pub packets: u32,
    /// How many ids back the picture is that it needs; 0 for a key frame.
    pub back: u8,
    /// What it took to make it whole.
    pub repaired: Repaired,
    /// When its first packet came.
    pub first_at: SimTime,
    /// When its last packet came.
    pub complete_at: SimTime,
    /// Pictures that had begun to come and are never shown, since the picture before,
    pub passed_over: u32,
    /// and those of them that were complete: the decoder kept them waiting for too long, or they need a picture
    /// that was never given out.
    pub undecoded: u32,
}

/// A payload of sound, given out as it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Ticks of 48 kHz, wrapping.
    pub timestamp: u32,
    /// Its bytes.
    pub bytes: u16,
}

/// What a receiver does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiverOutput {
    /// Put this on the link now.
    Send(Packet),
    /// Decode this now.
    Picture(Picture),
    /// Sound came.
    Sound(Sound),
    /// The sender is lost or back.
    Connection(ConnectionChange),
    /// The sender has answered on a new path.
    PathConfirmed {
        /// Since the network changed.
        after: SimDuration,
    },
}

/// What a receiver counts. Every packet of pictures that came, or was made out of parity, is shown, a copy, late,
/// passed over or held. Every picture that became complete was given to the decoder, given up, left or is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ReceiverStats {
    /// Packets of pictures that came.
    pub video: u64,
    /// Repeats that came.
    pub repeats: u64,
    /// Packets that were made out of parity.
    pub from_parity: u64,
    /// Parity that came.
    pub parity: u64,
    /// Padding that came.
    pub padding: u64,
    /// Packets of sound that came.
    pub audio: u64,
    /// Packets in pictures that were shown.
    pub shown: u64,
    /// Packets that had come before.
    pub copies: u64,
    /// Packets of pictures that were shown or passed over, or so old that they may be copies.
    pub late: u64,
    /// Packets of pictures that were passed over.
    pub passed_over: u64,
    /// Packets of pictures that are not shown yet.
    pub held: u64,
    /// Pictures that became complete.
    pub complete: u64,
    /// Pictures given to the decoder.
    pub pictures: u64,
    /// Complete pictures that a full decoder kept waiting for too long.
    pub given_up: u64,
    /// Complete pictures that need one that was never given to the decoder.
    pub left: u64,
    /// Packets asked for; the same one may count several times.
    pub asked: u64,
    /// Key frames asked for.
    pub key_frames_asked: u64,
    /// Times that packets were given up.
    pub gave_up: u64,
    /// Times that the connection was lost,
    pub connections_lost: u64,
    /// or came back.
    pub connections_back: u64,
}
