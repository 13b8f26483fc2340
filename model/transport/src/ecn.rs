use serde::Serialize;

/// The two bits of explicit congestion notification in a packet's IP header (RFC 3168 section 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ecn {
    /// 00: the ends do not look at marks.
    #[default]
    NotCapable,
    /// 01, ECT(1): they do, and no congestion was met; RFC 9331 gives it to flows that want marks early.
    Capable1,
    /// 10, ECT(0): they do, and no congestion was met.
    Capable0,
    /// 11: a queue on the way has marked it in place of dropping it.
    Congested,
}

impl Ecn {
    /// All four, each at the place of its bits.
    pub const ALL: [Self; 4] = [Self::NotCapable, Self::Capable1, Self::Capable0, Self::Congested];

    /// The two bits.
    pub const fn bits(self) -> u8 {
        match self {
            Self::NotCapable => 0,
            Self::Capable1 => 1,
            Self::Capable0 => 2,
            Self::Congested => 3,
        }
    }
    /// What the lowest two bits say.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::NotCapable,
            1 => Self::Capable1,
            2 => Self::Capable0,
            _ => Self::Congested,
        }
    }
    /// Whether a queue may mark the packet in place of dropping it.
    pub const fn is_capable(self) -> bool {
        !matches!(self, Self::NotCapable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_has_the_bits_of_its_place() {
        let placed = (0..4).map(|place| (place, Ecn::from_bits(place)));
        assert!(
            placed.zip(Ecn::ALL).all(|((place, read), ecn)| read == ecn && ecn.bits() == place)
        );
    }
}
