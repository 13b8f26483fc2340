//! Numbers that wrap on the wire, and what they were before they wrapped.

/// Counts on from numbers of `BITS` bits: each is taken as the one nearest to the last.
///
/// The first number is counted from one whole turn, so that what was sent before it still has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Unwrapper<const BITS: u32> {
    last: Option<u64>,
}

impl<const BITS: u32> Unwrapper<BITS> {
    const TURN: u64 = 1 << BITS;
    /// Before the first number.
    pub const NEW: Self = Self { last: None };

    /// The number with all its turns. Half a turn away or more is taken as behind.
    pub fn unwrap(&mut self, wire: u64) -> u64 {
        let unwrapped = self.peek(wire);
        if self.last.is_none_or(|last| unwrapped > last) {
            self.last = Some(unwrapped);
        }
        unwrapped
    }
    /// As [`Self::unwrap`], but the next number is not counted from this one.
    pub fn peek(&self, wire: u64) -> u64 {
        let wire = wire % Self::TURN;
        let Some(last) = self.last else { return Self::TURN + wire };
        let ahead = wire.wrapping_sub(last) % Self::TURN;
        if ahead < Self::TURN / 2 {
            last + ahead
        } else {
            last.checked_sub(Self::TURN - ahead).unwrap_or(wire)
        }
    }
    /// The greatest number so far.
    pub const fn last(&self) -> Option<u64> {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_survive_any_number_of_turns(
            start in 0_u64..1 << 40,
            steps in prop::collection::vec(-200_i64..20_000, 1..200),
        ) {
            let (mut wide, mut narrow) = (Unwrapper::<32>::default(), Unwrapper::<16>::default());
            let (mut newest, mut shift) = (start, None);
            for step in steps {
                let sent = newest.saturating_add_signed(step).max(start);
                newest = newest.max(sent);
                let read = narrow.unwrap(sent % 65_536);
                let shift = *shift.get_or_insert(read.wrapping_sub(sent));
                prop_assert_eq!(read, sent.wrapping_add(shift));
                prop_assert_eq!(wide.unwrap(sent % (1 << 32)) % (1 << 32), sent % (1 << 32));
            }
        }
    }

    #[test]
    fn what_was_sent_before_the_first_has_a_number() {
        let mut sequence = Unwrapper::<16>::default();
        assert_eq!(sequence.unwrap(2), 65_538);
        assert_eq!(sequence.unwrap(65_535), 65_535);
        assert_eq!(sequence.last(), Some(65_538));
    }
}
