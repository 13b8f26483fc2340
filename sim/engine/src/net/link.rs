//! One direction of one link: sans-IO, driven by instants.
//!
//! Offer packets in order of time. After each input, and at each instant that [`Link::next_due`]
//! names, [`Link::poll`] until there is nothing more. A driver with several links pushes what
//! [`Link::alarms`] says into its queue, phase and all: that is how, at one nanosecond, arrivals
//! come before ends of transmission (T1.3).

use super::books::Counters;
use super::capacity::{Rounding, Transmitter};
use super::discipline::Discipline;
use super::out::Out;
use super::packet::{DropCause, Fate, Happening, Packet};
use super::ratio::Ratio;
use super::spec::{LinkSpec, PACKETS_MAX, Tie};
use super::wire::{Burst, Flight, Flying, Jitter, Loss, Order};
use crate::prefetch::prefetch;
use crate::queue::Phase;
use crate::streams::{Domain, Stream, Streams};
use koosim_model::time::SimTime;

/// The random streams of one link. Each accident has its own, so that none moves when another
/// begins to happen.
#[derive(Clone, Debug)]
pub struct LinkStreams {
    loss: Stream,
    jitter: Stream,
    queue: Stream,
    copies: Stream,
    corruption: Stream,
    promotion: Stream,
}

impl LinkStreams {
    /// The streams of the link of that name.
    pub fn new(streams: &Streams, name: &str) -> Self {
        let of = |accident: &str| streams.get(Domain::Link, &format!("{name} {accident}"));
        Self {
            loss: streams.get(Domain::Link, name),
            jitter: of("jitter"),
            queue: of("queue"),
            copies: of("copies"),
            corruption: of("corruption"),
            promotion: of("promotion"),
        }
    }
}

/// Offers packets, each at its instant, and tells all that becomes of them, in order.
pub fn replay(
    link: &mut Link,
    offers: impl IntoIterator<Item = (SimTime, Packet)>,
    mut tell: impl FnMut(Happening),
) {
    for (at, packet) in offers {
        while let Some(told) = link.poll(at, Phase::Arrival) {
            tell(told);
        }
        link.offer(at, packet);
    }
    while let Some(told) = link.poll(SimTime::from_nanos(i64::MAX - 1), Phase::Observation) {
        tell(told);
    }
}

/// No alarm is set.
const NEVER_NS: i64 = i64::MAX;

/// What the transmitter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    /// Nothing, and nothing waits.
    Idle,
    /// It may begin at this instant, and something waits.
    Held(i64),
    /// This packet, until this instant.
    Busy(i64, Packet),
}

/// One direction of a link.
///
/// Where there are thousands of links, most of the time is waiting for their memory: what most packets
/// need takes five lines of a cache, in this order, and an arrival looks at four of them.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub struct Link {
    // What the driver knows of: the next arrival, and the next end.
    alarms_ns: [i64; 2],
    sending: Sending,
    last_input_ns: i64,
    last_arrival_ns: i64,
    flight: Flight,
    usual: Usual,
    cold: Box<Cold>,
    queue: Discipline,
    transmitter: Transmitter,
    // Ends with the books, of which most packets need the first five.
    out: Out,
    // When the radio was last used: written often, but read only where there is a radio.
    used_ns: i64,
}

/// What a link does, its draws, and the state of its loss and of its radio.
#[derive(Clone, Debug)]
struct Cold {
    spec: LinkSpec,
    streams: LinkStreams,
    burst: Burst,
    // When the radio will be awake.
    awake_ns: i64,
}

/// What every packet needs of a spec, whether the link is cut, and whether its radio ever slept.
#[derive(Clone, Copy, Debug)]
struct Usual {
    delay_ns: i64,
    rounding: Rounding,
    tie: Tie,
    order: Order,
    /// Whether the gate looks at size or time.
    has_gate: bool,
    has_radio: bool,
    /// Whether chance has a part in what happens on the wire.
    has_accidents: bool,
    is_cut: bool,
    has_slept: bool,
}

impl Usual {
    fn of(spec: &LinkSpec) -> Self {
        let bucket = spec.capacity_spec().packet_bytes_max();
        let chances = [spec.duplication_ratio(), spec.corruption_ratio()];
        let is_safe = spec.loss_spec() == Loss::Independent(Ratio::NEVER)
            && chances.into_iter().all(Ratio::is_never)
            && *spec.jitter_spec() == Jitter::None;
        Self {
            delay_ns: spec.delay().as_nanos(),
            rounding: spec.rounding_rule(),
            tie: spec.tie_rule(),
            order: spec.order(),
            has_gate: spec.mtu_bytes().is_some() || bucket.is_some() || spec.has_outages(),
            has_radio: spec.promotion_spec().is_some(),
            has_accidents: !is_safe,
            is_cut: false,
            has_slept: false,
        }
    }
}

impl Link {
    /// A link that draws its accidents from these streams.
    pub fn new(spec: LinkSpec, streams: LinkStreams) -> Self {
        Self {
            alarms_ns: [NEVER_NS; 2],
            sending: Sending::Idle,
            last_input_ns: i64::MIN,
            last_arrival_ns: i64::MIN,
            flight: Flight::default(),
            usual: Usual::of(&spec),
            queue: Discipline::new(spec.queue_spec()),
            transmitter: Transmitter::new(spec.capacity_spec()),
            out: Out::default(),
            used_ns: i64::MIN,
            cold: Box::new(Cold { spec, streams, burst: Burst::default(), awake_ns: i64::MIN }),
        }
    }

    /// Offers a packet. Offers must come in order of time.
    pub fn offer(&mut self, now: SimTime, packet: Packet) {
        let now_ns = now.as_nanos();
        self.reach(now_ns);
        self.out.counters.offered.add(packet.bytes);
        if let Some(cause) = self.refusal(now, packet.bytes) {
            return self.out.refuse(now_ns, packet, cause);
        }
        if self.usual.has_radio {
            self.wake_radio(now_ns);
        }
        if self.sending == Sending::Idle && self.ready_ns(now_ns) <= now_ns {
            let passed = self.queue.pass(now_ns, packet, &mut self.out);
            passed.into_iter().for_each(|packet| self.begin(now_ns, packet));
            return;
        }
        let rate = self.transmitter.bits_per_s(now_ns);
        self.queue.offer(now_ns, packet, rate, &mut self.cold.streams.queue, &mut self.out);
        if self.sending == Sending::Idle {
            self.send(now_ns);
        }
    }

    /// Why the gate does not let a packet in.
    fn refusal(&self, now: SimTime, bytes: u32) -> Option<DropCause> {
        if self.usual.is_cut {
            return Some(DropCause::Partitioned);
        }
        if self.usual.has_gate {
            let spec = &self.cold.spec;
            if spec.is_out(now) {
                return Some(DropCause::Outage);
            }
            let mtu = spec.mtu_bytes().map(std::num::NonZeroU32::get);
            let bucket = spec.capacity_spec().packet_bytes_max();
            if [mtu, bucket].into_iter().flatten().any(|most| bytes > most) {
                return Some(DropCause::TooBig);
            }
        }
        let held = self.queue.packets() + self.flight.len();
        let is_full = usize::try_from(PACKETS_MAX).is_ok_and(|most| held >= most);
        is_full.then_some(DropCause::QueueFull)
    }

    /// Notes that the link is wanted, and lets the radio wake up if it sleeps.
    fn wake_radio(&mut self, now_ns: i64) {
        let Some(promotion) = self.cold.spec.promotion_spec() else { return };
        let is_at_rest = self.sending == Sending::Idle;
        if is_at_rest && now_ns.saturating_sub(self.used_ns) > promotion.idle.as_nanos() {
            let span = promotion.most.as_nanos() - promotion.least.as_nanos();
            let more = self.cold.streams.promotion.up_to(span.unsigned_abs());
            let more_ns = i64::try_from(more).unwrap_or(i64::MAX);
            let wait_ns = promotion.least.as_nanos().saturating_add(more_ns);
            self.cold.awake_ns = now_ns.saturating_add(wait_ns);
            self.usual.has_slept = true;
        }
        self.used_ns = now_ns;
    }

    /// The earliest instant, not before `now_ns`, at which a packet may begin to leave.
    #[inline]
    fn ready_ns(&mut self, now_ns: i64) -> i64 {
        let awake_ns = if self.usual.has_slept { self.cold.awake_ns } else { i64::MIN };
        self.transmitter.ready_ns(now_ns.max(awake_ns))
    }

    /// Begins to transmit a packet, which may end at once.
    #[inline]
    fn begin(&mut self, now_ns: i64, packet: Packet) {
        let ends_ns = self.transmitter.transmit(now_ns, packet.bytes, self.usual.rounding);
        if ends_ns > now_ns {
            self.sending = Sending::Busy(ends_ns, packet);
        } else {
            self.sending = Sending::Idle;
            self.depart(now_ns, packet);
        }
    }

    /// Sends what waits, as far as that can begin now.
    fn send(&mut self, now_ns: i64) {
        self.sending = Sending::Idle;
        // Each round takes at least one packet out of the queue.
        while self.sending == Sending::Idle && !self.queue.is_empty() {
            let ready_ns = self.ready_ns(now_ns);
            if ready_ns > now_ns {
                self.sending = Sending::Held(ready_ns);
                return;
            }
            let taken = self.queue.take(now_ns, &mut self.out);
            taken.into_iter().for_each(|packet| self.begin(now_ns, packet));
        }
        if self.sending == Sending::Idle {
            self.queue.rest(now_ns, &mut self.out);
        }
    }

    /// A packet has left the transmitter.
    #[inline]
    fn depart(&mut self, now_ns: i64, packet: Packet) {
        self.out.depart(now_ns, packet);
        self.fly(now_ns, packet);
    }

    /// A packet that has left the transmitter sets out over the wire.
    #[inline]
    fn fly(&mut self, now_ns: i64, packet: Packet) {
        self.used_ns = now_ns;
        if !self.usual.has_accidents {
            let flying = self.travel(now_ns, packet, 0);
            return self.flight.push(flying);
        }
        let Cold { spec, streams, burst, .. } = &mut *self.cold;
        if burst.loses(spec.loss_spec(), &mut streams.loss) {
            return self.out.refuse(now_ns, packet, DropCause::Lost);
        }
        let is_copied = spec.duplication_ratio().happens(&mut streams.copies);
        let flying = self.travel_by_chance(now_ns, packet);
        self.flight.push(flying);
        if is_copied {
            self.out.copy(now_ns, packet);
            let copy = Flying { copy: true, ..self.travel_by_chance(now_ns, packet) };
            self.flight.push(copy);
        }
    }

    /// How a packet that leaves now travels, as far as chance has a part in it.
    fn travel_by_chance(&mut self, now_ns: i64, packet: Packet) -> Flying {
        let Cold { spec, streams, .. } = &mut *self.cold;
        let varied_ns = spec.jitter_spec().draw_ns(&mut streams.jitter);
        let corrupt = spec.corruption_ratio().happens(&mut streams.corruption);
        if corrupt {
            self.out.counters.corrupted.add(packet.bytes);
        }
        Flying { corrupt, ..self.travel(now_ns, packet, varied_ns) }
    }

    /// How a packet that leaves now travels.
    #[inline]
    fn travel(&mut self, now_ns: i64, packet: Packet, varied_ns: i64) -> Flying {
        let delay_ns = self.usual.delay_ns.saturating_add(varied_ns).max(0);
        let mut at_ns = now_ns.saturating_add(delay_ns);
        if self.usual.order == Order::Kept {
            at_ns = at_ns.max(self.last_arrival_ns);
        }
        self.last_arrival_ns = self.last_arrival_ns.max(at_ns);
        self.out.counters.in_flight.add(packet.bytes);
        Flying { at_ns, packet, corrupt: false, copy: false }
    }

    /// Notes that it is `now_ns`, and does what the transmitter had to do before that.
    fn reach(&mut self, now_ns: i64) {
        assert!(now_ns >= self.last_input_ns, "a link is told of instants in their order");
        self.last_input_ns = now_ns;
        let last_ns = match self.usual.tie {
            Tie::ArrivalFirst => now_ns.saturating_sub(1),
            Tie::EndFirst => now_ns,
        };
        while let Some(end_ns) = self.end_ns()
            && end_ns <= last_ns
        {
            self.end(end_ns);
        }
    }

    /// When the transmitter ends what it does.
    #[inline]
    fn end_ns(&self) -> Option<i64> {
        match self.sending {
            Sending::Idle => None,
            Sending::Held(at_ns) | Sending::Busy(at_ns, _) => Some(at_ns),
        }
    }
    #[inline]
    fn end(&mut self, now_ns: i64) {
        if let Sending::Busy(_, packet) = self.sending {
            self.depart(now_ns, packet);
        }
        self.send(now_ns);
    }

    /// When the next packet arrives.
    #[inline]
    pub fn next_arrival(&self) -> Option<SimTime> {
        self.flight.next_ns().map(SimTime::from_nanos)
    }
    /// When the transmitter ends a packet, or may begin one that waits. The end of time is a packet
    /// that never will have left.
    #[inline]
    pub fn next_end(&self) -> Option<SimTime> {
        self.end_ns().map(SimTime::from_nanos)
    }
    /// When there is something to poll for, and in which phase of that instant.
    pub fn next_due(&self) -> Option<(SimTime, Phase)> {
        let told = self.out.next_at().map(|at| (at, Phase::Arrival));
        let arrival = self.next_arrival().map(|at| (at, Phase::Arrival));
        let end = self.next_end().map(|at| (at, Phase::TransmissionEnd));
        [told, arrival, end].into_iter().flatten().min()
    }
    /// What happened next, up to this phase of this instant.
    #[inline]
    pub fn poll(&mut self, now: SimTime, phase: Phase) -> Option<Happening> {
        let now_ns = now.as_nanos();
        let last_of = |own| if phase < own { now_ns.saturating_sub(1) } else { now_ns };
        // Each round begins or ends one transmission that is due.
        loop {
            let told_ns = self.out.next_at().map(SimTime::as_nanos);
            let end_ns = self.end_ns();
            if let Some(arrival_ns) = self.flight.next_ns()
                && arrival_ns <= last_of(Phase::Arrival)
                && end_ns.is_none_or(|end_ns| arrival_ns <= end_ns)
                && told_ns.is_none_or(|told_ns| arrival_ns < told_ns)
            {
                return self.arrive();
            }
            if told_ns.is_some() {
                return self.out.next();
            }
            let end_ns = end_ns.filter(|end_ns| *end_ns <= last_of(Phase::TransmissionEnd))?;
            self.last_input_ns = self.last_input_ns.max(end_ns);
            if let Sending::Busy(_, packet) = self.sending {
                // Comes before all that follows from it, and nothing else is to be told.
                let told = self.out.departed(end_ns, packet);
                self.fly(end_ns, packet);
                self.send(end_ns);
                return Some(told);
            }
            self.send(end_ns);
        }
    }
    #[inline]
    fn arrive(&mut self) -> Option<Happening> {
        let Flying { at_ns, packet, corrupt, copy } = self.flight.pop()?;
        self.out.counters.in_flight.take(packet.bytes);
        self.out.counters.delivered.add(packet.bytes);
        let fate = Fate::Arrived { corrupt, copy };
        Some(Happening { at: SimTime::from_nanos(at_ns), packet, fate })
    }

    /// Has what a link at work is looked at brought near, and waits for nothing: for who knows which link
    /// comes next.
    #[inline]
    pub fn prefetch(&self) {
        prefetch(&self.alarms_ns);
        prefetch(&self.flight);
        prefetch(&self.queue);
        prefetch(&self.transmitter);
        prefetch(&self.out.counters.in_flight);
    }

    /// As [`Self::prefetch`], which must have been asked for some time ago, for the packet that arrives next.
    #[inline]
    pub fn prefetch_packets(&self) {
        self.flight.prefetch();
    }

    /// The packet that arrives next, if that is what most likely happens next: as [`Self::prefetch_packets`], and
    /// asked for some time after that.
    #[inline]
    pub(crate) fn arriving(&self) -> Option<&Packet> {
        let first = self.flight.first()?;
        self.end_ns().is_none_or(|end_ns| first.at_ns <= end_ns).then_some(&first.packet)
    }

    /// What has happened already and nobody has taken: departures and drops, but no arrival. For who
    /// must not be interrupted by an arrival just after an offer.
    #[inline]
    pub fn told(&mut self) -> Option<Happening> {
        self.out.next()
    }
    /// The instants, with their phases, at which the link wants to be polled and has not said so
    /// yet. To be asked for after each round of polling, and pushed into the driver's queue.
    #[inline]
    pub fn alarms(&mut self) -> [Option<(SimTime, Phase)>; 2] {
        let [arrival_ns, end_ns] = &mut self.alarms_ns;
        let told_ns = self.out.next_at().map_or(NEVER_NS, SimTime::as_nanos);
        let next_ns = self.flight.next_ns().map_or(told_ns, |next_ns| next_ns.min(told_ns));
        let due_ns = match self.sending {
            Sending::Idle => NEVER_NS,
            Sending::Held(at_ns) | Sending::Busy(at_ns, _) => at_ns,
        };
        [
            earlier(arrival_ns, next_ns).map(|at| (at, Phase::Arrival)),
            earlier(end_ns, due_ns).map(|at| (at, Phase::TransmissionEnd)),
        ]
    }
    /// An alarm rings. Whether the link still wants to be polled then; an earlier one may have come
    /// between.
    #[inline]
    pub fn rings(&mut self, at: SimTime, phase: Phase) -> bool {
        let [arrival_ns, end_ns] = &mut self.alarms_ns;
        let alarm_ns = if phase == Phase::Arrival { arrival_ns } else { end_ns };
        let wanted = *alarm_ns == at.as_nanos();
        if wanted {
            *alarm_ns = NEVER_NS;
        }
        wanted
    }

    /// Changes what the link does from `now` on.
    ///
    /// Each stage changes for the packets that reach it afterwards: size and outages for packets
    /// offered later; the queue at once, with all that waits in it, also where a new limit would not
    /// have let it in; the capacity for packets that begin to be transmitted later, while the one
    /// on the wire ends as it began; loss, copies, corruption and delay for packets that leave the
    /// transmitter later. What is under way arrives as it would have. A capacity that stays the
    /// same goes on where it is, in the middle of a trace or with the tokens that it has.
    pub fn set_spec(&mut self, now: SimTime, spec: LinkSpec) {
        self.reach(now.as_nanos());
        if spec.capacity_spec() != self.cold.spec.capacity_spec() {
            self.transmitter = Transmitter::new(spec.capacity_spec());
        }
        self.queue.change(spec.queue_spec());
        let Usual { is_cut, has_slept, .. } = self.usual;
        self.usual = Usual { is_cut, has_slept, ..Usual::of(&spec) };
        self.cold.spec = spec;
        match self.sending {
            Sending::Held(_) => self.send(now.as_nanos()),
            // It would never have left: it begins anew, and what waits behind it follows.
            Sending::Busy(i64::MAX, packet) => {
                self.begin(now.as_nanos(), packet);
                if self.sending == Sending::Idle {
                    self.send(now.as_nanos());
                }
            }
            Sending::Idle | Sending::Busy(..) => {}
        }
    }
    /// What the link does at present.
    pub const fn spec(&self) -> &LinkSpec {
        &self.cold.spec
    }
    /// Cuts the link: what it holds still arrives, what is offered later does not.
    pub fn cut(&mut self) {
        self.usual.is_cut = true;
    }
    /// Ends a cut.
    pub fn join(&mut self) {
        self.usual.is_cut = false;
    }
    /// Bytes that wait for the transmitter, without those on the wire (T1.2).
    pub fn waiting_bytes(&self) -> u64 {
        self.queue.bytes()
    }
    /// The books.
    pub const fn counters(&self) -> &Counters {
        &self.out.counters
    }
}

/// Moves an alarm to an earlier instant, and gives that; nothing if it would not be earlier.
#[inline]
fn earlier(alarm_ns: &mut i64, wanted_ns: i64) -> Option<SimTime> {
    (wanted_ns < *alarm_ns).then(|| {
        *alarm_ns = wanted_ns;
        SimTime::from_nanos(wanted_ns)
    })
}

#[cfg(test)]
mod tests;
