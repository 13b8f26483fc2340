//! Links with a name, each with its source.
//!
//! The presets of loss are what the author of str0m-netem chose (mean runs of good and of bad packets,
//! everything lost in a bad one): choices, not measurements. What else a preset says and no source
//! gives is decided here, and its line says so.

use super::capacity::{Afterwards, Capacity, Rate, Step, StepError, Steps};
use super::discipline::{FqCoDelSpec, Limit, QueueSpec};
use super::ratio::Ratio;
use super::spec::{LinkSpec, Promotion, SpecError};
use super::wire::{Bursts, Loss, Order};
use crate::law::Gaussian;
use koosim_model::rules::{CaseParams, LinkParams};
use koosim_model::time::{SimDuration, SimTime};
use std::num::NonZeroU64;

/// A preset of loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossPreset {
    /// Its name.
    pub name: &'static str,
    /// Mean number of packets between bursts of loss.
    pub good_packets: NonZeroU64,
    /// Mean number of packets in a burst.
    pub bad_packets: NonZeroU64,
}

const fn loss(name: &'static str, good: u64, bad: u64) -> LossPreset {
    let one = NonZeroU64::MIN;
    let (good_packets, bad_packets) = (one.saturating_add(good - 1), one.saturating_add(bad - 1));
    LossPreset { name, good_packets, bad_packets }
}

/// Every preset of loss.
pub const LOSSES: [LossPreset; 5] = [
    // A radio in the same room: str0m-netem.
    loss("wifi", 200, 2),
    // A radio behind walls: str0m-netem.
    loss("lossy_wifi", 40, 2),
    // A mobile network: str0m-netem.
    loss("cellular", 100, 2),
    // Rain and obstruction: str0m-netem.
    loss("satellite", 100, 3),
    // Queues that overflow somewhere else: str0m-netem.
    loss("congested", 20, 2),
];

impl LossPreset {
    /// The preset of that name.
    pub fn named(name: &str) -> Option<Self> {
        LOSSES.into_iter().find(|preset| preset.name == name)
    }
    /// The loss of a link (T1.8).
    pub fn loss(self) -> Loss {
        let begin = Ratio::one_in(self.good_packets);
        Loss::Bursts(Bursts::new(begin, Ratio::one_in(self.bad_packets)))
    }
}

/// The common path of RFC 8867 (T3.1): a delay one way, a drop-tail queue that is so long in time
/// and follows the capacity, no random loss, and the jitter of RFC 8868: Gaussian, cut, in order.
pub fn rfc8867(params: &CaseParams, capacity: Capacity) -> Result<LinkSpec, SpecError> {
    let deviation = params.jitter_deviation;
    let cut = deviation.as_nanos().saturating_mul(i64::from(params.jitter_cut));
    let jitter = Gaussian::new(deviation, SimDuration::from_nanos(cut));
    let link = LinkSpec::new(params.one_way_delay)?
        .capacity(capacity)
        .queue(QueueSpec::DropTail(Limit::Delay(params.queue_delay)));
    Ok(link.gaussian_jitter(jitter, Order::Kept))
}

/// The capacity of one flow in case 5.1 of RFC 8867 (T3.2), from `start` on; the last rate stays.
pub fn variable_capacity(params: &CaseParams, start: SimTime) -> Result<Capacity, StepError> {
    let course = &params.capacity_kbit;
    let ends = course.iter().skip(1).map(|(second, _)| Some(*second)).chain([None]);
    let step = |((begin, kbit), end): (&(u32, u32), Option<u32>)| {
        // The last one is held, however long it lasts.
        let seconds = end.map_or(1, |end| i64::from(end) - i64::from(*begin));
        Step { lasts: SimDuration::from_secs(seconds), bits_per_s: u64::from(*kbit) * 1_000 }
    };
    let steps: Vec<_> = course.iter().zip(ends).map(step).collect();
    Ok(Capacity::Steps(Steps::new(&steps, start, Afterwards::Hold)?))
}

/// The wire of a home or campus with its radio: 100 Mbit/s (RFC 8869); FQ-CoDel (T1.5), as Linux keeps
/// its radios' queues; half of the packets delayed by more than 20 ms (Pei and others, over 47 access
/// points), here evenly from nothing to twice that; the loss of `wifi`; 1 ms of wire, decided.
pub fn wifi_access(params: &LinkParams) -> Result<LinkSpec, SpecError> {
    let spec = LinkSpec::from_millis(1)
        .capacity(Capacity::Constant(Rate::kilobits(100_000)))
        .queue(QueueSpec::FqCoDel(FqCoDelSpec::ruled_by(params)))
        .jitter(SimDuration::from_millis(2 * 20), Order::Kept)?;
    Ok(match LossPreset::named("wifi") {
        Some(preset) => spec.losing(preset.loss()),
        None => spec,
    })
}

/// A phone's mobile network: the capacity of a measured trace, the radio's sleep of measured round
/// trips ([`trace::Idle`](super::trace::Idle)), a drop-tail queue of a second (the deep queue of RFC
/// 8868), the loss of `cellular`; 25 ms of wire, decided.
pub fn lte_access(trace: Steps, radio: Promotion) -> Result<LinkSpec, SpecError> {
    let spec = LinkSpec::from_millis(25)
        .capacity(Capacity::Steps(trace))
        .queue(QueueSpec::DropTail(Limit::Delay(SimDuration::from_secs(1))))
        .promotion(radio)?;
    Ok(match LossPreset::named("cellular") {
        Some(preset) => spec.losing(preset.loss()),
        None => spec,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{DropCause, Link, LinkStreams, Packet, replay};
    use crate::streams::Streams;
    use koosim_model::rulebook::Rulebook;
    use koosim_model::rules::{Catalogue, Params, Rules};

    fn book() -> Params {
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &[]).unwrap();
        let rules = Rules::new(settings, Catalogue::default()).unwrap();
        rules.params(SimTime::EPOCH).clone()
    }

    #[test]
    fn a_course_of_capacity_lasts_from_second_to_second() {
        let start = SimTime::EPOCH + SimDuration::from_secs(7);
        let step =
            |seconds, bits_per_s| Step { lasts: SimDuration::from_secs(seconds), bits_per_s };
        let course = [(40, 1_000_000), (20, 2_500_000), (20, 600_000), (1, 1_000_000)];
        let steps = course.map(|(seconds, rate)| step(seconds, rate));
        let wanted = Steps::new(&steps, start, Afterwards::Hold).unwrap();
        let found = variable_capacity(&book().transport.cases, start).unwrap();
        assert_eq!(found, Capacity::Steps(wanted));
    }

    #[test]
    fn each_preset_loses_its_share() {
        for preset in LOSSES {
            let spec = LinkSpec::from_millis(0).losing(preset.loss());
            let mut link = Link::new(spec, LinkStreams::new(&Streams::new(2), preset.name));
            let offers = (0..200_000_u64).map(|n| (SimTime::EPOCH, Packet::new(n, 1)));
            replay(&mut link, offers, |_| ());
            let lost = link.counters().dropped(DropCause::Lost).packets;
            let (good, bad) = (preset.good_packets.get(), preset.bad_packets.get());
            let law = 200_000 * bad / (good + bad);
            assert!(lost.abs_diff(law) < law / 10, "{}: {lost} for {law}", preset.name);
        }
        assert_eq!(LossPreset::named("nowhere"), None);
    }

    #[test]
    fn access_links_lose_and_delay() {
        let steps = crate::net::trace::rates("0 10\n1 20\n", crate::net::Afterwards::Repeat);
        let (idle, least) = (SimDuration::from_secs(10), SimDuration::from_millis(100));
        let radio = Promotion { idle, least, most: SimDuration::from_secs(1) };
        let lte = lte_access(steps.unwrap(), radio).unwrap();
        let book = book();
        let capacity = Capacity::Constant(Rate::kilobits(1_000));
        let common = rfc8867(&book.transport.cases, capacity).unwrap();
        let wifi = wifi_access(&book.links).unwrap();
        let floors = [(wifi, 1), (lte, 125), (common, 35)];
        for (spec, least_ms) in floors {
            let mut link = Link::new(spec, LinkStreams::new(&Streams::new(2), "access"));
            let mut first = None;
            replay(&mut link, [(SimTime::EPOCH, Packet::new(0, 1200))], |told| {
                first = Some(told.at);
            });
            let waited = first.unwrap() - SimTime::EPOCH;
            assert!(waited >= SimDuration::from_millis(least_ms), "{waited:?}");
            assert!(link.counters().are_conserved());
        }
    }
}
