//! What leaves next, and when.

use super::resend::Resend;
use super::sender::Sender;
use crate::BitRate;
use crate::congestion::{Controller, Probe, Sent};
use crate::number::times;
use crate::packet::{Audio, Packet, Padding, RTP_HEADER_BYTES, Rtx};
use koosim_time::SimTime;

/// Payloads of sound that wait; with one more the oldest is dropped.
pub(super) const AUDIO_MAX: usize = 32;
/// Parity that waits; more is not made.
pub(super) const PARITY_MAX: usize = 16;

/// A probe that is being sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveProbe {
    pub(super) probe: Probe,
    bytes: u32,
    packets: u32,
}

impl Sender {
    pub(super) fn waiting_bytes(&self) -> u64 {
        let overhead = u64::from(self.options.overhead);
        let parity = self.parities.iter().map(|fec| u64::from(fec.wire_len()) + overhead);
        let repeats = self.resend.as_ref().map_or(0, Resend::waiting_bytes);
        self.frames.waiting_bytes() + self.audio_bytes() + parity.sum::<u64>() + repeats
    }
    fn audio_bytes(&self) -> u64 {
        self.audio.iter().map(|audio| u64::from(audio.bytes) + self.headers()).sum()
    }
    fn headers(&self) -> u64 {
        let rtp = RTP_HEADER_BYTES + self.options.extensions.bytes();
        u64::from(rtp) + u64::from(self.options.overhead)
    }
    /// The largest packet there can be.
    fn packet_max(&self) -> u64 {
        u64::from(self.options.mtu) + u64::from(self.options.overhead)
    }
    /// A probe saves nothing up, and each of its packets is followed by its own time: its rate is that of all packets
    /// but the last over the time from the first to the last, which is how it is measured.
    fn pace(&self) -> (BitRate, u64) {
        if let Some(active) = &self.probe {
            return (active.probe.rate, 0);
        }
        self.paced
    }
    /// To be called whenever the controller may have changed its mind: it is asked for its pace far more often.
    pub(super) fn reckon_pace(&mut self) {
        let rate = self.control.pacing_rate();
        self.paced = (rate, rate.bytes_in(self.options.burst).max(self.packet_max()));
    }
    pub(super) fn fill(&mut self, now: SimTime) {
        if self.bucket.is_filled(now) {
            return;
        }
        let (rate, capacity) = self.pace();
        self.bucket.fill(now, rate, capacity);
    }
    pub(super) fn pacer_due(&self) -> Option<SimTime> {
        if !self.connection.is_live() {
            return None;
        }
        let (rate, capacity) = self.pace();
        let waiting = if self.is_held() { self.audio_bytes() } else { self.waiting_bytes() };
        if self.probe.is_none() && waiting == 0 {
            return None;
        }
        Some(self.bucket.ready_at(waiting.min(capacity), rate))
    }

    pub(super) fn may_probe(&self) -> bool {
        self.probe.is_none() && self.connection.is_live() && !self.paused && self.sent.next() > 0
    }
    fn start_probe(&mut self, now: SimTime) {
        if !self.may_probe() || self.control.next_due().is_none_or(|due| due > now) {
            return;
        }
        let probe = self.control.poll(now);
        self.reckon_pace();
        if let Some(probe) = probe {
            self.bucket.empty();
            self.probe = Some(ActiveProbe { probe, bytes: 0, packets: 0 });
        }
    }

    /// Whether no more may be in flight. Sound is never held: it is little, and late it is worth nothing.
    fn is_held(&self) -> bool {
        self.control.room() < self.packet_max()
    }
    fn next_other(&mut self, now: SimTime) -> Option<Packet> {
        if self.is_held() {
            return None;
        }
        self.next_repeat(now)
            .or_else(|| self.next_video())
            .or_else(|| self.next_parity_packet())
            .or_else(|| self.next_padding())
    }
    /// The next packet that may leave now: sound, then repeats, pictures, parity, and padding for a probe.
    pub(super) fn next_packet(&mut self, now: SimTime) -> Option<Packet> {
        if !self.connection.is_live() {
            return None;
        }
        self.start_probe(now);
        let packet = self.next_audio_packet().or_else(|| self.next_other(now))?;
        let bytes = packet.wire_len() + u32::from(self.options.overhead);
        let length = u64::from(bytes);
        let leaves = match self.probe {
            Some(_) => self.bucket.owe(length),
            None => self.bucket.take(length),
        };
        if !leaves {
            return None;
        }
        self.count(&packet, length);
        self.commit(now, &packet);
        self.log(now, &packet, bytes);
        Some(packet)
    }

    fn next_audio_packet(&self) -> Option<Packet> {
        let audio = self.audio.front()?;
        Some(Packet::Audio(Audio {
            sequence: self.next_audio,
            transport_sequence: self.sent.next(),
            ssrc: self.options.sources.audio,
            timestamp: audio.timestamp,
            payload: audio.bytes,
            extensions: self.options.extensions,
        }))
    }
    fn next_repeat(&mut self, now: SimTime) -> Option<Packet> {
        let resend = self.resend.as_mut()?;
        loop {
            let (sequence, _) = resend.peek()?;
            let age = times(resend.options.age_max, 2);
            if let Some(mut media) = self.frames.find(sequence, now, age) {
                media.transport_sequence = self.sent.next();
                let (sequence, ssrc) = (self.next_repair, self.options.sources.repair);
                return Some(Packet::Rtx(Rtx { sequence, ssrc, media }));
            }
            // It grew too old while it waited.
            resend.pop();
            self.stats.repeats_refused += 1;
        }
    }
    fn next_video(&self) -> Option<Packet> {
        let mut media = self.frames.peek()?;
        media.transport_sequence = self.sent.next();
        Some(Packet::Media(media))
    }
    fn next_parity_packet(&self) -> Option<Packet> {
        let mut fec = *self.parities.front()?;
        (fec.sequence, fec.transport_sequence) = (self.next_parity, self.sent.next());
        fec.ssrc = self.options.sources.parity;
        Some(Packet::Fec(fec))
    }
    fn next_padding(&self) -> Option<Packet> {
        self.probe.is_some().then(|| {
            Packet::Padding(Padding {
                sequence: self.next_repair,
                transport_sequence: self.sent.next(),
                ssrc: self.options.sources.repair,
                bytes: u8::MAX,
                extensions: self.options.extensions,
            })
        })
    }

    fn count(&mut self, packet: &Packet, bytes: u64) {
        let counter = match packet {
            Packet::Media(media) => {
                self.share.0 += u64::from(media.payload);
                &mut self.stats.video
            }
            Packet::Rtx(_) => &mut self.stats.repair,
            Packet::Fec(_) => &mut self.stats.parity,
            Packet::Padding(_) => &mut self.stats.padding,
            _ => &mut self.stats.audio,
        };
        counter.0 += 1;
        counter.1 += bytes;
        if !matches!(packet, Packet::Padding(_) | Packet::Audio(_)) {
            self.share.1 += bytes;
        }
    }
    /// Takes the packet out of its queue.
    fn commit(&mut self, now: SimTime, packet: &Packet) {
        match packet {
            Packet::Media(media) => {
                self.stats.frames_sent += u64::from(self.frames.pop(now, media));
                let fec = self.parity.as_mut().and_then(|parity| parity.push(media));
                self.parities.extend(fec.filter(|_| self.parities.len() < PARITY_MAX));
            }
            Packet::Rtx(_) => {
                self.next_repair += 1;
                if let Some(resend) = &mut self.resend {
                    resend.pop();
                }
            }
            Packet::Fec(_) => {
                self.next_parity += 1;
                self.parities.pop_front();
            }
            Packet::Padding(_) => self.next_repair += 1,
            _ => {
                self.next_audio += 1;
                self.audio.pop_front();
            }
        }
    }
    /// Remembers the packet and tells the controller.
    fn log(&mut self, now: SimTime, packet: &Packet, bytes: u32) {
        let (Some(stream), Some((sequence, number))) = (packet.stream(), packet.numbers()) else {
            return;
        };
        let probe = self.probe.map(|active| active.probe.id);
        self.sent.push(now, (stream, sequence), bytes, probe);
        self.control.on_sent(now, Sent { sequence: number, bytes });
        if let Some(active) = &mut self.probe {
            active.bytes += bytes;
            active.packets += 1;
            if active.bytes >= active.probe.bytes && active.packets >= active.probe.packets {
                self.probe = None;
            }
        }
    }
}
