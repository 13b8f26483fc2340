//! H.264, H.265 and Opus payloads at rtc-rtp, which takes them apart but does not write them by themselves.

use crate::judge::{Peer, Read, none};
use crate::{Drawn, random, said};
use bytes::Bytes;
use koosim_transport::wire::{H264, H265, Opus, Part, Read as _, Write};
use rtc_rtp::codec::h264::H264Packet;
use rtc_rtp::codec::h265::{H265Packet, H265Payload};
use rtc_rtp::codec::opus::OpusPacket;
use rtc_rtp::packetizer::Depacketizer;

/// Start codes of Annex B in front of units, as the peer gives them out.
const START: &str = "00000001";

fn any_h264(choices: &mut Drawn) -> Vec<u8> {
    let mut out = Vec::new();
    random::h264(choices, &mut |payload| payload.write(&mut out).unwrap());
    out
}

/// What a receiver that saw nothing before gives out at this payload.
fn ours_h264(bytes: &[u8]) -> Read {
    Ok(match H264::parse(bytes).map_err(|refused| refused.to_string())? {
        H264::Single(unit) => format!("{START}{}", said::hex(unit.0)),
        H264::Aggregate { units, .. } => {
            units.iter().map(|unit| format!("{START}{}", said::hex(unit.0))).collect()
        }
        H264::Fragment { importance, kind, part: Part::End, data } => {
            // The peer leaves the forbidden bit out.
            let head = (importance & 3) << 5 | kind;
            format!("{START}{head:02x}{}", said::hex(data))
        }
        H264::Fragment { .. } => String::new(),
    })
}

fn theirs_h264(bytes: &[u8]) -> Read {
    let given = H264Packet::default().depacketize(&Bytes::copy_from_slice(bytes));
    given.map(|bytes| said::hex(&bytes)).map_err(|refused| refused.to_string())
}

fn h264_excuse(bytes: &[u8]) -> Option<&'static str> {
    (bytes.len() <= 2).then_some("payloads of one or two bytes, which it refuses")
}

fn any_h265(choices: &mut Drawn) -> Vec<u8> {
    let mut out = Vec::new();
    random::h265(choices, &mut |payload| payload.write(&mut out).unwrap());
    out
}

fn ours_h265(bytes: &[u8]) -> Read {
    Ok(match H265::parse(bytes).map_err(|refused| refused.to_string())? {
        H265::Single(unit) => format!("single {}", said::hex(unit.0)),
        H265::Aggregate { units, .. } => units
            .iter()
            .fold("aggregate".into(), |text, unit| format!("{text} {}", said::hex(unit.0))),
        H265::Fragment { header, part, data } => {
            let (start, end) = (part == Part::Start, part == Part::End);
            let (kind, layer, temporal) = (header.kind, header.layer, header.temporal);
            format!("fragment {kind} {layer} {temporal} {start} {end} {}", said::hex(data))
        }
    })
}

fn theirs_h265(bytes: &[u8]) -> Read {
    let mut packet = H265Packet::default();
    packet.depacketize(&Bytes::copy_from_slice(bytes)).map_err(|refused| refused.to_string())?;
    Ok(match packet.payload() {
        H265Payload::H265SingleNALUnitPacket(p) => {
            format!("single {:04x}{}", p.payload_header().0, said::hex(&p.payload()))
        }
        H265Payload::H265AggregationPacket(p) => {
            let first = p.first_unit().map(|unit| unit.nal_unit());
            let units = p.other_units().iter().map(|unit| unit.nal_unit());
            first
                .into_iter()
                .chain(units)
                .fold("aggregate".into(), |text, unit| format!("{text} {}", said::hex(&unit)))
        }
        H265Payload::H265FragmentationUnitPacket(p) => {
            let (head, fu) = (p.payload_header(), p.fu_header());
            let (layer, temporal) = (head.layer_id(), head.tid());
            let data = said::hex(&p.payload());
            format!("fragment {} {layer} {temporal} {} {} {data}", fu.fu_type(), fu.s(), fu.e())
        }
        _ => return Err("another payload".into()),
    })
}

fn h265_excuse(bytes: &[u8]) -> Option<&'static str> {
    if bytes[0] & 0x80 != 0 {
        return Some("the forbidden bit, which it refuses");
    }
    let is_empty = bytes.len() <= 2 || (bytes[0] >> 1 == 49 && bytes.len() == 3);
    is_empty.then_some("units without content, which it refuses")
}

fn ours_opus(bytes: &[u8]) -> Read {
    Opus::parse(bytes).map(|opus| said::hex(opus.packet())).map_err(|refused| refused.to_string())
}

fn theirs_opus(bytes: &[u8]) -> Read {
    let given = OpusPacket.depacketize(&Bytes::copy_from_slice(bytes));
    given.map(|bytes| said::hex(&bytes)).map_err(|refused| refused.to_string())
}

pub fn peers() -> Vec<Peer> {
    let name = "rtc-rtp 0.21.1";
    let peer = |format, any, ours, theirs, excuse| Peer {
        format,
        name,
        any,
        ours,
        theirs,
        rewrite: None,
        excuse,
    };
    vec![
        peer("H.264", any_h264, ours_h264, theirs_h264, h264_excuse),
        peer("H.265", any_h265, ours_h265, theirs_h265, h265_excuse),
        peer("Opus", |choices| random::opus(choices), ours_opus, theirs_opus, none),
    ]
}
