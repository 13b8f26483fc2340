//! Links and flows under one queue.

use super::cargo::{Cargo, End, Load};
use super::cross::Cross;
use super::flow::Flow;
use super::sight::{Passed, Passing, Sight, Way};
use super::spec::{LinkIndex, PathError};
use super::tap::Ear;
use super::viewer::Viewer;
use crate::net::{Fate, Happening, Link, LinkSpec, LinkStreams, Packet};
use crate::queue::{Phase, Queue};
use crate::record::Class;
use crate::streams::Streams;
use koosim_model::time::SimTime;
use koosim_transport::control::{self, SendInput, TouchAction};
use koosim_transport::endpoint::{ReceiverInput, ReceiverOutput, SenderInput, SenderOutput};
use koosim_transport::packet::{Ecn, Packet as MediaPacket, UDP_IPV4_BYTES};
use koosim_transport::wire::Write as _;

/// Flows at most.
pub(super) const FLOWS_MAX: usize = 1 << 20;
/// Viewers of one flow at most.
pub(super) const VIEWERS_MAX: usize = 100;
/// A flow of these paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowIndex(pub(super) usize);

/// What is due, and for whom.
#[derive(Clone, Copy, Debug)]
pub(super) enum Due {
    Link(usize),
    Cross(usize),
    Sender(usize),
    Receiver(usize),
    Hand(usize),
    Screen(usize),
    Look(usize),
    Encoded(usize),
    /// The finger comes down.
    Tap(usize),
    /// The client has made a message of a finger that came down or went up.
    Touched {
        flow: usize,
        input: u32,
        action: TouchAction,
    },
    /// The phone has composed the answer to an input.
    Answered {
        flow: usize,
        input: u32,
    },
}

/// Links, flows, and everything between them.
#[derive(Clone, Debug)]
pub struct Paths {
    pub(super) now: SimTime,
    pub(super) streams: Streams,
    pub(super) queue: Queue<Due>,
    pub(super) links: Vec<Link>,
    pub(super) flows: Vec<Flow>,
    pub(super) viewers: Vec<Viewer>,
    pub(super) cross: Vec<Cross>,
    pub(super) cargo: Cargo,
    pub(super) happened: Vec<Happening>,
    /// How fine sights are kept.
    pub(super) level: Class,
    /// What was seen since [`Paths::take_sights`].
    pub(super) sights: Vec<(FlowIndex, Sight)>,
    pub(super) ear: Ear,
}

impl Paths {
    /// Nothing yet; everything will draw from these streams.
    pub const fn new(now: SimTime, streams: Streams) -> Self {
        Self {
            now,
            streams,
            queue: Queue::new(),
            links: Vec::new(),
            flows: Vec::new(),
            viewers: Vec::new(),
            cross: Vec::new(),
            cargo: Cargo::new(),
            happened: Vec::new(),
            level: Class::Business,
            sights: Vec::new(),
            ear: Ear::deaf(),
        }
    }
    /// The instant up to which everything has happened.
    pub const fn now(&self) -> SimTime {
        self.now
    }
    /// Where everything draws from.
    pub const fn streams(&self) -> &Streams {
        &self.streams
    }
    /// Adds a link, whose accidents are drawn by its name.
    pub fn add_link(&mut self, name: &str, spec: LinkSpec) -> LinkIndex {
        self.links.push(Link::new(spec, LinkStreams::new(&self.streams, name)));
        LinkIndex(self.links.len() - 1)
    }
    /// A link, to look at its books.
    pub fn link(&self, index: LinkIndex) -> Option<&Link> {
        self.links.get(index.0)
    }
    /// All links, in the order in which they were added.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter()
    }
    /// Lets a link be another one from now on; see [`Link::set_spec`].
    pub fn set_link(&mut self, index: LinkIndex, spec: LinkSpec) -> Result<(), PathError> {
        let link = self.links.get_mut(index.0).ok_or(PathError::Route)?;
        link.set_spec(self.now, spec);
        self.settle(index.0)
    }

    /// Cuts a link, which takes nothing any more, or makes it whole.
    pub fn cut_link(&mut self, index: LinkIndex, cut: bool) -> Result<(), PathError> {
        let link = self.links.get_mut(index.0).ok_or(PathError::Route)?;
        if cut {
            link.cut();
        } else {
            link.join();
        }
        self.settle(index.0)
    }
    /// An instant before which nothing is due becomes now.
    pub(super) fn enter(&mut self, at: SimTime) {
        self.now = self.now.max(at);
    }
    /// Lets everything happen up to and at an instant, or up to the first sight; answers whether there was
    /// one, at the instant that is then now.
    pub fn run_to_sight(&mut self, last: SimTime) -> Result<bool, PathError> {
        while self.sights.is_empty() {
            let Some(entry) = self.queue.pop_through(last) else { break };
            self.now = entry.at;
            self.happen(entry.payload, entry.phase)?;
        }
        if self.sights.is_empty() {
            self.now = self.now.max(last);
        }
        Ok(!self.sights.is_empty())
    }
    /// Lets everything happen up to and at an instant.
    pub fn run_through(&mut self, last: SimTime) -> Result<(), PathError> {
        while let Some(entry) = self.queue.pop_through(last) {
            self.now = entry.at;
            self.happen(entry.payload, entry.phase)?;
        }
        self.now = self.now.max(last);
        Ok(())
    }
    /// When something happens next.
    pub fn next_due(&mut self) -> Option<SimTime> {
        self.queue.peek().map(|(at, _)| at)
    }

    fn happen(&mut self, due: Due, phase: Phase) -> Result<(), PathError> {
        let now = self.now;
        match due {
            Due::Link(number) => {
                let wanted = self.links.get_mut(number).is_some_and(|link| link.rings(now, phase));
                if wanted { self.poll_link(number, phase) } else { Ok(()) }
            }
            Due::Cross(number) => {
                let due = self.cross.get_mut(number).map(|cross| &mut cross.at);
                if rung(due, now) { self.drain_cross(number) } else { Ok(()) }
            }
            Due::Sender(number) => {
                let due = self.viewers.get_mut(number).map(|viewer| &mut viewer.sender_at);
                if rung(due, now) { self.drain_sender(number) } else { Ok(()) }
            }
            Due::Receiver(number) => {
                let due = self.viewers.get_mut(number).map(|viewer| &mut viewer.receiver_at);
                if rung(due, now) { self.drain_receiver(number) } else { Ok(()) }
            }
            Due::Hand(number) => {
                let due = self.viewers.get_mut(number).map(|viewer| &mut viewer.hand_at);
                if rung(due, now) { self.drain_hand(number) } else { Ok(()) }
            }
            Due::Screen(number) => {
                let due = self.flows.get_mut(number).map(|flow| &mut flow.screen_at);
                if rung(due, now) { self.show(number) } else { Ok(()) }
            }
            Due::Look(number) => {
                let due = self.flows.get_mut(number).map(|flow| &mut flow.look_at);
                if rung(due, now) { self.look(number) } else { Ok(()) }
            }
            Due::Encoded(number) => self.encoded(number),
            Due::Tap(number) => self.tap(number),
            Due::Touched { flow, input, action } => self.touched(flow, input, action),
            Due::Answered { flow, input } => self.answered(flow, input),
        }
    }

    /// The screen of a flow composes what is due, and the encoder is told when to look.
    pub(super) fn show(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        let Some(flow) = self.flows.get_mut(number).filter(|flow| flow.running) else {
            return Ok(());
        };
        flow.compose(now);
        let due = flow.screen.next_due().max(now);
        let look = flow.wants_look(now);
        if sooner(&mut flow.screen_at, due) {
            self.queue.push(due, Phase::Arrival, Due::Screen(number))?;
        }
        self.look_later(number, look)
    }
    fn look_later(&mut self, number: usize, look: Option<SimTime>) -> Result<(), PathError> {
        let Some((flow, at)) = self.flows.get_mut(number).zip(look) else { return Ok(()) };
        if sooner(&mut flow.look_at, at) {
            // After everything that is composed at the same instant.
            self.queue.push(at, Phase::TransmissionEnd, Due::Look(number))?;
        }
        Ok(())
    }
    /// The encoder looks at the screen.
    fn look(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        let Some(flow) = self.flows.get_mut(number).filter(|flow| flow.running) else {
            return Ok(());
        };
        match flow.capture(now) {
            Ok(captured) => {
                flow.encoding.push_back(captured.id);
                let ready = captured.frame.ready.max(now);
                self.queue.push(ready, Phase::Arrival, Due::Encoded(number))?;
                Ok(())
            }
            Err(again) => self.look_later(number, again),
        }
    }
    /// A frame is encoded, and all senders of the flow take it.
    fn encoded(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        let Some(flow) = self.flows.get_mut(number) else { return Ok(()) };
        let Some(id) = flow.encoding.pop_front() else { return Ok(()) };
        let Some(offered) = flow.frame(id).map(super::flow::Captured::offered) else {
            return Ok(());
        };
        for place in 0..flow.viewers.len() {
            let Some(viewer) = self.flows.get(number).and_then(|f| f.viewers.get(place)).copied()
            else {
                continue;
            };
            if let Some(ends) = self.viewers.get_mut(viewer) {
                ends.sender.handle(now, SenderInput::Frame(offered));
            }
            self.drain_sender(viewer)?;
        }
        Ok(())
    }

    /// Does what a sender wants done.
    pub(super) fn drain_sender(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        if !self.is_running(number) {
            return Ok(());
        }
        while let Some(output) =
            self.viewers.get_mut(number).and_then(|viewer| viewer.sender.poll(now))
        {
            match output {
                SenderOutput::Send(packet) => {
                    if let (Some(viewer), MediaPacket::Media(media)) =
                        (self.viewers.get_mut(number), &packet)
                        && media.last
                    {
                        viewer.left(media.frame, now);
                    }
                    self.send(number, Way::Down, Load::Media(packet))?;
                }
                SenderOutput::TargetRate { video, total } => {
                    self.aim(number, video.bps(), total.bps());
                }
                SenderOutput::KeyFrameWanted => self.key_frame(number)?,
                SenderOutput::Connection(change) => {
                    self.see(number, Class::Session, |flow, viewer| Sight::ConnectionChanged {
                        flow: flow.name.clone(),
                        viewer,
                        is: change.into(),
                    });
                }
                SenderOutput::FrameRefused { .. } | SenderOutput::FramesDropped(_) => {}
            }
        }
        let Some(viewer) = self.viewers.get_mut(number) else { return Ok(()) };
        if let Some(due) = viewer.sender.next_due().map(|due| due.max(now))
            && sooner(&mut viewer.sender_at, due)
        {
            self.queue.push(due, Phase::Arrival, Due::Sender(number))?;
        }
        Ok(())
    }
    /// The encoder of a flow follows its slowest viewer.
    fn aim(&mut self, number: usize, video_bps: u64, total_bps: u64) {
        let now = self.now;
        let Some(viewer) = self.viewers.get_mut(number) else { return };
        viewer.target_bps = video_bps;
        viewer.measured.bin(now).target_bps = total_bps;
        let flow = viewer.flow;
        let Some(flow) = self.flows.get_mut(flow) else { return };
        let all = flow.viewers.iter().filter_map(|viewer| self.viewers.get(*viewer));
        let all = all.filter(|viewer| viewer.watching);
        let slowest = all.map(|viewer| viewer.target_bps).filter(|bps| *bps > 0).min();
        if let Some(slowest) = slowest {
            flow.aim(slowest);
        }
    }
    pub(super) fn key_frame(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        let Some(flow) = self.viewers.get(number).map(|viewer| viewer.flow) else { return Ok(()) };
        let Some(state) = self.flows.get_mut(flow) else { return Ok(()) };
        state.encoder.request_keyframe();
        let look = state.wants_look(now);
        self.look_later(flow, look)
    }

    /// Does what a receiver wants done.
    pub(super) fn drain_receiver(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        if !self.is_running(number) {
            return Ok(());
        }
        while let Some(output) =
            self.viewers.get_mut(number).and_then(|viewer| viewer.receiver.poll(now))
        {
            match output {
                ReceiverOutput::Send(packet) => self.send(number, Way::Up, Load::Media(packet))?,
                ReceiverOutput::Picture(picture) => {
                    let Some(viewer) = self.viewers.get_mut(number) else { continue };
                    let Some(flow) = self.flows.get_mut(viewer.flow) else { continue };
                    let controls = flow.controller() == Some(number);
                    let of_frame = (flow.frame(picture.id).copied(), flow.family(picture.id));
                    let (inputs, name) = (&mut flow.inputs, &flow.name);
                    let (index, place) = (FlowIndex(viewer.flow), viewer.place);
                    let (sights, level) = (&mut self.sights, self.level);
                    let of_frame = (of_frame.0.as_ref(), of_frame.1);
                    let decoded = viewer.play(now, &picture, of_frame, |measured, shown| {
                        let (id, bytes, timeline) = shown;
                        measured.frame(id, bytes, timeline);
                        let fine = level >= Class::Frame;
                        if fine {
                            let (flow, passed) = (name.clone(), Passed::from(&timeline));
                            let (viewer, frame) = (place, id);
                            let sight = Sight::FrameShown { flow, viewer, frame, bytes, passed };
                            sights.push((index, sight));
                        }
                        if controls {
                            inputs.shown(id, &timeline, |input, whole| {
                                measured.input(input, whole);
                                if fine {
                                    let (flow, passed) = (name.clone(), Passed::from(&whole));
                                    let viewer = place;
                                    let sight =
                                        Sight::InputAnswered { flow, viewer, input, passed };
                                    sights.push((index, sight));
                                }
                            });
                        }
                    });
                    if !decoded {
                        viewer.receiver.handle(now, ReceiverInput::KeyFrameNeeded);
                    }
                    self.tell_played(number, &picture)?;
                }
                ReceiverOutput::Sound(_)
                | ReceiverOutput::Connection(_)
                | ReceiverOutput::PathConfirmed { .. } => {}
            }
        }
        let Some(viewer) = self.viewers.get_mut(number) else { return Ok(()) };
        if let Some(due) = viewer.receiver.next_due().map(|due| due.max(now))
            && sooner(&mut viewer.receiver_at, due)
        {
            self.queue.push(due, Phase::Arrival, Due::Receiver(number))?;
        }
        Ok(())
    }

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
        let token = self.cargo.put(load, end, way);
        self.packet_seen(token, bytes, Sight::PacketSent);
        // Flows of phones have even numbers, so that queues keep them apart from the others.
        let flow = match end {
            End::Viewer(number) => 2 * number,
            End::Cross(number) => 2 * number + 1,
        };
        let flow = u32::try_from(flow).unwrap_or(u32::MAX);
        let packet = Packet::new(token, bytes).of_flow(flow);
        if self.ear.listens() {
            self.tell_sent(&packet)?;
        }
        self.offer(packet)
    }
    /// Offers a packet to the next link of its way, or hands it over at the end.
    fn offer(&mut self, packet: Packet) -> Result<(), PathError> {
        let Some(parcel) = self.cargo.get_mut(packet.token) else { return Ok(()) };
        let (end, way, hops) = (parcel.end, parcel.way, parcel.hops);
        parcel.hops += 1;
        let route = match end {
            End::Viewer(number) => self.viewers.get(number).map(|viewer| &viewer.route),
            End::Cross(number) => self.cross.get(number).map(|cross| &cross.route),
        };
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
    fn settle(&mut self, number: usize) -> Result<(), PathError> {
        while let Some(told) = self.links.get_mut(number).and_then(Link::told) {
            self.told(&told);
        }
        let alarms = self.links.get_mut(number).map_or([None; 2], Link::alarms);
        for (at, phase) in alarms.into_iter().flatten() {
            self.queue.push(at.max(self.now), phase, Due::Link(number))?;
        }
        Ok(())
    }
    fn poll_link(&mut self, number: usize, phase: Phase) -> Result<(), PathError> {
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
            Fate::Dropped(cause) => {
                let Packet { token, bytes, .. } = told.packet;
                self.packet_seen(token, bytes, |packet| Sight::PacketDropped { packet, cause });
                let Some(parcel) = self.cargo.take(told.packet.token) else { return };
                if let (Way::Down, End::Viewer(number)) = (parcel.way, parcel.end)
                    && let Some(viewer) = self.viewers.get_mut(number)
                {
                    viewer.measured.bin(told.at).dropped += 1;
                }
            }
            Fate::Departed | Fate::Arrived { .. } => {}
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
                viewer.receiver.handle(now, ReceiverInput::Packet(&media, mark(packet.ecn)));
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

/// Whether an alarm that rings is the one that was set last.
fn rung(due: Option<&mut Option<SimTime>>, now: SimTime) -> bool {
    due.is_some_and(|due| due.take_if(|at| *at == now).is_some())
}

/// Moves an alarm to an earlier instant; whether it was moved.
pub(super) fn sooner(alarm: &mut Option<SimTime>, at: SimTime) -> bool {
    let moves = alarm.is_none_or(|alarm| at < alarm);
    if moves {
        *alarm = Some(at);
    }
    moves
}

const fn mark(ecn: crate::net::Ecn) -> Ecn {
    match ecn {
        crate::net::Ecn::NotCapable => Ecn::NotCapable,
        crate::net::Ecn::Capable0 => Ecn::Capable0,
        crate::net::Ecn::Capable1 => Ecn::Capable1,
        crate::net::Ecn::Marked => Ecn::Congested,
    }
}

#[cfg(test)]
impl Paths {
    /// Packets on their way.
    pub(super) fn cargo_len(&self) -> usize {
        self.cargo.len()
    }
}
