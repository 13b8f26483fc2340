//! Runs whole streaming sessions side by side on one core and prints a table in Markdown: virtual seconds a
//! second of processor time, and memory for each session.
//!
//! A session is a game of 720p at 60 frames a second with at most 4 Mbit/s under congestion control, a tap
//! each second, and links of its own of 10 Mbit/s and 20 ms each way.
//!
//! `sessions [COUNT [SECONDS]]`; without numbers 10, 100 and 1,000 sessions over 20 seconds.

use koosim_benches::clock::{Clock, approximate, peak_bytes};
use koosim_engine::net::{Limit, LinkSpec, Rate};
use koosim_engine::path::{FlowIndex, FlowSpec, Paths, Route, Taps};
use koosim_engine::streams::Streams;
use koosim_media::content::Content;
use koosim_media::encoder::Video;
use koosim_media::rate::BitRate;
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition};
use koosim_model::rulebook::Rulebook;
use koosim_model::rules::{Catalogue, Rules};
use koosim_model::time::{SimDuration, SimTime};
use std::error::Error;
use std::process::Command;

const SIZES: [u32; 3] = [10, 100, 1_000];
const SECONDS: u32 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u32> =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    if let Some(count) = numbers.first().copied() {
        return one(count, numbers.get(1).copied().unwrap_or(SECONDS));
    }
    println!(
        "| sessions | virtual s | processor s | sessions in real time | packets/s | ns a packet | kB a session |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for count in SIZES {
        let status = Command::new(std::env::current_exe()?).arg(count.to_string()).status()?;
        if !status.success() {
            return Err(format!("{count} sessions: {status}").into());
        }
    }
    Ok(())
}

fn one(count: u32, seconds: u32) -> Result<(), Box<dyn Error>> {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(1));
    let mut flows = Vec::new();
    let settings = Rulebook::standard().resolve("cn".parse()?, &[]).map_err(|_| "no settings")?;
    let rules = Rules::new(settings, Catalogue::default())?;
    let (definition, codec, frame_rate) = (Definition::P720, Codec::H264, FrameRate::FPS_60);
    let video = Video { definition, codec, frame_rate, target: BitRate::from_kbps(4_000) };
    let game = FlowSpec::of(rules.params(SimTime::EPOCH), Content::Game, video);
    for number in 0..count {
        flows.push(session(&mut paths, number, &game)?);
    }
    let clock = Clock::now();
    paths.run_through(SimTime::EPOCH + SimDuration::from_secs(i64::from(seconds)))?;
    let took = clock.seconds();
    let packets: u64 = paths.links().map(|link| link.counters().offered.packets).sum();
    let shown: u64 = flows
        .iter()
        .filter_map(|flow| paths.measured(*flow, 0))
        .map(|seen| seen.playback.shown())
        .sum();
    let virtual_seconds = f64::from(seconds);
    println!(
        "| {count} | {seconds} | {took:.2} | {:.0} | {:.0} | {:.0} | {:.0} |",
        f64::from(count) * virtual_seconds / took,
        approximate(packets) / virtual_seconds,
        took * 1e9 / approximate(packets),
        peak_bytes() * 1e-3 / f64::from(count),
    );
    eprintln!("{shown} pictures shown");
    Ok(())
}

fn session(paths: &mut Paths, number: u32, game: &FlowSpec) -> Result<FlowIndex, Box<dyn Error>> {
    let name = format!("p{number}");
    let link = LinkSpec::from_millis(20)
        .rate(Rate::kilobits(10_000), Limit::Delay(SimDuration::from_millis(300)));
    let down = vec![paths.add_link(&format!("{name} down"), link.clone())];
    let up = vec![paths.add_link(&format!("{name} up"), link)];
    let taps =
        Taps { every: SimDuration::from_secs(1), hold: SimDuration::from_millis(60), moves: None };
    let spec = FlowSpec { taps: Some(taps), ..game.clone() };
    Ok(paths.start(&name, spec, vec![Route { down, up }])?)
}
