//! Every format both ways: what can be written is read back the same, and whatever can be read is written the
//! same unless its reader names the freedom that its writer took.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail loudly"
)]

mod random;

use koosim_transport::control;
use koosim_transport::wire::rtcp::{Composition, Packet, packets, put_all};
use koosim_transport::wire::{
    FLEXFEC03_SPAN, FlexFec03, H264, H265, Opus, Read, Rtp, Rtx, ULPFEC_SPAN, UlpFec, Write,
    protect_flexfec03, protect_ulpfec,
};
use proptest::collection::vec;
use proptest::prelude::*;
use random::{Choose, Kind};

/// Choices out of numbers that a test was given; zeros behind the last.
struct Tape(std::vec::IntoIter<u64>);

impl Choose for Tape {
    fn up_to(&mut self, most: u64) -> u64 {
        let next = self.0.next().unwrap_or(0);
        most.checked_add(1).map_or(next, |count| next % count)
    }
}

fn tape() -> impl Strategy<Value = Vec<u64>> {
    vec(any::<u64>(), 0..200)
}

fn choices(numbers: Vec<u64>) -> Tape {
    Tape(numbers.into_iter())
}

/// Writes a value and reads it back.
macro_rules! there_and_back {
    ($format:ty, $value:expr) => {{
        let value = $value;
        let mut bytes = Vec::new();
        value.write(&mut bytes).unwrap();
        assert_eq!(bytes.len(), value.wire_len());
        let (read, freedom) = <$format>::parse_strictly(&bytes).unwrap();
        assert_eq!((&read, freedom), (value, None));
        bytes
    }};
}

/// Reads bytes that something was done to.
macro_rules! back_and_there {
    ($format:ty, $bytes:expr) => {{
        let bytes: &[u8] = $bytes;
        match <$format>::parse_strictly(bytes) {
            Err(refused) => assert!(refused.at <= bytes.len(), "{refused}"),
            Ok((value, freedom)) => {
                let mut again = Vec::new();
                value.write(&mut again).unwrap();
                assert_eq!(again.len(), value.wire_len());
                assert_eq!(again == bytes, freedom.is_none(), "{freedom:?}");
                assert_eq!(<$format>::parse(&again).as_ref(), Ok(&value));
            }
        }
    }};
}

/// Does to bytes what a path or a stranger may.
fn damage(mut bytes: Vec<u8>, damages: &[(u16, u8)]) -> Vec<u8> {
    for (place, byte) in damages {
        let len = bytes.len();
        if len == 0 {
            break;
        }
        let place = usize::from(*place) % len;
        match byte % 4 {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, *byte),
            _ => bytes[place] ^= byte,
        }
    }
    bytes
}

macro_rules! formats {
    ($( $name:ident: $format:ty = $any:path ),+ $(,)?) => {
        proptest! { $(
            #[test]
            fn $name(numbers in tape(), damages in vec(any::<(u16, u8)>(), 0..4)) {
                let mut written = Vec::new();
                $any(&mut choices(numbers), &mut |value| {
                    written = there_and_back!($format, value);
                });
                back_and_there!($format, &damage(written, &damages));
            }
        )+ }
    };
}

formats! {
    rtp_is_exact_both_ways: Rtp<'_> = random::rtp,
    h264_is_exact_both_ways: H264<'_> = random::h264,
    h265_is_exact_both_ways: H265<'_> = random::h265,
    ulpfec_is_exact_both_ways: UlpFec<'_> = random::ulpfec,
    flexfec03_is_exact_both_ways: FlexFec03<'_> = random::flexfec03,
}

proptest! {
    /// T2.4, T2.5, T2.6, T2.7, T2.8.
    #[test]
    fn rtcp_is_exact_both_ways(
        numbers in tape(),
        kind in 0..Kind::ALL.len(),
        padding in 0_u8..=255,
        damages in vec(any::<(u16, u8)>(), 0..4),
    ) {
        let mut written = Vec::new();
        random::rtcp(&mut choices(numbers), Kind::ALL[kind], &mut |packet| {
            written = there_and_back!(Packet<'_>, packet);
            let padded = Packet { padding, ..*packet };
            if padded.check().is_ok() {
                there_and_back!(Packet<'_>, &padded);
            }
        });
        back_and_there!(Packet<'_>, &damage(written, &damages));
    }

    /// T2.4.
    #[test]
    fn compounds_are_exact_both_ways(
        tapes in vec((0..Kind::ALL.len(), tape()), 1..6),
        damages in vec(any::<(u16, u8)>(), 0..4),
    ) {
        let mut bytes = Vec::new();
        for (kind, numbers) in tapes {
            random::rtcp(&mut choices(numbers), Kind::ALL[kind], &mut |packet| {
                put_all(&[*packet], Composition::Reduced, &mut bytes).unwrap();
            });
        }
        let read: Vec<_> = packets(&bytes, Composition::Reduced).collect::<Result<_, _>>().unwrap();
        let mut again = Vec::new();
        put_all(&read, Composition::Reduced, &mut again).unwrap();
        prop_assert_eq!(&again, &bytes);
        // Whatever comes, the walk ends, and at most one error is told.
        let broken = damage(bytes, &damages);
        for composition in [Composition::Full, Composition::Reduced] {
            let walk: Vec<_> = packets(&broken, composition).collect();
            let errors = walk.iter().filter(|packet| packet.is_err()).count();
            prop_assert!(errors <= 1 && walk.iter().rev().skip(1).all(Result::is_ok));
        }
    }

    /// T2.11.
    #[test]
    fn opus_is_exact_both_ways(numbers in tape(), damages in vec(any::<(u16, u8)>(), 0..4)) {
        let packet = random::opus(&mut choices(numbers));
        prop_assert!(Opus::parse(&packet).is_ok());
        back_and_there!(Opus<'_>, &packet);
        back_and_there!(Opus<'_>, &damage(packet, &damages));
    }

    /// T2.12.
    #[test]
    fn rtx_is_exact_both_ways(bytes in vec(any::<u8>(), 0..40)) {
        back_and_there!(Rtx<'_>, &bytes);
    }

    /// T5.2.
    #[test]
    fn control_packets_are_exact_both_ways(
        numbers in tape(),
        damages in vec(any::<(u16, u8)>(), 0..4),
    ) {
        let packet = random::control_packet(&mut choices(numbers));
        let written = there_and_back!(control::Packet, &packet);
        back_and_there!(control::Packet, &damage(written, &damages));
    }

    /// T2.12.
    #[test]
    fn parity_brings_back_any_one_packet(
        numbers in tape(),
        lost in any::<prop::sample::Index>(),
    ) {
        for is_flexible in [false, true] {
            let span = u64::from(if is_flexible { FLEXFEC03_SPAN } else { ULPFEC_SPAN });
            let packets = random::group(&mut choices(numbers.clone()), 8, span);
            let all: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
            let lost = lost.index(all.len());
            let rest = all.iter().enumerate().filter(|(place, _)| *place != lost);
            let rest: Vec<&[u8]> = rest.map(|(_, packet)| *packet).collect();
            let (mut bytes, mut back) = (Vec::new(), Vec::new());
            if is_flexible {
                protect_flexfec03(&all, &mut bytes).unwrap();
                FlexFec03::parse(&bytes).unwrap().recover(rest, &mut back).unwrap();
            } else {
                protect_ulpfec(&all, &mut bytes).unwrap();
                let ssrc = Rtp::parse(all[0]).unwrap().ssrc;
                UlpFec::parse(&bytes).unwrap().recover(ssrc, rest, &mut back).unwrap();
            }
            prop_assert_eq!(&back[..], all[lost]);
        }
    }
}
