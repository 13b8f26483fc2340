//! Budgets of flows, held against what their viewers saw. A broken budget names what broke it: the stage
//! that took most beyond its own budget (T6.3) in the frames or inputs that took longest, and these.

use koosim_engine::path::measure::{Culprit, Measured, Worst};
use koosim_engine::path::network::Network;
use koosim_media::latency::Latencies;
use koosim_media::stages::Stage;
use koosim_model::name::{DeviceId, Name};
use koosim_model::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// So many of the worst frames or inputs are named.
const NAMED: usize = 3;

/// Which latency a budget is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// From capture to display (T6.2).
    Picture,
    /// From the finger to the light (T6.2).
    Input,
    /// One stage (T6.3).
    Stage(Stage),
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Input => "input",
            Self::Stage(stage) => stage.word(),
        }
    }
    fn latencies(self, seen: &Measured) -> &Latencies {
        match self {
            Self::Picture => &seen.capture_to_display,
            Self::Input => &seen.input_to_photon,
            Self::Stage(stage) => seen.stage(stage),
        }
    }
    /// What took longest, and what it is.
    fn worst(self, seen: &Measured) -> (&Worst, &'static str) {
        match self {
            Self::Picture => (&seen.worst_frames, "frame"),
            Self::Stage(stage) if stage >= Stage::CaptureWait => (&seen.worst_frames, "frame"),
            Self::Input | Self::Stage(_) => (&seen.worst_inputs, "input"),
        }
    }
}

/// A budget of a flow; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowExpectation {
    /// Which flow.
    pub flow: Name,
    /// Who saw it; without it, the viewer that controlled from the start.
    pub device: Option<DeviceId>,
    /// Which latency.
    pub of: Part,
    /// What half of the latencies may not exceed.
    pub p50: Option<SimDuration>,
    /// What 95 of a hundred may not exceed.
    pub p95: Option<SimDuration>,
    /// What 99 of a hundred may not exceed.
    pub p99: Option<SimDuration>,
    /// What none may exceed.
    pub worst: Option<SimDuration>,
    /// The part of the time for which the picture may be frozen, in hundredths of a percent.
    pub stalled_bp: Option<u32>,
    /// How often it may freeze.
    pub freezes: Option<u64>,
    /// The fewest pictures a second.
    pub frame_rate: Option<u64>,
    /// The least that must arrive in the mean, in bits a second.
    pub bitrate: Option<u64>,
    /// The most that may arrive in the mean, in bits a second.
    pub bitrate_most: Option<u64>,
    /// How long after the begin of measuring the picture may still freeze or be missing.
    pub recovery: Option<SimDuration>,
    /// The fewest pictures that must have been shown.
    pub shown: Option<u64>,
    /// The fewest inputs that the light must have answered.
    pub answered: Option<u64>,
    /// The part of the packets that links may have dropped, in hundredths of a percent.
    pub dropped_bp: Option<u32>,
    /// The part of the packets of sound that must have come in time, in hundredths of a percent.
    pub heard_bp: Option<u32>,
}

/// How evenly flows must share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareExpectation {
    /// The flows.
    pub flows: Vec<Name>,
    /// The least index of Jain over what arrived of each, in hundredths of a percent.
    pub index_bp: u32,
}

/// Holds a budget against what was seen by `now`.
pub(super) fn flow(
    network: Option<&Network>,
    expected: &FlowExpectation,
    now: SimTime,
) -> Result<(), String> {
    let name = &expected.flow;
    let seen = network.and_then(|network| network.measured(name, expected.device.as_ref()));
    let Some(seen) = seen else {
        return Err(format!("flow `{name}` has not flowed to this viewer"));
    };
    let mut broken = Vec::new();
    latencies(expected, seen, &mut broken);
    playback(expected, seen, now, &mut broken);
    volume(expected, seen, now, &mut broken);
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!("flow `{name}`: {}{}", broken.join("; "), culprits(expected.of, seen)))
}

fn latencies(expected: &FlowExpectation, seen: &Measured, broken: &mut Vec<String>) {
    let all = expected.of.latencies(seen);
    let bounds = [
        ("p50", expected.p50, all.percentile(500)),
        ("p95", expected.p95, all.percentile(950)),
        ("p99", expected.p99, all.percentile(990)),
        ("worst", expected.worst, all.worst()),
    ];
    for (what, bound, seen) in bounds {
        let Some(bound) = bound.filter(|bound| seen.is_none_or(|seen| seen > *bound)) else {
            continue;
        };
        let of = expected.of.word();
        let seen = seen.map_or_else(|| "none".to_owned(), ms);
        broken.push(format!("{what} of {of}: expected at most {}, seen {seen}", ms(bound)));
    }
}

fn playback(expected: &FlowExpectation, seen: &Measured, now: SimTime, broken: &mut Vec<String>) {
    let shown = &seen.playback;
    let mut most = |what: &str, bound: Option<u64>, seen: u64| {
        if let Some(bound) = bound.filter(|bound| seen > *bound) {
            broken.push(format!("{what}: expected at most {bound}, seen {seen}"));
        }
    };
    most("freezes", expected.freezes, shown.freezes());
    if let Some(bound) = expected.stalled_bp
        && shown.stalled_ppm() > u64::from(bound) * 100
    {
        let seen = percent(shown.stalled_ppm());
        let bound = percent(u64::from(bound) * 100);
        broken.push(format!("stalled: expected at most {bound}, seen {seen}"));
    }
    if let Some(bound) = expected.recovery {
        match seen.recovery(now) {
            Some(took) if took <= bound => {}
            Some(took) => {
                broken.push(format!("recovery: expected within {}, seen {}", ms(bound), ms(took)));
            }
            None => broken.push(format!("recovery: expected within {}, not yet", ms(bound))),
        }
    }
    if let Some(bound) = expected.frame_rate
        && shown.millifps() < bound * 1_000
    {
        let seen = thousandths(shown.millifps());
        broken.push(format!("frame_rate: expected at least {bound}, seen {seen}"));
    }
}

fn volume(expected: &FlowExpectation, seen: &Measured, now: SimTime, broken: &mut Vec<String>) {
    let mut least = |what: &str, bound: Option<u64>, seen: u64| {
        if let Some(bound) = bound.filter(|bound| seen < *bound) {
            broken.push(format!("{what}: expected at least {bound}, seen {seen}"));
        }
    };
    least("shown", expected.shown, seen.playback.shown());
    least("answered", expected.answered, seen.input_to_photon.count());
    let rate = seen.received_bps(now);
    if let Some(bound) = expected.bitrate.filter(|bound| rate < *bound) {
        broken.push(format!("bitrate: expected at least {}, seen {}", kbit(bound), kbit(rate)));
    }
    if let Some(bound) = expected.bitrate_most.filter(|bound| rate > *bound) {
        broken.push(format!("bitrate: expected at most {}, seen {}", kbit(bound), kbit(rate)));
    }
    if let Some(bound) = expected.dropped_bp
        && seen.dropped_ppm() > u64::from(bound) * 100
    {
        let (bound, seen) = (percent(u64::from(bound) * 100), percent(seen.dropped_ppm()));
        broken.push(format!("dropped: expected at most {bound}, seen {seen}"));
    }
    if let Some(bound) = expected.heard_bp
        && seen.sound.heard_ppm() < u64::from(bound) * 100
    {
        let (bound, share) = (percent(u64::from(bound) * 100), percent(seen.sound.heard_ppm()));
        let (late, lost) = (seen.sound.late, seen.sound.lost());
        broken.push(format!(
            "heard: expected at least {bound}, seen {share} ({late} packets late, {lost} lost)"
        ));
    }
}

/// The stage that is most often to blame for what took longest, and what took longest.
fn culprits(of: Part, seen: &Measured) -> String {
    let (worst, what) = of.worst(seen);
    let mut blamed: BTreeMap<Stage, (usize, SimDuration)> = BTreeMap::new();
    for culprit in worst.all() {
        if let Some((stage, over)) = culprit.timeline.at_fault(&seen.budget) {
            let (times, most) = blamed.entry(stage).or_insert((0, over));
            *times += 1;
            *most = (*most).max(over);
        }
    }
    let fault = blamed.iter().max_by_key(|(_, (times, most))| (*times, *most));
    let Some((stage, (_, most))) = fault else { return String::new() };
    let named = worst.all().iter().take(NAMED);
    let named: Vec<_> = named.map(|c: &Culprit| format!("{} ({})", c.number, ms(c.took))).collect();
    format!(
        "; at fault: {}, up to {} over its budget; look at {what} {}",
        stage.word(),
        ms(*most),
        named.join(", ")
    )
}

/// Holds shares of flows against each other: the index of Jain, which is one where all have the same.
pub(super) fn share(network: Option<&Network>, expected: &ShareExpectation) -> Result<(), String> {
    let measured = |flow| network.and_then(|network| network.measured(flow, None));
    let bytes: Option<Vec<u128>> = expected
        .flows
        .iter()
        .map(|flow| measured(flow).map(|seen| u128::from(seen.received_bytes())))
        .collect();
    let Some(bytes) = bytes else { return Err("not all of the flows have flowed".to_owned()) };
    let count = u128::try_from(bytes.len()).unwrap_or(u128::MAX);
    let sum: u128 = bytes.iter().sum();
    let squares: u128 = bytes.iter().map(|bytes| bytes * bytes).sum();
    let index = (sum * sum * 10_000).checked_div(count * squares).unwrap_or(0);
    if index >= u128::from(expected.index_bp) {
        return Ok(());
    }
    let shares = expected.flows.iter().zip(&bytes);
    let shares: Vec<_> = shares.map(|(flow, bytes)| format!("`{flow}` {bytes} B")).collect();
    let bp = |bp: u128| percent(u64::try_from(bp).unwrap_or(u64::MAX) * 100);
    Err(format!(
        "fairness: expected an index of at least {}, seen {}: {}",
        bp(u128::from(expected.index_bp)),
        bp(index),
        shares.join(", ")
    ))
}

/// A length in milliseconds with three decimals, rounded down.
pub fn ms(length: SimDuration) -> String {
    let us = length.as_nanos() / 1_000;
    let sign = if us < 0 { "-" } else { "" };
    let us = us.unsigned_abs();
    format!("{sign}{}.{:03} ms", us / 1_000, us % 1_000)
}

fn kbit(bps: u64) -> String {
    format!("{} kbit/s", bps / 1_000)
}

/// Parts of a million as a percentage, rounded down.
fn percent(ppm: u64) -> String {
    format!("{}.{:02} %", ppm / 10_000, ppm / 100 % 100)
}

fn thousandths(value: u64) -> String {
    format!("{}.{:03}", value / 1_000, value % 1_000)
}
