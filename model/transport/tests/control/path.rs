//! A client's sender and a phone's receiver, and the two ways between them. Everything goes over as bytes.

use koosim_time::{SimDuration, SimTime};
use koosim_transport::control::{
    Delivered, Input, Message, Output, Owned, POINTERS_MAX, Packet, Place, Receiver, SendInput,
    Sender, Settings, Stamp, Touch, TouchAction,
};
use koosim_transport::wire::{Read, Write};
use std::collections::BTreeMap;

/// Instants of a run are bounded, so that a channel that never ends is an error.
const STEPS_MAX: usize = 100_000;

pub(crate) const fn ms(ms: i64) -> SimTime {
    SimTime::from_nanos(ms * 1_000_000)
}

pub(crate) fn touch(number: u32, action: TouchAction, pointer: u64, x: i32) -> Owned {
    let place = Place { x, y: 0, width: 720, height: 1280 };
    let (pressure, action_button, buttons) = (u16::MAX, 0, 0);
    let stamp = Stamp { number, at: ms(i64::from(number)) };
    let touch = Touch { action, pointer, place, pressure, action_button, buttons };
    Message::Input(stamp, Input::Touch(touch))
}

/// What becomes of the packets of one way, by their order: when each of its copies arrives.
pub(crate) type Fate<'f> = Box<dyn FnMut(usize, SimTime) -> Vec<SimTime> + 'f>;

/// Every packet arrives once, so much later.
pub(crate) fn after<'f>(delay: SimDuration) -> Fate<'f> {
    Box::new(move |_, at| vec![at + delay])
}

/// The same, but those with these numbers are lost.
pub(crate) fn losing<'f>(delay: SimDuration, lost: &'f [usize]) -> Fate<'f> {
    Box::new(move |count, at| if lost.contains(&count) { vec![] } else { vec![at + delay] })
}

enum Event {
    Say(Owned),
    Wake,
    Forth(Vec<u8>),
    Back(Vec<u8>),
}

pub(crate) struct Path<'f> {
    pub sender: Sender,
    pub receiver: Receiver,
    pub delivered: Vec<Delivered>,
    events: BTreeMap<(SimTime, usize), Event>,
    sequence: usize,
    fates: [Fate<'f>; 2],
    packets: [usize; 2],
}

impl<'f> Path<'f> {
    pub(crate) fn new(settings: Settings, forth: Fate<'f>, back: Fate<'f>) -> Self {
        Self {
            sender: Sender::new(settings),
            receiver: Receiver::new(POINTERS_MAX),
            delivered: Vec::new(),
            events: BTreeMap::new(),
            sequence: 0,
            fates: [forth, back],
            packets: [0, 0],
        }
    }
    fn push(&mut self, at: SimTime, event: Event) {
        self.events.insert((at, self.sequence), event);
        self.sequence += 1;
    }
    pub(crate) fn say(&mut self, at: SimTime, message: Owned) {
        self.push(at, Event::Say(message));
    }
    fn send(&mut self, way: usize, now: SimTime, packet: &Packet) {
        let mut bytes = Vec::new();
        packet.write(&mut bytes).unwrap();
        assert_eq!(bytes.len(), packet.wire_len());
        let count = self.packets[way];
        self.packets[way] += 1;
        for at in self.fates[way](count, now) {
            let bytes = bytes.clone();
            self.push(at, if way == 0 { Event::Forth(bytes) } else { Event::Back(bytes) });
        }
    }

    /// Runs until nothing is due.
    pub(crate) fn run(&mut self) {
        for _ in 0..STEPS_MAX {
            let Some(((now, _), event)) = self.events.pop_first() else { return };
            match event {
                Event::Say(message) => {
                    self.sender.handle(now, SendInput::Message(message)).unwrap();
                }
                Event::Wake => {}
                Event::Forth(bytes) => match Packet::parse(&bytes).unwrap() {
                    Packet::Data(chunks) => self.receiver.handle(now, chunks),
                    Packet::Ack(ack) => panic!("{ack:?} on its way forth"),
                },
                Event::Back(bytes) => match Packet::parse(&bytes).unwrap() {
                    Packet::Ack(ack) => self.sender.handle(now, SendInput::Ack(ack)).unwrap(),
                    Packet::Data(chunks) => panic!("{chunks:?} on its way back"),
                },
            }
            while let Some(packet) = self.sender.poll(now) {
                self.send(0, now, &packet);
            }
            while let Some(output) = self.receiver.poll(now) {
                match output {
                    Output::Delivered(delivered) => self.delivered.push(delivered),
                    Output::Ack(ack) => self.send(1, now, &Packet::Ack(ack)),
                }
            }
            if let Some(due) = self.sender.next_due() {
                assert!(due > now, "drained, but due at {due}");
                self.push(due, Event::Wake);
            }
        }
        panic!("{STEPS_MAX} steps without an end");
    }

    /// Number of an input, when it was delivered, and how long it was blocked, in ms.
    pub(crate) fn times(&self) -> Vec<(u32, i64, i64)> {
        let inputs = self.delivered.iter().map(|delivered| match &delivered.message {
            Message::Input(stamp, _) => {
                let (at, blocked) = (delivered.at.as_nanos(), delivered.blocked().as_nanos());
                (stamp.number, at / 1_000_000, blocked / 1_000_000)
            }
            other => panic!("{other:?}"),
        });
        inputs.collect()
    }
}
