//! IPv4 (RFC 791), UDP (RFC 768) and TCP (RFC 9293) around what is sent.

use super::addresses::TCP_PORT;
use crate::net::Ecn;
use crate::net::cross::{Ack, Segment};
use crate::path::cross::{ACK_BYTES, SEGMENT_BYTES};
use koosim_transport::packet::UDP_IPV4_BYTES;
use std::net::{Ipv4Addr, SocketAddrV4};

const IP_LEN: usize = 20;
const UDP_LEN: usize = 8;
const UDP: u8 = 17;
const TCP: u8 = 6;
const TTL: u8 = 64;
/// Bytes of a segment behind its headers.
const SEGMENT_DATA: u32 = SEGMENT_BYTES - ACK_BYTES;
/// First of the ports that transfers come from, one after the other, and how many there are (RFC 6335).
const TRANSFER_PORTS: (u16, u16) = (49_152, 16_384);

/// Appends a datagram between two ends. A longer one than UDP can carry is never sent.
pub(super) fn datagram(
    (from, to): (SocketAddrV4, SocketAddrV4),
    payload: &[u8],
    out: &mut Vec<u8>,
) {
    let len = low16(UDP_LEN + payload.len());
    head(UDP, (*from.ip(), *to.ip()), UDP_LEN + payload.len(), out);
    out.extend_from_slice(&from.port().to_be_bytes());
    out.extend_from_slice(&to.port().to_be_bytes());
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(payload);
    // A sum of zero would say that there is none.
    let sum = match transport_sum(UDP, out) {
        0 => u16::MAX,
        sum => sum,
    };
    put16(out, IP_LEN + 6, sum);
}

/// Appends a segment of a transfer.
pub(super) fn data(ends: (Ipv4Addr, Ipv4Addr), turn: u32, place: Segment, out: &mut Vec<u8>) {
    let port = transfer_port(turn);
    segment(ends, (port, TCP_PORT), (byte(place.0), 1), SEGMENT_DATA, out);
}
/// Appends an acknowledgement of a transfer.
pub(super) fn ack(ends: (Ipv4Addr, Ipv4Addr), turn: u32, place: Ack, out: &mut Vec<u8>) {
    let port = transfer_port(turn);
    segment(ends, (TCP_PORT, port), (1, byte(place.0)), 0, out);
}

fn transfer_port(turn: u32) -> u16 {
    let (first, count) = TRANSFER_PORTS;
    first + u16::try_from(turn % u32::from(count)).unwrap_or_default()
}
/// The number of the first byte of a segment, modulo 2^32: the handshake has taken the number 0.
fn byte(segment: u64) -> u32 {
    let byte = segment.wrapping_mul(u64::from(SEGMENT_DATA)).wrapping_add(1);
    u32::try_from(byte & u64::from(u32::MAX)).unwrap_or_default()
}

fn segment(
    ends: (Ipv4Addr, Ipv4Addr),
    (from, to): (u16, u16),
    (sequence, acknowledged): (u32, u32),
    len: u32,
    out: &mut Vec<u8>,
) {
    let len = usize::try_from(len).unwrap_or_default();
    head(TCP, ends, 20 + len, out);
    out.extend_from_slice(&from.to_be_bytes());
    out.extend_from_slice(&to.to_be_bytes());
    out.extend_from_slice(&sequence.to_be_bytes());
    out.extend_from_slice(&acknowledged.to_be_bytes());
    // Five words of header, an acknowledgement, the widest window, no sum yet, nothing urgent.
    out.extend_from_slice(&[0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
    out.resize(out.len() + len, 0);
    let sum = transport_sum(TCP, out);
    put16(out, IP_LEN + 16, sum);
}

/// Appends the header of a packet of nothing yet. Packets are not cut, and so need no number (RFC 6864).
fn head(protocol: u8, (from, to): (Ipv4Addr, Ipv4Addr), len: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&[0x45, 0]);
    out.extend_from_slice(&low16(IP_LEN + len).to_be_bytes());
    out.extend_from_slice(&[0, 0, 0x40, 0, TTL, protocol, 0, 0]);
    out.extend_from_slice(&from.octets());
    out.extend_from_slice(&to.octets());
}

/// Writes congestion bits into a packet (RFC 3168 section 5), and the sum of its header.
pub(super) fn mark(ecn: Ecn, packet: &mut [u8]) {
    if let Some(service) = packet.get_mut(1) {
        *service = ecn.bits();
    }
    put16(packet, 10, 0);
    let sum = !added(0, packet.get(..IP_LEN).unwrap_or_default());
    put16(packet, 10, sum);
}

/// The sum of a whole packet behind its IP header, with what stands for that.
fn transport_sum(protocol: u8, packet: &[u8]) -> u16 {
    let addresses = added(u16::from(protocol), packet.get(12..IP_LEN).unwrap_or_default());
    let content = packet.get(IP_LEN..).unwrap_or_default();
    let len = low16(content.len()).to_be_bytes();
    !added(added(addresses, &len), content)
}

/// Adds words in ones' complement (RFC 1071).
fn added(sum: u16, bytes: &[u8]) -> u16 {
    let (words, last) = bytes.as_chunks::<2>();
    let words = words.iter().map(|word| u16::from_be_bytes(*word));
    let last = last.first().map(|byte| u16::from_be_bytes([*byte, 0]));
    words.chain(last).fold(sum, |sum, word| {
        let (sum, carried) = sum.overflowing_add(word);
        sum + u16::from(carried)
    })
}

fn put16(bytes: &mut [u8], place: usize, value: u16) {
    if let Some(place) = bytes.get_mut(place..place + 2) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

fn low16(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

const _: () = assert!(UDP_IPV4_BYTES == 28 && ACK_BYTES == 40);

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071 section 3: 0001, f203, f4f5, f6f7 add up to ddf2.
    #[test]
    fn sums_carry_around() {
        assert_eq!(added(0, &[0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7]), 0xddf2);
        assert_eq!(added(0, &[0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7, 1]), 0xdef2);
    }

    #[test]
    fn whole_packets_with_their_sums_add_up_to_nothing() {
        let ends = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 128, 0, 1));
        let (from, to) = (SocketAddrV4::new(ends.0, 5_004), SocketAddrV4::new(ends.1, 5_004));
        let mut all = vec![Vec::new(); 4];
        datagram((from, to), b"odd", &mut all[0]);
        datagram((from, to), &[], &mut all[1]);
        data(ends, 16_385, Segment(3_000_000), &mut all[2]);
        ack((ends.1, ends.0), 16_385, Ack(3_000_000), &mut all[3]);
        for (packet, (len, protocol)) in
            all.iter_mut().zip([(31, 17), (28, 17), (1_500, 6), (40, 6)])
        {
            for ecn in Ecn::ALL.into_iter().rev() {
                mark(ecn, packet);
                assert_eq!((packet.len(), packet[1], packet[9]), (len, ecn.bits(), protocol));
                assert_eq!(u16::from_be_bytes([packet[2], packet[3]]), u16::try_from(len).unwrap());
                assert_eq!(added(0, &packet[..IP_LEN]), u16::MAX);
            }
            assert_eq!(transport_sum(protocol, packet), 0);
        }
        // 3,000,000 × 1460 + 1 - 2^32 = 85,032,705.
        let number = 85_032_705_u32.to_be_bytes();
        assert_eq!((&all[2][24..28], &all[3][28..32]), (&number[..], &number[..]));
        assert_eq!(
            (&all[2][20..24], &all[3][20..24]),
            (&[0xc0, 1, 0x13, 0x89][..], &[0x13, 0x89, 0xc0, 1][..])
        );
    }
}
