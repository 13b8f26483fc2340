//! Any bytes are an RTP packet that is written back the same, or are refused with a place in them.
#![no_main]

use koosim_fuzz::exact;
use koosim_transport::control::Echoes;
use koosim_transport::wire::{MediaStream, Read, Rtp, Rtx, Write, restore};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    exact!(Rtp<'_>, bytes);
    exact!(Rtx<'_>, bytes);
    exact!(Echoes<'_>, bytes);
    let Ok(packet) = Rtp::parse(bytes) else { return };
    for id in 0..=u8::MAX {
        let data = packet.extensions.get(id);
        assert!(data.is_none_or(|data| data.len() <= bytes.len()));
        packet.extensions.abs_send_time(id);
        packet.extensions.transport_sequence(id);
    }
    let _ = restore(&packet, MediaStream { ssrc: 1, payload_type: 2 });
});
