//! Any bytes are RTCP packets that are written back the same, or are refused with a place in them; a walk
//! through a compound ends with its first error.
#![no_main]

use koosim_fuzz::exact;
use koosim_transport::wire::rtcp::{Body, Composition, Packet, packets, put_all};
use koosim_transport::wire::{Read, Write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    exact!(Packet<'_>, bytes);
    let full = packets(bytes, Composition::Full).collect::<Result<Vec<_>, _>>();
    match packets(bytes, Composition::Reduced).collect::<Result<Vec<_>, _>>() {
        Ok(read) => {
            let mut again = Vec::new();
            put_all(&read, Composition::Reduced, &mut again).unwrap();
            let back: Vec<_> = packets(&again, Composition::Reduced).map(Result::unwrap).collect();
            assert_eq!(back, read);
            let mut same = Vec::new();
            let may = put_all(&read, Composition::Full, &mut same);
            assert_eq!(may.is_ok(), full.is_ok(), "a full compound both ways or neither");
        }
        Err(refused) => assert!(refused.at <= bytes.len() && full.is_err()),
    }
    for packet in packets(bytes, Composition::Reduced).flatten() {
        if let Body::Nack(nack) = packet.body {
            assert!(nack.sequences().count() <= bytes.len() * 5);
        }
    }
});
