//! Byte streams, under the names that tokio uses.

use super::conn::Broken;
use super::flows::{Flow, FlowKey, Listener, Owner};
use crate::addr::{Endpoint, ToAddr, resolve, resolve_own};
use crate::datagram::in_use;
use crate::host::{Life, current};
use crate::world::{World, enter_as};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop::poll_proceed;

/// Connections that a listener holds until they are accepted, counting those that are being made.
pub const BACKLOG_MAX: usize = 1024;

/// Accepts connections on a port. Those that were not accepted are reset when it is dropped.
#[derive(Debug)]
pub struct TcpListener {
    life: Life,
    port: u16,
}

impl TcpListener {
    /// Listens on a port of this host; port 0 takes a free one.
    pub async fn bind(addr: impl ToAddr) -> io::Result<Self> {
        let life = current()?;
        enter_as(life, |world| {
            let port = resolve_own(world, life.host, &addr)?;
            let host = world.host_mut(life.host);
            let port = if port == 0 { host.free_port()? } else { port };
            if host.listeners.contains_key(&port) {
                return Err(in_use(port));
            }
            host.listeners.insert(port, Listener::default());
            Ok(Self { life, port })
        })
    }

    /// Waits for a connection, and says who has made it.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// Waits for a connection.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let coop = ready!(poll_proceed(cx));
        let accepted = enter_as(self.life, |world| {
            let listeners = &mut world.host_mut(self.life.host).listeners;
            let Some(listener) = listeners.get_mut(&self.port) else {
                return Err(io::Error::from(io::ErrorKind::NotConnected));
            };
            let Some(key) = listener.ready.pop_front() else {
                if !listener.waiting.iter().any(|known| known.will_wake(cx.waker())) {
                    listener.waiting.push(cx.waker().clone());
                }
                return Ok(None);
            };
            let flow = world.flows.get_mut(key).ok_or(io::ErrorKind::ConnectionAborted)?;
            flow.owner = Owner::Component;
            let (local, remote) = (flow.local, flow.remote);
            Ok(Some((TcpStream { life: self.life, key, local, remote }, remote.socket_addr())))
        })?;
        let Some(accepted) = accepted else { return Poll::Pending };
        coop.made_progress();
        Poll::Ready(Ok(accepted))
    }

    /// The address and port of this listener.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.endpoint().socket_addr())
    }
    const fn endpoint(&self) -> Endpoint {
        Endpoint { host: self.life.host, port: self.port }
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        // A crash or the end of the run has closed the port already.
        let _: io::Result<()> = enter_as(self.life, |world| {
            world.close_listener(self.endpoint());
            Ok(())
        });
    }
}

/// One end of a byte stream. When it is dropped, what was written is still sent, and what was not
/// read resets the connection.
#[derive(Debug)]
pub struct TcpStream {
    life: Life,
    key: FlowKey,
    local: Endpoint,
    remote: Endpoint,
}

impl TcpStream {
    /// Connects to a port of any host.
    pub async fn connect(addr: impl ToAddr) -> io::Result<Self> {
        let life = current()?;
        let stream = enter_as(life, |world| {
            let remote = resolve(world, life.host, &addr)?;
            let key = world.connect(life.host, remote)?;
            let local = world.flows.get_mut(key).map(|flow| flow.local);
            let local = local.ok_or(io::ErrorKind::ConnectionAborted)?;
            Ok(Self { life, key, local, remote })
        })?;
        poll_fn(|cx| stream.poll_open(cx)).await?;
        Ok(stream)
    }

    fn poll_open(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.with(|flow| match flow.conn.broken() {
            Some(why) => Poll::Ready(Err(error(why))),
            None if flow.conn.is_open() => Poll::Ready(Ok(())),
            None => wait(&mut flow.writer, cx),
        })
    }

    /// This end's address and port.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local.socket_addr())
    }
    /// The other end's address and port.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.remote.socket_addr())
    }
    /// Accepts `true` only: a segment is always sent as soon as the peer's window takes it.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        if nodelay { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Flow) -> Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        self.with_world(|world, key| world.flows.get_mut(key).map(f))
    }

    fn with_world<R>(
        &self,
        f: impl FnOnce(&mut World, FlowKey) -> Option<Poll<io::Result<R>>>,
    ) -> Poll<io::Result<R>> {
        let done = enter_as(self.life, |world| {
            f(world, self.key).ok_or_else(|| io::ErrorKind::NotConnected.into())
        });
        done.unwrap_or_else(|e| Poll::Ready(Err(e)))
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let coop = ready!(poll_proceed(cx));
        let polled = self.with_world(|world, key| {
            let flow = world.flows.get_mut(key)?;
            if flow.conn.is_readable() {
                let count = flow.conn.read(into.initialize_unfilled());
                into.advance(count);
                world.pump(key);
                return Some(Poll::Ready(Ok(())));
            }
            Some(match flow.conn.broken() {
                Some(why) => Poll::Ready(Err(error(why))),
                None => wait(&mut flow.reader, cx),
            })
        });
        if polled.is_ready() {
            coop.made_progress();
        }
        polled
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let coop = ready!(poll_proceed(cx));
        let polled = self.with_world(|world, key| {
            let flow = world.flows.get_mut(key)?;
            if let Some(why) = flow.conn.broken() {
                return Some(Poll::Ready(Err(error(why))));
            }
            if flow.conn.is_ending() {
                return Some(Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())));
            }
            if !flow.conn.is_writable() && !bytes.is_empty() {
                return Some(wait(&mut flow.writer, cx));
            }
            let count = flow.conn.write(bytes);
            world.pump(key);
            Some(Poll::Ready(Ok(count)))
        });
        if polled.is_ready() {
            coop.made_progress();
        }
        polled
    }

    /// Everything that was written is on its way already.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with_world(|world, key| {
            world.flows.get_mut(key)?.conn.end();
            world.pump(key);
            Some(Poll::Ready(Ok(())))
        })
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        // A crash or the end of the run has forgotten the connection already.
        let _: io::Result<()> = enter_as(self.life, |world| {
            world.release_flow(self.key);
            Ok(())
        });
    }
}

fn wait<R>(place: &mut Option<Waker>, cx: &Context<'_>) -> Poll<R> {
    match place {
        Some(known) => known.clone_from(cx.waker()),
        None => *place = Some(cx.waker().clone()),
    }
    Poll::Pending
}

fn error(why: Broken) -> io::Error {
    let (kind, words) = match why {
        Broken::Refused => (io::ErrorKind::ConnectionRefused, "connection refused"),
        Broken::Reset => (io::ErrorKind::ConnectionReset, "connection reset by peer"),
        Broken::TimedOut => (io::ErrorKind::TimedOut, "the peer does not answer"),
    };
    io::Error::new(kind, words)
}
