//! Any bytes are a payload that is written back the same, or are refused with a place in them.
#![no_main]

use koosim_fuzz::exact;
use koosim_transport::wire::{H264, H265, OPUS_PACKET_TICKS_MAX, Opus, Read, Write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    exact!(H264<'_>, bytes);
    exact!(H265<'_>, bytes);
    exact!(Opus<'_>, bytes);
    if let Ok(opus) = Opus::parse(bytes) {
        assert!((1..=OPUS_PACKET_TICKS_MAX).contains(&opus.ticks()));
    }
});
