//! RTCP at rtc-rtcp.

use koosim_transport::Ecn;
use crate::judge::{Peer, Read, none};
use crate::random::{self, Choose, Kind};
use crate::rtcp_types::any;
use crate::{Drawn, said};
use bytes::Bytes;
use koosim_transport::wire::rtcp::{self as ours, Metric};
use koosim_transport::wire::{Read as _, Write};
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::packet::{Packet, marshal, unmarshal};
use rtc_rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::SourceDescription;
use rtc_rtcp::transport_feedbacks::cc_feedback_report::{self as ccfb, CcFeedbackReport};
use rtc_rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, SymbolTypeTcc, TransportLayerCc,
};
use rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

fn packets(bytes: &[u8]) -> Result<Vec<Box<dyn Packet>>, String> {
    unmarshal(&mut Bytes::copy_from_slice(bytes)).map_err(|refused| refused.to_string())
}

fn block(b: &ReceptionReport) -> String {
    format!(
        "[{} {} {} {} {} {} {}]",
        b.ssrc,
        b.fraction_lost,
        b.total_lost,
        b.last_sequence_number,
        b.jitter,
        b.last_sender_report,
        b.delay
    )
}

/// The arrivals that chunks and differences say together.
fn arrivals(t: &TransportLayerCc) -> Vec<Option<i16>> {
    let symbols = t.packet_chunks.iter().flat_map(|chunk| match chunk {
        PacketStatusChunk::RunLengthChunk(run) => {
            vec![run.packet_status_symbol; usize::from(run.run_length)]
        }
        PacketStatusChunk::StatusVectorChunk(vector) => vector.symbol_list.clone(),
    });
    let mut deltas = t.recv_deltas.iter();
    symbols
        .take(usize::from(t.packet_status_count))
        .map(|symbol| match symbol {
            SymbolTypeTcc::PacketReceivedSmallDelta | SymbolTypeTcc::PacketReceivedLargeDelta => {
                deltas.next().map(|delta| (delta.delta / 250) as i16)
            }
            _ => None,
        })
        .collect()
}

fn metric(m: &ccfb::CcFeedbackMetricBlock) -> Metric {
    if !m.received {
        return Metric::Lost;
    }
    let ecn = match m.ecn {
        ccfb::Ecn::NotEct => Ecn::NotCapable,
        ccfb::Ecn::Ect1 => Ecn::Capable1,
        ccfb::Ecn::Ect0 => Ecn::Capable0,
        ccfb::Ecn::Ce => Ecn::Congested,
    };
    Metric::Received { ecn, before: m.arrival_time_offset }
}

fn theirs(bytes: &[u8]) -> Read {
    let packets = packets(bytes)?;
    let [packet] = &packets[..] else { return Err(format!("{} packets", packets.len())) };
    said_there(packet.as_any())
}

/// Several packets of any format in one compound.
fn any_compound(choices: &mut Drawn) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..=choices.up_to(5) {
        // The last two are no format of both; estimates of nothing are known to differ.
        let kind = Kind::ALL[choices.up_to(Kind::ALL.len() as u64 - 3) as usize];
        random::rtcp(choices, kind, &mut |packet| {
            if remb_of_nothing(packet).is_none() {
                packet.write(&mut out).unwrap();
            }
        });
    }
    if out.is_empty() {
        random::rtcp(choices, Kind::Pli, &mut |packet| packet.write(&mut out).unwrap());
    }
    out
}

fn remb_of_nothing(packet: &ours::Packet<'_>) -> Option<()> {
    let ours::Body::Remb(remb) = packet.body else { return None };
    (remb.mantissa == 0).then_some(())
}

fn ours_compound(bytes: &[u8]) -> Read {
    let packets = ours::packets(bytes, ours::Composition::Reduced);
    let said: Result<Vec<String>, _> = packets.map(|one| one.map(|one| said::rtcp(&one))).collect();
    said.map(|said| said.join("; ")).map_err(|refused| refused.to_string())
}

fn theirs_compound(bytes: &[u8]) -> Read {
    let packets = packets(bytes)?;
    let said: Result<Vec<String>, _> = packets.iter().map(|one| said_there(one.as_any())).collect();
    said.map(|said| said.join("; "))
}

fn said_there(any: &dyn std::any::Any) -> Read {
    if let Some(r) = any.downcast_ref::<SenderReport>() {
        let blocks: String = r.reports.iter().map(block).collect();
        let (sent, time) = (r.ntp_time, r.rtp_time);
        return Ok(format!(
            "sr {} {sent} {time} {} {} {blocks}",
            r.ssrc, r.packet_count, r.octet_count
        ));
    }
    if let Some(r) = any.downcast_ref::<ReceiverReport>() {
        let blocks: String = r.reports.iter().map(block).collect();
        return Ok(format!("rr {} {blocks}", r.ssrc));
    }
    if let Some(s) = any.downcast_ref::<SourceDescription>() {
        return Ok(s.chunks.iter().fold("sdes".into(), |text, chunk| {
            let item = |item: &rtc_rtcp::source_description::SourceDescriptionItem| {
                format!(" {}={}", item.sdes_type as u8, said::hex(&item.text))
            };
            let items: String = chunk.items.iter().map(item).collect();
            format!("{text} [{}{items}]", chunk.source)
        }));
    }
    if let Some(b) = any.downcast_ref::<Goodbye>() {
        return Ok(format!("bye {:?} {}", b.sources, said::hex(&b.reason)));
    }
    feedback(any)
}

fn feedback(any: &dyn std::any::Any) -> Read {
    if let Some(n) = any.downcast_ref::<TransportLayerNack>() {
        let entries: Vec<_> = n.nacks.iter().map(|e| (e.packet_id, e.lost_packets)).collect();
        return Ok(format!("nack {} {} {entries:?}", n.sender_ssrc, n.media_ssrc));
    }
    if let Some(p) = any.downcast_ref::<PictureLossIndication>() {
        return Ok(format!("pli {} {}", p.sender_ssrc, p.media_ssrc));
    }
    if let Some(f) = any.downcast_ref::<FullIntraRequest>() {
        let entries: Vec<_> = f.fir.iter().map(|e| (e.ssrc, e.sequence_number)).collect();
        return Ok(format!("fir {} {} {entries:?}", f.sender_ssrc, f.media_ssrc));
    }
    if let Some(r) = any.downcast_ref::<ReceiverEstimatedMaximumBitrate>() {
        return Ok(format!("remb {} {} {:?}", r.sender_ssrc, f64::from(r.bitrate), r.ssrcs));
    }
    if let Some(t) = any.downcast_ref::<TransportLayerCc>() {
        let (base, time, count) = (t.base_sequence_number, t.reference_time, t.fb_pkt_count);
        let (sender, media, arrivals) = (t.sender_ssrc, t.media_ssrc, arrivals(t));
        return Ok(format!("tcc {sender} {media} {base} {time} {count} {arrivals:?}"));
    }
    if let Some(c) = any.downcast_ref::<CcFeedbackReport>() {
        let streams = c.report_blocks.iter().fold(String::new(), |text, stream| {
            let metrics: Vec<_> = stream.metric_blocks.iter().map(metric).collect();
            format!("{text} [{} {} {metrics:?}]", stream.media_ssrc, stream.begin_sequence)
        });
        return Ok(format!("ccfb {} {}{streams}", c.sender_ssrc, c.report_timestamp));
    }
    Err("another packet".into())
}

fn rewrite(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let packets = packets(bytes)?;
    marshal(&packets).map(|bytes| bytes.to_vec()).map_err(|refused| refused.to_string())
}

fn sdes_excuse(bytes: &[u8]) -> Option<&'static str> {
    let packet = ours::Packet::parse(bytes).ok()?;
    let ours::Body::SourceDescription(sdes) = packet.body else { return None };
    let mut items = sdes.chunks.iter().flat_map(|chunk| chunk.items.iter());
    items.any(|item| item.kind > 8).then_some("items of other types, which it passes over")
}

/// It keeps the estimate as a number with a point and a leading bit.
fn remb_excuse(bytes: &[u8]) -> Option<&'static str> {
    let (exponent, mantissa) =
        (bytes[17] >> 2, u32::from_be_bytes([0, bytes[17] & 3, bytes[18], bytes[19]]));
    match (exponent, mantissa) {
        (_, 0) => Some("an estimate of nothing, read as a power of two"),
        (46.., _) => Some("estimates above 2^63, which it does not write"),
        _ => None,
    }
}

pub fn peers() -> Vec<Peer> {
    let name = "rtc-rtcp 0.21.1";
    let peer = |format, any, excuse| Peer {
        format,
        name,
        any,
        ours: said::read_rtcp,
        theirs,
        rewrite: Some(rewrite),
        excuse,
    };
    vec![
        peer("SR", any!(SenderReport), none),
        peer("RR", any!(ReceiverReport), none),
        peer("SDES", any!(SourceDescription), sdes_excuse),
        peer("BYE", any!(Goodbye), none),
        peer("NACK", any!(Nack), none),
        peer("PLI", any!(Pli), none),
        peer("FIR", any!(Fir), none),
        peer("REMB", any!(Remb), remb_excuse),
        peer("transport-cc", any!(TransportCc), none),
        peer("CCFB", any!(CongestionFeedback), none),
        Peer {
            format: "compound",
            name,
            any: any_compound,
            ours: ours_compound,
            theirs: theirs_compound,
            rewrite: Some(rewrite),
            excuse: none,
        },
    ]
}
