//! What both ends of a session cost: processor time for each packet, on one core, without links.
//!
//! `ends [SESSIONS [SECONDS]]` prints a table in Markdown: sessions of 720p60 at 4 Mbit/s under each kind of
//! control, after two seconds that do not count. Controls take turns in rounds of one virtual second.

use koosim_benches::clock::Clock;
use koosim_benches::ends::Sessions;
use koosim_model::time::SimDuration;
use koosim_transport::BitRate;
use koosim_transport::congestion::{ControlOptions, GccOptions, NadaOptions, ScreamOptions};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u32> =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let count = numbers.first().copied().unwrap_or(1000);
    let seconds = numbers.get(1).copied().unwrap_or(8);
    let [start, max] = [4000, 4300].map(BitRate::from_kbps);
    let min = start;
    let gcc = GccOptions { start, min, max, ..GccOptions::default() };
    let controls = [
        ("gcc", ControlOptions::Gcc(gcc)),
        ("nada", ControlOptions::Nada(NadaOptions { start, min, max, ..NadaOptions::default() })),
        (
            "scream",
            ControlOptions::Scream(ScreamOptions { start, min, max, ..ScreamOptions::default() }),
        ),
        ("fixed", ControlOptions::Fixed(max)),
    ];
    let mut all = controls.map(|(name, control)| (name, Sessions::new(count, control), 0.0, 0));
    for second in 0..seconds + 2 {
        for (_, sessions, spent, before) in &mut all {
            let begin = Clock::now();
            sessions.run(SimDuration::from_secs(1));
            if second < 2 {
                *before = sessions.done().packets;
            } else {
                *spent += begin.seconds();
            }
        }
    }
    println!("| control | packets/s | ns a packet | × real time | bytes a session |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (name, sessions, spent, before) in &all {
        let packets = u32::try_from(sessions.done().packets - before)?;
        let (packets, seconds) = (f64::from(packets), f64::from(seconds));
        let (rate, each, faster) = (packets / seconds, spent * 1e9 / packets, seconds / spent);
        let bytes = sessions.memory_bytes();
        println!("| {name} | {rate:.0} | {each:.0} | {faster:.1} | {bytes} |");
    }
    Ok(())
}
