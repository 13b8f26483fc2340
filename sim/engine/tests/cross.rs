//! TCP as cross traffic: its windows against their closed forms, and flows that share a bottleneck.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "flows are numbered from zero")]
#![expect(clippy::as_conversions, reason = "statistics in floating point")]

use koosim_engine::net::cross::{Ack, Congestion, Receiver, Segment, Sender};
use koosim_engine::net::{Fate, Limit, Link, LinkSpec, LinkStreams, Order, Packet, Rate, Ratio};
use koosim_engine::queue::Phase;
use koosim_engine::streams::Streams;
use koosim_model::time::{SimDuration, SimTime};
use proptest::prelude::*;

const BYTES: u32 = 1_500;

/// Flows over one link, and their acknowledgements over another.
struct Path {
    data: Link,
    acks: Link,
    flows: Vec<(Sender, Receiver)>,
    /// Every so many segments one is lost before the link.
    lost_every: Option<u64>,
    sent: u64,
}

impl Path {
    fn new(data: LinkSpec, acks: LinkSpec, flows: impl IntoIterator<Item = Sender>) -> Self {
        let link = |spec, name| Link::new(spec, LinkStreams::new(&Streams::new(9), name));
        Self {
            data: link(data, "data"),
            acks: link(acks, "acks"),
            flows: flows.into_iter().map(|sender| (sender, Receiver::default())).collect(),
            lost_every: None,
            sent: 0,
        }
    }
    fn send(&mut self, now: SimTime) {
        for (flow, (sender, _)) in (0_u32..).zip(&mut self.flows) {
            while let Some(Segment(place)) = sender.poll(now) {
                self.sent += 1;
                if self.lost_every.is_none_or(|every| !self.sent.is_multiple_of(every)) {
                    self.data.offer(now, Packet::new(place, BYTES).of_flow(flow));
                }
            }
        }
    }
    fn next_due(&self) -> Option<(SimTime, Phase)> {
        let links = [self.data.next_due(), self.acks.next_due()].into_iter().flatten();
        let senders = self.flows.iter().filter_map(|(sender, _)| sender.next_due());
        links.chain(senders.map(|at| (at, Phase::BusinessTimer))).min()
    }
    fn run_until(&mut self, end_s: i64) {
        let end = SimTime::from_nanos(end_s * 1_000_000_000);
        if self.sent == 0 {
            self.send(SimTime::EPOCH);
        }
        while let Some((now, phase)) = self.next_due().filter(|(at, _)| *at <= end) {
            while let Some(told) = self.data.poll(now, phase) {
                if matches!(told.fate, Fate::Arrived { .. }) {
                    let receiver = &mut self.flows[usize::try_from(told.packet.flow).unwrap()].1;
                    let Ack(place) = receiver.handle(Segment(told.packet.token));
                    self.acks.offer(now, Packet::new(place, 40).of_flow(told.packet.flow));
                }
            }
            while let Some(told) = self.acks.poll(now, phase) {
                if matches!(told.fate, Fate::Arrived { .. }) {
                    let sender = &mut self.flows[usize::try_from(told.packet.flow).unwrap()].0;
                    sender.handle(now, Ack(told.packet.token));
                    self.send(now);
                }
            }
            self.send(now);
        }
        assert!(self.data.counters().are_conserved() && self.acks.counters().are_conserved());
    }
    fn received(&self) -> Vec<u64> {
        self.flows.iter().map(|(_, receiver)| receiver.received()).collect()
    }
}

/// Mean segments under way of a flow over a round trip of 100 ms that loses every so many segments.
fn mean_window(congestion: Congestion, lost_every: u64, seconds: i64) -> f64 {
    let wire = LinkSpec::from_millis(50);
    let mut path = Path::new(wire.clone(), wire, [Sender::new(congestion, None)]);
    path.lost_every = Some(lost_every);
    path.run_until(20);
    let before = path.received()[0];
    path.run_until(20 + seconds);
    (path.received()[0] - before) as f64 / seconds as f64 * 0.1
}

/// T3.4.
#[test]
fn reno_has_the_window_of_the_square_root_law() {
    for lost_every in [800_u64, 3_000] {
        let law = (1.5 * lost_every as f64).sqrt();
        let found = mean_window(Congestion::reno(), lost_every, 200);
        assert!((found / law - 1.0).abs() < 0.1, "{lost_every}: {found} for {law}");
    }
}

/// T3.4.
#[test]
fn cubic_has_the_window_of_its_law() {
    // RFC 9438, section 5: the fourth root of C (3 + b) / (4 (1 - b)), times (RTT / p)^(3/4).
    let lost_every = 5_000_u64;
    let constant = (0.4_f64 * 3.7 / 1.2).sqrt().sqrt();
    let power = (0.1 * lost_every as f64).sqrt();
    let law = constant * power * power.sqrt();
    let found = mean_window(Congestion::cubic(), lost_every, 300);
    assert!((found / law - 1.0).abs() < 0.1, "{found} for {law}");
    assert!(found > 1.15 * (1.5 * lost_every as f64).sqrt(), "more than Reno");
}

/// 10 Mbit/s, 40 ms of round trip, and a queue of as much as that holds.
fn bottleneck() -> LinkSpec {
    LinkSpec::from_millis(20).rate(Rate::kilobits(10_000), Limit::Bytes(50_000))
}

/// T3.4.
#[test]
fn a_greedy_flow_fills_a_bottleneck_and_two_share_it() {
    for congestion in [Congestion::reno(), Congestion::cubic()] {
        let alone = [Sender::new(congestion.clone(), None)];
        let mut path = Path::new(bottleneck(), LinkSpec::from_millis(20), alone);
        path.run_until(60);
        let most = 60 * 10_000_000 / (8 * u64::from(BYTES));
        assert!(path.received()[0] * 100 >= most * 95, "{congestion:?}: {:?}", path.received());
        let two = [Sender::new(congestion.clone(), None), Sender::new(congestion, None)];
        // Without some variation, one of two flows of a round trip may always find the queue full.
        let acks = LinkSpec::from_millis(20).jitter(SimDuration::from_millis(5), Order::Kept);
        let mut path = Path::new(bottleneck(), acks.unwrap(), two);
        path.run_until(120);
        let received = path.received();
        let (less, more) = (received[0].min(received[1]), received[0].max(received[1]));
        assert!((less + more) * 100 >= 2 * most * 95, "{received:?}");
        assert!(more * 10 <= less * 16, "{received:?}");
    }
}

#[test]
fn a_flow_survives_an_outage() {
    let dead = LinkSpec::from_millis(20).loss(Ratio::ALWAYS);
    let mut path =
        Path::new(dead, LinkSpec::from_millis(20), [Sender::new(Congestion::reno(), Some(500))]);
    path.run_until(10);
    assert_eq!(path.received(), [0]);
    let now = SimTime::from_nanos(10_000_000_000);
    path.data.set_spec(now, LinkSpec::from_millis(20));
    // The timeout has doubled up to eight seconds by then.
    path.run_until(20);
    assert_eq!(path.received(), [500]);
    assert!(path.flows[0].0.is_over() && path.flows[0].0.next_due().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_short_flow_comes_whole_whatever_is_lost(
        length in 1_u64..200,
        loss in 0_u32..30,
        back in 0_u32..30,
        cubic in any::<bool>(),
    ) {
        let congestion = if cubic { Congestion::cubic() } else { Congestion::reno() };
        let spec = |loss| LinkSpec::from_millis(10).loss(Ratio::percent(loss));
        let mut path = Path::new(spec(loss), spec(back), [Sender::new(congestion, Some(length))]);
        path.run_until(20_000);
        prop_assert_eq!(path.received(), [length]);
        prop_assert!(path.flows[0].0.is_over());
        prop_assert!(path.next_due().is_none(), "nothing is left to do");
    }
}
