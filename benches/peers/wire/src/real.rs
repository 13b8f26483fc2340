//! Real H.264 from end to end: pictures that openh264 encodes go through a run with losses, and GStreamer takes
//! the pictures apart and decodes them out of what the run's capture says that the viewer received. It has to find
//! the access units that the receiver here gave out to be decoded, byte for byte, and nothing else; and the pictures
//! that FFmpeg's decoder makes of them have to be those of openh264's.
//!
//! tshark reads the capture. Repeats are put back into their stream here, and what came after its picture was
//! over is left out: how long to wait is a receiver's own choice, and the tool has no clock.

use crate::tshark::{RTP_PORT, capture as pcap};
use koosim_engine::net::{Limit, LinkSpec, Rate, Ratio};
use koosim_engine::path::capture::Capture;
use koosim_engine::path::{FlowIndex, FlowSpec, Host, HostPacket, Paths, Route, Tap};
use koosim_engine::streams::Streams;
use koosim_media::content::Content;
use koosim_media::encoded::{Encoded, EncodedTrace};
use koosim_media::encoder::{NalSizes, Video};
use koosim_media::rate::BitRate;
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition};
use koosim_peers_codec::{
    self as codec, EncodedPicture, HEIGHT, LiveDecoder, Settings, WIDTH, digest, sha256,
};
use koosim_time::{SimDuration, SimTime};
use koosim_transport::bytes::{Filler, Payloads, REPAIR, Unit, VIDEO};
use koosim_transport::congestion::ControlOptions;
use koosim_transport::endpoint::{Picture, ReceiverStats};
use koosim_transport::sequence::Unwrapper;
use koosim_transport::wire::{MediaStream, Read as _, Rtp, Write as _, restore};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

/// Pictures a second, and from key frame to key frame.
const RATE: u32 = 60;
/// Source of the pictures of the first viewer.
const SOURCE: u32 = 1;
/// What the link can carry. The pictures have half of it: frames that are there already follow no target.
const KILOBITS: u32 = 16_000;
/// A run has to have pictures before and behind the cut.
const SECONDS_LEAST: u64 = 4;
/// How long the link is cut, in the middle of the run: longer than repeats can make up for.
const CUT: SimDuration = SimDuration::from_millis(700);

type Failure = Box<dyn Error>;

/// A failure of the encoder or decoder as one of ours.
fn plain(failure: codec::Failure) -> Failure {
    failure
}

/// The bytes of real pictures.
struct Real(Arc<Vec<EncodedPicture>>);

/// The picture that is sent as the frame of this number.
fn nth(pictures: &[EncodedPicture], frame: u32) -> &EncodedPicture {
    &pictures[frame as usize % pictures.len()]
}

impl Payloads for Real {
    fn picture(&mut self, unit: &Unit, offset: u32, out: &mut [u8]) {
        let nal = &nth(&self.0, unit.frame.id).nals[unit.number as usize];
        assert_eq!(nal.len(), unit.bytes as usize, "unit {} of {:?}", unit.number, unit.frame);
        out.copy_from_slice(&nal[offset as usize..][..out.len()]);
    }
    fn sound(&mut self, timestamp: u32, out: &mut [u8]) {
        Filler.sound(timestamp, out);
    }
}

/// A picture that came out of the jitter buffer: when, and which.
type Taken = (SimTime, Picture);

/// A capture that also tells which pictures were taken.
struct Watched {
    capture: Capture<BufWriter<File>>,
    taken: Sender<Taken>,
}

impl Tap for Watched {
    fn begins(&mut self, flow: FlowIndex, name: &str) -> io::Result<()> {
        self.capture.begins(flow, name)
    }
    fn sees(&mut self, sight: &HostPacket<'_>) -> io::Result<()> {
        self.capture.sees(sight)
    }
    fn plays(&mut self, at: SimTime, _viewer: Host, picture: &Picture) -> io::Result<()> {
        self.taken.send((at, *picture)).map_err(io::Error::other)
    }
    fn ends(&mut self) -> io::Result<()> {
        self.capture.ends()
    }
}

/// What the receiver of a run did.
struct Run {
    taken: Vec<Taken>,
    stats: ReceiverStats,
}

fn spec(pictures: &[EncodedPicture]) -> Result<FlowSpec, Failure> {
    let frame = |picture: &EncodedPicture| {
        let units: Vec<usize> = picture.nals.iter().map(Vec::len).collect();
        let nals = NalSizes::of(&units).ok_or_else(|| format!("units of {units:?} bytes"))?;
        Ok::<_, Failure>(Encoded { nals, key: picture.key })
    };
    let frames = pictures.iter().map(frame).collect::<Result<_, _>>()?;
    let target = BitRate::from_kbps(Settings::default().bit_rate / 1_000);
    let frame_rate = FrameRate::new(RATE).ok_or("a rate")?;
    let video = Video { definition: Definition::P720, codec: Codec::H264, frame_rate, target };
    let spec = crate::capture::spec(Content::Game, video)?;
    let rate = koosim_transport::BitRate::from_kbps(u64::from(KILOBITS) * 3 / 4);
    Ok(FlowSpec {
        carries: Some(Arc::new(EncodedTrace::new(frames)?)),
        control: ControlOptions::Fixed(rate),
        ..spec
    })
}

/// One viewer over links that lose 5 of 100 packets and are cut once.
fn run(
    file: &Path,
    pictures: &Arc<Vec<EncodedPicture>>,
    seconds: i64,
    seed: u64,
) -> Result<Run, Failure> {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(seed));
    let (taken, told) = channel();
    let to = BufWriter::new(File::create(file)?);
    let capture = Capture::with_payloads(to, Box::new(Real(Arc::clone(pictures))))?;
    paths.listen(Box::new(Watched { capture, taken }));
    let queue = Limit::Delay(SimDuration::from_millis(300));
    let down = LinkSpec::from_millis(25).rate(Rate::kilobits(KILOBITS), queue);
    let down = paths.add_link("down", down.loss(Ratio::percent(5)));
    let up = paths.add_link("up", LinkSpec::from_millis(25).loss(Ratio::percent(5)));
    let route = Route { down: vec![down], up: vec![up] };
    let flow = paths.start("p1", spec(pictures)?, vec![route])?;
    let cut = SimTime::EPOCH + SimDuration::from_millis(500 * seconds);
    let end = SimTime::EPOCH + SimDuration::from_secs(seconds);
    paths.run_through(cut)?;
    paths.cut_link(down, true)?;
    paths.run_through(cut + CUT)?;
    paths.cut_link(down, false)?;
    paths.run_through(end)?;
    // Nothing new, and whatever is on its way or is asked for arrives.
    paths.pause(flow, true)?;
    paths.run_through(end + SimDuration::from_secs(2))?;
    paths.unlisten()?;
    let (_, stats) = paths.ends(flow, 0).ok_or("no viewer")?;
    Ok(Run { taken: told.try_iter().collect(), stats })
}

/// RTP as the viewer received it, according to tshark: when, and its bytes.
fn received(file: &Path) -> Result<Vec<(SimTime, Vec<u8>)>, Failure> {
    let filter = format!("frame.interface_name == \"viewer 0 of p1\" && udp.dstport == {RTP_PORT}");
    let told = Command::new("tshark")
        .args(["-n", "-r"])
        .arg(file)
        .args(["-Y", &filter, "-T", "fields", "-e", "frame.time_epoch", "-e", "udp.payload"])
        .output()?;
    if !told.status.success() {
        return Err(String::from_utf8_lossy(&told.stderr).into_owned().into());
    }
    let packet = |line: &str| {
        let (at, hex) = line.split_once('\t')?;
        let (seconds, nanos) = at.split_once('.')?;
        let nanos: i64 = format!("{nanos:0<9}").parse().ok()?;
        let at = seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)?;
        let digits = (0..hex.len()).step_by(2);
        let bytes = digits.map(|n| u8::from_str_radix(hex.get(n..n + 2)?, 16).ok());
        Some((SimTime::from_nanos(at), bytes.collect::<Option<Vec<u8>>>()?))
    };
    let told = String::from_utf8(told.stdout)?;
    told.lines().map(|line| packet(line).ok_or_else(|| line.to_owned().into())).collect()
}

/// The stream of pictures as the packets make it: in order, each once, repeats where they belong.
struct Stream {
    packets: Vec<Vec<u8>>,
    repaired: u64,
    late: u64,
}

fn put_together(received: &[(SimTime, Vec<u8>)], taken: &[Taken]) -> Result<Stream, Failure> {
    let original = MediaStream { ssrc: SOURCE, payload_type: VIDEO };
    let (mut packets, mut numbers) = (BTreeMap::new(), Unwrapper::<16>::NEW);
    let (mut repaired, mut late) = (0, 0);
    let mut taken = taken.iter().peekable();
    let mut over = None;
    for (at, bytes) in received {
        while let Some((_, picture)) = taken.next_if(|(when, _)| when < at) {
            over = Some(picture.timestamp);
        }
        let rtp = Rtp::parse(bytes)?;
        let repeats = rtp.payload_type == REPAIR;
        let rtp = match rtp.payload_type {
            VIDEO => rtp,
            REPAIR if !rtp.payload.is_empty() => restore(&rtp, original)?,
            _ => continue,
        };
        let number = numbers.unwrap(u64::from(rtp.sequence));
        if over.is_some_and(|over| rtp.timestamp <= over) {
            late += 1;
            continue;
        }
        let mut bytes = Vec::new();
        rtp.write(&mut bytes)?;
        repaired += u64::from(packets.insert(number, bytes).is_none() && repeats);
    }
    Ok(Stream { packets: packets.into_values().collect(), repaired, late })
}

/// GStreamer on a capture of one stream of RTP, with this behind its depacketiser and its parser, which lets
/// nothing pass before parameter sets.
fn gstreamer(file: &Path, behind: &str) -> Command {
    let pipeline = format!(
        "filesrc location={} ! pcapparse dst-port={RTP_PORT} \
         ! application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload={VIDEO},\
         ssrc=(uint){SOURCE},packetization-mode=(string)1 ! rtph264depay wait-for-keyframe=true \
         ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! {behind}",
        file.display()
    );
    let mut command = Command::new("gst-launch-1.0");
    command.arg("-q").args(pipeline.split(' ').filter(|part| !part.is_empty()));
    command
}

/// What the parser puts in front of each access unit: a delimiter (H.264 section 7.3.2.4).
const DELIMITER: [u8; 6] = [0, 0, 0, 1, 9, 0xf0];

/// The access units that GStreamer finds, without the delimiters that it puts in front of them.
fn access_units(folder: &Path, file: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let to = folder.join("%06d.unit");
    let ran = gstreamer(file, &format!("multifilesink location={}", to.display())).output()?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
    }
    let units = (0..).map(|n| folder.join(format!("{n:06}.unit"))).take_while(|unit| unit.exists());
    let unit = |file| {
        let unit = fs::read(file)?;
        Ok(unit.strip_prefix(&DELIMITER).ok_or("an access unit without a delimiter")?.to_vec())
    };
    units.map(unit).collect()
}

/// SHA-256 of the pictures that FFmpeg's decoder makes of them.
fn decoded(file: &Path) -> Result<Vec<String>, Failure> {
    let format = format!("video/x-raw,format=I420,width={WIDTH},height={HEIGHT}");
    let behind = format!("avdec_h264 ! {format} ! fdsink fd=1 sync=false");
    let mut ran = gstreamer(file, &behind).stdout(Stdio::piped()).spawn()?;
    let mut from = ran.stdout.take().ok_or("no output")?;
    let (mut all, mut picture) = (Vec::new(), Vec::new());
    loop {
        picture.clear();
        let whole = WIDTH * HEIGHT * 3 / 2;
        match from.by_ref().take(whole as u64).read_to_end(&mut picture)? {
            0 => break,
            read if read == whole => all.push(sha256([&picture])),
            read => return Err(format!("{read} bytes of a picture").into()),
        }
    }
    if ran.wait()?.success() { Ok(all) } else { Err("GStreamer could not decode".into()) }
}

/// The same by openh264's own decoder.
fn decoded_here(pictures: &[EncodedPicture]) -> Result<Vec<String>, Failure> {
    let mut decoder = LiveDecoder::new().map_err(plain)?;
    let mut all = Vec::new();
    for picture in pictures {
        all.push(sha256(
            decoder.planes(picture).map_err(plain)?.ok_or("a picture did not come out")?,
        ));
    }
    Ok(all)
}

/// Numbers that follow each other as spans.
fn spans(numbers: impl Iterator<Item = u32>) -> String {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => spans.push((number, number)),
        }
    }
    let spans = spans.iter().map(|(first, last)| format!("{first} to {last}"));
    spans.collect::<Vec<_>>().join(", ")
}

/// Prints what was sent, received and found, and ends with an error at the first difference.
pub fn agree(seconds: u64, seed: u64) -> Result<(), Failure> {
    if seconds < SECONDS_LEAST {
        return Err(format!("the run lasts {SECONDS_LEAST} seconds at least").into());
    }
    let folder = std::env::temp_dir().join(format!("koosim-real-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let agreed = agree_in(&folder, seconds.try_into()?, seed);
    fs::remove_dir_all(&folder)?;
    agreed
}

fn agree_in(folder: &Path, seconds: i64, seed: u64) -> Result<(), Failure> {
    let settings = Settings { frame_rate: RATE, key_interval: RATE, ..Settings::default() };
    let count = usize::try_from(seconds)? * RATE as usize;
    let pictures = codec::frames(codec::Content::MovingTexture, count, settings).map_err(plain)?;
    println!("{count} pictures of {WIDTH} by {HEIGHT} by openh264, SHA-256 {}", digest(&pictures));
    if !cfg!(target_arch = "x86_64") {
        println!("(the bytes are the same on every x86-64 machine, and perhaps others on this)");
    }
    let pictures = Arc::new(pictures);
    let file = folder.join("capture.pcapng");
    let Run { taken, stats } = run(&file, &pictures, seconds, seed)?;
    let ids = || taken.iter().map(|(_, picture)| picture.id);
    println!("{} pictures that the receiver gave out: {}", taken.len(), spans(ids()));

    let stream = put_together(&received(&file)?, &taken)?;
    let part = folder.join("part.pcap");
    fs::write(&part, pcap(RTP_PORT, &stream.packets))?;
    let (packets, late) = (stream.packets.len(), stream.late);
    println!(
        "{packets} packets of them in the capture, {} by repeats; {late} late",
        stream.repaired
    );
    let unbroken = taken.windows(2).all(|pair| pair[0].1.id + 1 == pair[1].1.id);
    if unbroken || stream.repaired == 0 || stats.gave_up == 0 {
        return Err("the links were too good for a proof".into());
    }

    let expect: Vec<EncodedPicture> = ids().map(|id| nth(&pictures, id).clone()).collect();
    let found = access_units(folder, &part)?;
    let same = found.iter().zip(&expect).filter(|(unit, picture)| **unit == picture.stream());
    let same = same.count();
    println!(
        "{} access units found by GStreamer, {same} the same, SHA-256 {}",
        found.len(),
        sha256(&found)
    );
    let (there, here) = (decoded(&part)?, decoded_here(&expect)?);
    let alike = there.iter().zip(&here).filter(|(there, here)| there == here).count();
    println!("{} pictures decoded by FFmpeg, {alike} the same as openh264's", there.len());
    let counts = [found.len(), same, there.len(), here.len(), alike];
    if counts.iter().any(|count| *count != expect.len()) {
        return Err(format!("{} were given out here", expect.len()).into());
    }
    Ok(())
}
