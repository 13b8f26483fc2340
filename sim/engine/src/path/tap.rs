//! Whoever wants to see each packet that a host sends or receives, and each picture that a viewer plays. Without a
//! listener a packet costs one look at an empty place.

use super::cargo::{End, Load, Parcel};
use super::cross::CrossIndex;
use super::sight::Way;
use super::spec::PathError;
use super::world::{FlowIndex, Paths};
use crate::net::{Ecn, Packet};
use koosim_model::time::SimTime;
use koosim_transport::endpoint::{Picture, Piece, ReceiverStats, SenderOptions, SenderStats};
use koosim_transport::packet::Packet as MediaPacket;
use std::fmt;
use std::io;

/// A host of these paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// The phone of the flow with this number.
    Phone(usize),
    /// A viewer.
    Viewer {
        /// Its number among the viewers of all flows.
        number: usize,
        /// Its number among those of its flow.
        place: u32,
        /// The number of its flow.
        flow: usize,
    },
    /// Where the cross traffic with this number comes from.
    Source(usize),
    /// Where it goes.
    Sink(usize),
}

/// What a host did with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It put the packet on its first link.
    Sent,
    /// The packet came out of the last link.
    Received,
}

/// A packet at a host.
#[derive(Clone, Copy, Debug)]
pub struct HostPacket<'a> {
    /// When.
    pub at: SimTime,
    /// Where.
    pub host: Host,
    /// The other end.
    pub peer: Host,
    /// Sent or received.
    pub passage: Passage,
    /// What names the packet from when it is sent until it, or the last copy of it, has come or is lost; then
    /// the name is used again.
    pub token: u64,
    /// Congestion bits at this host.
    pub ecn: Ecn,
    /// Bytes with all headers.
    pub bytes: u32,
    /// What it holds.
    pub load: &'a Load,
    /// Where in its picture the payload lies, of packets of pictures and repeats that are sent.
    pub piece: Option<Piece>,
    /// The number of the viewer whose packet it is, and what the sender of its pictures was told; cross traffic
    /// has none.
    pub viewer: Option<(usize, &'a SenderOptions)>,
}

/// Sees packets. A packet that arrives damaged is thrown away below, and not seen.
pub trait Tap: Send {
    /// A flow begins.
    ///
    /// # Errors
    /// What was seen cannot be told on, as with each of these.
    fn begins(&mut self, flow: FlowIndex, name: &str) -> io::Result<()>;
    /// A host sends or receives a packet.
    ///
    /// # Errors
    /// What was seen cannot be told on.
    fn sees(&mut self, sight: &HostPacket<'_>) -> io::Result<()>;
    /// A picture comes out of a viewer's jitter buffer, for the decoder, which has room.
    ///
    /// # Errors
    /// What was seen cannot be told on.
    fn plays(&mut self, _at: SimTime, _viewer: Host, _picture: &Picture) -> io::Result<()> {
        Ok(())
    }
    /// There is nothing more to see.
    ///
    /// # Errors
    /// What was seen cannot be told on.
    fn ends(&mut self) -> io::Result<()>;
}

/// A place for a listener. A copy of it is empty: what is tried on a copy of the paths is not what happened.
#[derive(Default)]
pub(super) struct Ear(Option<Box<dyn Tap>>);

impl Ear {
    pub(super) const fn deaf() -> Self {
        Self(None)
    }
    pub(super) const fn listens(&self) -> bool {
        self.0.is_some()
    }
    pub(super) fn begins(&mut self, flow: FlowIndex, name: &str) -> Result<(), PathError> {
        self.0.as_mut().map_or(Ok(()), |tap| tap.begins(flow, name)).map_err(untold)
    }
}

impl Clone for Ear {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ear").field(&self.listens()).finish()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands for a closure in map_err")]
fn untold(error: io::Error) -> PathError {
    PathError::Untold(error.to_string())
}

impl Paths {
    /// Lets a listener see every packet that hosts send from now on, and the arrivals of these. The listener
    /// before is not told that it ends.
    pub fn listen(&mut self, tap: Box<dyn Tap>) {
        self.ear = Ear(Some(tap));
    }
    /// Tells the listener, if there is one, that there is nothing more to see, and forgets it.
    ///
    /// # Errors
    /// The listener could not tell on what it saw.
    pub fn unlisten(&mut self) -> Result<(), PathError> {
        self.ear.0.take().map_or(Ok(()), |mut tap| tap.ends()).map_err(untold)
    }
    /// What both ends between a phone and a viewer counted.
    pub fn ends(&self, flow: FlowIndex, viewer: usize) -> Option<(SenderStats, ReceiverStats)> {
        let number = *self.flows.get(flow.number())?.viewers.get(viewer)?;
        let viewer = self.viewers.get(number)?;
        Some((*viewer.sender.stats(), viewer.receiver.stats()))
    }

    /// Tells the listener that a packet is sent.
    pub(super) fn tell_sent(&mut self, packet: &Packet) -> Result<(), PathError> {
        let Some(parcel) = self.cargo.get_mut(packet.token).map(|parcel| parcel.clone()) else {
            return Ok(());
        };
        self.tell(packet, &parcel, Passage::Sent)
    }
    /// Tells the listener that a packet has come.
    pub(super) fn tell_received(
        &mut self,
        packet: &Packet,
        parcel: &Parcel,
    ) -> Result<(), PathError> {
        self.tell(packet, parcel, Passage::Received)
    }
    fn tell(
        &mut self,
        packet: &Packet,
        parcel: &Parcel,
        passage: Passage,
    ) -> Result<(), PathError> {
        let Some(mut tap) = self.ear.0.take() else { return Ok(()) };
        let (above, below) = self.hosts(parcel.end);
        let (host, peer) = match (parcel.way, passage) {
            (Way::Down, Passage::Sent) | (Way::Up, Passage::Received) => (above, below),
            (Way::Up, Passage::Sent) | (Way::Down, Passage::Received) => (below, above),
        };
        let viewer = match parcel.end {
            End::Viewer(number) => self.viewers.get(number).map(|viewer| (number, viewer)),
            End::Cross(_) => None,
        };
        let media = match &parcel.load {
            Load::Media(MediaPacket::Media(media)) if passage == Passage::Sent => Some(media),
            Load::Media(MediaPacket::Rtx(rtx)) if passage == Passage::Sent => Some(&rtx.media),
            _ => None,
        };
        let told = tap.sees(&HostPacket {
            at: self.now,
            host,
            peer,
            passage,
            token: packet.token,
            ecn: packet.ecn,
            bytes: packet.bytes,
            load: &parcel.load,
            piece: viewer.zip(media).and_then(|((_, viewer), media)| viewer.sender.piece_of(media)),
            viewer: viewer.map(|(number, viewer)| (number, viewer.sender.options())),
        });
        self.ear.0 = Some(tap);
        told.map_err(untold)
    }
    /// Tells the listener that a picture comes out of a viewer's jitter buffer.
    pub(super) fn tell_played(
        &mut self,
        number: usize,
        picture: &Picture,
    ) -> Result<(), PathError> {
        let (_, viewer) = self.hosts(End::Viewer(number));
        let told = self.ear.0.as_mut().map(|tap| tap.plays(self.now, viewer, picture));
        told.unwrap_or(Ok(())).map_err(untold)
    }
    /// The host that sends down, and the one that sends up.
    fn hosts(&self, end: End) -> (Host, Host) {
        match end {
            End::Viewer(number) => {
                let viewer = self.viewers.get(number).map(|viewer| (viewer.flow, viewer.place));
                let (flow, place) = viewer.unwrap_or_default();
                (Host::Phone(flow), Host::Viewer { number, place, flow })
            }
            End::Cross(number) => (Host::Source(number), Host::Sink(number)),
        }
    }
}

impl FlowIndex {
    /// Its number among the flows of its paths, from 0.
    pub const fn number(self) -> usize {
        self.0
    }
}

impl CrossIndex {
    /// Its number among the cross traffic of its paths, from 0.
    pub const fn number(self) -> usize {
        self.0
    }
}
