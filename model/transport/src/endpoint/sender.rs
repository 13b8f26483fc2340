use super::bucket::Bucket;
use super::connection::{Connection, ConnectionChange};
use super::frames::{Form, Frames};
use super::packetiser::{Cut, FRAME_PACKETS_MAX, Frame, Piece};
use super::parity::Parity;
use super::resend::Resend;
use super::sender_pacing::{AUDIO_MAX, ActiveProbe, PARITY_MAX};
use super::sender_types::{
    AudioFrame, FeedbackKind, Refusal, SenderInput, SenderOptions, SenderOutput, SenderStats,
};
use super::sent::SentLog;
use crate::BitRate;
use crate::congestion::{Control, Controller, Loss, PacketResult};
use crate::number::low32;
use crate::packet::{
    Check, DelaySince, Fec, Media, Packet, RTP_HEADER_BYTES, Rtx, SenderReport, ntp_time,
};
use crate::sequence::Unwrapper;
use koosim_time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// The encoder is told of changes of at least this part.
const TARGET_STEP: u64 = 64;
/// Round trip until one is measured.
const RTT_START: SimDuration = SimDuration::from_millis(100);

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
    pub(super) connection: Connection,
    pub(super) bucket: Bucket,
    /// Pace and bucket that congestion control allows, as last reckoned.
    pub(super) paced: (BitRate, u64),
    pub(super) probe: Option<ActiveProbe>,
    pub(super) audio: VecDeque<AudioFrame>,
    pub(super) parities: VecDeque<Fec>,
    pub(super) next_audio: u64,
    pub(super) next_repair: u64,
    pub(super) next_parity: u64,
    events: VecDeque<SenderOutput>,
    pub(super) paused: bool,
    last_id: Option<u32>,
    /// Timestamp of the last picture and when it was offered.
    last_media: Option<(u32, SimTime)>,
    key_needed: bool,
    key_asked_at: Option<SimTime>,
    report_due: SimTime,
    /// Payload of pictures, and everything but sound and padding, in bytes, halved with each report.
    pub(super) share: (u64, u64),
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
            paced: (BitRate::default(), 0),
            probe: None,
            audio: VecDeque::with_capacity(AUDIO_MAX),
            parities: VecDeque::with_capacity(PARITY_MAX),
            next_audio: first,
            next_repair: first,
            next_parity: first,
            events: VecDeque::with_capacity(8),
            paused: false,
            last_id: None,
            last_media: None,
            key_needed: true,
            key_asked_at: None,
            report_due: now,
            share: (0, 0),
            target: BitRate::default(),
            options,
        };
        sender.reckon_pace();
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
                self.reckon_pace();
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
                self.reckon_pace();
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
        self.paced.0.time_of(self.waiting_bytes())
    }
    /// Pictures that wait, the one that is being sent among them.
    pub const fn waiting_frames(&self) -> u64 {
        self.frames.waiting_frames()
    }
    /// What was counted.
    pub const fn stats(&self) -> &SenderStats {
        &self.stats
    }
    /// What it was told at its start.
    pub const fn options(&self) -> &SenderOptions {
        &self.options
    }
    /// Where in its picture the payload of a packet lies that was sent not long ago: as long as it may be sent
    /// once more.
    pub fn piece_of(&self, media: &Media) -> Option<Piece> {
        self.frames.piece_of(media.sequence)
    }
    /// The controller, to look at.
    pub const fn control(&self) -> &Control {
        &self.control
    }
    /// The last round trip that was measured.
    pub const fn rtt(&self) -> Option<SimDuration> {
        self.rtt
    }
    /// Where something lies apart that the next packet will be looked for in: for who wants to have that near
    /// in time, which is all that these places are good for.
    pub fn places_ahead(&self) -> [*const u8; 4] {
        let [idle, prober] = self.control.places();
        [self.frames.place(), self.sent.place(), idle, prober]
    }
    /// Bytes of memory that this session holds here.
    pub fn memory_bytes(&self) -> usize {
        let queues = AUDIO_MAX * size_of::<AudioFrame>()
            + PARITY_MAX * size_of::<Fec>()
            + self.results.capacity() * size_of::<PacketResult>()
            + self.events.capacity() * size_of::<SenderOutput>();
        size_of::<Self>() + self.frames.bytes() + self.sent.bytes() + queues + self.control.bytes()
    }

    pub(super) fn rtt_or_start(&self) -> SimDuration {
        self.rtt.unwrap_or(RTT_START)
    }

    /// What the clock of the pictures shows, counted on from the last one.
    fn media_time(&self, now: SimTime) -> u32 {
        let Some((timestamp, at)) = self.last_media else { return 0 };
        // Nanoseconds to ticks of 90 kHz.
        let ticks = i128::from((now - at).as_nanos()) * 9 / 100_000;
        timestamp.wrapping_add(low32(u64::try_from(ticks).unwrap_or_default()))
    }

    fn offer(&mut self, now: SimTime, frame: Frame) {
        self.stats.frames_offered += 1;
        self.last_media = Some((frame.timestamp, now));
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
        self.stats.audio_offered += 1;
        let fits = u32::from(audio.bytes) <= form(&self.options).cut.room;
        if !fits || !self.connection.is_live() {
            self.stats.audio_dropped += 1;
            return;
        }
        if self.audio.len() == AUDIO_MAX {
            self.stats.audio_dropped += 1;
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
        self.stats.audio_dropped += u64::try_from(self.audio.len()).unwrap_or_default();
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
        // Where sound takes all, pictures still come: as small as the encoder makes them.
        let free = total.bps().saturating_sub(self.options.sound.bps()).max(1);
        let target = BitRate::from_bps(free.saturating_mul(video) / all.max(1));
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
            timestamp: self.media_time(now),
            packets: low32(packets),
            bytes: low32(bytes - packets * u64::from(headers)),
        }))
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
