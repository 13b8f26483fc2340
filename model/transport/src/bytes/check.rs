//! Checks of the path as STUN binding requests and responses (RFC 8489 sections 5 and 14).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use std::net::SocketAddrV4;

const REQUEST: u16 = 0x0001;
const RESPONSE: u16 = 0x0101;
const COOKIE: u32 = 0x2112_a442;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const FINGERPRINT: u16 = 0x8028;
/// What checksums of messages are taken modulo 2 with (section 14.7).
const FINGERPRINT_MARK: u32 = 0x5354_554e;
const HEADER_LEN: usize = 20;
/// The password of every check: this is no secret, only what makes the bytes whole.
const PASSWORD: &[u8] = b"koosim";

/// Appends a request about a path, whose user name is the path in four letters of six bits.
pub(super) fn request(path: u32, out: &mut Vec<u8>) {
    let letter = |shift: u32| {
        let [.., low] = (path >> shift & 63).to_be_bytes();
        b'0' + low
    };
    message(REQUEST, path, (USERNAME, &[letter(18), letter(12), letter(6), letter(0)]), out);
}

/// Appends the answer, which says from where the request came.
pub(super) fn answer(path: u32, from: SocketAddrV4, out: &mut Vec<u8>) {
    let [c0, c1, c2, c3] = COOKIE.to_be_bytes();
    let ([p0, p1], [a, b, c, d]) = (from.port().to_be_bytes(), from.ip().octets());
    let mapped = [0, 1, p0 ^ c0, p1 ^ c1, a ^ c0, b ^ c1, c ^ c2, d ^ c3];
    message(RESPONSE, path, (XOR_MAPPED_ADDRESS, &mapped), out);
}

fn message(kind: u16, path: u32, (attribute, value): (u16, &[u8]), out: &mut Vec<u8>) {
    let begin = out.len();
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&COOKIE.to_be_bytes());
    // The name of the exchange: a request that is sent again has the same.
    out.extend_from_slice(b"koosim\0\0");
    out.extend_from_slice(&path.to_be_bytes());
    put(attribute, value, out);
    // Each checksum is taken as if the message ended with it.
    set_len(begin, 24, out);
    let key = Hmac::<Sha1>::new_from_slice(PASSWORD);
    let integrity = key.map(|key| key.chain_update(tail(begin, out)).finalize().into_bytes());
    put(MESSAGE_INTEGRITY, integrity.as_deref().unwrap_or_default(), out);
    set_len(begin, 8, out);
    let fingerprint = crc32(tail(begin, out)) ^ FINGERPRINT_MARK;
    put(FINGERPRINT, &fingerprint.to_be_bytes(), out);
}

fn tail(begin: usize, out: &[u8]) -> &[u8] {
    out.get(begin..).unwrap_or_default()
}

/// Appends an attribute, whose value is a whole number of words.
fn put(kind: u16, value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(value);
}

/// Writes how long the message will be with `more` bytes behind what is there.
fn set_len(begin: usize, more: usize, out: &mut [u8]) {
    let len = out.len() - begin + more - HEADER_LEN;
    let len = u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes();
    if let Some(place) = out.get_mut(begin + 2..begin + 4) {
        place.copy_from_slice(&len);
    }
}

/// The checksum of ITU V.42.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_its_known_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    /// The value of RFC 2202 section 3, case 2, through the same crates.
    #[test]
    fn the_keyed_sum_has_its_known_value() {
        let sum = Hmac::<Sha1>::new_from_slice(b"Jefe").unwrap();
        let sum = sum.chain_update(b"what do ya want for nothing?").finalize().into_bytes();
        assert_eq!(sum[..4], [0xef, 0xfc, 0xdf, 0x6a]);
    }

    #[test]
    fn lengths_and_addresses_stand_where_they_belong() {
        let mut out = vec![9];
        answer(7, SocketAddrV4::new([192, 0, 2, 1].into(), 32_853), &mut out);
        let message = &out[1..];
        assert_eq!(message[..8], [1, 1, 0, 44, 0x21, 0x12, 0xa4, 0x42]);
        // The address and port of RFC 5769 section 2.2.
        assert_eq!(message[20..32], [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        assert_eq!(message[32..36], [0, 8, 0, 20]);
        assert_eq!(message[56..60], [0x80, 0x28, 0, 4]);
        out.clear();
        request(1 << 18 | 63, &mut out);
        assert_eq!(out[..4], [0, 1, 0, 40]);
        assert_eq!(out[20..28], *b"\0\x06\0\x04100o");
    }
}
