//! A finger on its way to the light: what is known of inputs that have not been answered.

use koosim_media::stages::{Stage, Timeline};
use koosim_model::time::SimTime;
use std::collections::VecDeque;

/// Inputs that wait for an answer at most; of more the oldest is given up.
const PENDING_MAX: usize = 256;

/// One input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) number: u32,
    pub(super) timeline: Timeline,
    /// The frame that answers it.
    pub(super) frame: Option<u32>,
}

/// Inputs of one flow, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs {
    pending: VecDeque<Pending>,
    next: u32,
}

impl Inputs {
    /// A finger moves now; gives the number of the input.
    pub(super) fn begin(&mut self, now: SimTime) -> u32 {
        if self.pending.len() == PENDING_MAX {
            self.pending.pop_front();
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.pending.push_back(Pending { number, timeline: Timeline::of_input(now), frame: None });
        number
    }
    /// A stage of an input ends; whether the input was still known and had come so far.
    pub(super) fn end(&mut self, number: u32, stage: Stage, at: SimTime) -> bool {
        let pending = self.pending.iter_mut().find(|pending| pending.number == number);
        pending.is_some_and(|pending| pending.timeline.end(stage, at).is_ok())
    }
    /// A frame was captured: it answers every input whose picture was composed by then.
    pub(super) fn captured(&mut self, frame: u32, at: SimTime) {
        for pending in self.pending.iter_mut().filter(|pending| pending.frame.is_none()) {
            if pending.timeline.end_of(Stage::InjectAndCompose).is_some_and(|end| end <= at) {
                pending.frame = Some(frame);
            }
        }
    }
    /// A frame was shown: the inputs that it or a frame before it answers, with the times of this frame.
    pub(super) fn shown(
        &mut self,
        frame: u32,
        timeline: &Timeline,
        mut tell: impl FnMut(u32, Timeline),
    ) {
        self.pending.retain(|pending| {
            if pending.frame.is_none_or(|answer| answer > frame) {
                return true;
            }
            let mut whole = pending.timeline;
            // A frame that holds the answer was captured after it had been composed.
            if whole.answered_by(timeline).is_ok() {
                tell(pending.number, whole);
            }
            false
        });
    }
}
