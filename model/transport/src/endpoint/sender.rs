use super::bucket::Bucket;
use super::connection::{Connection, ConnectionChange};
use super::frames::{Form, Frames};
use super::packetiser::{Cut, FRAME_PACKETS_MAX, Frame};
use super::parity::Parity;
use super::resend::Resend;
use super::sender_types::{
    AudioFrame, FeedbackKind, Refusal, SenderInput, SenderOptions, SenderOutput, SenderStats,
};
use super::sent::SentLog;
use crate::BitRate;
use crate::congestion::{Control, Controller, Loss, PacketResult, Probe, Sent};
use crate::number::{low32, times};
use crate::packet::{
    Audio, Check, DelaySince, Fec, Packet, Padding, RTP_HEADER_BYTES, Rtx, SenderReport, ntp_time,
};
use crate::sequence::Unwrapper;
use koosim_time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Payloads of sound that wait, more are dropped from the front.
const AUDIO_MAX: usize = 32;
/// Parity that waits.
const PARITY_MAX: usize = 16;
/// The encoder is told of changes of at least this part.
const TARGET_STEP: u64 = 64;
/// Round trip until one is measured.
const RTT_START: SimDuration = SimDuration::from_millis(100);

/// A probe that is being sent.
#[derive(Clone, Copy, Debug)]
struct ActiveProbe {
    probe: Probe,
    bytes: u32,
    packets: u32,
}

/// The end that sends pictures and sound to one viewer. It owns no clock and no socket.
///
/// Call [`Self::handle`] for everything that happens and then [`Self::poll`] until it has nothing; call
/// [`Self::poll`] the same way at [`Self::next_due`]. Instants never go back.
#[derive(Clone, Debug)]
pub struct Sender {
    pub(super) options: SenderOptions,
    pub(super) control: Control,
    pub(super) frames: Frames,
    pub(super) resend: Option<Resend>,
    pub(super) parity: Option<Parity>,
    pub(super) sent: SentLog,
    pub(super) results: Vec<PacketResult>,
    pub(super) references: Unwrapper<24>,
    pub(super) report_times: Unwrapper<32>,
    pub(super) loss: Loss,
    pub(super) rtt: Option<SimDuration>,
    pub(super) rate_max: Option<BitRate>,
    pub(super) stats: SenderStats,
    pub(super) reference: Option<(u32, SimTime)>,
    pub(super) answer: Option<Check>,
    pub(super) path: u32,
    connection: Connection,
    bucket: Bucket,
    probe: Option<ActiveProbe>,
    audio: VecDeque<AudioFrame>,
    parities: VecDeque<Fec>,
    next_audio: u64,
    next_repair: u64,
    next_parity: u64,
    events: VecDeque<SenderOutput>,
    paused: bool,
    last_id: Option<u32>,
    key_needed: bool,
    key_asked_at: Option<SimTime>,
    report_due: SimTime,
    /// Payload of pictures and everything, in bytes, halved each second.
    share: (u64, u64),
    target: BitRate,
}

impl Sender {
    /// A sender at its start: it asks for a key frame and says what to aim at.
    pub fn new(now: SimTime, options: SenderOptions) -> Self {
        let first = u64::from(options.first_sequence);
        let mut sender = Self {
            control: Control::new(now, options.control),
            frames: Frames::new(form(&options), options.first_sequence, now),
            resend: options.resend.map(|resend| Resend::new(resend, now)),
            parity: options.fec.map(Parity::new),
            sent: SentLog::new(now, options.feedback == FeedbackKind::Congestion),
            results: Vec::with_capacity(crate::packet::CongestionFeedback::METRICS_MAX),
            references: Unwrapper::default(),
            report_times: Unwrapper::default(),
            loss: Loss { lost: 0, of: 0 },
            rtt: None,
            rate_max: None,
            stats: SenderStats::default(),
            reference: None,
            answer: None,
            path: 0,
            connection: Connection::new(now, options.connection),
            bucket: Bucket::new(now),
            probe: None,
            audio: VecDeque::with_capacity(AUDIO_MAX),
            parities: VecDeque::with_capacity(PARITY_MAX),
            next_audio: first,
            next_repair: first,
            next_parity: first,
            events: VecDeque::with_capacity(8),
            paused: false,
            last_id: None,
            key_needed: true,
            key_asked_at: None,
            report_due: now,
            share: (0, 0),
            target: BitRate::default(),
            options,
        };
        sender.tell_target();
        sender.ask_key_frame(now);
        sender
    }

    /// Takes one thing that happened. Drain [`Self::poll`] afterwards.
    pub fn handle(&mut self, now: SimTime, input: SenderInput<'_>) {
        self.fill(now);
        match input {
            SenderInput::Frame(frame) => self.offer(now, frame),
            SenderInput::Audio(audio) => self.on_audio(audio),
            SenderInput::Packet(packet) if !self.connection.is_ended() => {
                if let Some(change) = self.connection.heard(now) {
                    self.stats.connections_back += 1;
                    self.events.push_back(SenderOutput::Connection(change));
                    self.change_path(now);
                }
                self.on_packet(now, packet);
                self.tell_target();
            }
            SenderInput::Packet(_) => {}
            SenderInput::Pause => self.paused = true,
            SenderInput::Resume if self.paused => {
                self.paused = false;
                self.key_needed = true;
                self.ask_key_frame(now);
            }
            SenderInput::Resume => {}
            SenderInput::NetworkChanged => {
                self.change_path(now);
                self.tell_target();
            }
        }
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self, now: SimTime) -> Option<SenderOutput> {
        self.fill(now);
        if let Some(change) = self.connection.poll(now) {
            self.on_silence(change);
        }
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        self.report(now).or_else(|| self.next_packet(now)).map(SenderOutput::Send)
    }

    /// When [`Self::poll`] is wanted, if nothing happens before; nothing once the session has ended.
    pub fn next_due(&self) -> Option<SimTime> {
        let connection = self.connection.due()?;
        let mut due = connection.min(self.report_due);
        if let Some(at) = self.pacer_due() {
            due = due.min(at);
        }
        if let Some(at) = self.control.next_due().filter(|_| self.may_probe()) {
            due = due.min(at);
        }
        Some(due)
    }

    /// How long what waits will take to leave at the present pace.
    pub fn backlog(&self) -> SimDuration {
        self.control.pacing_rate().time_of(self.waiting_bytes())
    }
    /// Pictures that wait, the one that is being sent among them.
    pub const fn waiting_frames(&self) -> u64 {
        self.frames.waiting_frames()
    }
    /// What was counted.
    pub const fn stats(&self) -> &SenderStats {
        &self.stats
    }
    /// The controller, to look at.
    pub const fn control(&self) -> &Control {
        &self.control
    }
    /// The last round trip that was measured.
    pub const fn rtt(&self) -> Option<SimDuration> {
        self.rtt
    }
    /// Bytes of memory that this session holds here.
    pub fn memory_bytes(&self) -> usize {
        let queues = AUDIO_MAX * size_of::<AudioFrame>()
            + PARITY_MAX * size_of::<Fec>()
            + self.results.capacity() * size_of::<PacketResult>()
            + self.events.capacity() * size_of::<SenderOutput>();
        let control = size_of::<crate::congestion::Gcc>();
        size_of::<Self>() + self.frames.bytes() + self.sent.bytes() + queues + control
    }

    pub(super) fn rtt_or_start(&self) -> SimDuration {
        self.rtt.unwrap_or(RTT_START)
    }

    fn offer(&mut self, now: SimTime, frame: Frame) {
        self.stats.frames_offered += 1;
        let cause = self.refusal(&frame);
        self.last_id = self.last_id.max(Some(frame.id));
        let Some(cause) = cause else {
            self.key_needed = false;
            self.frames.push(now, frame);
            return;
        };
        self.stats.frames_refused += 1;
        self.events.push_back(SenderOutput::FrameRefused { frame: frame.id, cause });
        // Whatever needs this picture cannot be shown either.
        self.key_needed = true;
        if self.connection.is_live() && !self.paused {
            self.ask_key_frame(now);
        }
    }
    /// Why a picture is refused: the first cause, in the order in which they are declared.
    fn refusal(&self, frame: &Frame) -> Option<Refusal> {
        let checks = [
            (self.connection.is_ended(), Refusal::Ended),
            (!self.connection.is_live(), Refusal::Lost),
            (self.paused, Refusal::Paused),
            (self.frames.packets(frame) > FRAME_PACKETS_MAX, Refusal::TooLarge),
            (self.last_id.is_some_and(|last| frame.id <= last), Refusal::OutOfOrder),
            (!self.frames.has_room(), Refusal::QueueFull),
            (self.key_needed && frame.back != 0, Refusal::Undecodable),
        ];
        checks.into_iter().find_map(|(fails, cause)| fails.then_some(cause))
    }

    fn on_audio(&mut self, audio: AudioFrame) {
        if !self.connection.is_live() {
            return;
        }
        if self.audio.len() == AUDIO_MAX {
            self.audio.pop_front();
        }
        self.audio.push_back(audio);
    }

    /// Asks the encoder for a key frame, unless it was asked just now.
    pub(super) fn ask_key_frame(&mut self, now: SimTime) {
        let again = |at| now - at >= self.options.key_frame_interval;
        if self.key_asked_at.is_none_or(again) {
            self.key_asked_at = Some(now);
            self.stats.key_frames_wanted += 1;
            self.events.push_back(SenderOutput::KeyFrameWanted);
        }
    }

    /// Forgets what was learnt of the path and begins anew with a key frame.
    pub(super) fn change_path(&mut self, now: SimTime) {
        self.stats.path_changes += 1;
        self.control.reset(now);
        self.sent.forget();
        (self.rtt, self.probe, self.loss) = (None, None, Loss { lost: 0, of: 0 });
        (self.references, self.report_times) = (Unwrapper::default(), Unwrapper::default());
        self.drop_waiting();
        self.ask_key_frame(now);
    }
    fn on_silence(&mut self, change: ConnectionChange) {
        self.stats.connections_lost += u64::from(change == ConnectionChange::Lost);
        self.events.push_back(SenderOutput::Connection(change));
        self.drop_waiting();
    }
    fn drop_waiting(&mut self) {
        let dropped = self.frames.clear();
        self.stats.repeats_refused += self.resend.as_mut().map_or(0, Resend::clear);
        self.audio.clear();
        self.parities.clear();
        self.probe = None;
        self.key_needed = true;
        if dropped > 0 {
            self.stats.frames_dropped += dropped;
            self.events.push_back(SenderOutput::FramesDropped(dropped));
        }
    }

    fn tell_target(&mut self) {
        let control = self.control.target_rate();
        let total = self.rate_max.map_or(control, |max| max.min(control));
        let (video, all) = self.share;
        // Before anything was sent: a full packet.
        let (video, all) = if all == 0 {
            let cut = form(&self.options).cut;
            (u64::from(cut.room), u64::from(self.options.mtu) + u64::from(self.options.overhead))
        } else {
            (video, all)
        };
        let target = BitRate::from_bps(total.bps().saturating_mul(video) / all.max(1));
        if target.bps().abs_diff(self.target.bps()) > self.target.bps() / TARGET_STEP {
            self.target = target;
            self.events.push_back(SenderOutput::TargetRate { video: target, total });
        }
    }

    /// Reports and answers that are due.
    fn report(&mut self, now: SimTime) -> Option<Packet> {
        if self.connection.is_ended() {
            return None;
        }
        if let Some(check) = self.answer.take() {
            return Some(Packet::CheckAnswer(check));
        }
        if let Some((last_reference, at)) = self.reference.take() {
            let (ssrc, delay) = (self.options.sources.video, units(now - at));
            return Some(Packet::DelaySince(DelaySince { ssrc, last_reference, delay }));
        }
        if now < self.report_due {
            return None;
        }
        self.report_due = now + self.options.report_interval;
        let (video, all) = self.share;
        self.share = (video / 2, all / 2);
        let (packets, bytes) = self.stats.video;
        let headers = form(&self.options);
        let headers = RTP_HEADER_BYTES + headers.extensions.bytes() + headers.overhead;
        Some(Packet::SenderReport(SenderReport {
            ssrc: self.options.sources.video,
            ntp: ntp_time(now),
            timestamp: low32(media_ticks(now)),
            packets: low32(packets),
            bytes: low32(bytes - packets * u64::from(headers)),
        }))
    }

    fn waiting_bytes(&self) -> u64 {
        let overhead = u64::from(self.options.overhead);
        let audio = self.audio.iter().map(|audio| u64::from(audio.bytes) + self.headers());
        let parity = self.parities.iter().map(|fec| u64::from(fec.wire_len()) + overhead);
        let repeats = self.resend.as_ref().map_or(0, Resend::waiting_bytes);
        self.frames.waiting_bytes() + audio.sum::<u64>() + parity.sum::<u64>() + repeats
    }
    fn headers(&self) -> u64 {
        let rtp = RTP_HEADER_BYTES + self.options.extensions.bytes();
        u64::from(rtp) + u64::from(self.options.overhead)
    }
    /// The largest packet there can be.
    fn packet_max(&self) -> u64 {
        u64::from(self.options.mtu) + u64::from(self.options.overhead)
    }
    fn pace(&self) -> (BitRate, u64) {
        if let Some(active) = &self.probe {
            return (active.probe.rate, self.packet_max());
        }
        let rate = self.control.pacing_rate();
        (rate, rate.bytes_in(self.options.burst).max(self.packet_max()))
    }
    fn fill(&mut self, now: SimTime) {
        let (rate, capacity) = self.pace();
        self.bucket.fill(now, rate, capacity);
    }
    fn pacer_due(&self) -> Option<SimTime> {
        if !self.connection.is_live() {
            return None;
        }
        let (rate, capacity) = self.pace();
        let waiting = self.waiting_bytes();
        let wanted = match (&self.probe, waiting) {
            (Some(_), 0) => u64::from(u8::MAX) + self.headers(),
            (None, 0) => return None,
            (_, waiting) => waiting.min(capacity),
        };
        Some(self.bucket.ready_at(wanted, rate))
    }

    fn may_probe(&self) -> bool {
        self.probe.is_none()
            && self.connection.is_live()
            && !self.paused
            && self.stats.frames_offered > 0
    }
    fn start_probe(&mut self, now: SimTime) {
        if self.may_probe()
            && self.control.next_due().is_some_and(|due| due <= now)
            && let Some(probe) = self.control.poll(now)
        {
            self.bucket.empty();
            self.probe = Some(ActiveProbe { probe, bytes: 0, packets: 0 });
        }
    }

    /// The next packet that may leave now: sound, then repeats, pictures, parity, and padding for a probe.
    fn next_packet(&mut self, now: SimTime) -> Option<Packet> {
        if !self.connection.is_live() {
            return None;
        }
        self.start_probe(now);
        let packet = self
            .next_audio_packet()
            .or_else(|| self.next_repeat(now))
            .or_else(|| self.next_video())
            .or_else(|| self.next_parity_packet())
            .or_else(|| self.next_padding())?;
        let bytes = packet.wire_len() + u32::from(self.options.overhead);
        if !self.bucket.take(u64::from(bytes)) {
            return None;
        }
        self.count(&packet, u64::from(bytes));
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
        if !matches!(packet, Packet::Padding(_)) {
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

fn form(options: &SenderOptions) -> Form {
    let before = RTP_HEADER_BYTES + options.extensions.bytes();
    let repeat = if options.resend.is_some() { Rtx::ORIGINAL_BYTES } else { 0 };
    let parity = options
        .fec
        .map_or(0, |_| RTP_HEADER_BYTES + Fec::HEADERS_BYTES + options.extensions.bytes());
    // Parity is as long as what it protects after the fixed header, and has headers of its own.
    let parity = parity.saturating_sub(RTP_HEADER_BYTES);
    let room = u32::from(options.mtu).saturating_sub(before + repeat.max(parity)).max(8);
    Form {
        cut: Cut { codec: options.codec, room },
        ssrc: options.sources.video,
        extensions: options.extensions,
        overhead: u32::from(options.overhead),
    }
}

/// Units of 1/65536 s, rounded down.
pub(super) fn units(span: SimDuration) -> u32 {
    let units = i128::from(span.as_nanos().max(0)) * 65_536 / 1_000_000_000;
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The instant in ticks of 90 kHz.
fn media_ticks(now: SimTime) -> u64 {
    let ticks = i128::from(now.as_nanos()) * 9 / 100_000;
    u64::try_from(ticks).unwrap_or_default()
}
