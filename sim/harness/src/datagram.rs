//! Datagrams, under the names that tokio uses.

use crate::addr::{Endpoint, ToAddr, resolve, resolve_own};
use crate::host::{Life, current};
use crate::record::{Carrier, Discard, fingerprint};
use crate::world::{Label, Packet, Payload, World, enter_as};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, Waker, ready};
use tokio::task::coop::poll_proceed;

/// Datagrams that a socket holds for a component that does not receive them.
pub const INBOX_DATAGRAMS_MAX: usize = 4096;
/// The largest payload of a datagram.
pub const DATAGRAM_BYTES_MAX: usize = 65_507;
/// Bytes of headers that each datagram carries besides its payload.
pub const DATAGRAM_HEADER_BYTES: u32 = 28;

/// What is bound to a port.
#[derive(Default)]
pub(crate) struct UdpPort {
    inbox: VecDeque<(Endpoint, Box<[u8]>)>,
    waiting: Vec<Waker>,
}

impl UdpPort {
    /// Who waits for a datagram.
    pub(crate) fn into_waiting(self) -> Vec<Waker> {
        self.waiting
    }
}

/// A socket for datagrams. Its port is free again when it is dropped.
#[derive(Debug)]
pub struct UdpSocket {
    life: Life,
    port: u16,
}

impl UdpSocket {
    /// Binds a port of this host; port 0 takes a free one.
    pub async fn bind(addr: impl ToAddr) -> io::Result<Self> {
        let life = current()?;
        enter_as(life, |world| {
            let port = resolve_own(world, life.host, &addr)?;
            let host = world.host_mut(life.host);
            let port = if port == 0 { host.free_port()? } else { port };
            if host.datagram_ports.contains_key(&port) {
                return Err(in_use(port));
            }
            host.datagram_ports.insert(port, UdpPort::default());
            Ok(Self { life, port })
        })
    }

    /// The address and port of this socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.endpoint().socket_addr())
    }

    /// Sends a datagram; how many bytes. It never waits: what a link cannot take is dropped.
    pub async fn send_to(&self, bytes: &[u8], to: impl ToAddr) -> io::Result<usize> {
        poll_fn(|cx| {
            ready!(poll_proceed(cx)).made_progress();
            Poll::Ready(())
        })
        .await;
        self.try_send_to(bytes, to)
    }

    /// Sends a datagram; how many bytes.
    pub fn try_send_to(&self, bytes: &[u8], to: impl ToAddr) -> io::Result<usize> {
        if bytes.len() > DATAGRAM_BYTES_MAX {
            let message = format!("a datagram holds at most {DATAGRAM_BYTES_MAX} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        enter_as(self.life, |world| {
            let to = resolve(world, self.life.host, &to)?;
            let label = Label {
                from: self.endpoint(),
                to,
                carrier: Carrier::Datagram,
                payload_bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                content: fingerprint(0, bytes),
            };
            world.send(Packet { label, payload: Payload::Datagram(bytes.into()) });
            Ok(bytes.len())
        })
    }

    /// Waits for a datagram; how many bytes were copied, and from where it came. Bytes that do not
    /// fit are lost.
    pub async fn recv_from(&self, into: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        poll_fn(|cx| self.poll_recv_from(cx, into)).await
    }

    /// Waits for a datagram.
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let coop = ready!(poll_proceed(cx));
        let taken = enter_as(self.life, |world| {
            let host = world.host_mut(self.life.host);
            let Some(port) = host.datagram_ports.get_mut(&self.port) else {
                return Err(io::Error::from(io::ErrorKind::NotConnected));
            };
            let taken = port.inbox.pop_front();
            if taken.is_none() && !port.waiting.iter().any(|known| known.will_wake(cx.waker())) {
                port.waiting.push(cx.waker().clone());
            }
            Ok(taken)
        })?;
        let Some((from, bytes)) = taken else { return Poll::Pending };
        coop.made_progress();
        Poll::Ready(Ok((copy(&bytes, into), from.socket_addr())))
    }

    const fn endpoint(&self) -> Endpoint {
        Endpoint { host: self.life.host, port: self.port }
    }
}

impl Drop for UdpSocket {
    fn drop(&mut self) {
        // A crash or the end of the run has closed the port already.
        let _: io::Result<()> = enter_as(self.life, |world| {
            world.host_mut(self.life.host).datagram_ports.remove(&self.port);
            Ok(())
        });
    }
}

/// Copies what fits; how many bytes.
fn copy(bytes: &[u8], into: &mut [u8]) -> usize {
    let count = bytes.len().min(into.len());
    if let (Some(to), Some(from)) = (into.get_mut(..count), bytes.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}

pub(crate) fn in_use(port: u16) -> io::Error {
    io::Error::new(io::ErrorKind::AddrInUse, format!("port {port} is in use"))
}

impl World {
    pub(crate) fn datagram_arrives(&mut self, label: Label, bytes: Box<[u8]>) {
        let ports = &mut self.host_mut(label.to.host).datagram_ports;
        let Some(port) = ports.get_mut(&label.to.port) else {
            return self.note_discard(label, Discard::NoSocket);
        };
        if port.inbox.len() >= INBOX_DATAGRAMS_MAX {
            return self.note_discard(label, Discard::InboxFull);
        }
        port.inbox.push_back((label.from, bytes));
        let mut waiting = std::mem::take(&mut port.waiting);
        self.wakes.append(&mut waiting);
        self.note_arrival(label);
    }
}
