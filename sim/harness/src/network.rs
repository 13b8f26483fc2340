//! A network of hosts, as its test sees it.

use crate::clock::Clock;
use crate::drive::{Goal, drive, on_park};
use crate::error::{HostResult, RequestError, RunError};
use crate::host::{Component, Host, HostState, POLLS_PER_INSTANT_MAX, start};
use crate::log::{Log, RECORDS_KEPT, RunLog};
use crate::parcels::Parcels;
use crate::record::{Record, What};
use crate::stream::Flows;
use crate::world::{World, enter, exchange};
use koosim_engine::net::{Counters, Link, LinkSpec, NodeId, Topology};
use koosim_engine::queue::Queue;
use koosim_engine::streams::Streams;
use koosim_model::time::{SimDuration, SimTime};
use std::future::Future;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::runtime::{Builder as RuntimeBuilder, Handle, LocalOptions, LocalRuntime};
use tokio::time::Instant;

/// Tells networks apart, so that a socket of one is not taken for another's. Never logged.
static NETWORKS: AtomicU64 = AtomicU64::new(0);

/// Describes a network.
#[derive(Clone, Debug)]
pub struct Builder {
    seed: u64,
    start: SimTime,
    link: LinkSpec,
    records_kept: usize,
    polls_max: u64,
}

impl Builder {
    /// The instant at which the run begins; the Unix epoch unless said otherwise.
    #[must_use]
    pub fn start(self, start: SimTime) -> Self {
        Self { start, ..self }
    }
    /// What a link does that nobody describes; a delay of 1 ms unless said otherwise.
    #[must_use]
    pub fn link(self, link: LinkSpec) -> Self {
        Self { link, ..self }
    }
    /// How many records are kept to be read; all of them enter the digest.
    #[must_use]
    pub fn keep_records(self, records_kept: usize) -> Self {
        Self { records_kept, ..self }
    }
    /// How often tasks may be polled while virtual time stands still.
    #[must_use]
    pub fn polls_per_instant(self, polls_max: u64) -> Self {
        Self { polls_max, ..self }
    }
    /// Makes the network. Fails only if the machine cannot make a runtime.
    pub fn build(self) -> Result<Network, RunError> {
        let runtime = RuntimeBuilder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .on_thread_park(on_park)
            .build_local(LocalOptions::default())
            .map_err(|e| RunError::Runtime(e.to_string()))?;
        let origin = runtime.block_on(async { Instant::now() });
        let streams = Streams::new(self.seed);
        let world = World {
            id: NETWORKS.fetch_add(1, Relaxed),
            clock: Clock::new(self.start, origin),
            streams,
            topology: Topology::new(streams, self.link),
            parcels: Parcels::default(),
            agenda: Queue::new(),
            log: Log::new(self.seed, self.records_kept),
            hosts: Vec::new(),
            flows: Flows::default(),
            polls_max: self.polls_max,
            run: None,
            failure: None,
            wakes: Vec::new(),
        };
        let (components, starting) = (Vec::new(), Vec::new());
        Ok(Network { runtime, world: Some(Box::new(world)), components, starting })
    }
}

/// Hosts and the links between them, under one virtual clock.
///
/// Requests take effect at the present instant, between two runs.
pub struct Network {
    runtime: LocalRuntime,
    // INVARIANT: in its place here whenever the network does not run.
    world: Option<Box<World>>,
    // INVARIANT: one for every host, in the order of adding.
    components: Vec<Component>,
    starting: Vec<NodeId>,
}

impl Network {
    /// Begins to describe a network whose every draw comes from this seed.
    pub fn builder(seed: u64) -> Builder {
        Builder {
            seed,
            start: SimTime::EPOCH,
            link: LinkSpec::from_millis(1),
            records_kept: RECORDS_KEPT,
            polls_max: POLLS_PER_INSTANT_MAX,
        }
    }

    /// Adds a host. It starts when the network runs next, and `component` is called again each
    /// time it is restarted.
    pub fn host<F>(
        &mut self,
        name: &str,
        component: impl Fn() -> F + 'static,
    ) -> Result<(), RequestError>
    where
        F: Future<Output = HostResult> + 'static,
    {
        let world = self.world();
        let host = world.topology.add(name)?;
        world.hosts.push(Host::new());
        self.components.push(Rc::new(move || Box::pin(component())));
        self.starting.push(host);
        Ok(())
    }

    /// The present instant.
    pub fn now(&self) -> SimTime {
        self.world_ref().clock.last_read()
    }

    /// Runs for a length of time.
    pub fn run_for(&mut self, length: SimDuration) -> Result<(), RunError> {
        let now = self.now();
        self.run_until(now.checked_add(length).unwrap_or(SimTime::from_nanos(i64::MAX)))
    }

    /// Runs until everything up to that instant, and at it, has happened.
    pub fn run_until(&mut self, until: SimTime) -> Result<(), RunError> {
        let now = self.now();
        if until < now {
            return Err(RunError::Backwards { now, until });
        }
        self.run(Goal { until, finished: None }, || ())
    }

    /// Runs until a host's component has returned, but no longer than `limit`.
    pub fn run_until_finished(&mut self, name: &str, limit: SimTime) -> Result<(), RunError> {
        let host = self.find(name)?;
        self.run(Goal { until: limit, finished: Some(host) }, || ())?;
        match self.world_ref().host(host).state {
            HostState::Finished => Ok(()),
            HostState::Starting | HostState::Running | HostState::Crashed | HostState::Off => {
                Err(RunError::NotFinished { host: name.to_owned(), at: limit })
            }
        }
    }

    /// How a host is.
    pub fn state(&self, name: &str) -> Result<HostState, RequestError> {
        Ok(self.world_ref().host(self.find(name)?).state)
    }

    /// Kills a host's component: all its tasks are dropped at once. Its peers' connections are
    /// reset, as the kernel of a machine does for a process that has died. A host without power
    /// stays as it is.
    pub fn crash(&mut self, name: &str) -> Result<(), RunError> {
        let host = self.find(name)?;
        match self.world_ref().host(host).state {
            HostState::Off => Ok(()),
            HostState::Starting | HostState::Running | HostState::Finished | HostState::Crashed => {
                self.kill(host, HostState::Crashed)
            }
        }
    }

    /// Takes a host's power: as [`Network::crash`], but nobody is told, and nothing answers.
    pub fn power_off(&mut self, name: &str) -> Result<(), RunError> {
        let host = self.find(name)?;
        self.kill(host, HostState::Off)
    }

    fn kill(&mut self, host: NodeId, state: HostState) -> Result<(), RunError> {
        self.starting.retain(|starting| *starting != host);
        let goal = Goal { until: self.now(), finished: None };
        self.run(goal, move || {
            let tasks = enter(|world| world.kill(host, state)).unwrap_or_default();
            tasks.iter().for_each(tokio::task::AbortHandle::abort);
        })
    }

    /// Starts a host's component anew when the network runs next; one that runs is killed first.
    pub fn restart(&mut self, name: &str) -> Result<(), RunError> {
        let host = self.find(name)?;
        // A component that has returned may have left tasks running.
        if matches!(self.world_ref().host(host).state, HostState::Running | HostState::Finished) {
            self.kill(host, HostState::Crashed)?;
        }
        self.world().host_mut(host).state = HostState::Starting;
        if !self.starting.contains(&host) {
            self.starting.push(host);
        }
        Ok(())
    }

    /// Cuts the links between two hosts in both directions.
    pub fn partition(&mut self, a: &str, b: &str) -> Result<(), RequestError> {
        self.partition_one_way(a, b)?;
        self.partition_one_way(b, a)
    }
    /// Cuts the link from one host to another.
    pub fn partition_one_way(&mut self, from: &str, to: &str) -> Result<(), RequestError> {
        self.change_link(from, to, What::Cut, |link, _| link.cut())
    }
    /// Joins the links between two hosts in both directions.
    pub fn heal(&mut self, a: &str, b: &str) -> Result<(), RequestError> {
        self.heal_one_way(a, b)?;
        self.heal_one_way(b, a)
    }
    /// Joins the link from one host to another.
    pub fn heal_one_way(&mut self, from: &str, to: &str) -> Result<(), RequestError> {
        self.change_link(from, to, What::Joined, |link, _| link.join())
    }
    /// Changes the links between two hosts in both directions.
    pub fn set_link(&mut self, a: &str, b: &str, spec: LinkSpec) -> Result<(), RequestError> {
        self.set_link_one_way(a, b, spec.clone())?;
        self.set_link_one_way(b, a, spec)
    }
    /// Changes the link from one host to another.
    pub fn set_link_one_way(
        &mut self,
        from: &str,
        to: &str,
        spec: LinkSpec,
    ) -> Result<(), RequestError> {
        self.change_link(from, to, What::LinkChanged, |link, now| link.set_spec(now, spec))
    }

    fn change_link(
        &mut self,
        from: &str,
        to: &str,
        what: What,
        change: impl FnOnce(&mut Link, SimTime),
    ) -> Result<(), RequestError> {
        let (from, to) = (self.find(from)?, self.find(to)?);
        let world = self.world();
        let at = world.clock.last_read();
        change(world.topology.link(from, to), at);
        world.set_alarms(from, to);
        world.log.push(&Record::of_host(at, what, from.index(), to.index()));
        Ok(())
    }

    /// The books of the link from one host to another.
    pub fn link_counters(&mut self, from: &str, to: &str) -> Result<Counters, RequestError> {
        let (from, to) = (self.find(from)?, self.find(to)?);
        Ok(*self.world().topology.link(from, to).counters())
    }
    /// The books of all links together.
    pub fn counters(&self) -> Counters {
        self.world_ref().topology.counters()
    }

    /// Ends the run: drops every task and closes the log.
    pub fn finish(mut self) -> RunLog {
        #[expect(clippy::expect_used, reason = "the world is in its place between two runs")]
        let world = self.world.take().expect("the network does not run");
        drop(self);
        let names = world.topology.names().to_vec();
        world.log.finish(names)
    }

    /// Runs until the goal, after doing something at the present instant.
    fn run(&mut self, goal: Goal, first: impl FnOnce()) -> Result<(), RunError> {
        if Handle::try_current().is_ok() {
            return Err(RunError::InsideRuntime);
        }
        if let Some(failure) = &self.world_ref().failure {
            return Err(failure.clone());
        }
        let starting: Vec<(NodeId, Component)> = std::mem::take(&mut self.starting)
            .into_iter()
            .filter_map(|host| {
                let place = usize::try_from(host.index()).ok()?;
                Some((host, Rc::clone(self.components.get(place)?)))
            })
            .collect();
        let Self { runtime, world, .. } = self;
        let seated = Seated::new(world);
        let result = runtime.block_on(async {
            first();
            for (host, component) in starting {
                start(host, component);
            }
            drive(goal).await
        });
        drop(seated);
        result
    }

    fn find(&self, name: &str) -> Result<NodeId, RequestError> {
        self.world_ref().find(name)
    }
    #[expect(clippy::expect_used, reason = "the world is in its place between two runs")]
    fn world(&mut self) -> &mut World {
        self.world.as_deref_mut().expect("the network does not run")
    }
    #[expect(clippy::expect_used, reason = "the world is in its place between two runs")]
    fn world_ref(&self) -> &World {
        self.world.as_deref().expect("the network does not run")
    }
}

/// Lends a world to this thread, and takes it back even when a run panics.
struct Seated<'a> {
    home: &'a mut Option<Box<World>>,
    outer: Option<Box<World>>,
}

impl<'a> Seated<'a> {
    fn new(home: &'a mut Option<Box<World>>) -> Self {
        let outer = exchange(home.take());
        Self { home, outer }
    }
}

impl Drop for Seated<'_> {
    fn drop(&mut self) {
        *self.home = exchange(self.outer.take());
    }
}
