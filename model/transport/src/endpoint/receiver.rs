use super::arrivals::Arrivals;
use super::assembly::{Assembly, Taken};
use super::connection::{Connection, ConnectionChange};
use super::nack::{Nacks, Novelty};
use super::playout::Playout;
use super::receiver_types::{
    Picture, ReceiverInput, ReceiverOptions, ReceiverOutput, ReceiverStats, Repaired, Sound,
};
use super::repair::Repair;
use super::statistics::Statistics;
use crate::BitRate;
use crate::Ecn;
use crate::number::{low16, low32};
use crate::packet::{
    Check, DelaySince, Fec, Media, Packet, Pli, ReceiverReport, ReferenceTime, Remb,
    VIDEO_CLOCK_HZ, ntp_middle, ntp_time,
};
use crate::sequence::Unwrapper;
use koosim_time::{SimDuration, SimTime};
use std::collections::VecDeque;
use std::ptr::from_ref;

/// Ticks of the clock of sound in a second (T2.11).
const AUDIO_CLOCK_HZ: u32 = 48_000;
/// Round trip until one is measured.
const RTT_START: SimDuration = SimDuration::from_millis(100);

/// A path that is being checked.
#[derive(Clone, Copy, Debug)]
struct Checking {
    since: SimTime,
    due: SimTime,
}

/// The end that receives pictures and sound. It owns no clock and no socket.
///
/// Call [`Self::handle`] for everything that happens and then [`Self::poll`] until it has nothing; call
/// [`Self::poll`] the same way at [`Self::next_due`]. Instants never go back.
#[derive(Clone, Debug)]
pub struct Receiver {
    options: ReceiverOptions,
    arrivals: Arrivals,
    assembly: Assembly,
    nacks: Nacks,
    repair: Option<Box<Repair>>,
    playout: Playout,
    video: Statistics,
    audio: Statistics,
    sequence: Unwrapper<16>,
    connection: Connection,
    stats: ReceiverStats,
    events: VecDeque<ReceiverOutput>,
    rtt: Option<SimDuration>,
    feedback_due: Option<SimTime>,
    report_due: Option<SimTime>,
    clock_due: bool,
    rate_max: Option<BitRate>,
    path: u32,
    checking: Option<Checking>,
    /// Since when a key frame is waited for.
    key_wanted: Option<SimTime>,
    key_asked_at: Option<SimTime>,
    /// Since when pictures come without any being shown.
    stalled_since: Option<SimTime>,
    /// When the decoder has room.
    decoder_free_at: SimTime,
}

impl Receiver {
    /// A receiver at its start: it checks the path.
    pub fn new(now: SimTime, options: ReceiverOptions) -> Self {
        let mut receiver = Self {
            arrivals: Arrivals::new(options.sources, options.feedback),
            assembly: Assembly::new(now),
            nacks: Nacks::new(options.nack),
            repair: options.fec.then(|| Box::new(Repair::new())),
            playout: Playout::new(now, options.playout),
            video: Statistics::new(options.sources.video, VIDEO_CLOCK_HZ),
            audio: Statistics::new(options.sources.audio, AUDIO_CLOCK_HZ),
            sequence: Unwrapper::default(),
            connection: Connection::new(now, options.connection),
            stats: ReceiverStats::default(),
            events: VecDeque::with_capacity(8),
            rtt: None,
            feedback_due: None,
            report_due: None,
            clock_due: false,
            rate_max: None,
            path: 0,
            checking: None,
            key_wanted: None,
            key_asked_at: None,
            stalled_since: None,
            decoder_free_at: now,
            options,
        };
        receiver.check(now);
        receiver
    }

    /// Takes one thing that happened. Drain [`Self::poll`] afterwards.
    pub fn handle(&mut self, now: SimTime, input: ReceiverInput<'_>) {
        match input {
            ReceiverInput::Packet(packet, ecn) if !self.connection.is_ended() => {
                if let Some(change) = self.connection.heard(now) {
                    self.stats.connections_back += 1;
                    self.events.push_back(ReceiverOutput::Connection(change));
                    self.restart(now);
                }
                self.on_packet(now, packet, ecn);
            }
            ReceiverInput::Packet(..) => {}
            ReceiverInput::NetworkChanged => {
                self.path += 1;
                self.restart(now);
                self.check(now);
            }
            ReceiverInput::RateMax(rate) => {
                self.rate_max = Some(rate);
                self.report_due = self.report_due.map(|due| due.min(now));
            }
            ReceiverInput::DecoderFull { until } => self.decoder_free_at = until,
        }
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self, now: SimTime) -> Option<ReceiverOutput> {
        if let Some(change) = self.connection.poll(now) {
            self.on_silence(now, change);
        }
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if self.connection.is_ended() {
            return None;
        }
        self.show(now).or_else(|| self.report(now).map(ReceiverOutput::Send))
    }

    /// When [`Self::poll`] is wanted, if nothing happens before; nothing once the session has ended.
    pub fn next_due(&self) -> Option<SimTime> {
        let mut due = self.connection.due()?;
        let mut earlier = |at: Option<SimTime>| due = at.map_or(due, |at| due.min(at));
        earlier(self.assembly.next().map(|slot| self.taken_at(slot.play_at)));
        earlier(self.feedback_due);
        earlier(self.report_due);
        earlier(self.nacks.due());
        earlier(self.checking.map(|checking| checking.due));
        earlier(self.key_due());
        earlier(self.stalled_since.map(|since| since + self.options.stall_max));
        Some(due)
    }

    /// Takes back a packet that was sent and has been read, so that its memory is used again.
    pub fn recycle(&mut self, packet: Packet) {
        self.arrivals.recycle(packet);
    }
    /// What was counted.
    pub const fn stats(&self) -> ReceiverStats {
        let mut stats = self.stats;
        stats.held = self.assembly.held;
        stats.passed_over = self.assembly.passed_over;
        let pictures = self.assembly.pictures;
        (stats.complete, stats.given_up) = (pictures.complete, pictures.given_up);
        stats.left = pictures.left;
        stats
    }
    /// The delay of the jitter buffer over the fastest picture.
    pub const fn playout_delay(&self) -> SimDuration {
        self.playout.delay()
    }
    /// The last round trip that was measured.
    pub const fn rtt(&self) -> Option<SimDuration> {
        self.rtt
    }
    /// Where that lies of a receiver itself which every packet asks for, and every call: as
    /// [`Self::places_ahead`].
    pub const fn places(&self) -> [*const u8; 16] {
        let video: *const u8 = from_ref(&self.video).cast();
        let stats: *const u8 = from_ref(&self.stats).cast();
        [
            from_ref(&self.options).cast(),
            from_ref(&self.nacks).cast(),
            self.nacks.place(),
            video,
            video.wrapping_add(64),
            from_ref(&self.sequence).cast(),
            from_ref(&self.feedback_due).cast(),
            from_ref(&self.stalled_since).cast(),
            from_ref(&self.arrivals).cast(),
            from_ref(&self.assembly).cast(),
            self.arrivals.ring_place(),
            self.assembly.ring_place(),
            from_ref(&self.connection).cast(),
            stats,
            stats.wrapping_add(64),
            from_ref(&self.decoder_free_at).cast(),
        ]
    }
    /// Where something lies apart that a packet which is about to come will be entered in, or, without one, what
    /// is due next: for who wants to have that near in time, which is all that these places are good for.
    pub fn places_ahead(&self, packet: Option<&Packet>) -> [*const u8; 2] {
        let picture = match packet {
            Some(Packet::Media(media)) => u64::from(media.frame),
            Some(_) | None => self.assembly.candidate().map_or(0, u64::from),
        };
        let arrival = match packet.and_then(Packet::numbers) {
            Some((_, transport)) => self.arrivals.place_of(transport),
            None => self.arrivals.place_open(),
        };
        [arrival, self.assembly.place(picture)]
    }
    /// The picture that is shown next, if that is known.
    pub fn next_picture(&self) -> Option<u32> {
        self.assembly.candidate()
    }
    /// Bytes of memory that this session holds here.
    pub fn memory_bytes(&self) -> usize {
        let repair = self.repair.as_ref().map_or(0, |repair| size_of::<Repair>() + repair.bytes());
        let events = self.events.capacity() * size_of::<ReceiverOutput>();
        let rings = self.arrivals.bytes() + self.assembly.bytes() + Nacks::bytes();
        size_of::<Self>() + rings + repair + events
    }

    fn on_packet(&mut self, now: SimTime, packet: &Packet, ecn: Ecn) {
        if let (Some(stream), Some(numbers)) = (packet.stream(), packet.numbers()) {
            self.arrivals.push(now, stream, numbers, ecn);
            self.feedback_due.get_or_insert(now + self.options.feedback_interval);
        }
        match packet {
            Packet::Media(media) => {
                self.stats.video += 1;
                self.video.push(now, media.sequence, media.timestamp);
                self.on_video(now, media, Repaired::No);
            }
            Packet::Rtx(rtx) => {
                self.stats.repeats += 1;
                self.on_video(now, &rtx.media, Repaired::ByRepeat);
            }
            Packet::Fec(fec) => self.on_parity(now, fec),
            Packet::Padding(_) => self.stats.padding += 1,
            Packet::Audio(audio) => {
                self.stats.audio += 1;
                self.audio.push(now, audio.sequence, audio.timestamp);
                let sound = Sound { timestamp: audio.timestamp, bytes: audio.payload };
                self.events.push_back(ReceiverOutput::Sound(sound));
            }
            Packet::SenderReport(report) => {
                let middle = low32(report.ntp >> 16);
                self.video.on_report(now, middle);
                // The first report is answered at once, so that both sides learn the round trip.
                self.report_due.get_or_insert(now);
            }
            Packet::DelaySince(since) => self.on_delay_since(now, since),
            Packet::CheckAnswer(check) => self.on_answer(now, check),
            // Only a receiver sends these.
            Packet::ReceiverReport(_)
            | Packet::ReferenceTime(_)
            | Packet::TransportFeedback(_)
            | Packet::CongestionFeedback(_)
            | Packet::Nack(_)
            | Packet::Pli(_)
            | Packet::Remb(_)
            | Packet::Check(_) => {}
        }
    }

    fn on_video(&mut self, now: SimTime, media: &Media, repaired: Repaired) {
        // Who comes in the middle of a picture, or of a chain of them, can show nothing before a key frame.
        if self.sequence.last().is_none() && !(media.is_key() && media.first) {
            self.want_key(now);
        }
        let sequence = self.sequence.unwrap(u64::from(low16(media.sequence)));
        self.take(now, &Media { sequence, ..*media }, repaired);
    }
    /// Takes a packet whose number is counted as here, and what parity makes of it.
    fn take(&mut self, now: SimTime, media: &Media, repaired: Repaired) {
        let mut next = Some((*media, repaired));
        while let Some((media, repaired)) = next.take() {
            match self.nacks.push(now, media.sequence) {
                Novelty::Copy => {
                    self.stats.copies += 1;
                    continue;
                }
                Novelty::TooOld => {
                    self.stats.late += 1;
                    continue;
                }
                Novelty::New => {}
            }
            self.assemble(now, &media, repaired);
            let made = self.repair.as_mut().and_then(|repair| repair.on_media(&media));
            if let Some(made) = made {
                self.stats.from_parity += 1;
                next = Some((made, Repaired::ByParity));
            }
        }
    }
    fn assemble(&mut self, now: SimTime, media: &Media, repaired: Repaired) {
        match self.assembly.push(now, media, media.sequence, repaired) {
            Taken::Held => {}
            Taken::Late => {
                self.stats.late += 1;
                return;
            }
            Taken::Completes => {
                let repaired = repaired == Repaired::ByRepeat;
                let at = self.playout.complete(now, media.timestamp, repaired);
                self.assembly.schedule(media.frame, at);
            }
        }
        if self.assembly.next().is_none() {
            self.stalled_since.get_or_insert(now);
        } else {
            self.stalled_since = None;
        }
    }
    fn on_parity(&mut self, now: SimTime, fec: &Fec) {
        self.stats.parity += 1;
        let base = self.sequence.peek(u64::from(low16(fec.base)));
        let made = self.repair.as_mut().and_then(|repair| repair.on_fec(&Fec { base, ..*fec }));
        if let Some(made) = made {
            self.stats.from_parity += 1;
            self.sequence.unwrap(u64::from(low16(made.sequence)));
            self.take(now, &made, Repaired::ByParity);
        }
    }

    fn on_delay_since(&mut self, now: SimTime, since: &DelaySince) {
        let sent = since.last_reference.wrapping_add(since.delay);
        let units = ntp_middle(now).wrapping_sub(sent);
        let units = if units > u32::MAX / 2 { 0 } else { units };
        let ns = i64::from(units.max(1)) * 1_000_000_000 / 65_536;
        self.rtt = Some(SimDuration::from_nanos(ns));
    }
    fn on_answer(&mut self, now: SimTime, check: &Check) {
        if check.path != self.path {
            return;
        }
        if let Some(checking) = self.checking.take() {
            let after = now - checking.since;
            self.events.push_back(ReceiverOutput::PathConfirmed { after });
        }
    }

    fn check(&mut self, now: SimTime) {
        self.checking = Some(Checking { since: now, due: now });
    }
    /// The path is another: what was learnt of the old one is forgotten.
    fn restart(&mut self, now: SimTime) {
        self.arrivals.forget();
        self.nacks.forget();
        self.playout = Playout::new(now, self.options.playout);
        (self.rtt, self.feedback_due) = (None, None);
        self.want_key(now);
        self.report_due = self.report_due.map(|_| now);
    }
    fn on_silence(&mut self, now: SimTime, change: ConnectionChange) {
        self.events.push_back(ReceiverOutput::Connection(change));
        if change == ConnectionChange::Lost {
            self.stats.connections_lost += 1;
            self.path += 1;
            self.check(now);
        }
    }

    /// When something becomes of a picture that is to be played: the decoder takes it, or it is given up.
    fn taken_at(&self, play_at: SimTime) -> SimTime {
        let given_up = play_at + self.options.decoder_wait_max;
        play_at.max(self.decoder_free_at.min(given_up))
    }
    /// A picture whose time has come, for a decoder that has room: pictures wait here and not in front of a decoder,
    /// as in libwebrtc, whose frame buffer gives out the next one when the decoder has taken the one before
    /// (`VideoStreamBufferController::StartNextDecode`). One that waited for too long is given up, and nothing that
    /// needs it is decoded any more.
    fn show(&mut self, now: SimTime) -> Option<ReceiverOutput> {
        while self.taken_at(self.assembly.next()?.play_at) <= now && self.decoder_free_at > now {
            self.assembly.give_up();
            if self.assembly.next().is_none_or(|slot| slot.back != 0) {
                self.want_key(now);
            }
        }
        if self.taken_at(self.assembly.next()?.play_at) > now {
            return None;
        }
        let (slot, passed, behind) = self.assembly.show()?;
        self.nacks.forget_before(behind);
        self.key_wanted = self.key_wanted.filter(|_| slot.back != 0);
        self.stalled_since = None;
        self.stats.pictures += 1;
        self.stats.shown += u64::from(slot.packets());
        Some(ReceiverOutput::Picture(Picture {
            id: slot.id,
            timestamp: slot.timestamp,
            bytes: slot.bytes,
            packets: slot.packets(),
            back: slot.back,
            repaired: slot.repaired,
            first_at: slot.first_at,
            complete_at: slot.complete_at,
            passed_over: passed.begun,
            undecoded: passed.complete,
        }))
    }

    /// Reports and requests that are due.
    fn report(&mut self, now: SimTime) -> Option<Packet> {
        if let Some(checking) = self.checking.as_mut().filter(|checking| checking.due <= now) {
            checking.due = now + self.options.check_interval;
            return Some(Packet::Check(Check { path: self.path }));
        }
        if self.feedback_due.is_some_and(|due| due <= now) {
            if let Some(packet) = self.arrivals.report(now) {
                return Some(packet);
            }
            self.feedback_due = None;
        }
        self.request(now).or_else(|| self.receiver_report(now))
    }
    /// What is asked for: packets first, then a key frame.
    fn request(&mut self, now: SimTime) -> Option<Packet> {
        let rtt = self.rtt.unwrap_or(RTT_START);
        let nack = self.nacks.poll(now, rtt, self.options.sources.video);
        if self.nacks.take_gave_up() {
            self.stats.gave_up += 1;
            self.want_key(now);
        }
        if let Some(nack) = nack {
            self.stats.asked += u64::try_from(nack.numbers().count()).unwrap_or_default();
            return Some(Packet::Nack(nack));
        }
        if self.stalled_since.is_some_and(|since| now - since >= self.options.stall_max) {
            self.stalled_since = Some(now);
            self.want_key(now);
        }
        if self.key_due().is_none_or(|due| due > now) {
            return None;
        }
        self.key_asked_at = Some(now);
        self.stats.key_frames_asked += 1;
        Some(Packet::Pli(Pli { ssrc: self.options.sources.video }))
    }
    fn want_key(&mut self, now: SimTime) {
        self.key_wanted.get_or_insert(now);
    }
    fn key_due(&self) -> Option<SimTime> {
        let since = self.key_wanted.filter(|_| self.connection.is_live())?;
        let rtt = self.rtt.unwrap_or(SimDuration::ZERO);
        let again = self.options.key_frame_interval.max(rtt);
        Some(self.key_asked_at.map_or(since, |at| since.max(at + again)))
    }
    fn receiver_report(&mut self, now: SimTime) -> Option<Packet> {
        let ssrc = self.options.sources.receiver;
        if std::mem::take(&mut self.clock_due) {
            let remb = self.rate_max.map(|rate| Packet::Remb(Remb::new(ssrc, rate)));
            self.events.extend(remb.map(ReceiverOutput::Send));
            return Some(Packet::ReferenceTime(ReferenceTime { ssrc, ntp: ntp_time(now) }));
        }
        if self.report_due.is_none_or(|due| due > now) {
            return None;
        }
        self.report_due = Some(now + self.options.report_interval);
        self.clock_due = true;
        let (video, audio) = (self.video.report(now), self.audio.report(now));
        Some(Packet::ReceiverReport(ReceiverReport { ssrc, video, audio }))
    }
}
