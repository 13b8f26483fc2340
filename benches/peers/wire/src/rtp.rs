//! RTP headers at two crates.

use crate::judge::{Peer, Read, none};
use crate::{Drawn, random, said};
use bytes::Bytes;
use koosim_transport::wire::{AbsSendTime, Freedom, Read as _, Rtp, Write};
use rtc_shared::marshal::{Marshal, Unmarshal};

fn any(choices: &mut Drawn) -> Vec<u8> {
    let mut out = Vec::new();
    random::rtp(choices, &mut |packet| packet.write(&mut out).unwrap());
    out
}

/// A packet whose padding, if it has any, is what the peer writes: up to the next word.
fn any_filled(choices: &mut Drawn) -> Vec<u8> {
    let mut out = Vec::new();
    random::rtp(choices, &mut |packet| {
        let fill = (4 - packet.payload.len() % 4) as u8;
        let padding = if packet.padding > 0 { fill } else { 0 };
        Rtp { padding, ..*packet }.write(&mut out).unwrap();
    });
    out
}

fn rtp_types(bytes: &[u8]) -> Read {
    let p = rtp_types::RtpPacket::parse(bytes).map_err(|refused| refused.to_string())?;
    let csrcs: Vec<u32> = p.csrc().collect();
    let extension = p.extension().map_or_else(String::new, |(profile, data)| {
        format!("{profile:04x}{:04x}{}", data.len() / 4, said::hex(data))
    });
    let (marker, kind, number) = (p.marker_bit(), p.payload_type(), p.sequence_number());
    let head = format!("{marker} {kind} {number} {} {} {csrcs:?}", p.timestamp(), p.ssrc());
    let padding = p.padding().unwrap_or(0);
    Ok(format!("{head} {extension} {} +{padding}", said::hex(p.payload())))
}

fn rtp_types_written(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let p = rtp_types::RtpPacket::parse(bytes).map_err(|refused| refused.to_string())?;
    p.as_builder().write_vec().map_err(|refused| refused.to_string())
}

fn rtc_packet(bytes: &[u8]) -> Result<rtc_rtp::Packet, String> {
    let mut bytes = Bytes::copy_from_slice(bytes);
    rtc_rtp::Packet::unmarshal(&mut bytes).map_err(|refused| refused.to_string())
}

fn rtc_rtp(bytes: &[u8]) -> Read {
    let rtc_rtp::Packet { header: h, payload } = rtc_packet(bytes)?;
    let elements: Vec<_> = h.extensions.iter().map(|e| (e.id, said::hex(&e.payload))).collect();
    let (marker, kind, number) = (h.marker, h.payload_type, h.sequence_number);
    let head = format!("{marker} {kind} {number} {} {} {:?}", h.timestamp, h.ssrc, h.csrc);
    let (profile, is_padded) = (h.extension_profile, h.padding);
    if h.version != 2 {
        return Ok(format!("version {}", h.version));
    }
    Ok(format!("{head} {profile:x} {elements:?} {} {is_padded}", said::hex(&payload)))
}

fn rtc_written(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let packet = rtc_packet(bytes)?;
    packet.marshal().map(|bytes| bytes.to_vec()).map_err(|refused| refused.to_string())
}

fn rtc_excuse(bytes: &[u8]) -> Option<&'static str> {
    let at = 12 + usize::from(bytes[0] & 15) * 4;
    let is_extended = bytes[0] & 0x10 != 0;
    let profile = is_extended.then(|| u16::from_be_bytes([bytes[at], bytes[at + 1]]))?;
    if Rtp::parse_strictly(bytes).is_ok_and(|read| read.1 == Some(Freedom::ExtensionsEnded)) {
        return Some("elements behind an id of 15 or 0, of which it makes payload or elements");
    }
    let has_bits = profile & 0xfff0 == 0x1000 && profile != 0x1000;
    has_bits.then_some("two-byte elements with application bits taken for another profile")
}

/// The two extensions of T2.2 and T2.3, whose data the peer has types for.
fn any_send_time(choices: &mut Drawn) -> Vec<u8> {
    use random::Choose;
    let mut out = (choices.up_to((1 << 24) - 1) as u32).to_be_bytes()[1..].to_vec();
    out.extend((choices.up_to(0xffff) as u16).to_be_bytes());
    out
}

fn ours_send_time(bytes: &[u8]) -> Read {
    let [a, b, c, d, e] = *bytes else { return Err("length".into()) };
    let (ticks, number) = (AbsSendTime::from_wire([a, b, c]).ticks(), u16::from_be_bytes([d, e]));
    Ok(format!("{ticks} {number}"))
}

fn rtc_send_time(bytes: &[u8]) -> Read {
    use rtc_rtp::extension::{abs_send_time_extension as abs, transport_cc_extension as tcc};
    if bytes.len() != 5 {
        return Err("length".into());
    }
    let time = abs::AbsSendTimeExtension::unmarshal(&mut &bytes[..3]).map_err(|e| e.to_string())?;
    let number =
        tcc::TransportCcExtension::unmarshal(&mut &bytes[3..]).map_err(|e| e.to_string())?;
    Ok(format!("{} {}", time.timestamp, number.transport_sequence))
}

fn rtc_send_time_written(bytes: &[u8]) -> Result<Vec<u8>, String> {
    use rtc_rtp::extension::{abs_send_time_extension as abs, transport_cc_extension as tcc};
    let time = abs::AbsSendTimeExtension::unmarshal(&mut &bytes[..3]).map_err(|e| e.to_string())?;
    let number =
        tcc::TransportCcExtension::unmarshal(&mut &bytes[3..]).map_err(|e| e.to_string())?;
    let mut out = time.marshal().map_err(|e| e.to_string())?.to_vec();
    out.extend(number.marshal().map_err(|e| e.to_string())?);
    Ok(out)
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer {
            format: "RTP",
            name: "rtp-types 0.1.2",
            any,
            ours: said::rtp_raw,
            theirs: rtp_types,
            rewrite: Some(rtp_types_written),
            excuse: none,
        },
        Peer {
            format: "RTP",
            name: "rtc-rtp 0.21.1",
            any: any_filled,
            ours: said::rtp_elements,
            theirs: rtc_rtp,
            rewrite: Some(rtc_written),
            excuse: rtc_excuse,
        },
        Peer {
            format: "send time, transport number",
            name: "rtc-rtp 0.21.1",
            any: any_send_time,
            ours: ours_send_time,
            theirs: rtc_send_time,
            rewrite: Some(rtc_send_time_written),
            excuse: none,
        },
    ]
}
