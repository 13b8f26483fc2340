//! Congestion control: what a sender may send, from what it hears about what it sent.
//!
//! All controllers stand behind [`Controller`]; [`Control`] is one of them chosen by data. They own no
//! clock and draw nothing. `f64` with `+ - * /`, roots and `libm` only, in a fixed order.

mod competing;
mod fixed;
mod gcc;
mod nada;
mod scream;

pub use fixed::Fixed;
pub use gcc::{Gcc, GccLaw, GccOptions, Usage};
pub use nada::{Nada, NadaLaw, NadaOptions};
pub use scream::{Marks, Scream, ScreamLaw, ScreamOptions};

use crate::BitRate;
use koosim_time::{SimDuration, SimTime};

/// A packet that has just left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Number over all streams.
    pub sequence: u64,
    /// Bytes with UDP and IP.
    pub bytes: u32,
}

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketResult {
    /// Number over all streams.
    pub sequence: u64,
    /// When it left, by the sender's clock.
    pub sent_at: SimTime,
    /// When it arrived, by the receiver's clock; nothing if it did not.
    pub arrived_at: Option<SimTime>,
    /// Bytes with UDP and IP.
    pub bytes: u32,
    /// Whether it met congestion on its way (ECN).
    pub congested: bool,
    /// The probe that it belonged to.
    pub probe: Option<u16>,
}

/// Packets that were reported on, and how many of them were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Packets lost.
    pub lost: u32,
    /// Packets reported on, at least one.
    pub of: u32,
}

impl Loss {
    /// The share that was lost.
    pub fn share(self) -> f64 {
        f64::from(self.lost) / f64::from(self.of.max(1))
    }
}

/// A short burst at a rate above the usual, to see whether it arrives at that rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Comes back in each [`PacketResult`].
    pub id: u16,
    /// Rate of the burst.
    pub rate: BitRate,
    /// It lasts for at least so many bytes,
    pub bytes: u32,
    /// and at least so many packets.
    pub packets: u32,
}

/// Decides how much may be sent. Instants never go back from one call to the next.
pub trait Controller {
    /// A packet has left.
    fn on_sent(&mut self, now: SimTime, sent: Sent);
    /// A report came; `results` are in order of arrival, the lost ones first.
    fn on_feedback(&mut self, now: SimTime, results: &[PacketResult]);
    /// A share of lost packets is known.
    fn on_loss(&mut self, now: SimTime, loss: Loss);
    /// A round trip was measured.
    fn on_rtt(&mut self, now: SimTime, rtt: SimDuration);
    /// The path is another: what was learnt of the old one is forgotten.
    fn reset(&mut self, now: SimTime);
    /// What may be sent on average, with all headers.
    fn target_rate(&self) -> BitRate;
    /// How fast waiting packets may leave.
    fn pacing_rate(&self) -> BitRate;
    /// How many bytes more may be in flight now; without end for a controller of rates alone.
    fn room(&self) -> u64 {
        u64::MAX
    }
    /// When [`Self::poll`] is wanted, if no call comes before.
    fn next_due(&self) -> Option<SimTime>;
    /// Does what is due; gives one probe to be sent, to be called until there is none.
    fn poll(&mut self, now: SimTime) -> Option<Probe>;
}

/// Which controller, with its options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ControlOptions {
    /// Google's, on delay and loss (T3.6, T3.7).
    Gcc(GccOptions),
    /// RFC 8698 (T3.8).
    Nada(NadaOptions),
    /// A window of bytes in flight (T3.9).
    Scream(ScreamOptions),
    /// No control.
    Fixed(BitRate),
}

/// One of the controllers.
#[derive(Clone, Debug)]
pub enum Control {
    /// Google's, on delay and loss.
    Gcc(Box<Gcc>),
    /// RFC 8698.
    Nada(Box<Nada>),
    /// A window of bytes in flight.
    Scream(Box<Scream>),
    /// No control.
    Fixed(Fixed),
}

impl Control {
    /// A controller at its start.
    pub fn new(now: SimTime, options: ControlOptions) -> Self {
        match options {
            ControlOptions::Gcc(options) => Self::Gcc(Box::new(Gcc::new(now, options))),
            ControlOptions::Nada(options) => Self::Nada(Box::new(Nada::new(now, options))),
            ControlOptions::Scream(options) => Self::Scream(Box::new(Scream::new(now, options))),
            ControlOptions::Fixed(rate) => Self::Fixed(Fixed::new(rate)),
        }
    }
}

impl Control {
    /// Bytes of memory that the controller holds outside of itself.
    /// Where that lies which every packet asks for.
    pub(crate) fn places(&self) -> [*const u8; 2] {
        match self {
            Self::Gcc(control) => control.places(),
            Self::Nada(control) => [std::ptr::from_ref::<Nada>(control).cast(); 2],
            Self::Scream(control) => [std::ptr::from_ref::<Scream>(control).cast(); 2],
            Self::Fixed(control) => [std::ptr::from_ref(control).cast(); 2],
        }
    }
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Gcc(_) => size_of::<Gcc>(),
            Self::Nada(_) => size_of::<Nada>(),
            Self::Scream(control) => size_of::<Scream>() + control.bytes(),
            Self::Fixed(_) => 0,
        }
    }
}

macro_rules! forward {
    ($self:ident, $control:ident => $call:expr) => {
        match $self {
            Self::Gcc($control) => $call,
            Self::Nada($control) => $call,
            Self::Scream($control) => $call,
            Self::Fixed($control) => $call,
        }
    };
}

impl Controller for Control {
    fn on_sent(&mut self, now: SimTime, sent: Sent) {
        forward!(self, control => control.on_sent(now, sent));
    }
    fn on_feedback(&mut self, now: SimTime, results: &[PacketResult]) {
        forward!(self, control => control.on_feedback(now, results));
    }
    fn on_loss(&mut self, now: SimTime, loss: Loss) {
        forward!(self, control => control.on_loss(now, loss));
    }
    fn on_rtt(&mut self, now: SimTime, rtt: SimDuration) {
        forward!(self, control => control.on_rtt(now, rtt));
    }
    fn reset(&mut self, now: SimTime) {
        forward!(self, control => control.reset(now));
    }
    fn target_rate(&self) -> BitRate {
        forward!(self, control => control.target_rate())
    }
    fn pacing_rate(&self) -> BitRate {
        forward!(self, control => control.pacing_rate())
    }
    fn room(&self) -> u64 {
        forward!(self, control => control.room())
    }
    fn next_due(&self) -> Option<SimTime> {
        forward!(self, control => control.next_due())
    }
    fn poll(&mut self, now: SimTime) -> Option<Probe> {
        forward!(self, control => control.poll(now))
    }
}

#[cfg(test)]
mod tests;
