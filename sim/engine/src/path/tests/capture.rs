//! Captures, read back block by block.

use super::{TAPS, links, ms};
use crate::net::cross::{Cbr, Congestion};
use crate::net::{Ecn, Limit, LinkSpec, Rate, Ratio};
use crate::path::capture::{CONTROL_PORT, Capture, RTCP_PORT, RTP_PORT};
use crate::path::{
    CrossSpec, FlowIndex, FlowSpec, Host, HostPacket, Load, Passage, PathError, Paths, Tap,
};
use crate::streams::Streams;
use koosim_media::content::Content;
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::control;
use koosim_transport::wire::{Opus, Read as _, Rtp, rtcp};
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A file that is read while it is written; it takes so many bytes and no more.
struct File {
    to: Sender<Vec<u8>>,
    room: usize,
}

impl File {
    fn of(room: usize) -> (Self, Receiver<Vec<u8>>) {
        let (to, from) = channel();
        (Self { to, room }, from)
    }
}

impl io::Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(room) = self.room.checked_sub(bytes.len()) else {
            return Err(io::Error::other("the disk is full"));
        };
        self.room = room;
        self.to.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A packet of a capture.
struct Seen {
    interface: usize,
    at: u64,
    sent: bool,
    bytes: Vec<u8>,
}

impl Seen {
    /// The port that a datagram goes to; nothing if it is none.
    fn port(&self) -> Option<u16> {
        (self.bytes[9] == 17).then(|| u16::from_be_bytes([self.bytes[22], self.bytes[23]]))
    }
    fn payload(&self) -> &[u8] {
        &self.bytes[28..]
    }
}

fn word(bytes: &[u8], place: usize) -> u32 {
    u32::from_le_bytes(bytes[place..place + 4].try_into().unwrap())
}

/// Names of interfaces and packets. Blocks follow each other, and each says its length at both ends.
fn read(mut file: &[u8]) -> (Vec<String>, Vec<Seen>) {
    let (mut names, mut packets) = (Vec::new(), Vec::new());
    assert_eq!((word(file, 0), word(file, 8)), (0x0a0d_0d0a, 0x1a2b_3c4d));
    while !file.is_empty() {
        let len = usize::try_from(word(file, 4)).unwrap();
        let (block, rest) = file.split_at(len);
        assert_eq!((len % 4, word(block, len - 4)), (0, word(block, 4)));
        match word(block, 0) {
            1 => {
                assert_eq!(word(block, 8), 101);
                let len = usize::from(u16::from_le_bytes([block[18], block[19]]));
                names.push(String::from_utf8(block[20..20 + len].to_vec()).unwrap());
                let address = 20 + len.next_multiple_of(4);
                assert_eq!(block[address..address + 4], [4, 0, 8, 0]);
                assert_eq!(block[address + 12..address + 20], [9, 0, 1, 0, 9, 0, 0, 0]);
            }
            6 => {
                let (at, len) = ((word(block, 12), word(block, 16)), word(block, 20));
                assert_eq!(len, word(block, 24));
                let len = usize::try_from(len).unwrap();
                let flags = word(block, 32 + len.next_multiple_of(4));
                packets.push(Seen {
                    interface: usize::try_from(word(block, 8)).unwrap(),
                    at: u64::from(at.0) << 32 | u64::from(at.1),
                    sent: flags == 2,
                    bytes: block[28..28 + len].to_vec(),
                });
            }
            kind => assert_eq!(kind, 0x0a0d_0d0a),
        }
        file = rest;
    }
    (names, packets)
}

/// Two viewers of one phone over a link that loses and repeats packets, with taps, beside constant traffic and a
/// transfer, for ten seconds.
fn run(file: Option<File>) -> (Paths, Result<(), PathError>) {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(5));
    if let Some(file) = file {
        paths.listen(Box::new(Capture::new(file).unwrap()));
    }
    let lossy = LinkSpec::from_millis(20)
        .rate(Rate::kilobits(20_000), Limit::Delay(ms(300)))
        .loss(Ratio::percent(2))
        .duplication(Ratio::percent(1));
    let (near, far) = (links(&mut paths, lossy.clone()), links(&mut paths, lossy));
    let sound = Some(Rate::kilobits(32));
    let spec = FlowSpec { taps: Some(TAPS), sound, ..super::showing(Content::Game) };
    let ended = (|| {
        paths.start("p1", spec, vec![near.clone(), far])?;
        let end = SimTime::EPOCH + SimDuration::from_secs(9);
        let cbr = Cbr::new(Rate::kilobits(1_000), 1_200, SimTime::EPOCH, end);
        paths.add_cross("c", CrossSpec::Steady(cbr), near.clone())?;
        paths.add_cross("t", CrossSpec::Endless(Congestion::reno()), near)?;
        paths.run_through(SimTime::EPOCH + SimDuration::from_secs(10))?;
        paths.unlisten()
    })();
    (paths, ended)
}

fn captured() -> (Paths, Vec<u8>) {
    let (file, written) = File::of(usize::MAX);
    let (paths, ended) = run(Some(file));
    ended.unwrap();
    (paths, written.try_iter().flatten().collect())
}

#[test]
fn every_packet_of_every_host_is_there_with_its_bytes() {
    let (paths, file) = captured();
    let (names, packets) = read(&file);
    let expect = [
        "phone p1",
        "viewer 0 of p1",
        "viewer 1 of p1",
        "source 0",
        "sink 0",
        "source 1",
        "sink 1",
    ];
    let mut sorted = names.clone();
    sorted.sort();
    let mut expect = expect.to_vec();
    expect.sort_unstable();
    assert_eq!(sorted, expect);
    assert!(packets.is_sorted_by_key(|packet| packet.at));
    // As many, and as long, as the links say that they took and brought.
    let books = |tally: fn(&crate::net::Counters) -> crate::net::Tally| {
        paths.links().fold((0, 0), |(count, bytes), link| {
            let tally = tally(link.counters());
            (count + tally.packets, bytes + tally.bytes)
        })
    };
    let counted = |sent: bool| {
        let some = packets.iter().filter(|packet| packet.sent == sent);
        some.fold((0, 0), |(count, bytes), packet| {
            (count + 1, bytes + u64::try_from(packet.bytes.len()).unwrap())
        })
    };
    assert_eq!(counted(true), books(|counters| counters.offered));
    assert_eq!(counted(false), books(|counters| counters.delivered));
    assert!(counted(true).0 > counted(false).0 && counted(false).0 > 10_000);
}

#[test]
fn payloads_are_what_their_ports_say_and_arrive_as_they_were_sent() {
    let (paths, file) = captured();
    let (names, packets) = read(&file);
    let mut ports: BTreeMap<Option<u16>, u32> = BTreeMap::new();
    let mut pictures: BTreeMap<usize, u64> = BTreeMap::new();
    let mut sounds: BTreeMap<usize, u64> = BTreeMap::new();
    let mut sent = std::collections::BTreeSet::new();
    for packet in &packets {
        let port = packet.port();
        *ports.entry(port).or_default() += 1;
        if packet.sent {
            sent.insert(&packet.bytes);
        } else {
            assert!(sent.contains(&packet.bytes), "{:x?}", packet.bytes);
        }
        match port {
            Some(RTP_PORT) => {
                let rtp = Rtp::parse_strictly(packet.payload()).unwrap().0;
                let counts = u64::from(rtp.payload_type == koosim_transport::bytes::VIDEO);
                if rtp.payload_type == koosim_transport::bytes::AUDIO {
                    let opus = Opus::parse_strictly(rtp.payload).unwrap().0;
                    assert_eq!((opus.ticks(), rtp.payload.len()), (960, 80));
                    *sounds.entry(packet.interface).or_default() += 1;
                }
                *pictures.entry(packet.interface).or_default() += counts;
            }
            Some(RTCP_PORT) => assert!(rtcp::Packet::parse_strictly(packet.payload()).is_ok()),
            Some(CONTROL_PORT) => assert!(control::Packet::parse(packet.payload()).is_ok()),
            _ => {}
        }
    }
    let all = [Some(RTP_PORT), Some(RTCP_PORT), Some(CONTROL_PORT), Some(9), None];
    assert!(all.iter().all(|port| ports.contains_key(port)), "{ports:?}");
    let ends = |viewer| paths.ends(FlowIndex(0), viewer).unwrap();
    let place = |name: &str| names.iter().position(|other| other == name).unwrap();
    let at = |name: &str| (pictures[&place(name)], sounds[&place(name)]);
    let sent = (ends(0).0, ends(1).0);
    let both = (sent.0.video.0 + sent.1.video.0, sent.0.audio.0 + sent.1.audio.0);
    assert_eq!(at("phone p1"), both);
    for viewer in 0..2 {
        let came = ends(viewer).1;
        assert_eq!(at(&format!("viewer {viewer} of p1")), (came.video, came.audio));
    }
}

#[test]
fn a_capture_is_the_same_each_time_and_changes_nothing() {
    let ((watched, first), (_, again), (plain, ended)) = (captured(), captured(), run(None));
    ended.unwrap();
    assert!(first == again);
    let seen = |paths: &Paths| {
        (0..2).map(|n| paths.measured(FlowIndex(0), n).cloned()).collect::<Vec<_>>()
    };
    assert_eq!(format!("{:?}", seen(&watched)), format!("{:?}", seen(&plain)));
    // What is tried on a copy is not seen.
    let (file, written) = File::of(usize::MAX);
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(5));
    paths.listen(Box::new(Capture::new(file).unwrap()));
    let route = links(&mut paths, LinkSpec::from_millis(1));
    let mut copy = paths.clone();
    let before = written.try_iter().count();
    copy.start("p1", super::showing(Content::Game), vec![route]).unwrap();
    copy.run_through(SimTime::EPOCH + SimDuration::from_secs(1)).unwrap();
    assert_eq!((before, written.try_iter().count()), (1, 0));
}

#[test]
fn what_cannot_be_written_ends_the_run() {
    let (file, _written) = File::of(100_000);
    let (paths, ended) = run(Some(file));
    assert_eq!(ended, Err(PathError::Untold("the disk is full".into())));
    assert!(paths.now() < SimTime::EPOCH + SimDuration::from_secs(1));
    let (file, _written) = File::of(10);
    assert!(Capture::new(file).is_err());
}

/// Marks are as they were received; a host whose packet was sent before anyone listened is not seen.
#[test]
fn marks_are_those_of_the_host() {
    let (file, written) = File::of(usize::MAX);
    let mut capture = Capture::new(file).unwrap();
    let ack = control::Packet::Ack(control::Ack { next: 1, beyond: 2 });
    let (host, peer) = (Host::Phone(0), Host::Viewer { number: 0, place: 0, flow: 0 });
    let load = Load::Control(ack);
    let sent = HostPacket {
        at: SimTime::EPOCH,
        host,
        peer,
        passage: Passage::Sent,
        token: 3,
        ecn: Ecn::Capable1,
        bytes: 42,
        load: &load,
        piece: None,
        viewer: None,
    };
    let received = HostPacket {
        host: peer,
        peer: host,
        passage: Passage::Received,
        ecn: Ecn::Congested,
        ..sent
    };
    for sight in [
        HostPacket { token: 9, ..received },
        sent,
        received,
        HostPacket { ecn: Ecn::Capable1, ..received },
    ] {
        capture.sees(&sight).unwrap();
    }
    capture.ends().unwrap();
    let file: Vec<u8> = written.try_iter().flatten().collect();
    let (names, packets) = read(&file);
    assert_eq!(names, ["phone 0", "viewer 0 of 0"]);
    assert_eq!(packets.iter().map(|packet| packet.bytes[1]).collect::<Vec<_>>(), [1, 3, 1]);
    assert!(packets.iter().all(|packet| packet.bytes.len() == 42));
}
