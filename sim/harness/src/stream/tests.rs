//! Two ends of a connection over a channel that loses, delays, repeats and reorders segments.

use super::conn::{Broken, Conn};
use super::receive::RECEIVE_BYTES_MAX;
use super::segment::Segment;
use koosim_engine::streams::{Domain, Stream, Streams};
use koosim_model::time::{SimDuration, SimTime};
use proptest::prelude::*;
use std::collections::BTreeMap;

const STEPS_MAX: u32 = 200_000;

/// What a channel does to segments.
#[derive(Clone, Copy, Debug)]
struct Channel {
    loss_percent: u64,
    repeat_percent: u64,
    delay_ns_max: u64,
}

/// One end and the component that uses it.
struct End {
    conn: Conn,
    to_write: Vec<u8>,
    received: Vec<u8>,
    // Bytes that are read at a time, and how long the component then waits.
    read_size: usize,
    read_pause: SimDuration,
    reads_at: SimTime,
    ended: bool,
}

impl End {
    fn new(conn: Conn, to_write: Vec<u8>, read_size: usize, read_pause: SimDuration) -> Self {
        let (received, reads_at) = (Vec::new(), SimTime::EPOCH);
        Self { conn, to_write, received, read_size, read_pause, reads_at, ended: false }
    }
    fn work(&mut self, now: SimTime) {
        if !self.conn.is_open() {
            return;
        }
        let taken = self.conn.write(&self.to_write);
        self.to_write.drain(..taken);
        if self.to_write.is_empty() && !self.conn.is_ending() {
            self.conn.end();
        }
        if now >= self.reads_at && self.conn.is_readable() {
            let mut into = vec![0; self.read_size];
            let count = self.conn.read(&mut into);
            self.received.extend_from_slice(&into[..count]);
            self.ended = count == 0;
            self.reads_at = now + self.read_pause;
        }
    }
    fn next_due(&self) -> Option<SimTime> {
        let reads = (self.conn.is_readable() && !self.ended).then_some(self.reads_at);
        self.conn.next_due().into_iter().chain(reads).min()
    }
}

struct World {
    now: SimTime,
    channel: Channel,
    chance: Stream,
    flying: BTreeMap<(SimTime, u64), (usize, Segment)>,
    sent: u64,
    greeting_lost: [bool; 2],
    ends: Vec<End>,
}

impl World {
    fn new(
        channel: Channel,
        seed: u64,
        forth: Vec<u8>,
        back: Vec<u8>,
        reader: (usize, SimDuration),
    ) -> Self {
        let asking = Conn::asking(SimTime::EPOCH, 1000);
        let fast = (4096, SimDuration::ZERO);
        Self {
            now: SimTime::EPOCH,
            channel,
            chance: Streams::new(seed).get(Domain::Link, "channel"),
            flying: BTreeMap::new(),
            sent: 0,
            greeting_lost: [false; 2],
            ends: vec![
                End::new(asking, forth, fast.0, fast.1),
                End::new(
                    Conn::answering(SimTime::EPOCH, 1000, RECEIVE_BYTES_MAX),
                    back,
                    reader.0,
                    reader.1,
                ),
            ],
        }
    }

    fn transmit(&mut self) {
        for from in 0..2 {
            self.ends[from].work(self.now);
            self.ends[from].conn.hurry();
            while let Some(segment) = self.ends[from].conn.transmit(self.now) {
                let lost = self.chance.chance(self.channel.loss_percent, 100);
                if lost && self.may_lose(from, &segment) {
                    continue;
                }
                self.fly(1 - from, segment.clone());
                if self.chance.chance(self.channel.repeat_percent, 100) {
                    self.fly(1 - from, segment);
                }
            }
        }
    }
    /// A handshake has few attempts: unless everything is lost, no greeting is lost twice in a row.
    fn may_lose(&mut self, from: usize, segment: &Segment) -> bool {
        if self.channel.loss_percent == 100 || matches!(segment, Segment::Data(_)) {
            return true;
        }
        self.greeting_lost[from] = !self.greeting_lost[from];
        self.greeting_lost[from]
    }
    fn fly(&mut self, to: usize, segment: Segment) {
        let delay = i64::try_from(1 + self.chance.up_to(self.channel.delay_ns_max)).unwrap();
        self.flying.insert((self.now + SimDuration::from_nanos(delay), self.sent), (to, segment));
        self.sent += 1;
    }
    /// Goes to the next instant; whether there was one.
    fn step(&mut self) -> bool {
        self.transmit();
        let arrival = self.flying.first_key_value().map(|((at, _), _)| *at);
        let dues = self.ends.iter().filter_map(End::next_due);
        let Some(next) = dues.chain(arrival).min() else { return false };
        assert!(next >= self.now, "time goes forward");
        self.now = next;
        for end in &mut self.ends {
            end.conn.wake(next);
        }
        while let Some(first) = self.flying.first_entry().filter(|first| first.key().0 == next) {
            let (to, segment) = first.remove();
            self.ends[to].conn.handle(next, segment);
        }
        true
    }
    fn run(&mut self) {
        for _ in 0..STEPS_MAX {
            let done = self.ends.iter().all(|end| end.ended || end.conn.broken().is_some());
            if done || !self.step() {
                return;
            }
        }
        panic!("the connection does not come to an end");
    }
}

fn bytes(count: usize, seed: u64) -> Vec<u8> {
    let mut stream = Streams::new(seed).get(Domain::Component, "bytes");
    (0..count).map(|_| u8::try_from(stream.up_to(255)).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn bytes_arrive_once_and_in_order_whatever_the_channel_does(
        loss_percent in 0_u64..20,
        repeat_percent in 0_u64..30,
        delay_ms_max in 0_u64..300,
        seed in any::<u64>(),
        forth in 0_usize..150_000,
        back in 0_usize..20_000,
        read_size in 1_usize..20_000,
        read_pause_ms in 0_i64..200,
    ) {
        let channel =
            Channel { loss_percent, repeat_percent, delay_ns_max: delay_ms_max * 1_000_000 };
        let reader = (read_size.max(forth / 500), SimDuration::from_millis(read_pause_ms));
        let (forth, back) = (bytes(forth, seed), bytes(back, !seed));
        let mut world = World::new(channel, seed, forth.clone(), back.clone(), reader);
        world.run();
        for end in &world.ends {
            prop_assert_eq!(end.conn.broken(), None);
        }
        prop_assert!(world.ends[1].received == forth && world.ends[0].received == back);
    }
}

#[test]
fn a_peer_that_never_answers_is_given_up() {
    let channel = Channel { loss_percent: 100, repeat_percent: 0, delay_ns_max: 0 };
    let mut world = World::new(channel, 1, Vec::new(), Vec::new(), (1, SimDuration::ZERO));
    world.run();
    assert_eq!(world.ends[0].conn.broken(), Some(Broken::TimedOut));
    // 1 + 2 + 4 + 8 + 16 + 32 s, and then 60 s: six repetitions and the last wait.
    assert_eq!(world.now.as_nanos(), 123_000_000_000);
}

#[test]
fn a_reader_that_sleeps_for_a_day_is_neither_lost_nor_flooded() {
    let channel = Channel { loss_percent: 0, repeat_percent: 0, delay_ns_max: 1_000_000 };
    let all = usize::try_from(RECEIVE_BYTES_MAX).unwrap() + 30_000;
    let reader = (all, SimDuration::from_hours(24));
    let forth = bytes(all, 3);
    let mut world = World::new(channel, 1, forth.clone(), Vec::new(), reader);
    world.ends[1].reads_at = SimTime::EPOCH + SimDuration::from_hours(24);
    world.run();
    assert!(world.ends[1].received == forth);
    assert!(world.now >= SimTime::EPOCH + SimDuration::from_hours(24));
    // The handshake, 95 segments with their acknowledgements, and one probe a minute.
    assert!(world.sent < 2 * 24 * 60 + 400, "{} segments", world.sent);
}

#[test]
fn when_room_comes_back_the_sender_does_not_wait_for_its_timer() {
    let channel = Channel { loss_percent: 0, repeat_percent: 0, delay_ns_max: 1_000_000 };
    let all = usize::try_from(RECEIVE_BYTES_MAX).unwrap() * 2;
    let mut world = World::new(channel, 1, bytes(all, 3), Vec::new(), (all, SimDuration::ZERO));
    let wakes_up = SimTime::EPOCH + SimDuration::from_nanos(3_600_000_000_123);
    world.ends[1].reads_at = wakes_up;
    world.run();
    assert_eq!(world.ends[1].received.len(), all);
    assert!(world.now - wakes_up < SimDuration::from_millis(50));
}

#[test]
fn a_component_that_leaves_early_resets_its_peer() {
    let channel = Channel { loss_percent: 0, repeat_percent: 0, delay_ns_max: 1_000_000 };
    let mut world = World::new(channel, 1, bytes(5_000, 3), Vec::new(), (1, SimDuration::ZERO));
    world.ends[1].reads_at = SimTime::EPOCH + SimDuration::from_hours(1);
    while !world.ends[1].conn.is_readable() {
        assert!(world.step());
    }
    world.ends[1].conn.release();
    while world.ends[0].conn.broken().is_none() {
        assert!(world.step());
    }
    assert_eq!(world.ends[0].conn.broken(), Some(Broken::Reset));
    assert!(world.ends[1].conn.is_over());
}
