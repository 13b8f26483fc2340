//! The eleven stages between a finger and the light that answers it, and what each of them took (T6).

use crate::draws::{Draws, LogNormal, PercentilesError};
use crate::numbers::{nanos, rounded_nanos};
use koosim_time::{SimDuration, SimTime};

/// A stage of the path (T6.3), in the order in which it is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// From the finger to the client's own code: sampling and the device's stack.
    Touch,
    /// The client makes a message of it.
    ClientSend,
    /// The message crosses the network.
    Uplink,
    /// The phone injects it, the app answers, the picture is composed.
    InjectAndCompose,
    /// The picture waits for the encoder to capture it.
    CaptureWait,
    /// It is encoded; waiting for the encoder included.
    Encode,
    /// It is cut into packets, and the pacer lets them go.
    PacketiseAndPace,
    /// Its last packet crosses the network; repair included.
    Downlink,
    /// It waits to be played evenly.
    JitterBuffer,
    /// It is decoded; waiting for the decoder included.
    Decode,
    /// It waits for the display.
    DisplayWait,
}

impl Stage {
    /// All stages in their order.
    pub const ALL: [Self; 11] = [
        Self::Touch,
        Self::ClientSend,
        Self::Uplink,
        Self::InjectAndCompose,
        Self::CaptureWait,
        Self::Encode,
        Self::PacketiseAndPace,
        Self::Downlink,
        Self::JitterBuffer,
        Self::Decode,
        Self::DisplayWait,
    ];

    /// The word of scenarios and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Touch => "touch",
            Self::ClientSend => "client_send",
            Self::Uplink => "uplink",
            Self::InjectAndCompose => "inject_and_compose",
            Self::CaptureWait => "capture_wait",
            Self::Encode => "encode",
            Self::PacketiseAndPace => "packetise_and_pace",
            Self::Downlink => "downlink",
            Self::JitterBuffer => "jitter_buffer",
            Self::Decode => "decode",
            Self::DisplayWait => "display_wait",
        }
    }
    /// The stage of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }
    /// How many stages are passed before this one.
    const fn place(self) -> usize {
        match self {
            Self::Touch => 0,
            Self::ClientSend => 1,
            Self::Uplink => 2,
            Self::InjectAndCompose => 3,
            Self::CaptureWait => 4,
            Self::Encode => 5,
            Self::PacketiseAndPace => 6,
            Self::Downlink => 7,
            Self::JitterBuffer => 8,
            Self::Decode => 9,
            Self::DisplayWait => 10,
        }
    }
}

/// Median and 95th percentile of a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// The median.
    pub p50: SimDuration,
    /// The 95th percentile.
    pub p95: SimDuration,
}

impl Percentiles {
    /// Of whole milliseconds.
    pub const fn from_millis(p50: i64, p95: i64) -> Self {
        Self { p50: SimDuration::from_millis(p50), p95: SimDuration::from_millis(p95) }
    }
    /// The law with these percentiles, in nanoseconds.
    pub(crate) fn law(self) -> Result<LogNormal, PercentilesError> {
        LogNormal::from_p50_p95(nanos(self.p50), nanos(self.p95))
    }
}

/// What each stage may take (T6.3), as the rules of a run say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageBudget([Percentiles; Stage::ALL.len()]);

impl StageBudget {
    /// The budget of each stage, asked for in the order of [`Stage::ALL`].
    pub fn of(each: impl FnMut(Stage) -> Percentiles) -> Self {
        Self(Stage::ALL.map(each))
    }
    /// That of one stage.
    pub const fn get(&self, stage: Stage) -> Percentiles {
        #[expect(clippy::indexing_slicing, reason = "there is one for each stage")]
        self.0[stage.place()]
    }
}

/// Times of the stages that no packet, encoder or display decides, each log-normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageTimes {
    touch: LogNormal,
    client_send: LogNormal,
    inject_and_compose: LogNormal,
}

/// A stage whose times are given as percentiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GivenStage {
    /// [`Stage::Touch`].
    Touch,
    /// [`Stage::ClientSend`].
    ClientSend,
    /// [`Stage::InjectAndCompose`].
    InjectAndCompose,
}

impl StageTimes {
    /// Times of touch, sending, and injection with composition, as the budget has them (T6.3).
    pub fn new(budget: &StageBudget) -> Result<Self, PercentilesError> {
        let law = |stage| budget.get(stage).law();
        Ok(Self {
            touch: law(Stage::Touch)?,
            client_send: law(Stage::ClientSend)?,
            inject_and_compose: law(Stage::InjectAndCompose)?,
        })
    }
    /// Draws the time of one input in one stage.
    pub fn draw(&self, stage: GivenStage, draws: &mut impl Draws) -> SimDuration {
        let law = match stage {
            GivenStage::Touch => self.touch,
            GivenStage::ClientSend => self.client_send,
            GivenStage::InjectAndCompose => self.inject_and_compose,
        };
        rounded_nanos(law.draw(draws))
    }
}

/// Why an instant is no end of a stage. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimelineError {
    /// The stage is not the one that comes next.
    #[error("{} is not the stage that comes next", .0.word())]
    Order(Stage),
    /// It would end before it began.
    #[error("{} would end before it began", .0.word())]
    Backwards(Stage),
}

/// When one input or one frame passed each stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    began: SimTime,
    first: Stage,
    /// Ends of the stages from `first` on.
    ends: [SimTime; Stage::ALL.len()],
    passed: usize,
}

impl Timeline {
    /// An input: the finger moved at this instant.
    pub const fn of_input(moved: SimTime) -> Self {
        Self::new(moved, Stage::Touch)
    }
    /// A frame: its picture was composed at this instant.
    pub const fn of_frame(composed: SimTime) -> Self {
        Self::new(composed, Stage::CaptureWait)
    }
    const fn new(began: SimTime, first: Stage) -> Self {
        Self { began, first, ends: [began; Stage::ALL.len()], passed: 0 }
    }

    /// The stage that is under way; `None` once the light is out.
    pub fn stage(&self) -> Option<Stage> {
        Stage::ALL.get(self.first.place() + self.passed).copied()
    }
    /// A stage ends.
    pub fn end(&mut self, stage: Stage, at: SimTime) -> Result<(), TimelineError> {
        if self.stage() != Some(stage) {
            return Err(TimelineError::Order(stage));
        }
        if at < self.latest() {
            return Err(TimelineError::Backwards(stage));
        }
        if let Some(end) = self.ends.get_mut(self.passed) {
            *end = at;
            self.passed += 1;
        }
        Ok(())
    }
    /// The input's answer is in this frame: its stages from capture on are the frame's. The frame was
    /// captured after the input's picture was composed, or it cannot hold the answer.
    pub fn answered_by(&mut self, frame: &Self) -> Result<(), TimelineError> {
        let rest = Stage::ALL.into_iter().skip_while(|stage| *stage < Stage::CaptureWait);
        for stage in rest {
            let Some(at) = frame.end_of(stage) else { break };
            self.end(stage, at)?;
        }
        Ok(())
    }
    /// When the first stage began.
    pub const fn began(&self) -> SimTime {
        self.began
    }
    /// When a stage ended, if it has.
    pub fn end_of(&self, stage: Stage) -> Option<SimTime> {
        let place = stage.place().checked_sub(self.first.place())?;
        self.ends.get(place).filter(|_| place < self.passed).copied()
    }
    /// How long a stage took, if it has ended.
    pub fn spent(&self, stage: Stage) -> Option<SimDuration> {
        let end = self.end_of(stage)?;
        let before = stage.place().checked_sub(1).and_then(|place| Stage::ALL.get(place));
        let start = before.and_then(|before| self.end_of(*before)).unwrap_or(self.began);
        Some(end - start)
    }
    /// From capture to display: what an advertised transmission delay covers at most (T6.2).
    pub fn capture_to_display(&self) -> Option<SimDuration> {
        Some(self.end_of(Stage::DisplayWait)? - self.end_of(Stage::CaptureWait)?)
    }
    /// From the finger to the light: what a hand feels (T6.2). `None` for frames without input.
    pub fn input_to_photon(&self) -> Option<SimDuration> {
        let end = self.end_of(Stage::DisplayWait)?;
        (self.first == Stage::Touch).then_some(end - self.began)
    }
    /// The stage that took most beyond the median of its budget, and how much: the one to look at. Of
    /// equals the earlier; `None` before a stage has ended.
    pub fn at_fault(&self, budget: &StageBudget) -> Option<(Stage, SimDuration)> {
        let over = |stage: Stage| {
            let spent = self.spent(stage)?;
            let beyond = spent.as_nanos() - budget.get(stage).p50.as_nanos();
            Some((stage, SimDuration::from_nanos(beyond)))
        };
        let passed = Stage::ALL.into_iter().rev().filter_map(over);
        passed.max_by_key(|(_, over)| *over)
    }
    fn latest(&self) -> SimTime {
        let last = self.passed.checked_sub(1).and_then(|place| self.ends.get(place));
        last.copied().unwrap_or(self.began)
    }
}

#[cfg(test)]
mod tests;
