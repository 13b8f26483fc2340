//! The links, flows and cross traffic of one run by their names, and flows tied to the streams of phones.
//!
//! A flow of a phone begins with the phone's stream (P4.1), loses and gains viewers with it (P4.12), and
//! ends with it. The other way round, what happens to the connection of the viewer that controls is what
//! happens to the stream: the phone's end tells the service that it hears nothing any more, or that it
//! hears the client again (P4.6).

use super::cross::{CrossIndex, CrossSpec, Seen};
use super::measure::Measured;
use super::order::{
    ControlKind, FlowPlan, Pace, PathOrder, TcpLaw, TrafficPlan, ViewerPlan, WayPlan,
};
use super::params;
use super::sight::{Connection, Sight};
use super::spec::{FlowSpec, LinkIndex, PathError, Route};
use super::tap::Tap;
use super::world::{FlowIndex, Paths};
use crate::accounts::Accounts;
use crate::law::Exponential;
use crate::net::cross::{Cbr, Congestion, Law, OnOff};
use crate::net::{Capacity, Link, LinkSpec};
use crate::record::Class;
use crate::streams::{Domain, Streams};
use koosim_media::encoder::Video;
use koosim_media::rate::BitRate as MediaRate;
use koosim_media::vsync::FrameRate;
use koosim_model::command::{Command, Envelope, Op, SessionOp, Source};
use koosim_model::event::{Event, InterruptCause};
use koosim_model::name::{AccountId, DeviceId, Name, PhoneId};
use koosim_model::rules::Params;
use koosim_model::state::{Account, Session};
use koosim_model::time::SimTime;
use koosim_transport::BitRate;
use koosim_transport::congestion::{ControlOptions, NadaOptions};
use std::collections::BTreeMap;

/// Links, flows and cross traffic by name.
#[derive(Clone, Debug)]
pub struct Network {
    paths: Paths,
    links: BTreeMap<Name, Held>,
    flows: BTreeMap<Name, Tied>,
    traffic: BTreeMap<Name, CrossIndex>,
    /// By the number of the flow.
    of_flow: Vec<Name>,
}

/// A link, and what the plan said of it last.
#[derive(Clone, Debug)]
struct Held {
    index: LinkIndex,
    said: LinkSpec,
}

/// A flow of the plan.
#[derive(Clone, Debug)]
struct Tied {
    plan: FlowPlan,
    /// What flows now, or flowed last.
    index: Option<FlowIndex>,
    flows: bool,
    /// The viewers of [`Tied::index`] by their numbers: their places in the plan.
    watching: Vec<usize>,
}

impl Network {
    /// Nothing yet.
    pub fn new(start: SimTime, seed: u64, level: Class) -> Self {
        let mut paths = Paths::new(start, Streams::new(seed));
        paths.set_level(level);
        Self {
            paths,
            links: BTreeMap::new(),
            flows: BTreeMap::new(),
            traffic: BTreeMap::new(),
            of_flow: Vec::new(),
        }
    }
    /// A link, to look at its books.
    pub fn link(&self, name: &Name) -> Option<&Link> {
        self.paths.link(self.links.get(name)?.index)
    }
    /// What a device has seen of a flow; without a device, the viewer that controlled from the start.
    pub fn measured(&self, flow: &Name, device: Option<&DeviceId>) -> Option<&Measured> {
        let tied = self.flows.get(flow)?;
        let place = match device {
            None => 0,
            Some(_) => tied.number_of(|viewer| viewer.device.as_ref() == device)?,
        };
        self.paths.measured(tied.index?, place)
    }
    /// What every viewer has seen of every flow that has flowed, in the order of their names: the flow, the
    /// number of the viewer, and the window that [`Network::measured`] answers.
    pub fn seen(&self) -> impl Iterator<Item = (&Name, usize, &Measured)> {
        self.flows.iter().flat_map(move |(flow, tied)| {
            let index = tied.index;
            let numbers = 0..tied.watching.len();
            numbers.filter_map(move |number| {
                Some((flow, number, self.paths.measured(index?, number)?))
            })
        })
    }
    /// What came of cross traffic.
    pub fn traffic(&self, name: &Name) -> Option<Seen> {
        self.paths.cross_seen(*self.traffic.get(name)?)
    }
    /// The instant up to which everything has happened.
    pub fn now(&self) -> SimTime {
        self.paths.now()
    }
    /// When something happens next.
    pub fn next_due(&mut self) -> Option<SimTime> {
        self.paths.next_due()
    }
    /// Lets everything happen up to and at an instant, or up to the first sight.
    pub(crate) fn run_to_sight(&mut self, last: SimTime) -> Result<bool, PathError> {
        self.paths.run_to_sight(last)
    }
    /// What was seen, each with the account in whose log it stands, and what the service asks for because
    /// of it.
    pub(crate) fn take_sights(&mut self) -> (Vec<(AccountId, Sight)>, Vec<Command>) {
        let (mut seen, mut asked) = (Vec::new(), Vec::new());
        for (index, sight) in self.paths.take_sights() {
            let name = self.of_flow.get(index.number());
            let Some(tied) = name.and_then(|name| self.flows.get(name)) else { continue };
            asked.extend(tied.asks(index, &sight));
            seen.push((tied.plan.account.clone(), sight));
        }
        (seen, asked)
    }
    /// Lets a listener see every packet of hosts from now on.
    pub(crate) fn listen(&mut self, tap: Box<dyn Tap>) {
        self.paths.listen(tap);
    }
    /// The windows of all flows are over: their figures are among the sights, and a listener has heard all.
    pub(crate) fn close(&mut self) -> Result<(), PathError> {
        for tied in self.flows.values().filter(|tied| tied.flows) {
            if let Some(index) = tied.index {
                self.paths.tell_figures(index);
            }
        }
        self.paths.unlisten()
    }

    /// An instant before which nothing is due becomes now.
    pub(crate) fn enter(&mut self, at: SimTime) {
        self.paths.enter(at);
    }
    /// Carries out an order of the plan at `now`.
    pub(crate) fn order(
        &mut self,
        now: SimTime,
        params: &Params,
        accounts: &Accounts,
        order: &PathOrder,
    ) -> Result<(), PathError> {
        self.paths.enter(now);
        match order {
            PathOrder::SetLink { link, spec } => self.set_link(now, params, link, spec),
            PathOrder::CutLink { link, cut } => match self.links.get(link) {
                Some(held) => self.paths.cut_link(held.index, *cut),
                None => Ok(()),
            },
            PathOrder::StartFlow(plan) => self.add_flow(params, plan, accounts),
            PathOrder::StopFlow(flow) => {
                self.stop(flow);
                self.flows.remove(flow);
                Ok(())
            }
            PathOrder::PauseFlow { flow, paused } => match self.index_of(flow) {
                Some(index) => self.paths.pause(index, *paused),
                None => Ok(()),
            },
            PathOrder::ChangeNetwork { flow, device, way } => {
                self.change_network(flow, device.as_ref(), way)
            }
            PathOrder::Measure(flow) => {
                if let Some(index) = self.index_of(flow) {
                    self.paths.measure_anew(index);
                }
                Ok(())
            }
            PathOrder::StartTraffic(plan) => self.start_traffic(now, plan),
            PathOrder::StopTraffic(name) => {
                if let Some(index) = self.traffic.get(name) {
                    self.paths.stop_cross(*index);
                }
                Ok(())
            }
        }
    }
    fn change_network(
        &mut self,
        flow: &Name,
        device: Option<&DeviceId>,
        way: &WayPlan,
    ) -> Result<(), PathError> {
        let route = self.route(way)?;
        let Some(tied) = self.flows.get_mut(flow) else { return Ok(()) };
        let is = |viewer: &ViewerPlan| device.is_none() || viewer.device.as_ref() == device;
        // Who comes back later comes over the new network as well.
        if let Some(viewer) = tied.plan.viewers.iter_mut().find(|viewer| is(viewer)) {
            viewer.way = way.clone();
        }
        let place = match device {
            None => Some(0),
            Some(_) => tied.number_of(is),
        };
        match tied.index.filter(|_| tied.flows).zip(place) {
            Some((index, place)) => self.paths.change_network(index, place, route),
            None => Ok(()),
        }
    }
    fn index_of(&self, flow: &Name) -> Option<FlowIndex> {
        self.flows.get(flow).filter(|tied| tied.flows)?.index
    }

    fn set_link(
        &mut self,
        now: SimTime,
        params: &Params,
        name: &Name,
        said: &LinkSpec,
    ) -> Result<(), PathError> {
        let spec = said.clone().ruled_by(&params.links);
        if let Some(held) = self.links.get_mut(name) {
            let goes_on = held.said.capacity_spec() == said.capacity_spec();
            held.said = said.clone();
            let index = held.index;
            let spec = match self.paths.link(index) {
                Some(link) if goes_on => spec.capacity(link.spec().capacity_spec().clone()),
                _ => starting(spec, now),
            };
            return self.paths.set_link(index, spec);
        }
        let index = self.paths.add_link(name.as_str(), starting(spec, now));
        self.links.insert(name.clone(), Held { index, said: said.clone() });
        Ok(())
    }

    fn add_flow(
        &mut self,
        params: &Params,
        plan: &FlowPlan,
        accounts: &Accounts,
    ) -> Result<(), PathError> {
        let watching = match &plan.phone {
            None => (0..plan.viewers.len()).collect(),
            Some(phone) => {
                let devices = accounts.get(&plan.account).map(|account| watching(account, phone));
                let devices = devices.unwrap_or_default();
                devices.iter().filter_map(|device| plan.viewer(device)).collect::<Vec<_>>()
            }
        };
        let tied = Tied { plan: plan.clone(), index: None, flows: false, watching: Vec::new() };
        self.stop(&plan.flow);
        self.flows.insert(plan.flow.clone(), tied);
        if watching.is_empty() { Ok(()) } else { self.begin(params, &plan.flow, watching) }
    }
    fn begin(
        &mut self,
        params: &Params,
        flow: &Name,
        watching: Vec<usize>,
    ) -> Result<(), PathError> {
        let Some(tied) = self.flows.get(flow) else { return Ok(()) };
        let ways = watching.iter().filter_map(|place| tied.plan.viewers.get(*place));
        let routes = ways.map(|viewer| self.route(&viewer.way)).collect::<Result<Vec<_>, _>>()?;
        let index = self.paths.start(flow.as_str(), tied.plan.spec(params), routes)?;
        self.of_flow.resize(index.number() + 1, flow.clone());
        if let Some(tied) = self.flows.get_mut(flow) {
            (tied.index, tied.flows, tied.watching) = (Some(index), true, watching);
        }
        Ok(())
    }
    fn stop(&mut self, flow: &Name) {
        let Some(tied) = self.flows.get_mut(flow) else { return };
        if let Some(index) = tied.index.filter(|_| std::mem::take(&mut tied.flows)) {
            self.paths.tell_figures(index);
            self.paths.stop(index);
        }
    }
    fn route(&self, way: &WayPlan) -> Result<Route, PathError> {
        let link = |name: &Name| self.links.get(name).map(|held| held.index);
        let links = |names: &[Name]| names.iter().map(link).collect::<Option<Vec<_>>>();
        let (down, up) = links(&way.down).zip(links(&way.up)).ok_or(PathError::Route)?;
        Ok(Route { down, up })
    }
    fn start_traffic(&mut self, now: SimTime, plan: &TrafficPlan) -> Result<(), PathError> {
        let route = self.route(&plan.way)?;
        let name = plan.traffic.as_str();
        let stream = || self.paths.streams().get(Domain::Cross, name);
        let spec = match plan.pace {
            Pace::Steady { rate, bytes } => {
                CrossSpec::Steady(Cbr::new(rate, bytes, now, SimTime::from_nanos(i64::MAX)))
            }
            Pace::Bursts { rate, bytes, on, off } => {
                let law = |mean| Law::Exponential(Exponential::new(mean));
                CrossSpec::Bursts(OnOff::new(rate, bytes, law(on), law(off), now, stream()))
            }
            Pace::Endless(law) => CrossSpec::Endless(law.window()),
            Pace::Transfers { law, bytes, pause, at_once } => CrossSpec::Transfers {
                congestion: law.window(),
                bytes,
                pause: Law::Exponential(Exponential::new(pause)),
                at_once,
            },
        };
        let index = self.paths.add_cross(name, spec, route)?;
        self.traffic.insert(plan.traffic.clone(), index);
        Ok(())
    }

    /// An event of an account has happened: streams of phones carry flows with them.
    pub(crate) fn follow(
        &mut self,
        now: SimTime,
        params: &Params,
        account: &AccountId,
        event: &Event,
    ) -> Result<(), PathError> {
        let phone = match event {
            Event::StreamStarted(e) => &e.phone,
            Event::ViewerJoined(e) => &e.phone,
            Event::ViewerLeft(e) => &e.phone,
            Event::ControlGiven(e) => &e.phone,
            Event::StreamInterrupted(e) => &e.phone,
            Event::StreamResumed(e) => &e.phone,
            Event::StreamStopped(e) => &e.phone,
            Event::SessionEnded(e) => &e.phone,
            _ => return Ok(()),
        };
        let is =
            |tied: &&Tied| tied.plan.phone.as_ref() == Some(phone) && tied.plan.account == *account;
        let Some(tied) = self.flows.values().find(is) else { return Ok(()) };
        let flow = tied.plan.flow.clone();
        self.paths.enter(now);
        match event {
            Event::StreamStarted(e) => {
                let place = tied.plan.viewer(&e.device);
                place.map_or(Ok(()), |place| self.begin(params, &flow, vec![place]))
            }
            Event::StreamResumed(_) if !tied.flows => {
                let watching = tied.watching.clone();
                if watching.is_empty() { Ok(()) } else { self.begin(params, &flow, watching) }
            }
            Event::StreamStopped(_) | Event::SessionEnded(_) => {
                self.stop(&flow);
                Ok(())
            }
            // A phone that restarts sends nothing; over a broken network its packets go on being lost.
            Event::StreamInterrupted(e) if e.cause == InterruptCause::Restart => {
                self.stop(&flow);
                Ok(())
            }
            Event::ViewerJoined(e) => self.join(&flow, &e.device),
            Event::ViewerLeft(e) => {
                if let Some((index, viewer)) = self.viewer(&flow, &e.device) {
                    self.paths.part(index, viewer);
                }
                Ok(())
            }
            Event::ControlGiven(e) => {
                if let Some((index, viewer)) = self.viewer(&flow, &e.device) {
                    self.paths.give_control(index, viewer);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
    fn viewer(&self, flow: &Name, device: &DeviceId) -> Option<(FlowIndex, usize)> {
        let tied = self.flows.get(flow).filter(|tied| tied.flows)?;
        Some((tied.index?, tied.number_of(|viewer| viewer.device.as_ref() == Some(device))?))
    }
    fn join(&mut self, flow: &Name, device: &DeviceId) -> Result<(), PathError> {
        let Some(tied) = self.flows.get(flow).filter(|tied| tied.flows) else { return Ok(()) };
        let Some((index, place)) = tied.index.zip(tied.plan.viewer(device)) else { return Ok(()) };
        let Some(way) = tied.plan.viewers.get(place).map(|viewer| &viewer.way) else {
            return Ok(());
        };
        let route = self.route(way)?;
        self.paths.join(index, route)?;
        if let Some(tied) = self.flows.get_mut(flow) {
            tied.watching.push(place);
        }
        Ok(())
    }
}

impl Tied {
    /// The number of the viewer that came last and is like this.
    fn number_of(&self, is: impl Fn(&ViewerPlan) -> bool) -> Option<usize> {
        let of_plan = |place: &usize| self.plan.viewers.get(*place).is_some_and(&is);
        self.watching.iter().rposition(of_plan)
    }
    /// What the service asks for because of a sight.
    fn asks(&self, index: FlowIndex, sight: &Sight) -> Option<Command> {
        let phone = self.plan.phone.clone().filter(|_| self.index == Some(index))?;
        let Sight::ConnectionChanged { viewer: 0, is, .. } = sight else { return None };
        let op = match is {
            Connection::Lost => SessionOp::LoseConnection { phone },
            Connection::Back(_) => SessionOp::Reconnect { phone },
            Connection::Ended => return None,
        };
        let account = self.plan.account.clone();
        let envelope = Envelope { source: Source::Network, ..Envelope::scenario(account) };
        Some(Command { envelope, op: Op::Session(Box::new(op)) })
    }
}

impl FlowPlan {
    /// The place of a device among the viewers.
    fn viewer(&self, device: &DeviceId) -> Option<usize> {
        self.viewers.iter().position(|viewer| viewer.device.as_ref() == Some(device))
    }
    /// What paths are given.
    fn spec(&self, params: &Params) -> FlowSpec {
        let most = BitRate::from_bps(self.bitrate.bits_per_s());
        let target = u32::try_from(self.bitrate.bits_per_s()).unwrap_or(u32::MAX);
        let frame_rate = FrameRate::new(self.frame_rate).unwrap_or(FrameRate::FPS_60);
        let (definition, codec) = (self.definition, self.codec);
        let video = Video { definition, codec, frame_rate, target: MediaRate::from_bps(target) };
        let mut spec = FlowSpec::of(params, self.content, video);
        spec.encoder.machine = self.encoder;
        spec.display = frame_rate;
        spec.control = match self.control {
            ControlKind::Gcc => ControlOptions::Gcc(params::gcc(&params.transport)),
            // RMAX is that of the pictures, on which the rate depends at which NADA rests.
            ControlKind::Nada => {
                ControlOptions::Nada(NadaOptions { max: most, ..params::nada(&params.transport) })
            }
            ControlKind::Scream => ControlOptions::Scream(params::scream(&params.transport)),
            ControlKind::Fixed => ControlOptions::Fixed(most),
        };
        (spec.repair, spec.feedback, spec.ecn) = (self.repair, self.feedback, self.ecn);
        (spec.taps, spec.sound) = (self.taps, self.sound);
        spec.channel = params::channel(&params.transport, self.channel);
        spec.decoder = self.decoder;
        spec
    }
}

impl TcpLaw {
    const fn window(self) -> Congestion {
        match self {
            Self::Reno => Congestion::reno(),
            Self::Cubic => Congestion::cubic(),
        }
    }
}

/// The devices that watch the stream of a phone, the controlling one first; none while it is interrupted.
fn watching(account: &Account, phone: &PhoneId) -> Vec<DeviceId> {
    let session = account.sessions.as_ref().and_then(|sessions| sessions.get(phone));
    let Some(Session::Streaming(stream)) = session else { return Vec::new() };
    let others = stream.viewers.iter().filter(|device| **device != stream.controller);
    std::iter::once(&stream.controller).chain(others).cloned().collect()
}

/// A link whose trace begins now.
fn starting(spec: LinkSpec, now: SimTime) -> LinkSpec {
    let capacity = match spec.capacity_spec() {
        Capacity::Steps(steps) => Capacity::Steps(steps.clone().starting(now)),
        Capacity::Opportunities(all) => Capacity::Opportunities(all.clone().starting(now)),
        other => other.clone(),
    };
    spec.capacity(capacity)
}
