//! What a sender hears.

use super::sender::Sender;
use crate::Ecn;
use crate::congestion::{Controller, Loss};
use crate::number::low16;
use crate::packet::{
    CongestionFeedback, CongestionMetric, Nack, Packet, ReceiverReport, TransportFeedback,
    ntp_middle,
};
use koosim_time::{SimDuration, SimTime};

/// Packets that a share of loss is taken over, at least (as in libwebrtc).
const LOSS_PACKETS: u32 = 20;

impl Sender {
    pub(super) fn on_packet(&mut self, now: SimTime, packet: &Packet) {
        match packet {
            Packet::TransportFeedback(feedback) => self.on_transport(now, feedback),
            Packet::CongestionFeedback(feedback) => self.on_congestion(now, feedback),
            Packet::ReceiverReport(report) => self.on_report(now, report),
            Packet::ReferenceTime(time) => {
                let middle = crate::number::low32(time.ntp >> 16);
                self.reference = Some((middle, now));
            }
            Packet::Nack(nack) => self.on_nack(now, nack),
            Packet::Pli(_) => self.ask_key_frame(now),
            Packet::Remb(remb) => self.rate_max = Some(remb.rate()),
            Packet::Check(check) => {
                self.answer = Some(*check);
                if check.path > self.path {
                    self.path = check.path;
                    self.change_path(now);
                }
            }
            // Only a sender sends these.
            Packet::Media(_)
            | Packet::Audio(_)
            | Packet::Rtx(_)
            | Packet::Fec(_)
            | Packet::Padding(_)
            | Packet::SenderReport(_)
            | Packet::DelaySince(_)
            | Packet::CheckAnswer(_) => {}
        }
    }

    fn on_transport(&mut self, now: SimTime, feedback: &TransportFeedback) {
        let Some(base) = self.sent.unwrap(feedback.base) else { return };
        self.results.clear();
        for (number, arrived) in (base..).zip(feedback.arrivals(&mut self.references)) {
            self.results.extend(self.sent.report(number, arrived, false));
        }
        self.on_results(now);
    }

    fn on_congestion(&mut self, now: SimTime, feedback: &CongestionFeedback) {
        // 65536 units are a second; the receiver's clock counts on from wherever it was first read.
        let units = self.report_times.unwrap(u64::from(feedback.report_at));
        let ns = i128::from(units) * 1_000_000_000 / 65_536;
        let report_at = SimTime::from_nanos(i64::try_from(ns).unwrap_or(i64::MAX));
        self.results.clear();
        for (part, metrics) in feedback.streams() {
            let Some(stream) = self.options.sources.stream(part.ssrc) else { continue };
            for (wire, metric) in (u64::from(part.begin)..).map(low16).zip(metrics) {
                let Some(number) = self.sent.of_stream(stream, wire) else { continue };
                let (arrived, congested) = match CongestionMetric::from_wire(*metric) {
                    CongestionMetric::Missing => (None, false),
                    // What came too long ago to say when says nothing of delay, but it came.
                    CongestionMetric::Arrived { ecn, before } => {
                        let before =
                            before.map_or(SimDuration::from_secs(8), CongestionMetric::span);
                        (Some(report_at - before), ecn == Ecn::Congested)
                    }
                };
                self.results.extend(self.sent.report(number, arrived, congested));
            }
        }
        self.on_results(now);
    }

    fn on_results(&mut self, now: SimTime) {
        if self.results.is_empty() {
            return;
        }
        self.results.sort_unstable_by_key(|result| (result.arrived_at, result.sequence));
        let of = u32::try_from(self.results.len()).unwrap_or(u32::MAX);
        let lost = self.results.iter().take_while(|result| result.arrived_at.is_none()).count();
        let lost = u32::try_from(lost).unwrap_or(u32::MAX);
        self.stats.reported_lost += u64::from(lost);
        self.stats.reported_arrived += u64::from(of - lost);
        self.control.on_feedback(now, &self.results);
        self.loss = Loss { lost: self.loss.lost + lost, of: self.loss.of + of };
        if self.loss.of >= LOSS_PACKETS {
            self.control.on_loss(now, self.loss);
            let rtt = self.rtt_or_start();
            if let Some(parity) = &mut self.parity {
                parity.adapt(self.loss, rtt);
            }
            self.loss = Loss { lost: 0, of: 0 };
        }
    }

    fn on_report(&mut self, now: SimTime, report: &ReceiverReport) {
        let Some(block) = report.video.filter(|block| block.last_report != 0) else { return };
        let sent = block.last_report.wrapping_add(block.delay);
        let units = ntp_middle(now).wrapping_sub(sent);
        // A clock that is read in units can be one behind itself.
        let units = if units > u32::MAX / 2 { 0 } else { units };
        let ns = i64::from(units.max(1)) * 1_000_000_000 / 65_536;
        let rtt = SimDuration::from_nanos(ns);
        self.rtt = Some(rtt);
        self.control.on_rtt(now, rtt);
    }

    fn on_nack(&mut self, now: SimTime, nack: &Nack) {
        let rtt = self.rtt_or_start();
        for wire in nack.numbers() {
            self.stats.repeats_asked += 1;
            let next = self.frames.next_sequence();
            let behind = u64::from(low16(next).wrapping_sub(wire));
            let Some(resend) = &mut self.resend else {
                self.stats.repeats_refused += 1;
                continue;
            };
            let age = resend.options.age_max;
            let found =
                next.checked_sub(behind).and_then(|number| self.frames.find(number, now, age));
            let taken = found.is_some_and(|media| {
                let bytes = media.wire_len()
                    + crate::packet::Rtx::ORIGINAL_BYTES
                    + u32::from(self.options.overhead);
                resend.request(now, media.sequence, bytes, rtt)
            });
            self.stats.repeats_refused += u64::from(!taken);
        }
    }
}
