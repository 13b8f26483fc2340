//! Any bytes are a packet of the control channel that is written back the same, or are refused with a place in
//! them; so are messages of scrcpy.
#![no_main]

use koosim_fuzz::exact;
use koosim_transport::control::{Input, Message, Packet};
use koosim_transport::wire::{Read, Write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    exact!(Packet, bytes);
    exact!(Message<&str>, bytes);
    if let Ok(input) = Input::from_scrcpy(bytes) {
        let mut again = Vec::new();
        input.to_scrcpy(&mut again).unwrap();
        assert_eq!(again, bytes);
    }
});
