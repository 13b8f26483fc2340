//! RTCP at rtcp-types. It has no REMB and no RFC 8888.

use crate::judge::{Peer, Read, none};
use crate::random::Choose;
use crate::random::Kind;
use crate::{Drawn, random, said};
use koosim_transport::wire::rtcp::{
    self as ours, Body, Goodbye, NackEntry, SdesChunk, SdesItem, SourceDescription,
};
use koosim_transport::wire::{Entries, List, Read as _, Write};
use rtcp_types::prelude::*;
use rtcp_types::{
    Bye, Fir, Nack, NackBuilder, Packet, Pli, ReceiverReport, ReportBlock, SenderReport, Twcc,
    TwccPacketStatus,
};
use std::collections::BTreeMap;

fn text(refused: impl std::fmt::Debug) -> String {
    format!("{refused:?}")
}

fn block(b: &ReportBlock<'_>) -> String {
    let (last, delay) =
        (b.last_sender_report_timestamp(), b.delay_since_last_sender_report_timestamp());
    format!(
        "[{} {} {} {} {} {last} {delay}]",
        b.ssrc(),
        b.fraction_lost(),
        b.cumulative_lost(),
        b.extended_sequence_number(),
        b.interarrival_jitter()
    )
}

fn masks(numbers: impl Iterator<Item = u16>) -> String {
    let numbers: Vec<u16> = numbers.collect();
    format!("{numbers:?}")
}

fn feedback(packet: &Packet<'_>) -> Read {
    match packet {
        Packet::TransportFeedback(f) => {
            if let Ok(nack) = f.parse_fci::<Nack<'_>>() {
                let numbers = masks(nack.entries());
                return Ok(format!("nack {} {} {numbers}", f.sender_ssrc(), f.media_ssrc()));
            }
            let t = f.parse_fci::<Twcc<'_>>().map_err(text)?;
            let arrivals = arrivals(&t)?;
            let (base, time, count) =
                (t.base_sequence_number(), t.reference_time(), t.feedback_packet_count());
            let (sender, media) = (f.sender_ssrc(), f.media_ssrc());
            Ok(format!("tcc {sender} {media} {base} {time} {count} {arrivals:?}"))
        }
        Packet::PayloadFeedback(f) => {
            let (sender, media) = (f.sender_ssrc(), f.media_ssrc());
            if f.parse_fci::<Pli<'_>>().is_ok() {
                return Ok(format!("pli {sender} {media}"));
            }
            let fir = f.parse_fci::<Fir<'_>>().map_err(text)?;
            let entries: BTreeMap<_, _> = fir.entries().map(|e| (e.ssrc(), e.sequence())).collect();
            Ok(format!("fir {sender} {media} {entries:?}"))
        }
        _ => Err("another packet".into()),
    }
}

fn arrivals(t: &Twcc<'_>) -> Result<Vec<Option<i16>>, String> {
    let arrivals = t.packets().map(|packet| match packet {
        Ok((_, TwccPacketStatus::NotReceived)) => Ok(None),
        Ok((_, TwccPacketStatus::Received { delta })) => Ok(Some(delta)),
        Err(refused) => Err(text(refused)),
    });
    arrivals.collect()
}

fn theirs(bytes: &[u8]) -> Read {
    let packet = Packet::parse(bytes).map_err(text)?;
    Ok(match &packet {
        Packet::Sr(r) => {
            let blocks: String = r.report_blocks().map(|b| block(&b)).collect();
            let (sent, time) = (r.ntp_timestamp(), r.rtp_timestamp());
            let (packets, bytes) = (r.packet_count(), r.octet_count());
            format!("sr {} {sent} {time} {packets} {bytes} {blocks}", r.ssrc())
        }
        Packet::Rr(r) => {
            let blocks: String = r.report_blocks().map(|b| block(&b)).collect();
            format!("rr {} {blocks}", r.ssrc())
        }
        Packet::Sdes(s) => s.chunks().fold("sdes".into(), |text, chunk| {
            let items: String = chunk
                .items()
                .map(|item| format!(" {}={}", item.type_(), said::hex(item.value())))
                .collect();
            format!("{text} [{}{items}]", chunk.ssrc())
        }),
        Packet::Bye(b) => {
            let ssrcs: Vec<u32> = b.ssrcs().collect();
            format!("bye {ssrcs:?} {}", said::hex(b.reason().unwrap_or_default()))
        }
        _ => feedback(&packet)?,
    })
}

/// What is read here, as far as the peer tells it: numbers in place of masks, and requests for pictures as a
/// set, since it keeps them in one.
fn ours(bytes: &[u8]) -> Read {
    let packet = ours::Packet::parse(bytes).map_err(|refused| refused.to_string())?;
    match packet.body {
        Body::Nack(nack) => {
            let (sender, media) = (nack.sender, nack.media);
            Ok(format!("nack {sender} {media} {}", masks(nack.sequences())))
        }
        Body::Fir(fir) => {
            let entries: BTreeMap<_, _> =
                fir.entries.iter().map(|entry| (entry.ssrc, entry.sequence)).collect();
            Ok(format!("fir {} {} {entries:?}", fir.sender, fir.media))
        }
        _ => Ok(said::rtcp(&packet)),
    }
}

fn write(writer: &dyn RtcpPacketWriter) -> Result<Vec<u8>, String> {
    let mut out = vec![0; writer.calculate_size().map_err(text)?];
    let len = writer.write_into_unchecked(&mut out);
    out.truncate(len);
    Ok(out)
}

fn rewrite(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let packet = Packet::parse(bytes).map_err(text)?;
    let block = |b: ReportBlock<'_>| {
        ReportBlock::builder(b.ssrc())
            .fraction_lost(b.fraction_lost())
            .cumulative_lost(b.cumulative_lost())
            .extended_sequence_number(b.extended_sequence_number())
            .interarrival_jitter(b.interarrival_jitter())
            .last_sender_report_timestamp(b.last_sender_report_timestamp())
            .delay_since_last_sender_report_timestamp(b.delay_since_last_sender_report_timestamp())
    };
    match &packet {
        Packet::Sr(r) => {
            let builder = SenderReport::builder(r.ssrc())
                .ntp_timestamp(r.ntp_timestamp())
                .rtp_timestamp(r.rtp_timestamp())
                .packet_count(r.packet_count())
                .octet_count(r.octet_count());
            write(&r.report_blocks().fold(builder, |all, one| all.add_report_block(block(one))))
        }
        Packet::Rr(r) => {
            let builder = ReceiverReport::builder(r.ssrc());
            write(&r.report_blocks().fold(builder, |all, one| all.add_report_block(block(one))))
        }
        Packet::Sdes(s) => {
            let mut all = rtcp_types::Sdes::builder();
            for chunk in s.chunks() {
                let mut one = rtcp_types::SdesChunk::builder(chunk.ssrc());
                for item in chunk.items() {
                    let value = std::str::from_utf8(item.value()).map_err(text)?;
                    one = one.add_item(rtcp_types::SdesItem::builder(item.type_(), value));
                }
                all = all.add_chunk(one);
            }
            write(&all)
        }
        Packet::Bye(b) => {
            let mut all = b.ssrcs().fold(Bye::builder(), |all, ssrc| all.add_source(ssrc));
            if let Some(reason) = b.reason() {
                all = all.reason(String::from_utf8(reason.to_vec()).map_err(text)?);
            }
            write(&all)
        }
        _ => rewrite_feedback(&packet),
    }
}

fn rewrite_feedback(packet: &Packet<'_>) -> Result<Vec<u8>, String> {
    match packet {
        Packet::TransportFeedback(f) => {
            let (sender, media) = (f.sender_ssrc(), f.media_ssrc());
            if let Ok(nack) = f.parse_fci::<Nack<'_>>() {
                let fci: NackBuilder =
                    nack.entries().fold(Nack::builder(), |all, one| all.add_rtp_sequence(one));
                let all = rtcp_types::TransportFeedback::builder(&fci);
                return write(&all.sender_ssrc(sender).media_ssrc(media));
            }
            let t = f.parse_fci::<Twcc<'_>>().map_err(text)?;
            let statuses: Vec<_> = t
                .packets()
                .map(|one| one.map(|(_, status)| status))
                .collect::<Result<_, _>>()
                .map_err(text)?;
            let (base, time, count) =
                (t.base_sequence_number(), t.reference_time(), t.feedback_packet_count());
            let fci = Twcc::builder(base, time, count, &statuses, None);
            let all = rtcp_types::TransportFeedback::builder(&fci);
            write(&all.sender_ssrc(sender).media_ssrc(media))
        }
        Packet::PayloadFeedback(f) => {
            let (sender, media) = (f.sender_ssrc(), f.media_ssrc());
            if f.parse_fci::<Pli<'_>>().is_ok() {
                let fci = Pli::builder();
                let all = rtcp_types::PayloadFeedback::builder(&fci);
                return write(&all.sender_ssrc(sender).media_ssrc(media));
            }
            let fir = f.parse_fci::<Fir<'_>>().map_err(text)?;
            let fci =
                fir.entries().fold(Fir::builder(), |all, e| all.add_ssrc(e.ssrc(), e.sequence()));
            let all = rtcp_types::PayloadFeedback::builder(&fci);
            write(&all.sender_ssrc(sender).media_ssrc(media))
        }
        _ => Err("another packet".into()),
    }
}

/// A generator of each format.
macro_rules! any {
    ($kind:ident) => {
        |choices: &mut Drawn| {
            let mut out = Vec::new();
            random::rtcp(choices, Kind::$kind, &mut |packet| packet.write(&mut out).unwrap());
            out
        }
    };
}
pub(crate) use any;

/// Items and reasons are text there, and bytes here: those of this peer are letters. It takes PRIV items apart,
/// so they are left out.
fn any_sdes(choices: &mut Drawn) -> Vec<u8> {
    let said = letters(choices);
    let items: Vec<SdesItem<'_>> =
        said.iter().map(|(kind, text)| SdesItem { kind: *kind, text }).collect();
    let mut chunks = Vec::new();
    let mut left = &items[..];
    while !left.is_empty() || chunks.is_empty() {
        let (some, rest) = left.split_at(choices.up_to(left.len().min(3) as u64) as usize);
        chunks.push(SdesChunk {
            ssrc: choices.up_to(u32::MAX.into()) as u32,
            items: Entries::of(some),
        });
        left = rest;
        if chunks.len() == 31 {
            break;
        }
    }
    let chunks = Entries::of(&chunks);
    written(Body::SourceDescription(SourceDescription { chunks }))
}

fn letters(choices: &mut Drawn) -> Vec<(u8, Vec<u8>)> {
    let text = |choices: &mut Drawn| {
        (0..choices.up_to(40)).map(|_| b'a' + choices.up_to(25) as u8).collect::<Vec<u8>>()
    };
    (0..choices.up_to(6)).map(|_| (1 + choices.up_to(6) as u8, text(choices))).collect()
}

fn any_goodbye(choices: &mut Drawn) -> Vec<u8> {
    let ssrcs: Vec<u32> =
        (0..choices.up_to(31)).map(|_| choices.up_to(u32::MAX.into()) as u32).collect();
    let said = letters(choices);
    let reason = said.first().map(|(_, text)| &text[..]).filter(|text| !text.is_empty());
    written(Body::Goodbye(Goodbye { ssrcs: List::of(&ssrcs), reason }))
}

/// Numbers that ascend, in the fewest entries: the peer writes the same.
fn any_nack(choices: &mut Drawn) -> Vec<u8> {
    let mut next = choices.up_to(0xffff) as u16;
    let numbers: Vec<u16> = (0..=choices.up_to(40))
        .map(|_| {
            next = next.wrapping_add(1 + choices.up_to(30) as u16);
            next
        })
        .collect();
    let entries: Vec<NackEntry> = NackEntry::group(numbers).collect();
    written(Body::Nack(ours::Nack { sender: 1, media: 2, entries: List::of(&entries) }))
}

fn written(body: Body<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    ours::Packet { body, padding: 0 }.write(&mut out).unwrap();
    out
}

/// Numbers that wrap are sorted as numbers there.
fn wrapped(bytes: &[u8]) -> Option<&'static str> {
    let firsts: Vec<&[u8]> = bytes[12..].chunks(4).collect();
    let falls = firsts.windows(2).any(|pair| pair[0][..2] >= pair[1][..2])
        || firsts.last().is_some_and(|last| last[0] == 0xff && last[1] >= 0xe0);
    falls.then_some("numbers that wrap, which it sorts as if they did not")
}

/// Between chunks it passes over zeros, those of the next source too.
fn zero_source(bytes: &[u8]) -> Option<&'static str> {
    let packet = ours::Packet::parse(bytes).ok()?;
    let Body::SourceDescription(sdes) = packet.body else { return None };
    let mut items = sdes.chunks.iter().flat_map(|chunk| chunk.items.iter());
    if items.any(|item| item.text.len() < 2) {
        return Some("items of less than two bytes at the end, taken for cut short");
    }
    let zero = sdes.chunks.iter().skip(1).any(|chunk| chunk.ssrc >> 24 == 0);
    zero.then_some("a source whose first byte is zero behind another, taken for the other's end")
}

pub fn peers() -> Vec<Peer> {
    let name = "rtcp-types 0.3.0";
    let peer = |format, any, excuse| Peer {
        format,
        name,
        any,
        ours: self::ours,
        theirs,
        rewrite: Some(rewrite),
        excuse,
    };
    vec![
        peer("SR", any!(SenderReport), none),
        peer("RR", any!(ReceiverReport), none),
        peer("SDES", any_sdes, zero_source),
        peer("BYE", any_goodbye, none),
        peer("NACK", any_nack, wrapped),
        peer("PLI", any!(Pli), none),
        peer("FIR", any!(Fir), none),
        peer("transport-cc", any!(TransportCc), none),
    ]
}
