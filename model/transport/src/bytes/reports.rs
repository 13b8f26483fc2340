//! RTCP: each report and request as one packet of its own (RFC 5506).

use super::NoBytes;
use crate::packet::{self, Packet, Sources};
use crate::wire::rtcp::{
    self, Arrivals, Body, CongestionStream, Extended, ExtendedBlock, Metric, NackEntry,
};
use crate::wire::{Entries, Item as _, List, NtpTime, Write as _};

/// Appends a report or request.
pub(super) fn write(packet: &Packet, sources: &Sources, out: &mut Vec<u8>) -> Result<(), NoBytes> {
    let mut put = |body: Body<'_>| {
        rtcp::Packet { body, padding: 0 }.write(out)?;
        Ok(())
    };
    match packet {
        Packet::SenderReport(report) => put(sender_report(report)),
        Packet::ReceiverReport(report) => {
            let blocks: Vec<_> =
                [report.video, report.audio].into_iter().flatten().map(block).collect();
            let (ssrc, blocks) = (report.ssrc, List::of(&blocks));
            put(Body::ReceiverReport(rtcp::ReceiverReport { ssrc, blocks, extension: &[] }))
        }
        Packet::ReferenceTime(clock) => {
            let blocks = [ExtendedBlock::ReferenceTime(NtpTime(clock.ntp))];
            put(Body::Extended(Extended { ssrc: clock.ssrc, blocks: Entries::of(&blocks) }))
        }
        Packet::DelaySince(since) => {
            let packet::DelaySince { ssrc, last_reference, delay } = *since;
            let answer = [rtcp::DelaySince { ssrc: sources.receiver, last_reference, delay }];
            let blocks = [ExtendedBlock::Delays(List::of(&answer))];
            put(Body::Extended(Extended { ssrc, blocks: Entries::of(&blocks) }))
        }
        Packet::TransportFeedback(feedback) => {
            let steps: Vec<_> = feedback.steps().collect();
            put(Body::TransportCc(rtcp::TransportCc {
                sender: feedback.ssrc,
                media: sources.video,
                base: feedback.base,
                reference: feedback.reference,
                count: feedback.number,
                arrivals: Arrivals::of(&steps),
            }))
        }
        Packet::CongestionFeedback(feedback) => put_congestion(feedback, put),
        Packet::Nack(nack) => {
            let entry =
                |(sequence, mask): &(u16, u16)| NackEntry { sequence: *sequence, mask: *mask };
            let entries: Vec<_> = nack.entries().iter().map(entry).collect();
            let (sender, media) = (sources.receiver, nack.ssrc);
            put(Body::Nack(rtcp::Nack { sender, media, entries: List::of(&entries) }))
        }
        Packet::Pli(pli) => put(Body::Pli(rtcp::Pli { sender: sources.receiver, media: pli.ssrc })),
        Packet::Remb(remb) => {
            let (sender, ssrcs) = (sources.receiver, [remb.ssrc]);
            put(Body::Remb(rtcp::Remb::of(sender, remb.rate().bps(), List::of(&ssrcs))))
        }
        // These are written as RTP and as checks.
        Packet::Media(_)
        | Packet::Audio(_)
        | Packet::Rtx(_)
        | Packet::Fec(_)
        | Packet::Padding(_)
        | Packet::Check(_)
        | Packet::CheckAnswer(_) => Ok(()),
    }
}

const fn sender_report(report: &packet::SenderReport) -> Body<'static> {
    Body::SenderReport(rtcp::SenderReport {
        ssrc: report.ssrc,
        sent: NtpTime(report.ntp),
        timestamp: report.timestamp,
        packets: report.packets,
        bytes: report.bytes,
        blocks: List::EMPTY,
        extension: &[],
    })
}

const fn block(block: packet::ReportBlock) -> rtcp::ReportBlock {
    rtcp::ReportBlock {
        ssrc: block.ssrc,
        fraction_lost: block.fraction_lost,
        lost: block.lost,
        highest_sequence: block.highest,
        jitter: block.jitter,
        last_report: block.last_report,
        delay: block.delay,
    }
}

fn put_congestion(
    feedback: &packet::CongestionFeedback,
    mut put: impl FnMut(Body<'_>) -> Result<(), NoBytes>,
) -> Result<(), NoBytes> {
    let metric = |bits: &u16| Metric::from_wire(bits.to_be_bytes());
    let said: Vec<(_, Vec<_>)> = feedback
        .streams()
        .map(|(stream, metrics)| (stream, metrics.iter().map(metric).collect()))
        .collect();
    let streams: Vec<_> = said
        .iter()
        .map(|(stream, metrics)| CongestionStream {
            ssrc: stream.ssrc,
            begin: stream.begin,
            metrics: List::of(metrics),
        })
        .collect();
    put(Body::CongestionFeedback(rtcp::CongestionFeedback {
        sender: feedback.ssrc,
        streams: Entries::of(&streams),
        timestamp: feedback.report_at,
    }))
}
