//! Packets over links: set out, pass, arrive or are lost, and are handed over at their end.

use super::cargo::{End, Load};
use super::sight::{Passing, Sight, Way};
use super::spec::PathError;
use super::world::{Due, Paths};
use crate::net::{DropCause, Ecn, Fate, Happening, Link, Packet};
use crate::queue::Phase;
use crate::record::Class;
use koosim_transport::control::{self, SendInput};
use koosim_transport::endpoint::{ReceiverInput, SenderInput};
use koosim_transport::packet::UDP_IPV4_BYTES;
use koosim_transport::wire::Write as _;

impl Paths {
    /// Something was seen of a packet between a phone and a viewer.
    fn packet_seen(&mut self, token: u64, bytes: u32, sight: impl FnOnce(Box<Passing>) -> Sight) {
        if self.level < Class::Packet {
            return;
        }
        let Some(parcel) = self.cargo.get_mut(token) else { return };
        let (End::Viewer(viewer), way, number) = (parcel.end, parcel.way, parcel.number) else {
            return;
        };
        self.see(viewer, Class::Packet, |flow, viewer| {
            let flow = flow.name.clone();
            sight(Box::new(Passing { flow, viewer, way, number, bytes }))
        });
    }
    /// Puts something between a phone and a viewer on the first link of its way.
    pub(super) fn send(&mut self, number: usize, way: Way, load: Load) -> Result<(), PathError> {
        let bytes = UDP_IPV4_BYTES
            + match &load {
                Load::Media(packet) => packet.wire_len(),
                Load::Control(packet) => u32::try_from(packet.wire_len()).unwrap_or(u32::MAX),
                Load::Segment(..) | Load::Ack(..) | Load::Nothing => 0,
            };
        if let (Way::Down, Some(viewer)) = (way, self.viewers.get_mut(number)) {
            let bin = viewer.measured.bin(self.now);
            bin.sent_bytes += u64::from(bytes);
            bin.sent += 1;
        }
        self.send_bytes(End::Viewer(number), way, load, bytes)
    }
    /// Puts so many bytes on the first link of their way.
    pub(super) fn send_bytes(
        &mut self,
        end: End,
        way: Way,
        load: Load,
        bytes: u32,
    ) -> Result<(), PathError> {
        let viewer = match end {
            End::Viewer(number) => self.viewers.get(number),
            End::Cross(_) => None,
        };
        let network = viewer.map_or(0, |viewer| viewer.network);
        let capable = way == Way::Down && viewer.is_some_and(|viewer| viewer.ecn);
        let ecn = if capable { Ecn::Capable0 } else { Ecn::NotCapable };
        let token = self.cargo.put(load, end, way, network);
        self.packet_seen(token, bytes, Sight::PacketSent);
        // Flows of phones have even numbers, so that queues keep them apart from the others.
        let flow = match end {
            End::Viewer(number) => 2 * number,
            End::Cross(number) => 2 * number + 1,
        };
        let flow = u32::try_from(flow).unwrap_or(u32::MAX);
        let packet = Packet::new(token, bytes).of_flow(flow).with_ecn(ecn);
        if self.ear.listens() {
            self.tell_sent(&packet)?;
        }
        self.offer(packet)
    }
    /// Offers a packet to the next link of its way, or hands it over at the end.
    fn offer(&mut self, packet: Packet) -> Result<(), PathError> {
        let Some(parcel) = self.cargo.get_mut(packet.token) else { return Ok(()) };
        let (end, way, hops, network) = (parcel.end, parcel.way, parcel.hops, parcel.network);
        parcel.hops += 1;
        let (route, now_over) = match end {
            End::Viewer(number) => {
                let viewer = self.viewers.get(number);
                (viewer.map(|viewer| &viewer.route), viewer.map_or(network, |v| v.network))
            }
            End::Cross(number) => (self.cross.get(number).map(|cross| &cross.route), network),
        };
        if now_over != network {
            // Its network is not there any more.
            self.lost(packet, DropCause::Partitioned);
            return Ok(());
        }
        let links = route.map(|route| match way {
            Way::Down => &route.down,
            Way::Up => &route.up,
        });
        let Some(link) = links.and_then(|links| links.get(hops)).map(|link| link.0) else {
            return self.deliver(packet);
        };
        if let Some(state) = self.links.get_mut(link) {
            state.offer(self.now, packet);
        }
        self.settle(link)
    }
    /// Takes what a link tells at once, and notes when it wants to be polled.
    pub(super) fn settle(&mut self, number: usize) -> Result<(), PathError> {
        while let Some(told) = self.links.get_mut(number).and_then(Link::told) {
            self.told(&told);
        }
        let alarms = self.links.get_mut(number).map_or([None; 2], Link::alarms);
        for (at, phase) in alarms.into_iter().flatten() {
            self.queue.push(at.max(self.now), phase, Due::Link(number))?;
        }
        Ok(())
    }
    pub(super) fn poll_link(&mut self, number: usize, phase: Phase) -> Result<(), PathError> {
        let mut happened = std::mem::take(&mut self.happened);
        while let Some(told) =
            self.links.get_mut(number).and_then(|link| link.poll(self.now, phase))
        {
            match told.fate {
                Fate::Arrived { .. } => happened.push(told),
                _ => self.told(&told),
            }
        }
        self.settle(number)?;
        for told in happened.drain(..) {
            self.arrived(told)?;
        }
        self.happened = happened;
        Ok(())
    }
    /// What a link did to a packet, but for its arrival.
    fn told(&mut self, told: &Happening) {
        match told.fate {
            Fate::Copied => {
                if let Some(parcel) = self.cargo.get_mut(told.packet.token) {
                    parcel.copies += 1;
                }
            }
            Fate::Dropped(cause) => self.lost(told.packet, cause),
            Fate::Departed | Fate::Arrived { .. } => {}
        }
    }
    /// A packet is no more.
    fn lost(&mut self, packet: Packet, cause: DropCause) {
        let Packet { token, bytes, .. } = packet;
        self.packet_seen(token, bytes, |packet| Sight::PacketDropped { packet, cause });
        let Some(parcel) = self.cargo.take(token) else { return };
        if let (Way::Down, End::Viewer(number)) = (parcel.way, parcel.end)
            && let Some(viewer) = self.viewers.get_mut(number)
        {
            viewer.measured.bin(self.now).dropped += 1;
        }
    }
    fn arrived(&mut self, told: Happening) -> Result<(), PathError> {
        match told.fate {
            // A checksum would not hold: whoever gets it throws it away.
            Fate::Arrived { corrupt: true, .. } => {
                self.packet_seen(told.packet.token, told.packet.bytes, Sight::PacketSpoilt);
                self.cargo.take(told.packet.token);
                Ok(())
            }
            _ => self.offer(told.packet),
        }
    }

    /// A packet has come to its end.
    fn deliver(&mut self, packet: Packet) -> Result<(), PathError> {
        let now = self.now;
        self.packet_seen(packet.token, packet.bytes, Sight::PacketArrived);
        let Some(parcel) = self.cargo.take(packet.token) else { return Ok(()) };
        if self.ear.listens() {
            self.tell_received(&packet, &parcel)?;
        }
        let number = match parcel.end {
            End::Viewer(number) => number,
            End::Cross(number) => return self.deliver_cross(number, &parcel.load, packet.bytes),
        };
        if !self.is_running(number) {
            return Ok(());
        }
        let Some(viewer) = self.viewers.get_mut(number) else { return Ok(()) };
        match (parcel.load, parcel.way) {
            (Load::Media(media), Way::Down) => {
                viewer.measured.bin(now).received_bytes += u64::from(packet.bytes);
                viewer.receiver.handle(now, ReceiverInput::Packet(&media, packet.ecn));
                self.drain_receiver(number)
            }
            (Load::Media(media), Way::Up) => {
                viewer.sender.handle(now, SenderInput::Packet(&media));
                viewer.receiver.recycle(media);
                self.drain_sender(number)
            }
            (Load::Control(control::Packet::Data(chunks)), _) => {
                viewer.ear.handle(now, chunks);
                self.drain_ear(number)
            }
            (Load::Control(control::Packet::Ack(ack)), _) => {
                // An acknowledgement is never refused.
                let _ = viewer.hand.handle(now, SendInput::Ack(ack));
                self.drain_hand(number)
            }
            // Cross traffic has ends of its own.
            (Load::Segment(..) | Load::Ack(..) | Load::Nothing, _) => Ok(()),
        }
    }
}
