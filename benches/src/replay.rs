//! Packets through links and nothing else: senders at a steady pace, links, and the digest of every
//! packet.

use koosim_engine::digest::{Digest, PacketDigester};
use koosim_engine::net::{Counters, Limit, Link, LinkSpec, LinkStreams, Packet, Rate};
use koosim_engine::queue::{Phase, Queue};
use koosim_engine::streams::{Domain, Stream, Streams};
use koosim_model::time::{SimDuration, SimTime};
use std::num::NonZeroU64;

/// Bytes of each packet.
const BYTES: u32 = 1_200;
/// Rate of the one bottleneck in bits a second, and packets that may wait for it.
const BOTTLENECK: u64 = 1_000_000_000;
const QUEUE_PACKETS: u32 = 1_000;
/// One-way delay.
const DELAY_MS: u32 = 20;
/// Load of every link, in hundredths.
const LOAD_PERCENT: i64 = 95;

/// How many entries of the queue ahead a link is asked for.
const AHEAD: usize = 6;
/// So many links are in the cache anyhow, so that looking ahead would only cost.
const IN_CACHE: usize = 1_000;

/// Which links there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All flows share one.
    Bottleneck,
    /// Each pair of endpoints has its own, and all together are as fast as the bottleneck.
    Pairs,
}

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Due {
    Sender(u32),
    Link(u32),
}

/// A network in the middle of its work.
pub struct Replay {
    queue: Queue<Due>,
    links: Vec<Link>,
    pace: Stream,
    shape: Shape,
    mean_gap_ns: u64,
    digester: Option<PacketDigester>,
    sent: u64,
    /// Of how many entries of the queue, from the next one, the links have been asked for.
    asked: usize,
}

impl Replay {
    /// So many flows, two endpoints each. With `digester`, every departure, arrival and drop enters
    /// it.
    ///
    /// # Panics
    /// If there are no flows, or more than a queue of events holds.
    pub fn new(shape: Shape, flows: u32, digester: Option<PacketDigester>) -> Self {
        let streams = Streams::new(1);
        let links = if shape == Shape::Bottleneck { 1 } else { flows };
        let rate = NonZeroU64::new(BOTTLENECK / u64::from(links)).unwrap_or(NonZeroU64::MIN);
        let spec =
            LinkSpec::from_millis(DELAY_MS).rate(Rate::new(rate), Limit::Packets(QUEUE_PACKETS));
        let of = |n| Link::new(spec.clone(), LinkStreams::new(&streams, &format!("link {n}")));
        let links = (0..links).map(of).collect();
        let packet_ns = i64::from(BYTES) * 8 * 1_000_000_000 / BOTTLENECK.cast_signed();
        let gap_ns = packet_ns * i64::from(flows) * 100 / LOAD_PERCENT;
        let mut pace = streams.get(Domain::Component, "pace");
        let mut queue = Queue::new();
        for flow in 0..flows {
            let first_ns = pace.up_to(gap_ns.cast_unsigned());
            let at = SimTime::from_nanos(first_ns.cast_signed());
            let pushed = queue.push(at, Phase::Arrival, Due::Sender(flow));
            assert!(pushed.is_ok(), "there is room for every sender");
        }
        let mean_gap_ns = gap_ns.cast_unsigned();
        Self { queue, links, pace, shape, mean_gap_ns, digester, sent: 0, asked: 0 }
    }
    /// Goes on until so many more packets have been sent.
    pub fn run(&mut self, packets: u64) {
        let until = self.sent + packets;
        while self.sent < until
            && let Some(entry) = self.queue.pop()
        {
            if self.links.len() > IN_CACHE {
                self.look_ahead();
            }
            match entry.payload {
                Due::Sender(flow) => self.send(entry.at, flow),
                Due::Link(number) => self.ring(entry.at, entry.phase, number),
            }
        }
    }
    /// Where there are many links, most of the waiting is for their memory. When the queue has only just
    /// brought its next entries near, there are several to be asked for at once.
    fn look_ahead(&mut self) {
        self.asked = self.asked.saturating_sub(1);
        while self.asked < AHEAD
            && let Some(link) = self.link_ahead(self.asked)
        {
            link.prefetch();
            self.asked += 1;
        }
    }
    /// The link that so many entries after the next one are about.
    fn link_ahead(&self, entries: usize) -> Option<&Link> {
        let number = match *self.queue.ahead(entries)? {
            Due::Sender(flow) => self.link_of(flow),
            Due::Link(number) => number,
        };
        self.links.get(slot(number))
    }
    fn link_of(&self, flow: u32) -> u32 {
        if self.shape == Shape::Bottleneck { 0 } else { flow }
    }
    fn send(&mut self, now: SimTime, flow: u32) {
        let number = self.link_of(flow);
        let packet = Packet::new(self.sent, BYTES).of_flow(flow);
        self.sent += 1;
        if let Some(link) = self.links.get_mut(slot(number)) {
            link.offer(now, packet);
        }
        self.attend(now, Phase::Arrival, number);
        // From a half to one and a half of the mean.
        let gap_ns = self.mean_gap_ns / 2 + self.pace.up_to(self.mean_gap_ns);
        let next = now + SimDuration::from_nanos(gap_ns.cast_signed());
        self.push(next, Phase::Arrival, Due::Sender(flow));
    }
    fn ring(&mut self, at: SimTime, phase: Phase, number: u32) {
        if self.links.get_mut(slot(number)).is_some_and(|link| link.rings(at, phase)) {
            self.attend(at, phase, number);
        }
    }
    /// Takes what a link has to tell, and sets its alarms.
    fn attend(&mut self, now: SimTime, phase: Phase, number: u32) {
        let Self { links, digester, queue, .. } = self;
        let Some(link) = links.get_mut(slot(number)) else { return };
        while let Some(told) = link.poll(now, phase) {
            if let Some(digester) = digester {
                digester.add(number, &told);
            }
        }
        let mut push = |(at, phase)| {
            let pushed = queue.push(at, phase, Due::Link(number));
            assert!(pushed.is_ok(), "there is room for two alarms of every link");
        };
        let [arrival, end] = link.alarms();
        arrival.into_iter().for_each(&mut push);
        end.into_iter().for_each(&mut push);
    }
    fn push(&mut self, at: SimTime, phase: Phase, due: Due) {
        let pushed = self.queue.push(at, phase, due);
        assert!(pushed.is_ok(), "there is room for every sender");
    }
    /// The books of all links together.
    pub fn counters(&self) -> Counters {
        let zero = Counters::default();
        self.links.iter().fold(zero, |sum, link| sum.plus(link.counters()))
    }
    /// The digest so far, if there is one.
    pub fn digest(&self) -> Option<Digest> {
        self.digester.as_ref().map(PacketDigester::digest)
    }
}

fn slot(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
