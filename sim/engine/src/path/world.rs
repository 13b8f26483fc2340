//! Links and flows under one queue.

use super::cargo::{Cargo, Load};
use super::cross::Cross;
use super::flow::Flow;
use super::sight::{Passed, Sight, Way};
use super::spec::{LinkIndex, PathError};
use super::tap::Ear;
use super::viewer::Viewer;
use crate::net::{Happening, Link, LinkSpec, LinkStreams};
use crate::queue::{Phase, Queue};
use crate::record::Class;
use crate::streams::Streams;
use koosim_model::time::SimTime;
use koosim_transport::control::TouchAction;
use koosim_transport::endpoint::{ReceiverInput, ReceiverOutput, SenderInput, SenderOutput};
use koosim_transport::packet::Packet as MediaPacket;

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
    /// A packet of sound is whole.
    Sound(usize),
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
            let was_blind = self.is_blind();
            let Some(entry) = self.queue.pop_through(last) else { break };
            self.look_ahead(was_blind);
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
        loop {
            let was_blind = self.is_blind();
            let Some(entry) = self.queue.pop_through(last) else { break };
            self.look_ahead(was_blind);
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
            Due::Sound(number) => self.sound(number),
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
        let behind = self.is_behind(number);
        let Some(flow) = self.flows.get_mut(number).filter(|flow| flow.running) else {
            return Ok(());
        };
        if behind {
            let again = flow.beat.after(now);
            return self.look_later(number, Some(again));
        }
        match flow.capture(now) {
            Ok(captured) => {
                flow.encoding.push_back(captured.id);
                for viewer in &flow.viewers {
                    if let Some(ends) = self.viewers.get_mut(*viewer) {
                        ends.measured.playback.captured(captured.composed);
                    }
                }
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
                    let composed = |id: u32| flow.frame(id.wrapping_add(1)).map(|f| f.composed);
                    let next = (viewer.next_shown_id().and_then(composed), composed(picture.id));
                    let of_frame = (flow.frame(picture.id).copied(), flow.family(picture.id));
                    let (inputs, name) = (&mut flow.inputs, &flow.name);
                    let (index, place) = (FlowIndex(viewer.flow), viewer.place);
                    let (sights, level) = (&mut self.sights, self.level);
                    let of_frame = (of_frame.0.as_ref(), of_frame.1, next.1);
                    let until = viewer.play(now, &picture, of_frame, |measured, shown| {
                        let (id, bytes, timeline) = shown;
                        measured.frame((id, bytes), timeline, next.0);
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
                    flow.shown(picture.id);
                    viewer.receiver.handle(now, ReceiverInput::DecoderFull { until });
                    self.tell_played(number, &picture)?;
                }
                ReceiverOutput::Sound(sound) => {
                    let Some(viewer) = self.viewers.get_mut(number) else { continue };
                    let flow = self.flows.get(viewer.flow);
                    if let Some(sounding) = flow.and_then(|flow| flow.sounding.as_ref()) {
                        let seen = &mut viewer.measured.sound;
                        viewer.hearing.takes(now, sounding, sound.timestamp, seen);
                    }
                }
                ReceiverOutput::Connection(_) | ReceiverOutput::PathConfirmed { .. } => {}
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

#[cfg(test)]
impl Paths {
    /// Packets on their way.
    pub(super) fn cargo_len(&self) -> usize {
        self.cargo.len()
    }
}
