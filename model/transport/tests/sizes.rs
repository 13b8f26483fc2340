//! Typed packets have the sizes that their bytes have.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use koosim_transport::packet::{
    self, CongestionFeedback, CongestionMetric, Ecn, Extensions, Media, ReceiverReport,
    ReportBlock, TransportFeedback,
};
use koosim_transport::wire::rtcp::{
    Arrivals, Body, CongestionStream, Metric, NackEntry, Packet, TransportCc,
};
use koosim_transport::wire::{self, Element, OneByte, Rtp, Write};
use proptest::prelude::*;

fn rtcp(body: Body<'_>) -> u32 {
    let packet = Packet { body, padding: 0 };
    let mut bytes = Vec::new();
    packet.write(&mut bytes).unwrap();
    u32::try_from(bytes.len()).unwrap()
}

proptest! {
    #[test]
    fn transport_feedback(steps in prop::collection::vec(
        prop_oneof![
            4 => Just(None),
            6 => (0_i16..256).prop_map(Some),
            1 => (-300_i16..900).prop_map(Some),
        ],
        1..64,
    )) {
        let mut typed = TransportFeedback::new(1, 2, 3, 4);
        prop_assert!(steps.iter().all(|step| typed.push(step.map(i64::from))));
        let arrivals = Arrivals::of(&steps);
        let feedback =
            TransportCc { sender: 1, media: 5, base: 2, reference: 3, count: 4, arrivals };
        let typed = packet::Packet::TransportFeedback(Box::new(typed));
        prop_assert_eq!(typed.wire_len(), rtcp(Body::TransportCc(feedback)));
    }

    #[test]
    fn congestion_feedback(counts in prop::collection::vec(1_usize..30, 1..4)) {
        let mut typed = CongestionFeedback::new(1, 2);
        let metric = CongestionMetric::Arrived { ecn: Ecn::Capable0, before: Some(9) };
        let metrics = [Metric::Received { ecn: wire::rtcp::Ecn::Capable0, before: 9 }; 30];
        let mut streams = Vec::new();
        for (ssrc, count) in (10..).zip(counts) {
            prop_assert!(typed.begin_stream(ssrc, 7) && (0..count).all(|_| typed.push(metric)));
            let metrics = wire::List::of(metrics.get(..count).unwrap());
            streams.push(CongestionStream { ssrc, begin: 7, metrics });
        }
        let streams = wire::Entries::of(&streams);
        let body = wire::rtcp::CongestionFeedback { sender: 1, streams, timestamp: 2 };
        let typed = packet::Packet::CongestionFeedback(Box::new(typed));
        prop_assert_eq!(typed.wire_len(), rtcp(Body::CongestionFeedback(body)));
    }

    #[test]
    fn requests(numbers in prop::collection::btree_set(0_u16..200, 1..8)) {
        let mut typed = packet::Nack::new(1);
        prop_assert!(numbers.iter().all(|number| typed.push(*number)));
        let entries: Vec<_> = NackEntry::group(numbers).collect();
        let own: Vec<_> = typed.entries().to_vec();
        prop_assert_eq!(own, entries.iter().map(|e| (e.sequence, e.mask)).collect::<Vec<_>>());
        let body = wire::rtcp::Nack { sender: 1, media: 2, entries: wire::List::of(&entries) };
        prop_assert_eq!(packet::Packet::Nack(typed).wire_len(), rtcp(Body::Nack(body)));
    }

    #[test]
    fn media(payload in 1_u16..1200, extended: bool) {
        let extensions = if extended { Extensions::TransportSequence } else { Extensions::None };
        let typed = Media {
            sequence: 1, transport_sequence: 2, ssrc: 3, timestamp: 4, frame: 5, payload, back: 0,
            first: true, last: true, extensions,
        };
        let element = [OneByte(Element { id: 3, data: &[0, 2] })];
        let extensions = if extended {
            wire::Extensions::OneByte(wire::Entries::of(&element))
        } else {
            wire::Extensions::None
        };
        let payload = vec![0; usize::from(payload)];
        let rtp = Rtp {
            marker: true, payload_type: 96, sequence: 1, timestamp: 4, ssrc: 3,
            csrcs: wire::List::EMPTY, extensions, payload: &payload, padding: 0,
        };
        prop_assert_eq!(usize::try_from(typed.wire_len()).unwrap(), rtp.wire_len());
    }
}

#[test]
fn reports() {
    let block = [wire::rtcp::ReportBlock {
        ssrc: 1,
        fraction_lost: 2,
        lost: 3,
        highest_sequence: 4,
        jitter: 5,
        last_report: 6,
        delay: 7,
    }];
    let typed = ReceiverReport { ssrc: 1, video: Some(ReportBlock::default()), audio: None };
    let body =
        wire::rtcp::ReceiverReport { ssrc: 1, blocks: wire::List::of(&block), extension: &[] };
    assert_eq!(packet::Packet::ReceiverReport(typed).wire_len(), rtcp(Body::ReceiverReport(body)));
    let pli = packet::Packet::Pli(packet::Pli { ssrc: 1 });
    assert_eq!(pli.wire_len(), rtcp(Body::Pli(wire::rtcp::Pli { sender: 1, media: 2 })));
    let rate = koosim_transport::BitRate::from_kbps(777);
    let remb = packet::Packet::Remb(packet::Remb::new(1, rate));
    let body = wire::rtcp::Remb::of(1, rate.bps(), wire::List::of(&[1]));
    assert_eq!(remb.wire_len(), rtcp(Body::Remb(body)));
}
