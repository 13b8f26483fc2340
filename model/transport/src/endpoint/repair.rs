//! Makes the one missing packet of a group out of the others (T2.12).

use crate::packet::{Fec, Media};
use crate::ring::Ring;

/// Packets that are remembered: several groups.
const RING: u32 = 128;
/// Parity that waits for its group.
const WAITING: usize = 8;

/// What came of late, with numbers as the receiver counts them.
#[derive(Clone, Debug)]
pub(crate) struct Repair {
    ring: Ring<(u64, [u64; 2])>,
    waiting: [Option<Fec>; WAITING],
    next: usize,
    like: Option<Media>,
}

impl Repair {
    pub(crate) fn new() -> Self {
        Self {
            ring: Ring::new(RING, (u64::MAX, [0; 2])),
            waiting: [None; WAITING],
            next: 0,
            like: None,
        }
    }
    /// Takes a packet; gives another that follows from it.
    pub(crate) fn on_media(&mut self, media: &Media) -> Option<Media> {
        *self.ring.get_mut(media.sequence) = (media.sequence, media.protected());
        self.like = Some(*media);
        let mut found = None;
        for index in 0..WAITING {
            let Some(Some(fec)) = self.waiting.get(index).copied() else { continue };
            if !fec.numbers().any(|number| number == media.sequence) {
                continue;
            }
            let (media, settled) = self.solve(&fec);
            if let Some(slot) = self.waiting.get_mut(index).filter(|_| settled) {
                *slot = None;
            }
            found = media.or(found);
        }
        found
    }
    /// Takes parity, whose base is counted as the receiver does; gives the packet that follows from it.
    pub(crate) fn on_fec(&mut self, fec: &Fec) -> Option<Media> {
        let (media, settled) = self.solve(fec);
        if !settled {
            if let Some(slot) = self.waiting.get_mut(self.next) {
                *slot = Some(*fec);
            }
            self.next = (self.next + 1) % WAITING;
        }
        media
    }
    /// The missing packet if it is the only one, and whether the parity has done what it can.
    fn solve(&mut self, fec: &Fec) -> (Option<Media>, bool) {
        let (mut missing, mut sum) = (None, fec.parity);
        for number in fec.numbers() {
            let (known, bits) = *self.ring.get(number);
            if known == number {
                let ([sum_a, sum_b], [a, b]) = (&mut sum, bits);
                *sum_a ^= a;
                *sum_b ^= b;
            } else if missing.replace(number).is_some() {
                return (None, false);
            }
        }
        let Some((number, like)) = missing.zip(self.like) else { return (None, missing.is_none()) };
        let media = Media::recovered(&like, number, sum);
        *self.ring.get_mut(number) = (number, sum);
        (Some(media), true)
    }
    pub(crate) fn bytes(&self) -> usize {
        self.ring.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parity::{FecOptions, Parity};
    use super::*;
    use crate::congestion::Loss;
    use crate::number::{low16, low32};
    use crate::packet::Extensions;
    use koosim_time::SimDuration;
    use proptest::prelude::*;

    fn media(n: u64) -> Media {
        Media {
            sequence: 65_530 + n,
            transport_sequence: 0,
            ssrc: 1,
            timestamp: 1500 * low32(n / 5),
            frame: low32(n / 5),
            payload: 1000 + low16(n % 7),
            back: u8::from(n >= 5),
            first: n.is_multiple_of(5),
            last: n % 5 == 4,
            extensions: Extensions::TransportSequence,
        }
    }

    proptest! {
        /// Whatever is lost and however it is mixed up: a group that lost one gets it back, exactly, and one
        /// that lost two or more gets nothing.
        #[test]
        fn exactly_one_loss_of_a_group_is_repaired(
            lost in prop::collection::vec(any::<bool>(), 45),
            parity_first: bool,
        ) {
            let mut parity = Parity::new(FecOptions { residual_max: 1.0, ..FecOptions::default() });
            parity.adapt(Loss { lost: 5, of: 100 }, SimDuration::from_millis(100));
            let (mut repair, mut group) = (Repair::new(), Vec::new());
            // What a receiver knows of a stream before anything is lost.
            repair.on_media(&media(0));
            parity.push(&media(0));
            for n in 1..=45 {
                group.push(media(n));
                let Some(fec) = parity.push(&media(n)) else { continue };
                let numbers: Vec<_> = fec.numbers().collect();
                let group: Vec<_> = std::mem::take(&mut group);
                let gone = |media: &Media| lost[usize::try_from(media.sequence - 65_531).unwrap()];
                let expected: Vec<_> = group.iter().filter(|media| gone(media)).copied().collect();
                let mut found = Vec::new();
                if parity_first {
                    found.extend(repair.on_fec(&fec));
                }
                for media in group.iter().filter(|media| !gone(media)) {
                    prop_assert!(numbers.contains(&media.sequence));
                    found.extend(repair.on_media(media));
                }
                if !parity_first {
                    found.extend(repair.on_fec(&fec));
                }
                let expected = match expected.as_slice() {
                    [_] => expected,
                    // Parity that came first makes the last packet before it comes.
                    [] if parity_first => vec![*group.last().unwrap()],
                    _ => Vec::new(),
                };
                prop_assert_eq!(found, expected);
            }
        }
    }
}
