//! Hosts: the tasks of a component, and what they have bound.

use crate::datagram::UdpPort;
use crate::error::{HostResult, RunError};
use crate::record::{NOBODY, Record, What, fingerprint};
use crate::stream::Listener;
use crate::world::{World, enter};
use koosim_engine::net::NodeId;
use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use tokio::task::{AbortHandle, JoinHandle};

/// How often tasks may be polled while virtual time stands still, unless a network is told
/// otherwise.
pub const POLLS_PER_INSTANT_MAX: u64 = 10_000_000;
const EPHEMERAL_FIRST: u16 = 49_152;
const TASKS_BEFORE_SWEEP: usize = 64;

/// What makes a host's component, once for each of its lives.
pub(crate) type Component = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = HostResult>>>>;

/// How a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostState {
    /// It starts when the network runs next.
    Starting,
    /// Its component runs.
    Running,
    /// Its component has returned.
    Finished,
    /// Its component was killed; the host refuses connections and discards datagrams.
    Crashed,
    /// It has no power; it answers nothing at all.
    Off,
}

/// One host.
pub(crate) struct Host {
    pub(crate) state: HostState,
    // Counts restarts, so that what an earlier life has left behind is known as such.
    pub(crate) life: u32,
    pub(crate) datagram_ports: BTreeMap<u16, UdpPort>,
    pub(crate) listeners: BTreeMap<u16, Listener>,
    pub(crate) client_ports: BTreeSet<u16>,
    next_port: u16,
    tasks: Vec<AbortHandle>,
    sweep_at: usize,
}

impl Host {
    pub(crate) const fn new() -> Self {
        Self {
            state: HostState::Starting,
            life: 0,
            datagram_ports: BTreeMap::new(),
            listeners: BTreeMap::new(),
            client_ports: BTreeSet::new(),
            next_port: EPHEMERAL_FIRST,
            tasks: Vec::new(),
            sweep_at: TASKS_BEFORE_SWEEP,
        }
    }

    /// A port that nothing on this host uses.
    pub(crate) fn free_port(&mut self) -> io::Result<u16> {
        for _ in EPHEMERAL_FIRST..=u16::MAX {
            let port = self.next_port;
            self.next_port = port.checked_add(1).unwrap_or(EPHEMERAL_FIRST);
            let taken = self.datagram_ports.contains_key(&port)
                || self.listeners.contains_key(&port)
                || self.client_ports.contains(&port);
            if !taken {
                return Ok(port);
            }
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, "every ephemeral port is in use"))
    }

    pub(crate) fn adopt(&mut self, task: AbortHandle) {
        if self.tasks.len() >= self.sweep_at {
            self.tasks.retain(|task| !task.is_finished());
            self.sweep_at = TASKS_BEFORE_SWEEP.max(self.tasks.len() * 2);
        }
        self.tasks.push(task);
    }

    /// Ends this life: what it had bound is gone, its tasks are to be aborted, and whatever else
    /// waits for its sockets is to be woken.
    pub(crate) fn end_life(&mut self) -> (Vec<AbortHandle>, Vec<Waker>) {
        self.life += 1;
        self.client_ports.clear();
        let ports = std::mem::take(&mut self.datagram_ports).into_values();
        let listeners = std::mem::take(&mut self.listeners).into_values();
        let receiving = ports.flat_map(UdpPort::into_waiting);
        let accepting = listeners.flat_map(|listener| listener.waiting);
        (std::mem::take(&mut self.tasks), receiving.chain(accepting).collect())
    }
}

/// Who runs: one life of one host of one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) network: u64,
    pub(crate) host: NodeId,
    pub(crate) life: u32,
}

thread_local! {
    static CURRENT: Cell<Option<Life>> = const { Cell::new(None) };
    static LAST: Cell<Option<Life>> = const { Cell::new(None) };
    static POLLS_LEFT: Cell<u64> = const { Cell::new(0) };
}

/// The host whose task is being polled.
pub(crate) fn current() -> io::Result<Life> {
    CURRENT.get().ok_or_else(|| {
        io::Error::other("not inside a host: start tasks with `koosim_harness::spawn`")
    })
}

/// Says that virtual time has moved, and how often tasks may be polled until it moves again.
pub(crate) fn allow_polls(polls: u64) {
    POLLS_LEFT.set(polls);
}

/// Counts a round of the driver in which virtual time stood still.
pub(crate) fn count_round() {
    if !may_poll()
        && let Some(life) = LAST.get()
    {
        enter(|world| world.stall(life.host));
    }
}

/// Counts a poll; whether it is still allowed.
fn may_poll() -> bool {
    let left = POLLS_LEFT.get();
    POLLS_LEFT.set(left.saturating_sub(1));
    left > 0
}

/// A task that knows its host.
struct HostTask<F> {
    life: Life,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for HostTask<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let life = self.life;
        LAST.set(Some(life));
        if !may_poll() {
            enter(|world| world.stall(life.host));
            return Poll::Pending;
        }
        let outside = CURRENT.replace(Some(life));
        let polled = catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(cx)));
        CURRENT.set(outside);
        polled.unwrap_or_else(|panic| {
            enter(|world| world.panicked(life.host, &*panic));
            resume_unwind(panic)
        })
    }
}

/// Starts a task of the host that calls this; it ends when the host crashes.
///
/// # Panics
/// Outside a host.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    #[expect(clippy::expect_used, reason = "documented: outside a host nobody could end the task")]
    let life = current().expect("`koosim_harness::spawn` is called inside a host");
    spawn_in(life, future)
}

pub(crate) fn spawn_in<F>(life: Life, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let task = tokio::task::spawn_local(HostTask { life, future: Box::pin(future) });
    enter(|world| world.host_mut(life.host).adopt(task.abort_handle()));
    task
}

/// Begins a life of a host.
pub(crate) fn start(host: NodeId, component: Component) {
    let life = enter(|world| world.begin_life(host));
    let Some(life) = life else { return };
    spawn_in(life, async move {
        let result = component().await;
        enter(|world| world.end_component(life, result));
    });
}

impl World {
    fn stall(&mut self, host: NodeId) {
        let (host, at) = (self.topology.name(host).to_owned(), self.clock.now());
        self.stop(RunError::Stalled { host, at, limit: self.polls_max });
    }

    fn panicked(&mut self, host: NodeId, panic: &(dyn Any + Send)) {
        let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
        let message = said.unwrap_or_else(|| "(no message)".to_owned());
        let (host, at) = (self.topology.name(host).to_owned(), self.clock.now());
        self.stop(RunError::Panicked { host, at, message });
    }

    fn begin_life(&mut self, host: NodeId) -> Life {
        self.note_host(What::Started, host);
        let network = self.id;
        let state = self.host_mut(host);
        state.state = HostState::Running;
        Life { network, host, life: state.life }
    }

    fn end_component(&mut self, life: Life, result: HostResult) {
        if self.host(life.host).life != life.life {
            return;
        }
        self.host_mut(life.host).state = HostState::Finished;
        self.note_host(What::Finished, life.host);
        if let Err(error) = result {
            let (host, at) = (self.topology.name(life.host).to_owned(), self.clock.now());
            self.stop(RunError::Failed { host, at, message: error.to_string() });
        }
    }

    pub(crate) fn kill(&mut self, host: NodeId, state: HostState) -> Vec<AbortHandle> {
        if state == HostState::Off {
            self.note_host(What::PoweredOff, host);
            self.forget_flows(host);
        } else {
            self.note_host(What::Crashed, host);
            self.abort_flows(host);
        }
        let this = self.host_mut(host);
        this.state = state;
        let (tasks, waiting) = this.end_life();
        self.wakes.extend(waiting);
        tasks
    }

    pub(crate) fn note_text(&mut self, host: NodeId, text: &str) {
        let record = Record::of_host(self.clock.now(), What::Note, host.index(), NOBODY);
        let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let content = fingerprint(0, text.as_bytes());
        self.log.push_note(&Record { bytes, content, ..record }, text);
    }
}
