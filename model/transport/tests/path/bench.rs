//! A path of one bottleneck each way, a camera and a screen: the smallest world in which both ends can be seen.

use koosim_time::{SimDuration, SimTime};
use koosim_transport::BitRate;
use koosim_transport::Ecn;
use koosim_transport::endpoint::{
    AudioFrame, ConnectionOptions, Frame, Picture, Receiver, ReceiverInput, ReceiverOptions,
    ReceiverOutput, Sender, SenderInput, SenderOptions, SenderOutput,
};
use koosim_transport::packet::{Packet, Sources, UDP_IPV4_BYTES};
use std::collections::BTreeMap;

pub(crate) const SOURCES: Sources =
    Sources { video: 1, audio: 2, repair: 3, parity: 4, receiver: 5 };
/// A client that may come back within half a minute.
pub(crate) const CONNECTION: ConnectionOptions =
    ConnectionOptions::back_within(SimDuration::from_secs(30));

pub(crate) fn at_ms(ms: i64) -> SimTime {
    SimTime::from_nanos(START_NS + ms * 1_000_000)
}

/// Some day in 2024, so that no instant is small.
const START_NS: i64 = 1_710_000_000_000_000_000;

/// One direction: a queue that is bounded by time, then a delay.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Rates in bit/s by ms of their start.
    pub(crate) rates: Vec<(i64, i64)>,
    pub(crate) delay: SimDuration,
    pub(crate) queue: SimDuration,
    /// Packets lost of 1000, from this ms on.
    pub(crate) loss: u64,
    pub(crate) loss_from: i64,
    /// Packets that wait longer are marked.
    pub(crate) mark: SimDuration,
    /// Nothing passes between these ms.
    pub(crate) outage: (i64, i64),
    pub(crate) dropped: u64,
    /// Delay varies by three even draws of this many ms; packets stay in order.
    pub(crate) jitter_ms: i64,
    last: SimTime,
    free: SimTime,
    draws: u64,
}

impl Link {
    pub(crate) fn new(bps: i64, delay_ms: i64) -> Self {
        Self {
            rates: vec![(0, bps)],
            delay: SimDuration::from_millis(delay_ms),
            queue: SimDuration::from_millis(300),
            loss: 0,
            loss_from: 0,
            mark: SimDuration::from_secs(9),
            outage: (0, 0),
            dropped: 0,
            jitter_ms: 0,
            last: at_ms(0),
            free: at_ms(0),
            draws: 0x9E37_79B9_7F4A_7C15,
        }
    }
    /// When a packet arrives and how long it waited, or nothing if it is dropped.
    fn pass(&mut self, now: SimTime, bytes: u32) -> Option<(SimTime, SimDuration)> {
        let draw = self.draw();
        let wait = self.free.max(now) - now;
        let lost = if now < at_ms(self.loss_from) { 0 } else { self.loss };
        let out = (at_ms(self.outage.0)..at_ms(self.outage.1)).contains(&now);
        if out || draw % 1000 < lost || wait > self.queue {
            self.dropped += 1;
            return None;
        }
        let rate = self.rates.iter().rev().find(|(ms, _)| at_ms(*ms) <= now).unwrap().1;
        self.free = now + wait + SimDuration::from_nanos(i64::from(bytes) * 8_000_000_000 / rate);
        let jitter: i64 = (0..3).map(|_| (self.draw() % 1000).cast_signed()).sum();
        let jitter = SimDuration::from_nanos(jitter * self.jitter_ms * 1000);
        self.last = self.last.max((self.free + self.delay) + jitter);
        Some((self.last, wait))
    }
    fn draw(&mut self) -> u64 {
        self.draws ^= self.draws << 13;
        self.draws ^= self.draws >> 7;
        self.draws ^= self.draws << 17;
        self.draws
    }
}

/// What is on its way or will happen.
#[derive(Clone, Debug)]
enum Event {
    ToReceiver(Packet, Ecn),
    ToSender(Packet),
    Capture,
    Sound,
    Do(Action),
}

/// What a test does at an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Pause,
    Resume,
    ReceiverNetworkChanged,
    RateMax(BitRate),
}

/// What was seen, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Each packet of a stream that left, with the instant and bytes with UDP and IP.
    pub(crate) left: Vec<(SimTime, u32)>,
    /// How long each packet that arrived had waited in the queue.
    pub(crate) waits: Vec<(SimTime, SimDuration)>,
    pub(crate) pictures: Vec<(SimTime, Picture)>,
    pub(crate) captured: BTreeMap<u32, SimTime>,
    pub(crate) keys: Vec<SimTime>,
    pub(crate) targets: Vec<(SimTime, BitRate)>,
    pub(crate) sounds: usize,
    pub(crate) log: Vec<(SimTime, String)>,
}

pub(crate) struct World {
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
    pub(crate) forward: Link,
    pub(crate) back: Link,
    pub(crate) seen: Seen,
    pub(crate) fps: i64,
    /// Most that the encoder makes, in bit/s.
    pub(crate) encoder_max: u64,
    events: BTreeMap<(SimTime, u64), Event>,
    count: u64,
    now: SimTime,
    idle_steps: u32,
    next_frame: u32,
    key: bool,
    target: u64,
}

impl World {
    pub(crate) fn new(
        sender: SenderOptions,
        receiver: ReceiverOptions,
        forward: Link,
        back: Link,
    ) -> Self {
        let mut world = Self {
            sender: Sender::new(at_ms(0), sender),
            receiver: Receiver::new(at_ms(0), receiver),
            forward,
            back,
            seen: Seen::default(),
            fps: 30,
            encoder_max: u64::MAX,
            events: BTreeMap::new(),
            count: 0,
            now: at_ms(0),
            idle_steps: 0,
            next_frame: 0,
            key: false,
            target: 0,
        };
        world.drain(at_ms(0));
        world.put(at_ms(0), Event::Capture);
        world
    }
    fn put(&mut self, at: SimTime, event: Event) {
        self.count += 1;
        self.events.insert((at, self.count), event);
    }
    pub(crate) fn at(&mut self, ms: i64, action: Action) {
        self.put(at_ms(ms), Event::Do(action));
    }

    /// Sound of 64 kbit/s from now on.
    pub(crate) fn speak(&mut self) {
        self.put(self.now, Event::Sound);
    }

    /// Every picture that was offered and every packet that came is accounted for.
    pub(crate) fn assert_conserved(&self) {
        let sent = self.sender.stats();
        let done = sent.frames_refused + sent.frames_dropped + sent.frames_sent;
        assert_eq!(sent.frames_offered, done + self.sender.waiting_frames(), "{sent:?}");
        // Sound that waits is the rest.
        assert!(sent.audio_offered - sent.audio_dropped - sent.audio.0 <= 32, "{sent:?}");
        let came = self.receiver.stats();
        let all = came.video + came.repeats + came.from_parity;
        let done = came.shown + came.copies + came.late + came.passed_over + came.held;
        assert_eq!(all, done, "{came:?}");
        assert!(came.pictures + came.given_up + came.left <= came.complete, "{came:?}");
        assert_eq!(came.given_up, 0, "no decoder was ever full");
        let shown: u64 = self.seen.pictures.iter().map(|(_, p)| u64::from(p.packets)).sum();
        assert_eq!(shown, came.shown);
        let left = [sent.video, sent.audio, sent.repair, sent.parity, sent.padding];
        let bytes: u64 = self.seen.left.iter().map(|packet| u64::from(packet.1)).sum();
        assert_eq!(left.iter().map(|counted| counted.1).sum::<u64>(), bytes);
        assert_eq!(
            left.iter().map(|counted| counted.0).sum::<u64>(),
            u64::try_from(self.seen.left.len()).unwrap()
        );
    }

    /// Pictures are shown in order, when they are complete, and after all that they need.
    pub(crate) fn assert_shown_in_order(&self) {
        let mut last: Option<u32> = None;
        for (at, picture) in &self.seen.pictures {
            assert!(*at >= picture.complete_at && picture.complete_at >= picture.first_at);
            assert!(last.is_none_or(|last| last < picture.id), "{picture:?}");
            assert!(picture.back == 0 || last == Some(picture.id - u32::from(picture.back)));
            last = Some(picture.id);
        }
    }

    pub(crate) fn run(&mut self, until_ms: i64) {
        loop {
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let dues = [event, self.sender.next_due(), self.receiver.next_due()];
            let Some(now) = dues.into_iter().flatten().min().filter(|at| *at <= at_ms(until_ms))
            else {
                return;
            };
            // What is due in the past is due now.
            let now = now.max(self.now);
            self.idle_steps =
                if now > self.now || event == Some(now) { 0 } else { self.idle_steps + 1 };
            assert!(
                self.idle_steps < 10,
                "what is due is done: {:?}",
                dues.map(|due| due <= Some(now))
            );
            self.now = now;
            if event == Some(now)
                && let Some((_, event)) = self.events.pop_first()
            {
                self.happen(now, event);
            }
            self.drain(now);
        }
    }

    fn happen(&mut self, now: SimTime, event: Event) {
        match event {
            Event::ToReceiver(packet, ecn) => {
                self.receiver.handle(now, ReceiverInput::Packet(&packet, ecn));
            }
            Event::ToSender(packet) => {
                self.sender.handle(now, SenderInput::Packet(&packet));
                self.receiver.recycle(packet);
            }
            Event::Capture => self.capture(now),
            Event::Sound => {
                self.put(now + SimDuration::from_millis(20), Event::Sound);
                let audio = AudioFrame { bytes: 160, timestamp: 0 };
                self.sender.handle(now, SenderInput::Audio(audio));
            }
            Event::Do(Action::Pause) => self.sender.handle(now, SenderInput::Pause),
            Event::Do(Action::Resume) => self.sender.handle(now, SenderInput::Resume),
            Event::Do(Action::ReceiverNetworkChanged) => {
                self.receiver.handle(now, ReceiverInput::NetworkChanged);
            }
            Event::Do(Action::RateMax(rate)) => {
                self.receiver.handle(now, ReceiverInput::RateMax(rate));
            }
        }
    }

    /// A picture of the size that the target asks for; one in front of which too much waits is skipped.
    fn capture(&mut self, now: SimTime) {
        let gap = SimDuration::from_nanos(1_000_000_000 / self.fps);
        self.put(now + gap, Event::Capture);
        if self.sender.backlog() > SimDuration::from_millis(100) {
            return;
        }
        let id = self.next_frame;
        self.next_frame += 1;
        let key = std::mem::take(&mut self.key);
        let mean = self.target.min(self.encoder_max) / 8 / self.fps.cast_unsigned();
        let bytes = u32::try_from(if key { 3 * mean } else { mean }).unwrap();
        let ticks = (now - at_ms(0)).as_nanos() * 9 / 100_000;
        let timestamp = u32::try_from((ticks + 4_294_000_000) % (1 << 32)).unwrap();
        let frame = Frame { id, bytes, heads: [0; 3], back: u8::from(!key), timestamp };
        self.seen.captured.insert(id, now);
        self.sender.handle(now, SenderInput::Frame(frame));
    }

    fn drain(&mut self, now: SimTime) {
        while let Some(output) = self.sender.poll(now) {
            match output {
                SenderOutput::Send(packet) => {
                    let bytes = packet.wire_len() + UDP_IPV4_BYTES;
                    if packet.stream().is_some() {
                        self.seen.left.push((now, bytes));
                    }
                    if let Some((at, wait)) = self.forward.pass(now, bytes) {
                        self.seen.waits.push((at, wait));
                        let marked = wait > self.forward.mark;
                        let ecn = if marked { Ecn::Congested } else { Ecn::Capable0 };
                        self.put(at, Event::ToReceiver(packet, ecn));
                    }
                }
                SenderOutput::TargetRate { video, total } => {
                    self.target = video.bps();
                    self.seen.targets.push((now, total));
                }
                SenderOutput::KeyFrameWanted => {
                    self.key = true;
                    self.seen.keys.push(now);
                }
                other => self.note(now, &other),
            }
        }
        while let Some(output) = self.receiver.poll(now) {
            match output {
                ReceiverOutput::Send(packet) => {
                    let bytes = packet.wire_len() + UDP_IPV4_BYTES;
                    if let Some((at, _)) = self.back.pass(now, bytes) {
                        self.put(at, Event::ToSender(packet));
                    }
                }
                ReceiverOutput::Picture(picture) => self.seen.pictures.push((now, picture)),
                ReceiverOutput::Sound(_) => self.seen.sounds += 1,
                other => self.note(now, &other),
            }
        }
    }
    fn note(&mut self, now: SimTime, what: &impl std::fmt::Debug) {
        self.seen.log.push((now, format!("{what:?}")));
    }
}
