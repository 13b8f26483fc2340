//! All connections of a network: who owns each end, and how segments and timers reach it.

use super::conn::Conn;
use super::segment::{HEADER_BYTES, Segment, Side};
use super::socket::BACKLOG_MAX;
use crate::addr::Endpoint;
use crate::record::{Carrier, Discard};
use crate::world::{Due, Label, Packet, Payload, World};
use koosim_engine::net::NodeId;
use koosim_engine::queue::{Handle, Phase};
use koosim_model::time::SimTime;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::num::NonZeroU32;
use std::task::Waker;

/// Payload of a full segment where the links set no lower limit.
const SEGMENT_BYTES_MAX: u32 = 1460;

/// One end of one connection.
pub(crate) type FlowKey = (u64, Side);

/// Who has one end in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A component, or nobody any more.
    Component,
    /// The listener on the local port, before somebody accepts the connection.
    Listener,
}

/// One end of a connection, and who waits for it.
pub(crate) struct Flow {
    pub(crate) conn: Conn,
    pub(crate) owner: Owner,
    pub(crate) local: Endpoint,
    pub(crate) remote: Endpoint,
    pub(crate) reader: Option<Waker>,
    pub(crate) writer: Option<Waker>,
    timer: Option<(SimTime, Handle)>,
    // At the end of this instant an acknowledgement is sent, unless it was sent with data by then.
    ack_is_scheduled: bool,
}

/// Every end of every connection.
#[derive(Default)]
pub(crate) struct Flows {
    ends: BTreeMap<FlowKey, Flow>,
    opened: u64,
}

impl Flows {
    pub(crate) fn get_mut(&mut self, key: FlowKey) -> Option<&mut Flow> {
        self.ends.get_mut(&key)
    }
    fn of_host(&self, host: NodeId) -> Vec<FlowKey> {
        let of_host = self.ends.iter().filter(|(_, flow)| flow.local.host == host);
        of_host.map(|(key, _)| *key).collect()
    }
}

/// A port on which connections are accepted.
#[derive(Default)]
pub(crate) struct Listener {
    pub(crate) ready: VecDeque<FlowKey>,
    pub(crate) waiting: Vec<Waker>,
    half_open: BTreeSet<FlowKey>,
}

impl World {
    /// Begins a connection to another port.
    pub(crate) fn connect(&mut self, from: NodeId, remote: Endpoint) -> io::Result<FlowKey> {
        let host = self.host_mut(from);
        let local = Endpoint { host: from, port: host.free_port()? };
        host.client_ports.insert(local.port);
        let conn = Conn::asking(self.clock.now(), self.segment_bytes(local, remote));
        let key = (self.flows.opened, Side::Client);
        self.flows.opened += 1;
        self.add_flow(key, conn, Owner::Component, local, remote);
        self.pump(key);
        Ok(key)
    }

    fn add_flow(
        &mut self,
        key: FlowKey,
        conn: Conn,
        owner: Owner,
        local: Endpoint,
        remote: Endpoint,
    ) {
        let (reader, writer, timer, ack_is_scheduled) = (None, None, None, false);
        let flow = Flow { conn, owner, local, remote, reader, writer, timer, ack_is_scheduled };
        self.flows.ends.insert(key, flow);
    }

    /// The payload of a full segment: what passes in both directions.
    fn segment_bytes(&mut self, a: Endpoint, b: Endpoint) -> usize {
        let forth = self.topology.link(a.host, b.host).spec().mtu_bytes();
        let back = self.topology.link(b.host, a.host).spec().mtu_bytes();
        let mtus = [forth, back].into_iter().flatten().map(NonZeroU32::get);
        let payload = mtus.map(|mtu| mtu.saturating_sub(HEADER_BYTES).max(1)).min();
        let bytes = payload.map_or(SEGMENT_BYTES_MAX, |bytes| bytes.min(SEGMENT_BYTES_MAX));
        usize::try_from(bytes).unwrap_or(1)
    }

    /// A segment has reached the host that it was sent to.
    pub(crate) fn segment_arrives(&mut self, label: Label, key: FlowKey, segment: Segment) {
        let now = self.clock.now();
        if let Some(flow) = self.flows.get_mut(key) {
            flow.conn.handle(now, segment);
            self.note_arrival(label);
            self.pump(key);
            return;
        }
        let Segment::Open { window } = segment else {
            self.note_discard(label, Discard::NoSocket);
            if segment != Segment::Reset {
                self.refuse(label, key);
            }
            return;
        };
        let Some(listener) = self.host_mut(label.to.host).listeners.get_mut(&label.to.port) else {
            self.note_discard(label, Discard::NoSocket);
            return self.refuse(label, key);
        };
        if listener.half_open.len() + listener.ready.len() >= BACKLOG_MAX {
            return self.note_discard(label, Discard::BacklogFull);
        }
        listener.half_open.insert(key);
        self.note_arrival(label);
        let conn = Conn::answering(now, self.segment_bytes(label.to, label.from), window);
        self.add_flow(key, conn, Owner::Listener, label.to, label.from);
        self.pump(key);
    }

    /// Tells the sender of a segment that there is no such connection.
    fn refuse(&mut self, label: Label, (flow, side): FlowKey) {
        self.send_segment(label.to, label.from, (flow, side.other()), Segment::Reset);
    }

    fn send_segment(&mut self, from: Endpoint, to: Endpoint, key: FlowKey, segment: Segment) {
        let carrier = Carrier::Segment;
        let (payload_bytes, content) = (segment.payload_bytes(), segment.content());
        let label = Label { from, to, carrier, payload_bytes, content };
        self.send(Packet { label, payload: Payload::Segment(Box::new((key, segment))) });
    }

    /// A connection's timer has ended.
    pub(crate) fn flow_is_due(&mut self, key: FlowKey) {
        let now = self.clock.now();
        if let Some(flow) = self.flows.get_mut(key) {
            flow.timer = None;
            flow.conn.wake(now);
            self.pump(key);
        }
    }

    /// The instant ends, and nothing has come that an acknowledgement could travel with.
    pub(crate) fn ack_is_due(&mut self, key: FlowKey) {
        if let Some(flow) = self.flows.get_mut(key) {
            flow.ack_is_scheduled = false;
            flow.conn.hurry();
            self.pump(key);
        }
    }

    /// Sends what one end has to send, sets its timer, and wakes who waits for it.
    pub(crate) fn pump(&mut self, key: FlowKey) {
        let now = self.clock.now();
        let (flow_number, side) = key;
        while let Some(flow) = self.flows.get_mut(key)
            && let Some(segment) = flow.conn.transmit(now)
        {
            let (from, to) = (flow.local, flow.remote);
            self.send_segment(from, to, (flow_number, side.other()), segment);
        }
        self.settle_listener(key);
        let Some(flow) = self.flows.get_mut(key) else { return };
        let broken = flow.conn.broken().is_some();
        if flow.conn.is_readable() || broken {
            self.wakes.extend(flow.reader.take());
        }
        if (flow.conn.is_open() && flow.conn.is_writable()) || broken {
            self.wakes.extend(flow.writer.take());
        }
        let must_schedule = flow.conn.owes_ack() && !flow.ack_is_scheduled;
        flow.ack_is_scheduled |= must_schedule;
        let is_over = flow.conn.is_over();
        if must_schedule {
            self.schedule(now, Phase::TransmissionEnd, Due::Acknowledge(key));
        }
        if is_over { self.remove_flow(key) } else { self.set_flow_timer(key) }
    }

    /// Moves a connection that has just been opened to those that can be accepted.
    fn settle_listener(&mut self, key: FlowKey) {
        let Some(flow) = self.flows.get_mut(key) else { return };
        if flow.owner != Owner::Listener {
            return;
        }
        let (local, broken) = (flow.local, flow.conn.broken().is_some());
        if !broken && !flow.conn.is_open() {
            return;
        }
        let Some(listener) = self.host_mut(local.host).listeners.get_mut(&local.port) else {
            return;
        };
        if !listener.half_open.remove(&key) {
            return;
        }
        if broken {
            return self.remove_flow(key);
        }
        listener.ready.push_back(key);
        let mut waiting = std::mem::take(&mut listener.waiting);
        self.wakes.append(&mut waiting);
    }

    /// Sees to it that the connection is looked at when it is due. A timer that was set for an
    /// earlier instant stays: to look once too often costs less than to set it anew each time.
    fn set_flow_timer(&mut self, key: FlowKey) {
        let Some(flow) = self.flows.get_mut(key) else { return };
        let Some(due) = flow.conn.next_due() else { return };
        match flow.timer.take() {
            Some((at, handle)) if at <= due => {
                flow.timer = Some((at, handle));
                return;
            }
            Some((_, handle)) => drop(self.agenda.cancel(handle)),
            None => {}
        }
        let handle = self.schedule(due, Phase::BusinessTimer, Due::Flow(key));
        if let Some(flow) = self.flows.get_mut(key) {
            flow.timer = handle.map(|handle| (due, handle));
        }
    }

    fn remove_flow(&mut self, key: FlowKey) {
        let Some(flow) = self.flows.ends.remove(&key) else { return };
        if let Some((_, handle)) = flow.timer {
            self.agenda.cancel(handle);
        }
        self.wakes.extend(flow.reader.into_iter().chain(flow.writer));
        if key.1 == Side::Client {
            self.host_mut(flow.local.host).client_ports.remove(&flow.local.port);
        }
    }

    /// The component drops its end.
    pub(crate) fn release_flow(&mut self, key: FlowKey) {
        if let Some(flow) = self.flows.get_mut(key) {
            flow.conn.release();
            self.pump(key);
        }
    }

    /// Nobody accepts connections on a port any more.
    pub(crate) fn close_listener(&mut self, at: Endpoint) {
        let Some(listener) = self.host_mut(at.host).listeners.remove(&at.port) else { return };
        for key in listener.half_open.into_iter().chain(listener.ready) {
            self.abort_flow(key);
        }
        self.wakes.extend(listener.waiting);
    }

    /// Breaks one end, and tells the other.
    fn abort_flow(&mut self, key: FlowKey) {
        if let Some(flow) = self.flows.get_mut(key) {
            flow.conn.abort();
            self.pump(key);
            self.remove_flow(key);
        }
    }

    /// Breaks every connection of a host whose component was killed, and tells the peers.
    pub(crate) fn abort_flows(&mut self, host: NodeId) {
        for key in self.flows.of_host(host) {
            self.abort_flow(key);
        }
    }
    /// Forgets every connection of a host that has lost its power, and tells nobody.
    pub(crate) fn forget_flows(&mut self, host: NodeId) {
        for key in self.flows.of_host(host) {
            self.remove_flow(key);
        }
    }
}
