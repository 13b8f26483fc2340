//! Typed packets as bytes: what endpoints exchange as values is written in the formats of [`crate::wire`], and
//! is exactly as long as the value says ([`Packet::wire_len`]). For captures and for foreign tools; a run needs
//! none of it.
//!
//! A [`Writer`] stands beside each [`Sender`](crate::endpoint::Sender) and is given every packet of both ways in
//! the order in which they are sent. What pictures and sound hold is asked of [`Payloads`]: [`Filler`] stands
//! for units of the right type and size, and a real encoder's units can take its place: a picture
//! says the sizes of its parameter sets, which travel in front of its slice.
//!
//! What signalling would agree on is fixed: the payload types and extension ids below, and the names of path
//! checks. What a value does not say is decided here: parity and padding have the time of the last picture.
//!
//! ```
//! use koosim_time::{SimDuration, SimTime};
//! use koosim_transport::bytes::{Filler, Writer};
//! use koosim_transport::congestion::{ControlOptions, GccOptions};
//! use koosim_transport::endpoint::{ConnectionOptions, SenderOptions};
//! use koosim_transport::packet::{Packet, Pli, Sources};
//! use koosim_transport::wire::{Read, rtcp};
//! use std::net::{Ipv4Addr, SocketAddrV4};
//!
//! let sources = Sources { video: 1, audio: 2, repair: 3, parity: 4, receiver: 5 };
//! let connection = ConnectionOptions::back_within(SimDuration::from_secs(300));
//! let options = SenderOptions::new(sources, ControlOptions::Gcc(GccOptions::default()), connection);
//! let viewer = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 3478);
//! let (mut writer, mut out) = (Writer::new(&options, viewer), Vec::new());
//! let packet = Packet::Pli(Pli { ssrc: 1 });
//! writer.write(SimTime::EPOCH, &packet, None, &mut Filler, &mut out)?;
//! assert_eq!(out.len(), packet.wire_len() as usize);
//! let said = rtcp::Body::Pli(rtcp::Pli { sender: 5, media: 1 });
//! assert_eq!(rtcp::Packet::parse(&out)?.body, said);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod media;
mod payloads;
mod reports;

pub use payloads::{Filler, Payloads, Unit};

use crate::endpoint::{Piece, SenderOptions};
use crate::packet::{Check, Media, Packet, Sources};
use crate::wire::Unwritable;
use koosim_time::SimTime;
use std::collections::VecDeque;
use std::net::SocketAddrV4;

/// Payload type of pictures.
pub const VIDEO: u8 = 96;
/// Payload type of repeats and padding.
pub const REPAIR: u8 = 97;
/// Payload type of parity.
pub const PARITY: u8 = 98;
/// Payload type of sound.
pub const AUDIO: u8 = 111;
/// Id of the header extension with the absolute send time (T2.2).
pub const SEND_TIME_ID: u8 = 2;
/// Id of the header extension with the number of the transport (T2.3).
pub const TRANSPORT_SEQUENCE_ID: u8 = 3;
/// Packets of pictures that are remembered until their parity is sent.
pub const PROTECTED_MAX: usize = 1024;

/// Why a packet has no bytes. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBytes {
    /// It is not said where in its picture the payload lies, or that would have another length.
    #[error("packet {0} of a picture has no place in it")]
    Unplaced(u64),
    /// Parity over a packet that was sent too long ago, or never.
    #[error("parity over packet {0}, which is not known")]
    Unknown(u64),
    /// A value that its format cannot hold.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// A packet of a picture as it was first sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    at: SimTime,
    media: Media,
    piece: Piece,
}

/// Writes the packets between a phone and one viewer.
#[derive(Clone, Debug)]
pub struct Writer {
    sources: Sources,
    viewer: SocketAddrV4,
    /// Whether parity may have to be written.
    protects: bool,
    recent: VecDeque<Sent>,
    /// Time of the last picture.
    timestamp: u32,
    payload: Vec<u8>,
    group: Vec<Vec<u8>>,
}

impl Writer {
    /// For a sender with these options, whose viewer checks the path from this address.
    pub fn new(options: &SenderOptions, viewer: SocketAddrV4) -> Self {
        Self {
            sources: options.sources,
            viewer,
            protects: options.fec.is_some(),
            recent: VecDeque::new(),
            timestamp: 0,
            payload: Vec::new(),
            group: Vec::new(),
        }
    }

    /// Appends the bytes of a packet that is sent at this instant. `piece` says where the payload of a packet
    /// of pictures, or of its repeat, lies in its picture; others have none.
    ///
    /// # Errors
    /// What is not known of it, or cannot be written. Nothing is appended.
    pub fn write(
        &mut self,
        at: SimTime,
        packet: &Packet,
        piece: Option<&Piece>,
        payloads: &mut dyn Payloads,
        out: &mut Vec<u8>,
    ) -> Result<(), NoBytes> {
        let before = out.len();
        match packet {
            Packet::Media(media) => self.media(at, media, piece, payloads, out)?,
            Packet::Rtx(rtx) => self.repeat(at, rtx, piece, payloads, out)?,
            Packet::Fec(fec) => self.parity(at, fec, payloads, out)?,
            Packet::Audio(audio) => self.audio(at, audio, payloads, out)?,
            Packet::Padding(padding) => self.padding(at, padding, out)?,
            Packet::Check(Check { path }) => check::request(*path, out),
            Packet::CheckAnswer(Check { path }) => check::answer(*path, self.viewer, out),
            report => reports::write(report, &self.sources, out)?,
        }
        // What a run says of sizes is what is sent.
        let said = usize::try_from(packet.wire_len()).unwrap_or(usize::MAX);
        assert_eq!(out.len() - before, said, "bytes are as many as the value says: {packet:?}");
        Ok(())
    }
}

#[cfg(test)]
mod tests;
