//! The state of one network while it runs, and how components reach it.

use crate::addr::Endpoint;
use crate::clock::Clock;
use crate::datagram::DATAGRAM_HEADER_BYTES;
use crate::drive::Run;
use crate::error::{RequestError, RunError, nearest};
use crate::host::{Host, HostState, Life};
use crate::log::Log;
use crate::parcels::Parcels;
use crate::record::{Carrier, Discard, Record, What};
use crate::stream::{FlowKey, Flows, SEGMENT_HEADER_BYTES, Segment};
use koosim_engine::net::{self, Fate, Happening, NodeId, Topology};
use koosim_engine::queue::{Handle, Phase, Queue};
use koosim_engine::streams::Streams;
use koosim_model::time::SimTime;
use std::cell::RefCell;
use std::io;
use std::task::Waker;

/// What may happen in one round before tasks run.
const HAPPENINGS_PER_ROUND_MAX: u32 = 1 << 20;

/// What is carried.
#[derive(Clone)]
pub(crate) enum Payload {
    Datagram(Box<[u8]>),
    /// For that end of that connection. In a box, so that the agenda's items stay small.
    Segment(Box<(FlowKey, Segment)>),
}

/// What is written on a packet.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub(crate) from: Endpoint,
    pub(crate) to: Endpoint,
    pub(crate) carrier: Carrier,
    pub(crate) payload_bytes: u32,
    pub(crate) content: u64,
}

impl Label {
    /// What queues that keep flows apart tell it by: hosts are the link's, so ports are left.
    fn flow(self) -> u32 {
        u32::from(self.from.port) << u16::BITS | u32::from(self.to.port)
    }
    const fn wire_bytes(self) -> u32 {
        let header_bytes = match self.carrier {
            Carrier::Datagram => DATAGRAM_HEADER_BYTES,
            Carrier::Segment => SEGMENT_HEADER_BYTES,
        };
        self.payload_bytes.saturating_add(header_bytes)
    }
    /// What one of its ends has to say about it.
    const fn record(self, at: SimTime, what: What, by: Endpoint, peer: Endpoint) -> Record {
        Record {
            at,
            what,
            host: by.host.index(),
            peer: peer.host.index(),
            port: by.port,
            peer_port: peer.port,
            bytes: self.payload_bytes,
            content: self.content,
        }
    }
}

/// What travels over a link.
#[derive(Clone)]
pub(crate) struct Packet {
    pub(crate) label: Label,
    pub(crate) payload: Payload,
}

/// What is to happen at some instant.
pub(crate) enum Due {
    Wake(Waker),
    Flow(FlowKey),
    Acknowledge(FlowKey),
    /// The link from one host to another.
    Link(NodeId, NodeId),
}

/// One network.
pub(crate) struct World {
    pub(crate) id: u64,
    pub(crate) clock: Clock,
    pub(crate) streams: Streams,
    pub(crate) topology: Topology,
    pub(crate) parcels: Parcels,
    pub(crate) agenda: Queue<Due>,
    pub(crate) log: Log,
    // INVARIANT: one for every node of the topology, in the same order.
    pub(crate) hosts: Vec<Host>,
    pub(crate) flows: Flows,
    pub(crate) polls_max: u64,
    pub(crate) run: Option<Run>,
    pub(crate) failure: Option<RunError>,
    // To be woken when nobody holds the world any more.
    pub(crate) wakes: Vec<Waker>,
}

thread_local! {
    static WORLD: RefCell<Option<Box<World>>> = const { RefCell::new(None) };
}

/// Puts a world in its place for as long as it runs, or takes it back.
pub(crate) fn exchange(world: Option<Box<World>>) -> Option<Box<World>> {
    WORLD.with(|place| std::mem::replace(&mut *place.borrow_mut(), world))
}

/// Does something with the network that runs on this thread, and then wakes whom it concerns.
pub(crate) fn enter<R>(f: impl FnOnce(&mut World) -> R) -> Option<R> {
    WORLD.with(|place| {
        let mut held = place.borrow_mut();
        let world = held.as_deref_mut()?;
        let result = f(world);
        if world.wakes.is_empty() {
            return Some(result);
        }
        let mut wakes = std::mem::take(&mut world.wakes);
        drop(held);
        wakes.drain(..).for_each(Waker::wake);
        if let Some(world) = place.borrow_mut().as_deref_mut() {
            world.wakes = wakes;
        }
        Some(result)
    })
}

/// Does something for a host, if the host still lives that life.
pub(crate) fn enter_as<R>(
    life: Life,
    f: impl FnOnce(&mut World) -> io::Result<R>,
) -> io::Result<R> {
    let done = enter(|world| {
        let lives = world.id == life.network && world.host(life.host).life == life.life;
        if lives { f(world) } else { Err(gone()) }
    });
    done.unwrap_or_else(|| Err(io::Error::other("the network is not running on this thread")))
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the host has crashed since")
}

impl World {
    #[expect(clippy::indexing_slicing, reason = "there is a host for every node of the topology")]
    #[expect(clippy::as_conversions, reason = "no supported target has addresses below 32 bits")]
    pub(crate) fn host(&self, id: NodeId) -> &Host {
        &self.hosts[id.index() as usize]
    }
    #[expect(clippy::indexing_slicing, reason = "there is a host for every node of the topology")]
    #[expect(clippy::as_conversions, reason = "no supported target has addresses below 32 bits")]
    pub(crate) fn host_mut(&mut self, id: NodeId) -> &mut Host {
        &mut self.hosts[id.index() as usize]
    }

    /// The host of that name.
    pub(crate) fn find(&self, name: &str) -> Result<NodeId, RequestError> {
        self.topology.find(name).ok_or_else(|| RequestError::UnknownHost {
            name: name.to_owned(),
            nearest: nearest(name, self.topology.names()),
        })
    }

    /// Puts something on the agenda; a queue that takes no more stops the run.
    pub(crate) fn schedule(&mut self, at: SimTime, phase: Phase, due: Due) -> Option<Handle> {
        match self.agenda.push(at, phase, due) {
            Ok(handle) => Some(handle),
            Err(error) => {
                self.stop(RunError::Agenda(error));
                None
            }
        }
    }

    /// Offers a packet to its link.
    pub(crate) fn send(&mut self, packet: Packet) {
        let now = self.clock.now();
        let label @ Label { from, to, carrier, .. } = packet.label;
        self.log.push(&label.record(now, What::Sent(carrier), from, to));
        let token = self.parcels.keep(packet);
        let offered = net::Packet::new(token, label.wire_bytes()).of_flow(label.flow());
        self.topology.link(from.host, to.host).offer(now, offered);
        while let Some(told) = self.topology.link(from.host, to.host).told() {
            self.hear(told);
        }
        self.set_alarms(from.host, to.host);
    }
    /// Sees to it that a link is looked at when it is due.
    pub(crate) fn set_alarms(&mut self, from: NodeId, to: NodeId) {
        for (at, phase) in self.topology.link(from, to).alarms().into_iter().flatten() {
            self.schedule(at, phase, Due::Link(from, to));
        }
    }
    /// Lets a link tell what happened on it up to now.
    fn link_is_due(&mut self, from: NodeId, to: NodeId, now: SimTime, phase: Phase) {
        if !self.topology.link(from, to).rings(now, phase) {
            return;
        }
        while let Some(told) = self.topology.link(from, to).poll(now, phase) {
            self.hear(told);
        }
        self.set_alarms(from, to);
    }
    /// A link has done something with a packet.
    fn hear(&mut self, told: Happening) {
        let token = told.packet.token;
        match told.fate {
            Fate::Departed => {}
            Fate::Copied => self.parcels.copy(token),
            Fate::Arrived { corrupt, .. } => {
                let Some(packet) = self.parcels.take(token) else { return };
                if corrupt {
                    return self.note_discard(packet.label, Discard::Corrupt);
                }
                self.arrive(packet);
            }
            Fate::Dropped(cause) => {
                let Some(Packet { label, .. }) = self.parcels.take(token) else { return };
                let what = What::Dropped(label.carrier, cause);
                self.log.push(&label.record(told.at, what, label.from, label.to));
            }
        }
    }

    /// Lets everything happen that has fallen due and shares instant and phase; whether there was
    /// anything.
    pub(crate) fn happen(&mut self) -> bool {
        let now = self.clock.now();
        let Some((at, phase)) = self.agenda.peek().filter(|(at, _)| *at <= now) else {
            return false;
        };
        assert!(at == now, "the driver stops at every instant at which something is due");
        for _ in 0..HAPPENINGS_PER_ROUND_MAX {
            match self.agenda.pop().map(|entry| entry.payload) {
                Some(Due::Wake(waker)) => self.wakes.push(waker),
                Some(Due::Flow(key)) => self.flow_is_due(key),
                Some(Due::Acknowledge(key)) => self.ack_is_due(key),
                Some(Due::Link(from, to)) => self.link_is_due(from, to, now, phase),
                None => break,
            }
            if self.agenda.peek() != Some((at, phase)) {
                break;
            }
        }
        true
    }

    fn arrive(&mut self, packet: Packet) {
        let Packet { label, payload } = packet;
        if self.host(label.to.host).state == HostState::Off {
            return self.note_discard(label, Discard::HostOff);
        }
        match payload {
            Payload::Datagram(bytes) => self.datagram_arrives(label, bytes),
            Payload::Segment(segment) => self.segment_arrives(label, segment.0, segment.1),
        }
    }

    pub(crate) fn note_arrival(&mut self, label: Label) {
        let what = What::Arrived(label.carrier);
        self.log.push(&label.record(self.clock.now(), what, label.to, label.from));
    }
    pub(crate) fn note_discard(&mut self, label: Label, why: Discard) {
        let what = What::Discarded(label.carrier, why);
        self.log.push(&label.record(self.clock.now(), what, label.to, label.from));
    }
    pub(crate) fn note_host(&mut self, what: What, host: NodeId) {
        let record = Record::of_host(self.clock.now(), what, host.index(), crate::record::NOBODY);
        self.log.push(&record);
    }
}
