//! What hosts saw, as a file that network tools open: pcapng with an interface for each host, of IPv4 packets
//! whose bytes are those that the sizes of the run stand for.
//!
//! A packet has its bytes from when it is sent, and the same when it is received, but for the congestion bits.
//! So memory holds what is on its way at most, and nothing else grows with the length of a run. The file
//! depends on nothing but the run.
//!
//! # Addresses and ports
//!
//! | host | address |
//! | --- | --- |
//! | phone `n` | 10.0.0.1 + n |
//! | viewer `n`, counted over all flows | 10.128.0.1 + n |
//! | source of cross traffic `n` | 172.16.0.1 + n |
//! | its sink | 172.24.0.1 + n |
//!
//! Both ends use the same port: [`RTP_PORT`], [`RTCP_PORT`], [`CONTROL_PORT`], [`CHECK_PORT`] and, for cross
//! traffic that nobody looks into, [`DISCARD_PORT`]. Transfers are TCP from a port of each one's own to
//! [`TCP_PORT`], without its beginning and end, which the model does not have. Cross traffic of less than 28
//! bytes has no room for its headers and is not written.

mod addresses;
mod ip;
mod pcapng;

pub use addresses::{
    CHECK_PORT, CONTROL_PORT, DISCARD_PORT, HOSTS_MAX, RTCP_PORT, RTP_PORT, TCP_PORT,
};

use super::cargo::Load;
use super::tap::{Host, HostPacket, Passage, Tap};
use super::world::FlowIndex;
use addresses::{address, name, port};
use koosim_transport::bytes::{Filler, Payloads, Writer};
use koosim_transport::packet::UDP_IPV4_BYTES;
use koosim_transport::wire::Write as _;
use pcapng::Pcapng;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

/// Writes what hosts see. Give it to [`Paths::listen`](super::Paths::listen) before the first flow begins.
pub struct Capture<W> {
    file: Pcapng<W>,
    payloads: Box<dyn Payloads + Send>,
    /// Numbers of the interfaces, in the order in which hosts were first seen.
    interfaces: BTreeMap<Host, u32>,
    flows: BTreeMap<usize, Box<str>>,
    /// By the number of the viewer.
    writers: BTreeMap<usize, Writer>,
    /// The bytes of what is on its way, by token; empty for what was sent before there was a listener.
    sent: Vec<Vec<u8>>,
    /// What is being written.
    content: Vec<u8>,
}

impl<W: io::Write + Send> Capture<W> {
    /// Begins a file, in which pictures and sound are filler.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(file: W) -> io::Result<Self> {
        Self::with_payloads(file, Box::new(Filler))
    }
    /// Begins a file with pictures and sound of one's own. Every flow of the paths shows the same.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn with_payloads(file: W, payloads: Box<dyn Payloads + Send>) -> io::Result<Self> {
        Ok(Self {
            file: Pcapng::begin(file)?,
            payloads,
            interfaces: BTreeMap::new(),
            flows: BTreeMap::new(),
            writers: BTreeMap::new(),
            sent: Vec::new(),
            content: Vec::new(),
        })
    }

    /// The interface of a host, which is written before its first packet.
    fn interface(&mut self, host: Host) -> io::Result<u32> {
        if let Some(number) = self.interfaces.get(&host) {
            return Ok(*number);
        }
        let number = u32::try_from(self.interfaces.len()).map_err(io::Error::other)?;
        self.file.interface(&name(host, &self.flows), address(host)?)?;
        self.interfaces.insert(host, number);
        Ok(number)
    }

    /// Writes the bytes of a packet that is sent to where they lie while it is on its way.
    fn send(&mut self, sight: &HostPacket<'_>, place: usize) -> io::Result<()> {
        self.content.clear();
        let (from, to) = (address(sight.host)?, address(sight.peer)?);
        if self.sent.len() <= place {
            self.sent.resize_with(place + 1, Vec::new);
        }
        let Some(out) = self.sent.get_mut(place) else { return Ok(()) };
        out.clear();
        match sight.load {
            Load::Segment(turn, segment) => {
                ip::data((from, to), *turn, *segment, out);
                return Ok(());
            }
            Load::Ack(turn, ack) => {
                ip::ack((from, to), *turn, *ack, out);
                return Ok(());
            }
            Load::Nothing => {
                let Some(len) = sight.bytes.checked_sub(UDP_IPV4_BYTES) else { return Ok(()) };
                self.content.resize(usize::try_from(len).unwrap_or_default(), 0);
            }
            Load::Control(packet) => packet.write(&mut self.content).map_err(io::Error::other)?,
            Load::Media(packet) => {
                let Some((viewer, options)) = sight.viewer else { return Ok(()) };
                let checks = SocketAddrV4::new(to_or_from(sight, from, to), CHECK_PORT);
                let writer =
                    self.writers.entry(viewer).or_insert_with(|| Writer::new(options, checks));
                let (piece, payloads) = (sight.piece.as_ref(), &mut *self.payloads);
                let written = writer.write(sight.at, packet, piece, payloads, &mut self.content);
                written.map_err(io::Error::other)?;
            }
        }
        let port = port(sight.load);
        let (from, to) = (SocketAddrV4::new(from, port), SocketAddrV4::new(to, port));
        ip::datagram((from, to), &self.content, out);
        Ok(())
    }
}

/// The address of the viewer of two ends.
const fn to_or_from(sight: &HostPacket<'_>, from: Ipv4Addr, to: Ipv4Addr) -> Ipv4Addr {
    if matches!(sight.host, Host::Viewer { .. }) { from } else { to }
}

impl<W: io::Write + Send> Tap for Capture<W> {
    fn begins(&mut self, flow: FlowIndex, name: &str) -> io::Result<()> {
        self.flows.insert(flow.number(), name.into());
        Ok(())
    }
    fn sees(&mut self, sight: &HostPacket<'_>) -> io::Result<()> {
        let place = usize::try_from(sight.token).map_err(io::Error::other)?;
        if sight.passage == Passage::Sent {
            self.send(sight, place)?;
        }
        if self.sent.get(place).is_none_or(Vec::is_empty) {
            return Ok(());
        }
        let interface = self.interface(sight.host)?;
        let Some(bytes) = self.sent.get_mut(place) else { return Ok(()) };
        ip::mark(sight.ecn, bytes);
        self.file.packet(interface, sight.at, sight.passage, bytes)
    }
    fn ends(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
