//! How much parity is sent, and over what (T2.12).

use crate::congestion::Loss;
use crate::packet::{Fec, Media, RTP_HEADER_BYTES};
use koosim_time::SimDuration;

/// Weight of a new share of loss.
const WEIGHT: f64 = 0.125;
/// Loss below which parity costs more than it saves.
const LOSS_MIN: f64 = 0.001;

/// How pictures are protected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FecOptions {
    /// Groups are made as large as they can be while no more than this share of them is lost for good.
    pub residual_max: f64,
    /// Fewest packets of a group: with 2, parity is at most half of the pictures.
    pub group_min: u8,
    /// Below this round trip, packets that are sent once more come in time, and there is no parity.
    pub rtt_min: SimDuration,
}

impl Default for FecOptions {
    /// 2 percent of groups, at least 2 packets, from 40 ms of round trip on.
    fn default() -> Self {
        Self { residual_max: 0.02, group_min: 2, rtt_min: SimDuration::from_millis(40) }
    }
}

/// The largest group of which, with its parity, two or more are lost no more often than `residual_max`, if each
/// packet is lost with probability `p` by itself; at least `least`, at most [`Fec::GROUP_MAX`].
fn group_size(p: f64, residual_max: f64, least: u8) -> u8 {
    let fits = |size: &u8| {
        let n = i32::from(*size) + 1;
        let all = libm::pow(1.0 - p, f64::from(n));
        let one = f64::from(n) * p * libm::pow(1.0 - p, f64::from(n - 1));
        1.0 - all - one <= residual_max
    };
    (1..=Fec::GROUP_MAX).rev().find(fits).unwrap_or(1).max(least)
}

/// Sums packets up to parity.
#[derive(Clone, Debug)]
pub(crate) struct Parity {
    options: FecOptions,
    loss: f64,
    /// Packets of a group, 0 without parity.
    size: u8,
    base: u64,
    count: u8,
    sum: [u64; 2],
    longest: u16,
}

impl Parity {
    pub(crate) const fn new(options: FecOptions) -> Self {
        Self { options, loss: 0.0, size: 0, base: 0, count: 0, sum: [0; 2], longest: 0 }
    }
    /// Takes a share of loss and the round trip, and sizes groups by them.
    pub(crate) fn adapt(&mut self, loss: Loss, rtt: SimDuration) {
        self.loss += WEIGHT * (loss.share() - self.loss);
        let needed = self.loss >= LOSS_MIN && rtt >= self.options.rtt_min;
        let least = self.options.group_min.clamp(1, Fec::GROUP_MAX);
        let size = || group_size(self.loss, self.options.residual_max, least);
        self.size = if needed { size() } else { 0 };
    }
    /// Takes the next packet; gives parity, without numbers and source, when a group is full, or when
    /// a picture ends with at least half of one.
    pub(crate) fn push(&mut self, media: &Media) -> Option<Fec> {
        if self.size == 0 {
            self.count = 0;
            return None;
        }
        if self.count == 0 {
            (self.base, self.sum, self.longest) = (media.sequence, [0; 2], 0);
        }
        self.count += 1;
        let [times, rest] = media.protected();
        let [times_sum, rest_sum] = &mut self.sum;
        *times_sum ^= times;
        *rest_sum ^= rest;
        let length = media.wire_len() - RTP_HEADER_BYTES;
        self.longest = self.longest.max(u16::try_from(length).unwrap_or(u16::MAX));
        let full = self.count >= self.size || (media.last && 2 * self.count >= self.size);
        full.then(|| self.close(media))
    }
    fn close(&mut self, media: &Media) -> Fec {
        let count = u32::from(std::mem::take(&mut self.count));
        Fec {
            sequence: 0,
            transport_sequence: 0,
            base: self.base,
            ssrc: 0,
            parity: self.sum,
            mask: u16::MAX.checked_shl(16 - count).unwrap_or_default(),
            longest: self.longest,
            extensions: media.extensions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 - (1-p)^n - n p (1-p)^(n-1): at 5 percent 1.4 for four packets and 2.3 for five.
    #[test]
    fn groups_shrink_with_loss() {
        let sizes = [0.001, 0.01, 0.02, 0.05, 0.1, 0.3].map(|p| group_size(p, 0.02, 2));
        assert_eq!(sizes, [16, 16, 10, 3, 2, 2]);
    }

    #[test]
    fn no_parity_without_loss_or_on_short_paths() {
        let adapted = |lost, rtt_ms| {
            let mut parity = Parity::new(FecOptions::default());
            parity.adapt(Loss { lost, of: 100 }, SimDuration::from_millis(rtt_ms));
            parity.size
        };
        assert_eq!([adapted(0, 100), adapted(80, 39), adapted(80, 40)], [0, 0, 2]);
    }
}
