//! Figures by stage, by bin and by worst frame.

use super::sound::Heard;
use super::spec::FlowSpec;
use crate::prefetch::prefetch;
use koosim_media::latency::{Latencies, Origin, Playback};
use koosim_media::stages::{Stage, StageBudget, Timeline};
use koosim_model::time::{SimDuration, SimTime};

/// Bins kept at most: an hour of those of T3.5; what is later is added to the last.
pub const BINS_MAX: usize = 18_000;
/// Worst frames and inputs that are kept to be looked at.
pub const WORST_MAX: usize = 8;

/// What happened in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// Bytes that the sender let go, with UDP and IP.
    pub sent_bytes: u64,
    /// Bytes that arrived, with UDP and IP.
    pub received_bytes: u64,
    /// Bytes of pictures that were shown.
    pub shown_bytes: u64,
    /// Pictures shown.
    pub shown: u32,
    /// The rate that congestion control wanted last, in bits a second.
    pub target_bps: u64,
    /// Packets that the sender let go.
    pub sent: u32,
    /// Packets to this viewer that a link dropped.
    pub dropped: u32,
}

/// A frame or input to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// Number of the frame or input.
    pub number: u32,
    /// How long it took.
    pub took: SimDuration,
    /// Its instants.
    pub timeline: Timeline,
}

/// The few that took longest, the longest first; of equals the earlier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worst(Vec<Culprit>);

impl Worst {
    fn add(&mut self, one: Culprit) {
        // Most are not among them, and the last tells so.
        let is_full = self.0.len() == WORST_MAX;
        if is_full && self.0.last().is_some_and(|last| last.took >= one.took) {
            return;
        }
        let place = self.0.partition_point(|other| other.took >= one.took);
        if place < WORST_MAX {
            self.0.truncate(WORST_MAX - 1);
            self.0.insert(place, one);
        }
    }
    /// Those kept.
    pub fn all(&self) -> &[Culprit] {
        &self.0
    }
}

/// What one viewer saw of a flow.
#[derive(Clone, Debug)]
pub struct Measured {
    /// When measuring began.
    pub since: SimTime,
    /// Length of a bin (T3.5).
    pub bin_length: SimDuration,
    /// Input to photon of a good session at the median, the 95th and the 99th percentile (T6.4).
    pub good: [SimDuration; 3],
    /// What each stage may take (T6.3).
    pub budget: StageBudget,
    /// From capture to display (T6.2).
    pub capture_to_display: Latencies,
    /// From the finger to the light (T6.2).
    pub input_to_photon: Latencies,
    stages: [Latencies; Stage::ALL.len()],
    /// How evenly pictures were shown.
    pub playback: Playback,
    /// Frames by capture-to-display latency.
    pub worst_frames: Worst,
    /// Inputs by input-to-photon latency.
    pub worst_inputs: Worst,
    /// Pictures that another replaced before the display took them.
    pub replaced: u64,
    /// Complete pictures that were never decoded: the decoder kept them waiting for too long, or they need one that
    /// was never decoded.
    pub undecoded: u64,
    /// Inputs that the phone has got.
    pub inputs: u64,
    /// What was heard of its sound.
    pub sound: Heard,
    bins: Vec<Bin>,
    /// The bin that was asked for last: its number, when it begins and when it ends.
    last_bin: (usize, SimTime, SimTime),
}

impl Measured {
    /// Nothing yet; a bin is at least a nanosecond long.
    pub(super) fn new(since: SimTime, spec: &FlowSpec) -> Self {
        Self::by(since, spec.bin, spec.good, spec.stages)
    }
    fn by(
        since: SimTime,
        bin_length: SimDuration,
        good: [SimDuration; 3],
        budget: StageBudget,
    ) -> Self {
        Self {
            since,
            bin_length: bin_length.max(SimDuration::from_nanos(1)),
            good,
            budget,
            capture_to_display: Latencies::new(),
            input_to_photon: Latencies::new(),
            stages: Default::default(),
            playback: Playback::new(),
            worst_frames: Worst::default(),
            worst_inputs: Worst::default(),
            replaced: 0,
            undecoded: 0,
            inputs: 0,
            sound: Heard::default(),
            bins: Vec::new(),
            last_bin: (0, since, since),
        }
    }
    /// Nothing yet, by the same measures.
    pub(super) fn anew(&self, since: SimTime) -> Self {
        Self::by(since, self.bin_length, self.good, self.budget)
    }
    /// Whether input to photon is that of a good session (T6.4); `None` before an input was answered.
    pub fn is_good(&self) -> Option<bool> {
        let seen = &self.input_to_photon;
        let keeps = |(permille, most)| Some(seen.percentile(permille)? <= most);
        let [median, tail, last] = self.good;
        let kept = [keeps((500, median))?, keeps((950, tail))?, keeps((990, last))?];
        Some(kept.into_iter().all(|kept| kept))
    }
    /// Latencies of one stage.
    pub fn stage(&self, stage: Stage) -> &Latencies {
        let place = Stage::ALL.iter().position(|other| *other == stage).unwrap_or_default();
        self.stages.get(place).unwrap_or(&self.capture_to_display)
    }
    /// Bytes that arrived, with UDP and IP.
    pub fn received_bytes(&self) -> u64 {
        self.bins.iter().map(|bin| bin.received_bytes).sum()
    }
    /// What arrived in the mean from the begin of measuring to `now`, in bits a second.
    pub fn received_bps(&self, now: SimTime) -> u64 {
        let ns = u128::try_from((now - self.since).as_nanos()).unwrap_or(0);
        let bits = u128::from(self.received_bytes()) * 8 * 1_000_000_000;
        u64::try_from(bits.checked_div(ns).unwrap_or(0)).unwrap_or(u64::MAX)
    }
    /// Packets to the viewer that links dropped, in parts of a million of those that were sent.
    pub fn dropped_ppm(&self) -> u64 {
        let count = |part: fn(&Bin) -> u32| self.bins.iter().map(|bin| u64::from(part(bin))).sum();
        let (dropped, sent): (u64, u64) = (count(|bin| bin.dropped), count(|bin| bin.sent));
        (dropped * 1_000_000).checked_div(sent).unwrap_or(0)
    }
    /// How long after the begin of measuring the picture still froze or was missing; nothing if it does
    /// at `now`.
    pub fn recovery(&self, now: SimTime) -> Option<SimDuration> {
        self.playback.steady_since(now).map(|at| at - self.since)
    }
    /// The bins since measuring began, each [`Self::bin_length`] long.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }
    pub(super) fn bin(&mut self, at: SimTime) -> &mut Bin {
        let (place, begins, ends) = self.last_bin;
        let place = if begins <= at && at < ends { place } else { self.find_bin(at) };
        #[expect(clippy::indexing_slicing, reason = "there are more bins than this place")]
        &mut self.bins[place]
    }
    /// The number of the bin of an instant, which is there then.
    fn find_bin(&mut self, at: SimTime) -> usize {
        let (since, length) = ((at - self.since).as_nanos().max(0), self.bin_length.as_nanos());
        let place = usize::try_from(since / length);
        let place = place.unwrap_or(BINS_MAX).min(BINS_MAX - 1);
        if self.bins.len() <= place {
            let target_bps = self.bins.last().map_or(0, |bin| bin.target_bps);
            self.bins.resize(place + 1, Bin { target_bps, ..Bin::default() });
        }
        let begins = self.since + SimDuration::from_nanos(since - since % length);
        self.last_bin = (place, begins, begins + self.bin_length);
        place
    }
    /// Has what [`Self::bin`] looks at first brought near, and waits for nothing.
    #[inline]
    pub(super) fn prefetch_bins(&self) {
        prefetch(&self.last_bin);
        prefetch(&self.bins);
    }
    /// The bin that was asked for last, which is likely to be asked for next.
    pub(super) fn at_hand(&self) -> Option<&Bin> {
        self.bins.get(self.last_bin.0)
    }
    /// Has what [`Self::frame`] will enter a timeline in brought near, which must have been asked for itself some
    /// time ago, and waits for nothing.
    pub(super) fn prefetch_frame(&self, timeline: &Timeline) {
        let stages = Stage::ALL.into_iter().map(|stage| timeline.spent(stage)).zip(&self.stages);
        let whole = (timeline.capture_to_display(), &self.capture_to_display);
        for (spent, latencies) in stages.chain([whole]) {
            spent.and_then(|spent| latencies.bucket(spent)).into_iter().for_each(prefetch);
        }
        self.worst_frames.0.last().into_iter().for_each(prefetch);
    }
    fn stages_of(&mut self, timeline: &Timeline, first: Stage) {
        for (stage, latencies) in Stage::ALL.into_iter().zip(&mut self.stages) {
            if stage >= first
                && let Some(spent) = timeline.spent(stage)
            {
                latencies.record(spent);
            }
        }
    }
    /// A frame was shown; the one captured after it was composed at `next`, if that is still known.
    pub(super) fn frame(
        &mut self,
        (number, bytes): (u32, u32),
        timeline: Timeline,
        next: Option<SimTime>,
    ) {
        let Some(took) = timeline.capture_to_display() else { return };
        self.capture_to_display.record(took);
        self.stages_of(&timeline, Stage::CaptureWait);
        self.worst_frames.add(Culprit { number, took, timeline });
        if let Some(at) = timeline.end_of(Stage::DisplayWait) {
            let origin = next.map(|_| Origin { composed: timeline.began(), next });
            self.playback.show(at, origin);
            let bin = self.bin(at);
            bin.shown += 1;
            bin.shown_bytes += u64::from(bytes);
        }
    }
    /// The light answered an input; its first stages are its own, the others those of its frame.
    pub(super) fn input(&mut self, number: u32, timeline: Timeline) {
        let Some(took) = timeline.input_to_photon() else { return };
        self.input_to_photon.record(took);
        for (stage, latencies) in Stage::ALL.into_iter().zip(&mut self.stages) {
            if stage < Stage::CaptureWait
                && let Some(spent) = timeline.spent(stage)
            {
                latencies.record(spent);
            }
        }
        self.worst_inputs.add(Culprit { number, took, timeline });
    }
}
