//! Any bytes are a packet of the control channel that is written back the same, or are refused with a place in
//! them; so are touches and keys in scrcpy's layout.
#![no_main]

use koosim_fuzz::exact;
use koosim_transport::control::{Key, Message, Packet, Touch};
use koosim_transport::wire::{Read, Write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    exact!(Packet, bytes);
    exact!(Message<&str>, bytes);
    if let Ok(touch) = Touch::from_scrcpy(bytes) {
        assert_eq!(touch.to_scrcpy(), bytes);
    }
    if let Ok(key) = Key::from_scrcpy(bytes) {
        assert_eq!(key.to_scrcpy(), bytes);
    }
});
