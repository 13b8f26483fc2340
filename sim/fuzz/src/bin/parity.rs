//! Any bytes are a parity payload that is written back the same, or are refused; and whatever it and received
//! packets say, a recovered packet is no longer than the parity, and nothing is appended where none is.
#![no_main]

use koosim_fuzz::{exact, pieces};
use koosim_transport::wire::{FlexFec03, RTP_HEADER_LEN, Read, UlpFec, Write};
use libfuzzer_sys::fuzz_target;

/// The stream that parity of RFC 5109 does not name.
const SSRC: u32 = 7;

fuzz_target!(|bytes: &[u8]| {
    let mut pieces = pieces(bytes);
    let Some(parity) = pieces.next() else { return };
    exact!(UlpFec<'_>, parity);
    exact!(FlexFec03<'_>, parity);
    let mut out = Vec::new();
    if let Ok(parity) = FlexFec03::parse(parity) {
        let recovered = parity.recover(pieces.clone(), &mut out);
        assert_eq!(out.len(), recovered.map_or(0, |recovered| recovered.len));
        assert!(out.len() <= RTP_HEADER_LEN + parity.parity.len());
    }
    out.clear();
    if let Ok(parity) = UlpFec::parse(parity) {
        let recovered = parity.recover(SSRC, pieces, &mut out);
        assert_eq!(out.len(), recovered.map_or(0, |recovered| recovered.len));
        assert!(out.len() <= RTP_HEADER_LEN + parity.parity.len());
    }
});
