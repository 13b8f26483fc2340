//! What is read here, as text that peers can say too.

use crate::judge::Read;
use koosim_transport::wire::rtcp::{Body, Packet, ReportBlock};
use koosim_transport::wire::{Extensions, Read as _, Rtp};
use std::fmt::Write as _;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub fn block(b: &ReportBlock) -> String {
    let lost = b.lost as u32 & 0xff_ffff;
    let (last, delay) = (b.last_report, b.delay);
    format!(
        "[{} {} {lost} {} {} {last} {delay}]",
        b.ssrc, b.fraction_lost, b.highest_sequence, b.jitter
    )
}

/// An RTCP packet with all its fields.
pub fn rtcp(packet: &Packet<'_>) -> String {
    match packet.body {
        Body::SenderReport(r) => {
            let blocks: String = r.blocks.iter().map(|b| block(&b)).collect();
            let (sent, time) = (r.sent.0, r.timestamp);
            format!("sr {} {sent} {time} {} {} {blocks}", r.ssrc, r.packets, r.bytes)
        }
        Body::ReceiverReport(r) => {
            let blocks: String = r.blocks.iter().map(|b| block(&b)).collect();
            format!("rr {} {blocks}", r.ssrc)
        }
        Body::SourceDescription(s) => s.chunks.iter().fold("sdes".into(), |text, chunk| {
            let items: String = chunk
                .items
                .iter()
                .map(|item| format!(" {}={}", item.kind, hex(item.text)))
                .collect();
            format!("{text} [{}{items}]", chunk.ssrc)
        }),
        Body::Goodbye(b) => {
            let ssrcs: Vec<u32> = b.ssrcs.iter().collect();
            format!("bye {ssrcs:?} {}", hex(b.reason.unwrap_or_default()))
        }
        Body::Nack(n) => {
            let entries: Vec<_> = n.entries.iter().map(|e| (e.sequence, e.mask)).collect();
            format!("nack {} {} {entries:?}", n.sender, n.media)
        }
        Body::Pli(p) => format!("pli {} {}", p.sender, p.media),
        Body::Fir(f) => {
            let entries: Vec<_> = f.entries.iter().map(|e| (e.ssrc, e.sequence)).collect();
            format!("fir {} {} {entries:?}", f.sender, f.media)
        }
        Body::Remb(r) => {
            let ssrcs: Vec<u32> = r.ssrcs.iter().collect();
            let rate = f64::from(r.mantissa) * (1_u64 << r.exponent) as f64;
            format!("remb {} {rate} {ssrcs:?}", r.sender)
        }
        Body::TransportCc(t) => {
            let arrivals: Vec<_> = t.arrivals.iter().collect();
            let (base, time, count) = (t.base, t.reference, t.count);
            format!("tcc {} {} {base} {time} {count} {arrivals:?}", t.sender, t.media)
        }
        Body::CongestionFeedback(c) => {
            let streams = c.streams.iter().fold(String::new(), |text, stream| {
                let metrics: Vec<_> = stream.metrics.iter().collect();
                format!("{text} [{} {} {metrics:?}]", stream.ssrc, stream.begin)
            });
            format!("ccfb {} {}{streams}", c.sender, c.timestamp)
        }
        Body::Extended(e) => format!("xr {} {:?}", e.ssrc, e.blocks),
        Body::Other(o) => format!("other {} {} {}", o.kind, o.count, hex(o.body)),
    }
}

/// The one RTCP packet that the bytes are.
pub fn read_rtcp(bytes: &[u8]) -> Read {
    Packet::parse(bytes).map(|packet| rtcp(&packet)).map_err(|refused| refused.to_string())
}

fn rtp_head(p: &Rtp<'_>) -> String {
    let csrcs: Vec<u32> = p.csrcs.iter().collect();
    let (marker, kind, number) = (p.marker, p.payload_type, p.sequence);
    format!("{marker} {kind} {number} {} {} {csrcs:?}", p.timestamp, p.ssrc)
}

/// An RTP packet with its extension as bytes.
pub fn rtp_raw(bytes: &[u8]) -> Read {
    let p = Rtp::parse(bytes).map_err(|refused| refused.to_string())?;
    let at = 12 + p.csrcs.len() * 4;
    let extension = match p.extensions {
        Extensions::None => String::new(),
        _ => {
            let words = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
            hex(&bytes[at..at + 4 + words * 4])
        }
    };
    Ok(format!("{} {extension} {} +{}", rtp_head(&p), hex(p.payload), p.padding))
}

/// An RTP packet with the elements of its extension, whatever form they have, and without its padding.
pub fn rtp_elements(bytes: &[u8]) -> Read {
    let p = Rtp::parse(bytes).map_err(|refused| refused.to_string())?;
    let mut elements: Vec<_> = p.extensions.elements().map(|e| (e.id, hex(e.data))).collect();
    let profile = match p.extensions {
        Extensions::None => 0,
        Extensions::OneByte(_) => 0xbede,
        Extensions::TwoByte { app_bits, .. } => 0x1000 | u16::from(app_bits),
        Extensions::Other { profile, data } => {
            elements.push((0, hex(data)));
            profile
        }
    };
    let is_padded = p.padding > 0;
    Ok(format!("{} {profile:x} {elements:?} {} {is_padded}", rtp_head(&p), hex(p.payload)))
}
