//! Any bytes are a header that is understood or refused, and no call made of any bytes is accepted
//! without a signature that somebody made.
#![no_main]

use koosim_fuzz::SIGNATURES;
use koosim_model::access::signature::{Authorization, Refusal, Request, Verifier};
use koosim_model::time::SimTime;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

/// A few characters, each written as an escape of up to ten, between two marks.
const FOUND_MAX: usize = 256;

fuzz_target!(|bytes: &[u8]| {
    match Authorization::parse(bytes) {
        Err(Refusal::Malformed(place)) => {
            assert!(place.at <= bytes.len(), "a place lies in the header");
            assert!(place.found.len() <= FOUND_MAX, "an error shows little of what was found");
        }
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
        Ok(read) => assert!(!read.signed_headers.is_empty()),
    }
    // Lines: method, target, date, body; the rest is the header.
    let mut lines = bytes.splitn(5, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, target, date, body, header) = (line(), line(), line(), line(), line());
    let headers: [(&[u8], &[u8]); 3] = [
        (b"Host", b"koophone.example"),
        (b"X-Sdk-Date", date),
        (b"Authorization", header),
    ];
    let call = Request { method, target, headers: &headers, body };
    let verifier = Verifier { params: &SIGNATURES, keys: &BTreeMap::new(), place: None };
    let accepted = verifier.verify(SimTime::EPOCH, &call);
    assert!(accepted.is_err(), "nobody's key accepts nothing");
});
