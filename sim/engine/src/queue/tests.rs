//! The queue against a sorted map that does the same by plain means.

use super::{DEAD_MIN, Entry, Handle, Phase, PushError, Queue, SEQUENCES};
use koosim_model::time::SimTime;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the queue promises, said with a sorted map.
#[derive(Clone, Default)]
struct Model {
    pending: BTreeMap<(i64, Phase, u64), u32>,
    now: Option<i64>,
}

impl Model {
    fn pop(&mut self) -> Option<Entry<u32>> {
        let ((at, phase, sequence), payload) = self.pending.pop_first()?;
        self.now = Some(at);
        Some(Entry { at: SimTime::from_nanos(at), phase, sequence, payload })
    }
    fn peek(&self) -> Option<(SimTime, Phase)> {
        self.pending.first_key_value().map(|(key, _)| (SimTime::from_nanos(key.0), key.1))
    }
}

/// A queue and its model, walked together; every answer is compared.
#[derive(Clone, Default)]
struct Pair {
    queue: Queue<u32>,
    model: Model,
    /// Every handle ever given out, with the entry it names.
    handles: Vec<(Handle, (i64, Phase, u64))>,
}

impl Pair {
    fn push(&mut self, at: i64, phase: Phase) {
        let sequence = u64::try_from(self.handles.len()).unwrap();
        let payload = u32::try_from(sequence).unwrap();
        let pushed = self.queue.push(SimTime::from_nanos(at), phase, payload);
        if self.model.now.is_some_and(|now| at < now) {
            assert!(matches!(pushed, Err(PushError::Past { .. })), "{pushed:?}");
        } else {
            self.model.pending.insert((at, phase, sequence), payload);
            self.handles.push((pushed.unwrap(), (at, phase, sequence)));
        }
    }
    fn pop(&mut self) {
        assert_eq!(self.queue.pop(), self.model.pop());
    }
    fn pop_through(&mut self, last: i64) {
        let first = self.model.peek().is_some_and(|(at, _)| at.as_nanos() <= last);
        let expected = if first { self.model.pop() } else { None };
        assert_eq!(self.queue.pop_through(SimTime::from_nanos(last)), expected);
    }
    /// Payloads are halved until nothing is left.
    fn pop_part(&mut self) {
        let halve = |payload: &mut u32| {
            *payload /= 2;
            (*payload, *payload > 0)
        };
        let expected = self.model.pending.first_entry().map(|mut entry| {
            let (at, _, _) = *entry.key();
            self.model.now = Some(at);
            let (part, more) = halve(entry.get_mut());
            if !more {
                entry.remove();
            }
            (SimTime::from_nanos(at), part, more)
        });
        assert_eq!(self.queue.pop_part(SimTime::from_nanos(i64::MAX), halve), expected);
    }
    fn cancel(&mut self, pick: usize) {
        if let Some((handle, key)) = self.handles.get(pick % self.handles.len().max(1)) {
            let cancelled = self.model.pending.remove(key);
            assert_eq!(self.queue.cancel(*handle), cancelled);
            // Popping shortens the queue and leaves dead keys; the next cancellation sees to it.
            let bounded = self.queue.dead <= self.queue.len() + DEAD_MIN;
            assert!(cancelled.is_none() || bounded, "{} dead keys", self.queue.dead);
        }
    }
    fn step(&mut self, step: &Step) {
        match *step {
            Step::Push(after, phase) => {
                self.push(self.model.now.unwrap_or(0).saturating_add(after), phase);
            }
            Step::Burst(count, stride, phase) => {
                let now = self.model.now.unwrap_or(0);
                for turn in 0..i64::from(count) {
                    self.push(now.saturating_add(turn.saturating_mul(stride)), phase);
                }
            }
            Step::Pop(count) => (0..count).for_each(|_| self.pop()),
            Step::PopPart(count) => (0..count).for_each(|_| self.pop_part()),
            Step::PopThrough(after, count) => {
                let last = self.model.now.unwrap_or(0).saturating_add(after);
                (0..count).for_each(|_| self.pop_through(last));
            }
            Step::Cancel(pick, count) => {
                (0..usize::from(count)).for_each(|turn| self.cancel(pick.wrapping_add(turn)));
            }
        }
        assert_eq!(self.queue.peek(), self.model.peek());
        assert_eq!(self.queue.len(), self.model.pending.len());
        assert!(self.queue.run.len() <= self.queue.run_max);
    }
    fn drain(mut self) {
        while !self.model.pending.is_empty() {
            self.pop();
        }
        self.pop();
        assert!(self.queue.is_empty());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(i64, Phase),
    Burst(u16, i64, Phase),
    Pop(u16),
    PopPart(u16),
    PopThrough(i64, u16),
    Cancel(usize, u16),
}

fn any_phase() -> impl Strategy<Value = Phase> {
    prop::sample::select(Phase::ALL.to_vec())
}

/// Distances of every magnitude, many of them equal, a few into the past.
fn any_distance() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => Just(0),
        4 => 0..4i64,
        4 => (0..63u32, 0..8i64).prop_map(|(shift, low)| (1i64 << shift).saturating_add(low)),
        1 => -3..0i64,
        1 => Just(i64::MAX),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any_distance(), any_phase()).prop_map(|(after, phase)| Step::Push(after, phase)),
        2 => (1..400u16, any_distance(), any_phase()).prop_map(|(n, d, p)| Step::Burst(n, d, p)),
        4 => (1..40u16).prop_map(Step::Pop),
        1 => (100..500u16).prop_map(Step::Pop),
        2 => (1..40u16).prop_map(Step::PopPart),
        4 => (any_distance(), 1..40u16).prop_map(|(after, n)| Step::PopThrough(after, n)),
        3 => (any::<usize>(), 1..200u16).prop_map(|(pick, count)| Step::Cancel(pick, count)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_a_sorted_map(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut pair = Pair::default();
        for step in &steps {
            pair.step(step);
        }
        pair.drain();
    }

    #[test]
    fn a_clone_goes_its_own_way(
        before in prop::collection::vec(any_step(), 1..20),
        left in prop::collection::vec(any_step(), 1..20),
        right in prop::collection::vec(any_step(), 1..20),
    ) {
        let mut pair = Pair::default();
        before.iter().for_each(|step| pair.step(step));
        let mut fork = pair.clone();
        left.iter().for_each(|step| pair.step(step));
        right.iter().for_each(|step| fork.step(step));
        pair.drain();
        fork.drain();
    }
}

fn at(ns: i64) -> SimTime {
    SimTime::from_nanos(ns)
}

fn payloads(queue: &mut Queue<u32>) -> Vec<u32> {
    std::iter::from_fn(|| queue.pop()).map(|entry| entry.payload).collect()
}

#[test]
fn one_instant_is_ordered_by_phase_then_by_push() {
    let mut queue = Queue::new();
    for (payload, phase) in (0..).zip(Phase::ALL.into_iter().rev().chain(Phase::ALL)) {
        queue.push(at(5), phase, payload).unwrap();
    }
    assert_eq!(payloads(&mut queue), [4, 5, 3, 6, 2, 7, 1, 8, 0, 9]);
}

#[test]
fn an_earlier_phase_of_the_current_instant_comes_next() {
    let mut queue = Queue::new();
    queue.push(at(5), Phase::Observation, 0).unwrap();
    queue.push(at(5), Phase::Observation, 1).unwrap();
    assert_eq!(queue.pop().map(|entry| entry.payload), Some(0));
    queue.push(at(5), Phase::Command, 2).unwrap();
    assert_eq!(queue.peek(), Some((at(5), Phase::Command)));
    assert_eq!(payloads(&mut queue), [2, 1]);
}

#[test]
fn the_past_is_refused_and_nothing_changes() {
    let mut queue = Queue::new();
    queue.push(at(5), Phase::Command, 0).unwrap();
    queue.pop().unwrap();
    let refused = queue.push(at(4), Phase::Command, 1);
    assert_eq!(refused, Err(PushError::Past { at: at(4), now: at(5) }));
    assert!(queue.is_empty());
    queue.push(at(5), Phase::Command, 2).unwrap();
    assert_eq!(queue.pop().map(|entry| (entry.sequence, entry.payload)), Some((1, 2)));
}

#[test]
fn a_stale_handle_cancels_nothing() {
    let mut queue = Queue::new();
    let popped = queue.push(at(1), Phase::Arrival, 0).unwrap();
    queue.pop().unwrap();
    let cancelled = queue.push(at(1), Phase::Arrival, 1).unwrap();
    assert_eq!(queue.cancel(cancelled), Some(1));
    // Both name the slot that this entry has now.
    let current = queue.push(at(1), Phase::Arrival, 2).unwrap();
    assert_eq!(queue.cancel(popped), None);
    assert_eq!(queue.cancel(cancelled), None);
    assert_eq!(queue.len(), 1);
    assert_eq!(queue.cancel(current), Some(2));
    assert_eq!(queue.pop(), None);
}

#[test]
fn peeking_far_ahead_leaves_room_before_it() {
    let mut queue = Queue::new();
    for payload in 0..1_000 {
        queue.push(at(1_000_000_000_000 + i64::from(payload)), Phase::Arrival, payload).unwrap();
    }
    assert_eq!(queue.peek(), Some((at(1_000_000_000_000), Phase::Arrival)));
    for payload in 1_000..2_000 {
        queue.push(at(i64::from(payload)), Phase::Arrival, payload).unwrap();
    }
    assert_eq!(queue.peek(), Some((at(1_000), Phase::Arrival)));
    assert_eq!(payloads(&mut queue), (1_000..2_000).chain(0..1_000).collect::<Vec<_>>());
}

#[test]
fn what_is_ahead_comes_in_that_order_if_nothing_else_does() {
    for between_ns in [0, 1] {
        let mut queue = Queue::new();
        for payload in 0..1_000 {
            let instant = at(1 + i64::from(payload) * between_ns);
            queue.push(instant, Phase::Arrival, payload).unwrap();
        }
        assert!(queue.pop().is_some());
        let ahead: Vec<_> = (0..1_000).map_while(|pops| queue.ahead(pops).copied()).collect();
        assert!(ahead.len() >= 8, "only {} at hand", ahead.len());
        assert_eq!(ahead, (1..).take(ahead.len()).collect::<Vec<u32>>());
        assert!(payloads(&mut queue).starts_with(&ahead));
    }
}

#[test]
fn both_ends_of_time_are_instants_like_others() {
    let mut queue = Queue::new();
    for payload in 0..500 {
        queue.push(at(i64::MAX), Phase::Arrival, payload + 500).unwrap();
        queue.push(at(i64::MIN), Phase::Arrival, payload).unwrap();
    }
    assert_eq!(payloads(&mut queue), (0..1_000).collect::<Vec<_>>());
}

/// Found by the property above: the buckets were split at a cancelled key, and then nothing was early
/// enough, so that the run filled with keys from before their base.
#[test]
fn pushes_before_a_cancelled_first_entry_keep_their_order() {
    let mut pair = Pair::default();
    (0..3).for_each(|_| pair.push(0, Phase::Command));
    (0..385).for_each(|turn| pair.push(turn << 45, Phase::Command));
    pair.step(&Step::Cancel(8_728_698_297_966_741_710, 128));
    pair.step(&Step::Pop(1));
    pair.step(&Step::PopThrough(1 << 52, 34));
    (0..3).for_each(|_| pair.push(pair.model.now.unwrap(), Phase::Command));
    pair.step(&Step::Burst(32, 1, Phase::Command));
    for after in [0, 1, 1, 0] {
        pair.step(&Step::Push(after, Phase::Command));
    }
    pair.drain();
}

#[test]
fn cancelled_entries_leave_bounded_traces() {
    let mut queue = Queue::new();
    let mut kept = Vec::new();
    for turn in 0..100_000u32 {
        let handle = queue.push(at(i64::from(turn) * 1_000), Phase::BusinessTimer, turn).unwrap();
        if turn % 1_000 == 0 {
            kept.push(turn);
        } else {
            queue.cancel(handle).unwrap();
        }
        assert!(queue.dead <= queue.len() + DEAD_MIN);
    }
    assert!(queue.radix.capacity() <= 2 * kept.len() + DEAD_MIN + 16 * 16 * 32);
    assert_eq!(payloads(&mut queue), kept);
}

#[test]
fn numbers_run_out_with_a_name() {
    let mut queue = Queue::new();
    queue.sequence = SEQUENCES - 1;
    let last = queue.push(at(0), Phase::Observation, 0).unwrap();
    assert_eq!(queue.push(at(0), Phase::Observation, 1), Err(PushError::Exhausted));
    assert_eq!(queue.len(), 1);
    assert_eq!(queue.cancel(last), Some(0));
}
