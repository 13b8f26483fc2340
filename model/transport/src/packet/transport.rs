use crate::sequence::Unwrapper;
use koosim_time::{SimDuration, SimTime};

/// Arrivals by the number of the transport (T2.7), with times as coarse as they travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportFeedback {
    /// Source of the reporting side.
    pub ssrc: u32,
    /// Number of the first packet that is reported on.
    pub base: u16,
    /// Time from which the first arrival is counted: 24 bits of 64 ms.
    pub reference: u32,
    /// Counts the reports.
    pub number: u8,
    length: u8,
    /// Steps of 250 us since the arrival before, or [`Self::MISSING`].
    steps: [i16; Self::STATUSES_MAX],
}

impl TransportFeedback {
    /// Most packets that one report is about; more go into another.
    pub const STATUSES_MAX: usize = 64;
    /// Step of an arrival.
    pub const STEP: SimDuration = SimDuration::from_nanos(250_000);
    /// Steps in one unit of the reference time, 64 ms.
    pub const STEPS_PER_REFERENCE: i64 = 256;
    const MISSING: i16 = i16::MIN;
    /// Header 4, two sources 8, number and count 4, reference time and counter 4.
    const FIXED: u32 = 20;

    /// A report about no packet yet. `reference` is cut to 24 bits.
    pub const fn new(ssrc: u32, base: u16, reference: u32, number: u8) -> Self {
        Self {
            ssrc,
            base,
            reference: reference & 0x00FF_FFFF,
            number,
            length: 0,
            steps: [Self::MISSING; Self::STATUSES_MAX],
        }
    }
    /// The step that an arrival falls into, by the receiver's clock, to the nearest.
    pub const fn step_of(at: SimTime) -> i64 {
        let step = Self::STEP.as_nanos();
        (at.as_nanos() + step / 2).div_euclid(step)
    }
    /// Adds the next packet: the steps since the arrival before, or nothing if it has not come.
    /// False if there is no room or the steps do not fit.
    pub fn push(&mut self, steps: Option<i64>) -> bool {
        let step = match steps.map(i16::try_from) {
            None => Self::MISSING,
            Some(Ok(step)) if step != Self::MISSING => step,
            Some(_) => return false,
        };
        let Some(slot) = self.steps.get_mut(usize::from(self.length)) else { return false };
        *slot = step;
        self.length += 1;
        true
    }
    /// For each packet from the base on: steps since the arrival before it, or nothing if it has not come.
    pub fn steps(&self) -> impl Iterator<Item = Option<i16>> + '_ {
        self.statuses().iter().map(|step| (*step != Self::MISSING).then_some(*step))
    }
    /// For each packet from the base on, when it arrived by the receiver's clock. The unwrapper belongs to the
    /// reader of all reports and turns 24 bits of reference time into instants.
    pub fn arrivals<'a>(
        &'a self,
        references: &mut Unwrapper<24>,
    ) -> impl Iterator<Item = Option<SimTime>> + use<'a> {
        let reference = i64::try_from(references.unwrap(u64::from(self.reference)));
        let mut step = reference.unwrap_or_default().saturating_mul(Self::STEPS_PER_REFERENCE);
        self.steps().map(move |ahead| {
            step += i64::from(ahead?);
            Some(SimTime::from_nanos(step.saturating_mul(Self::STEP.as_nanos())))
        })
    }
    /// Bytes on the wire: fixed part, chunks and steps, padded to four.
    pub fn wire_len(&self) -> u32 {
        let steps = self.statuses().iter();
        let bytes: u32 = steps.map(|step| Symbol::of(*step).bytes()).sum();
        (Self::FIXED + 2 * self.chunks() + bytes).next_multiple_of(4)
    }
    fn statuses(&self) -> &[i16] {
        self.steps.get(..usize::from(self.length)).unwrap_or_default()
    }
    /// Chunks of statuses, taken one after the other: a run where at least as many are alike as the widest vector
    /// holds, else a vector of 14 where no step is wide, else one of 7.
    fn chunks(&self) -> u32 {
        let (mut rest, mut chunks) = (self.statuses(), 0);
        while let Some(first) = rest.first().map(|step| Symbol::of(*step)) {
            let alike = rest.iter().take_while(|step| Symbol::of(**step) == first).count();
            let narrow = rest.iter().take(14).all(|step| Symbol::of(*step) != Symbol::Wide);
            let vector = if narrow { 14 } else { 7 };
            let taken = if alike >= vector.min(rest.len()) { alike } else { vector };
            rest = rest.get(taken..).unwrap_or_default();
            chunks += 1;
        }
        chunks
    }
}

/// The two bits of a status.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Missing,
    Narrow,
    Wide,
}

impl Symbol {
    const fn of(step: i16) -> Self {
        match step {
            TransportFeedback::MISSING => Self::Missing,
            0..=255 => Self::Narrow,
            _ => Self::Wide,
        }
    }
    const fn bytes(self) -> u32 {
        match self {
            Self::Missing => 0,
            Self::Narrow => 1,
            Self::Wide => 2,
        }
    }
}
