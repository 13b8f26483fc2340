//! A run as its hosts saw it, taken apart by tshark: nothing in it may be malformed or an error, sums included, and
//! each stream at each viewer has to have as many packets and losses as the run says.

use koosim_engine::net::cross::{Cbr, Congestion};
use koosim_engine::net::{Limit, LinkSpec, Rate, Ratio};
use koosim_engine::path::capture::{CONTROL_PORT, Capture, RTCP_PORT, RTP_PORT};
use koosim_engine::path::{CrossSpec, FlowIndex, FlowSpec, Paths, Route, Taps};
use koosim_engine::streams::Streams;
use koosim_media::content::Content;
use koosim_media::encoder::Video;
use koosim_media::rate::BitRate;
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition};
use koosim_model::rulebook::{BookRef, Profile, Rulebook};
use koosim_model::rules::{Catalogue, Rules};
use koosim_time::{SimDuration, SimTime};
use koosim_transport::bytes::VIDEO;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::process::Command;

const VIEWERS: usize = 2;
/// What tshark must not find.
const WRONG: &str = "_ws.malformed || _ws.short || _ws.expert.severity == error";

/// Packets that were sent and received of the streams of a viewer, by source.
type Said = BTreeMap<u32, (u64, u64)>;

/// A flow under the newest rules.
pub fn spec(content: Content, video: Video) -> Result<FlowSpec, Box<dyn Error>> {
    let settings = Rulebook::standard().resolve(BookRef::newest(Profile::Cn), &[]);
    let settings = settings.map_err(|errors| format!("{errors:?}"))?;
    let rules = Rules::new(settings, Catalogue::default())?;
    Ok(FlowSpec::of(rules.params(SimTime::EPOCH), content, video))
}

/// Two viewers of one phone over links that lose 3 of 100 packets, beside constant traffic and a transfer.
fn run(file: &Path, codec: Codec, seconds: i64, seed: u64) -> Result<Vec<Said>, Box<dyn Error>> {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(seed));
    paths.listen(Box::new(Capture::new(BufWriter::new(File::create(file)?))?));
    let mut routes = Vec::new();
    for viewer in 0..VIEWERS {
        let queue = Limit::Delay(SimDuration::from_millis(300));
        let down = LinkSpec::from_millis(25).rate(Rate::kilobits(12_000), queue);
        let down = paths.add_link(&format!("down {viewer}"), down.loss(Ratio::percent(3)));
        let up = LinkSpec::from_millis(25).loss(Ratio::percent(1));
        routes.push(Route {
            down: vec![down],
            up: vec![paths.add_link(&format!("up {viewer}"), up)],
        });
    }
    let beside = routes[0].clone();
    let (every, hold) = (SimDuration::from_millis(300), SimDuration::from_millis(60));
    let taps = Taps { every, hold, moves: None };
    let (definition, target) = (Definition::P720, BitRate::from_kbps(4_000));
    let video = Video { definition, codec, frame_rate: FrameRate::FPS_60, target };
    let spec = FlowSpec { taps: Some(taps), ..spec(Content::Game, video)? };
    let flow = paths.start("p1", spec, routes)?;
    let end = SimTime::EPOCH + SimDuration::from_secs(seconds);
    let cbr = Cbr::new(Rate::kilobits(1_000), 1_200, SimTime::EPOCH, end);
    paths.add_cross("constant", CrossSpec::Steady(cbr), beside.clone())?;
    paths.add_cross("transfer", CrossSpec::Endless(Congestion::cubic()), beside)?;
    paths.run_through(end)?;
    paths.unlisten()?;
    (0..VIEWERS).map(|viewer| said(&paths, flow, viewer)).collect()
}

fn said(paths: &Paths, flow: FlowIndex, viewer: usize) -> Result<Said, Box<dyn Error>> {
    let (sent, received) = paths.ends(flow, viewer).ok_or("no such viewer")?;
    let first = 5 * viewer as u32;
    // Pictures, and repeats with padding: there is neither sound nor parity in this run.
    Ok(Said::from([
        (first + 1, (sent.video.0, received.video)),
        (first + 3, (sent.repair.0 + sent.padding.0, received.repeats + received.padding)),
    ]))
}

fn tshark(file: &Path, codec: Codec, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let video = match codec {
        Codec::H264 => "h264",
        Codec::H265 => "h265",
    };
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(file);
    for decode in [
        format!("udp.port=={RTP_PORT},rtp"),
        format!("udp.port=={RTCP_PORT},rtcp"),
        // Nobody else knows the format, and to some dissectors it looks like theirs.
        format!("udp.port=={CONTROL_PORT},data"),
        format!("rtp.pt=={VIDEO},{video}"),
    ] {
        command.args(["-d", &decode]);
    }
    for layer in ["ip", "udp", "tcp"] {
        command.args(["-o", &format!("{layer}.check_checksum:TRUE")]);
    }
    let told = command.args(arguments).output()?;
    if !told.status.success() {
        return Err(String::from_utf8_lossy(&told.stderr).into_owned().into());
    }
    Ok(String::from_utf8_lossy(&told.stdout).into_owned())
}

/// Packets and losses of each source in tshark's table of streams, of those that go to one address.
fn streams(table: &str, to: &str) -> Result<BTreeMap<u32, (u64, u64)>, Box<dyn Error>> {
    let mut all = BTreeMap::new();
    for line in table.lines().filter(|line| line.contains(to)) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let source = words.iter().find_map(|word| word.strip_prefix("0x"));
        let share = words.iter().position(|word| word.starts_with('(') && word.ends_with("%)"));
        let (Some(source), Some(share)) = (source, share.filter(|share| *share > 1)) else {
            continue;
        };
        let counts = (words[share - 2].parse()?, words[share - 1].parse()?);
        all.insert(u32::from_str_radix(source, 16)?, counts);
    }
    Ok(all)
}

/// The first and the last number of a source at an interface.
fn span(file: &Path, codec: Codec, source: u32) -> Result<(u64, u64), Box<dyn Error>> {
    let filter = format!("rtp.ssrc == {source}");
    let told = tshark(file, codec, &["-Y", &filter, "-T", "fields", "-e", "rtp.seq"])?;
    let numbers = told.lines().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    numbers.first().copied().zip(numbers.last().copied()).ok_or_else(|| "an empty stream".into())
}

/// Prints a line for each stream, and ends with an error at the first difference.
pub fn agree(seconds: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("koosim-capture-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let agreed = [Codec::H264, Codec::H265]
        .into_iter()
        .try_for_each(|codec| agree_on(&folder, codec, seconds.try_into()?, seed));
    fs::remove_dir_all(&folder)?;
    agreed
}

fn agree_on(folder: &Path, codec: Codec, seconds: i64, seed: u64) -> Result<(), Box<dyn Error>> {
    let file = folder.join("capture.pcapng");
    let viewers = run(&file, codec, seconds, seed)?;
    let all = tshark(&file, codec, &["-T", "fields", "-e", "frame.number"])?.lines().count();
    let wrong = tshark(&file, codec, &["-Y", WRONG])?;
    println!("\n{codec:?}: {all} packets, {} malformed or in error\n", wrong.lines().count());
    if !wrong.is_empty() || all == 0 {
        return Err(wrong.into());
    }
    println!(
        "| viewer | source | sent | received | tshark: sent | received | lost | before and behind |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (viewer, said) in viewers.iter().enumerate() {
        let address = format!("10.128.0.{}", viewer + 1);
        let at = |name: &str| {
            let part = folder.join("part.pcapng");
            let filter = format!("frame.interface_name == \"{name}\"");
            let to = part.to_str().ok_or("a folder with another name")?;
            tshark(&file, codec, &["-Y", &filter, "-w", to])?;
            let table = tshark(&part, codec, &["-q", "-z", "rtp,streams"])?;
            Ok::<_, Box<dyn Error>>((part, streams(&table, &address)?))
        };
        let (_, phone) = at("phone p1")?;
        let (part, here) = at(&format!("viewer {viewer} of p1"))?;
        for (source, (sent, received)) in said {
            let (first, last) = span(&part, codec, *source)?;
            let outside = first + (sent - 1 - last);
            let told = (phone.get(source).copied(), here.get(source).copied());
            let (Some((left, _)), Some((came, lost))) = told else {
                return Err(format!("source {source} is not there: {phone:?} {here:?}").into());
            };
            println!(
                "| {viewer} | {source} | {sent} | {received} | {left} | {came} | {lost} | {outside} |"
            );
            if (left, came, lost + outside) != (*sent, *received, sent - received) {
                return Err("other counts".into());
            }
        }
    }
    Ok(())
}
