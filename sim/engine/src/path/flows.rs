//! Flows begin and end, viewers come and go, and what was seen is handed out.

use super::measure::Measured;
use super::sight::Sight;
use super::sound::SOUND_PACKET;
use super::spec::{FlowSpec, LinkIndex, PathError, Route};
use super::viewer::Viewer;
use super::world::{Due, FLOWS_MAX, FlowIndex, Paths, VIEWERS_MAX};
use crate::path::figures::{Figures, SoundFigures};
use crate::path::flow::Flow;
use crate::queue::Phase;
use crate::record::Class;
use koosim_model::time::SimDuration;
use koosim_transport::endpoint::{ReceiverInput, SenderInput};

/// Pictures are skipped while what waits to be sent to a viewer would take longer than this. A decision: the
/// whole way of a picture takes no longer in a good session (T6.4).
const BACKLOG_MAX: SimDuration = SimDuration::from_millis(200);

impl Paths {
    /// Begins a flow now, with a way to each of its viewers; the first of them controls.
    pub fn start(
        &mut self,
        name: &str,
        spec: FlowSpec,
        routes: Vec<Route>,
    ) -> Result<FlowIndex, PathError> {
        if routes.is_empty() || routes.len() > VIEWERS_MAX {
            return Err(PathError::Viewers { most: VIEWERS_MAX });
        }
        if !routes.iter().all(|route| self.leads(route)) {
            return Err(PathError::Route);
        }
        let index = self.flows.len();
        if index >= FLOWS_MAX {
            return Err(PathError::Flows { most: FLOWS_MAX });
        }
        let flow = Flow::new(self.now, name, spec, &self.streams)?;
        let (taps, sounds) = (flow.spec.taps, flow.sounding.is_some());
        let ends = routes.into_iter().enumerate();
        let ends = ends.map(|(place, route)| {
            Viewer::new(self.now, (index, place), &flow, route, &self.streams)
        });
        let ends = ends.collect::<Result<Vec<_>, _>>()?;
        self.flows.push(flow);
        let first = self.viewers.len();
        for ends in ends {
            self.add_viewer(ends);
        }
        self.ear.begins(FlowIndex(index), name)?;
        self.show(index)?;
        for viewer in first..self.viewers.len() {
            self.drain_sender(viewer)?;
            self.drain_receiver(viewer)?;
        }
        if let Some(taps) = taps {
            self.queue.push(self.now + taps.every, Phase::Command, Due::Tap(index))?;
        }
        if sounds {
            self.queue.push(self.now + SOUND_PACKET, Phase::Arrival, Due::Sound(index))?;
        }
        Ok(FlowIndex(index))
    }
    /// Lets one more viewer watch a flow from now on; answers its number. It needs a key frame.
    pub fn join(&mut self, flow: FlowIndex, route: Route) -> Result<usize, PathError> {
        if !self.leads(&route) {
            return Err(PathError::Route);
        }
        let most = PathError::Viewers { most: VIEWERS_MAX };
        let Some(state) = self.flows.get(flow.0) else { return Err(most) };
        let place = state.viewers.len();
        if place >= VIEWERS_MAX {
            return Err(most);
        }
        let ends = Viewer::new(self.now, (flow.0, place), state, route, &self.streams)?;
        let number = self.viewers.len();
        self.add_viewer(ends);
        self.key_frame(number)?;
        self.drain_sender(number)?;
        self.drain_receiver(number)?;
        Ok(place)
    }
    fn add_viewer(&mut self, ends: Viewer) {
        let number = self.viewers.len();
        let Some(flow) = self.flows.get_mut(ends.flow) else { return };
        flow.viewers.push(number);
        let viewer = ends.place;
        self.sights
            .push((FlowIndex(ends.flow), Sight::ViewerStarted { flow: flow.name.clone(), viewer }));
        self.viewers.push(ends);
    }
    /// A viewer does not watch any more: nothing is sent to it, and nobody takes what is on its way.
    pub fn part(&mut self, flow: FlowIndex, viewer: usize) {
        let Some(state) = self.flows.get(flow.0) else { return };
        let ends = state.viewers.get(viewer).and_then(|number| self.viewers.get_mut(*number));
        if let Some(ends) = ends.filter(|ends| ends.watching) {
            ends.watching = false;
            let viewer = ends.place;
            self.sights.push((flow, Sight::ViewerStopped { flow: state.name.clone(), viewer }));
        }
    }
    /// A viewer has another network from now on: what is on its way over the old one is lost, and its end looks
    /// whether the new one leads to the phone.
    pub fn change_network(
        &mut self,
        flow: FlowIndex,
        viewer: usize,
        route: Route,
    ) -> Result<(), PathError> {
        if !self.leads(&route) {
            return Err(PathError::Route);
        }
        let now = self.now;
        let state = self.flows.get(flow.0);
        let number = state.and_then(|state| state.viewers.get(viewer)).copied();
        let Some((number, ends)) = number.and_then(|n| Some((n, self.viewers.get_mut(n)?))) else {
            return Ok(());
        };
        ends.route = route;
        ends.network += 1;
        ends.receiver.handle(now, ReceiverInput::NetworkChanged);
        self.drain_receiver(number)
    }
    /// Lets another viewer control: its hand is the one that taps.
    pub fn give_control(&mut self, flow: FlowIndex, viewer: usize) {
        if let Some(state) = self.flows.get_mut(flow.0)
            && viewer < state.viewers.len()
        {
            state.controller = viewer;
        }
    }
    /// Ends a flow: nothing is composed or sent any more, and nobody takes what is on its way.
    pub fn stop(&mut self, flow: FlowIndex) {
        let viewers = self.flows.get(flow.0).map_or(0, |flow| flow.viewers.len());
        for viewer in 0..viewers {
            self.part(flow, viewer);
        }
        if let Some(flow) = self.flows.get_mut(flow.0) {
            flow.running = false;
        }
    }
    /// Lets the senders of a flow send no pictures for a while, or again (RFC 8867 5.8). Sound goes on.
    pub fn pause(&mut self, flow: FlowIndex, paused: bool) -> Result<(), PathError> {
        let viewers = self.flows.get(flow.0).map(|flow| flow.viewers.clone()).unwrap_or_default();
        for viewer in viewers {
            let input = if paused { SenderInput::Pause } else { SenderInput::Resume };
            if let Some(ends) = self.viewers.get_mut(viewer) {
                ends.sender.handle(self.now, input);
            }
            self.drain_sender(viewer)?;
        }
        Ok(())
    }

    /// Whether so much waits to be sent to a viewer that the encoder had better skip pictures: each would
    /// only be older when it leaves.
    pub(super) fn is_behind(&self, flow: usize) -> bool {
        let viewers = self.flows.get(flow).map_or(&[][..], |flow| &flow.viewers);
        let ends = viewers.iter().filter_map(|number| self.viewers.get(*number));
        ends.filter(|ends| ends.watching).any(|ends| ends.sender.backlog() > BACKLOG_MAX)
    }
    /// Whether a route leads over links that there are.
    pub(super) fn leads(&self, route: &Route) -> bool {
        let known = |link: &LinkIndex| link.0 < self.links.len();
        let leads = |way: &[LinkIndex]| !way.is_empty() && way.iter().all(known);
        leads(&route.down) && leads(&route.up)
    }
    /// Whether a viewer watches a flow that goes on.
    pub(super) fn is_running(&self, viewer: usize) -> bool {
        self.viewers.get(viewer).is_some_and(|ends| ends.watching && ends.running)
    }

    /// What a viewer of a flow has seen; the first is 0. At the instant at which a window begins, it is what
    /// was seen in the one that ends then.
    pub fn measured(&self, flow: FlowIndex, viewer: usize) -> Option<&Measured> {
        let number = *self.flows.get(flow.0)?.viewers.get(viewer)?;
        let ends = self.viewers.get(number)?;
        match &ends.before {
            Some(before) if ends.measured.since == self.now => Some(before),
            _ => Some(&ends.measured),
        }
    }
    /// Begins to measure a flow anew: what is seen from now on is a window of its own, and the figures of
    /// the one before are among the sights.
    pub fn measure_anew(&mut self, flow: FlowIndex) {
        self.tell_figures(flow);
        let viewers = self.flows.get(flow.0).map(|flow| flow.viewers.clone()).unwrap_or_default();
        for number in viewers {
            if let Some(viewer) = self.viewers.get_mut(number) {
                let anew = viewer.measured.anew(self.now);
                let window = std::mem::replace(&mut viewer.measured, anew);
                viewer.before = Some(Box::new(window));
            }
        }
    }
    /// Puts the figures of the window so far among the sights, of every viewer that watches.
    pub fn tell_figures(&mut self, flow: FlowIndex) {
        let Some(state) = self.flows.get(flow.0) else { return };
        let viewers = state.viewers.iter().filter_map(|number| self.viewers.get(*number));
        for ends in viewers.filter(|ends| ends.watching) {
            let figures = Figures::of(&state.name, ends.place, &ends.measured);
            self.sights.push((flow, Sight::Measured(Box::new(figures))));
            if state.sounding.is_some() {
                let sound = SoundFigures::of(&state.name, ends.place, &ends.measured);
                self.sights.push((flow, Sight::SoundMeasured(Box::new(sound))));
            }
        }
    }

    /// How fine sights are kept from now on; those of sessions always are.
    pub fn set_level(&mut self, level: Class) {
        self.level = level;
    }
    /// What was seen since the last call, in its order. All of it was seen at the instant up to which
    /// everything has happened, if [`Paths::run_to_sight`] brought it there.
    pub fn take_sights(&mut self) -> Vec<(FlowIndex, Sight)> {
        std::mem::take(&mut self.sights)
    }
    /// A sight of a viewer, if sights are kept that fine.
    pub(super) fn see(
        &mut self,
        viewer: usize,
        class: Class,
        sight: impl FnOnce(&Flow, u32) -> Sight,
    ) {
        if class > self.level.max(Class::Session) {
            return;
        }
        let Some(ends) = self.viewers.get(viewer) else { return };
        let Some(flow) = self.flows.get(ends.flow) else { return };
        self.sights.push((FlowIndex(ends.flow), sight(flow, ends.place)));
    }
}
