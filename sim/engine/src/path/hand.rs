//! The way of a touch: finger, client, control channel, phone, composition.

use super::cargo::Load;
use super::sight::Way;
use super::spec::{PathError, Taps};
use super::world::{Due, Paths, sooner};
use crate::queue::Phase;
use koosim_media::stages::{GivenStage, Stage};
use koosim_model::time::SimDuration;
use koosim_transport::control::{
    self, Input, Message, Place, SendInput, Stamp, Touch, TouchAction,
};

/// The finger that taps, as the client numbers it.
const FINGER: u64 = u64::MAX - 1;

impl Paths {
    /// What the client wants sent.
    pub(super) fn drain_hand(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        if !self.is_running(number) {
            return Ok(());
        }
        while let Some(packet) =
            self.viewers.get_mut(number).and_then(|viewer| viewer.hand.poll(now))
        {
            self.send(number, Way::Up, Load::Control(packet))?;
        }
        let Some(viewer) = self.viewers.get_mut(number) else { return Ok(()) };
        if let Some(due) = viewer.hand.next_due().map(|due| due.max(now))
            && sooner(&mut viewer.hand_at, due)
        {
            self.queue.push(due, Phase::Arrival, Due::Hand(number))?;
        }
        Ok(())
    }
    /// What has come to the phone.
    pub(super) fn drain_ear(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        while let Some(output) =
            self.viewers.get_mut(number).and_then(|viewer| viewer.ear.poll(now))
        {
            match output {
                control::Output::Ack(ack) => {
                    let ack = Load::Control(control::Packet::Ack(ack));
                    self.send(number, Way::Down, ack)?;
                }
                control::Output::Delivered(delivered) => {
                    if let Message::Input(stamp, Input::Touch(touch)) = &delivered.message
                        && touch.action == TouchAction::Down
                    {
                        self.injected(number, stamp.number)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The finger comes down, and will again.
    pub(super) fn tap(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        let Some(flow) = self.flows.get_mut(number).filter(|flow| flow.running) else {
            return Ok(());
        };
        let Some(taps) = flow.spec.taps else { return Ok(()) };
        let input = flow.inputs.begin(now);
        let controller = flow.controller();
        let Some(viewer) = controller.and_then(|number| self.viewers.get_mut(number)) else {
            return Ok(());
        };
        let seen = now + viewer.stages.draw(GivenStage::Touch, &mut viewer.draws);
        let said = seen + viewer.stages.draw(GivenStage::ClientSend, &mut viewer.draws);
        if let Some(flow) = self.flows.get_mut(number) {
            flow.inputs.end(input, Stage::Touch, seen);
            flow.inputs.end(input, Stage::ClientSend, said);
        }
        let down = Due::Touched { flow: number, input, action: TouchAction::Down };
        let up = Due::Touched { flow: number, input, action: TouchAction::Up };
        self.queue.push(said, Phase::Command, down)?;
        if let Some(moves) = taps.moves.filter(|moves| *moves > SimDuration::ZERO) {
            let last = (taps.hold.as_nanos() - 1) / moves.as_nanos();
            for n in 1..=last.min(Taps::MOVES_MAX) {
                let at = said + SimDuration::from_nanos(n * moves.as_nanos());
                let moved = Due::Touched { flow: number, input, action: TouchAction::Move };
                self.queue.push(at, Phase::Command, moved)?;
            }
        }
        self.queue.push(said + taps.hold, Phase::Command, up)?;
        self.queue.push(now + taps.every, Phase::Command, Due::Tap(number))?;
        Ok(())
    }
    /// The client sends what the finger did.
    pub(super) fn touched(
        &mut self,
        number: usize,
        input: u32,
        action: TouchAction,
    ) -> Result<(), PathError> {
        let now = self.now;
        let controller = self.flows.get(number).and_then(super::flow::Flow::controller);
        let Some(controller) = controller else { return Ok(()) };
        let Some(viewer) = self.viewers.get_mut(controller) else { return Ok(()) };
        let place = Place { x: 360, y: 640, width: 720, height: 1280 };
        let (pressure, action_button, buttons) = (u16::MAX, 0, 0);
        let touch = Touch { action, pointer: FINGER, place, pressure, action_button, buttons };
        let message = Message::Input(Stamp { number: input, at: now }, Input::Touch(touch));
        // What cannot wait any more is lost, as its input then never gets an answer.
        let _ = viewer.hand.handle(now, SendInput::Message(message));
        self.drain_hand(controller)
    }
    /// A touch has come to the phone, which composes an answer.
    pub(super) fn injected(&mut self, number: usize, input: u32) -> Result<(), PathError> {
        let now = self.now;
        let Some(viewer) = self.viewers.get_mut(number) else { return Ok(()) };
        viewer.measured.inputs += 1;
        let flow = viewer.flow;
        let composed = now + viewer.stages.draw(GivenStage::InjectAndCompose, &mut viewer.draws);
        if let Some(state) = self.flows.get_mut(flow)
            && state.inputs.end(input, Stage::Uplink, now)
        {
            self.queue.push(composed, Phase::Command, Due::Answered { flow, input })?;
        }
        Ok(())
    }
    /// The answer to an input is on the screen of the phone.
    pub(super) fn answered(&mut self, number: usize, input: u32) -> Result<(), PathError> {
        let now = self.now;
        if let Some(flow) = self.flows.get_mut(number) {
            flow.inputs.end(input, Stage::InjectAndCompose, now);
            flow.screen.touch(now);
        }
        self.show(number)
    }
}
