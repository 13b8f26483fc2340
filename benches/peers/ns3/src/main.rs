//! A link's side of the comparison with ns-3, packet by packet. `compare.sh` drives both.
//!
//!     koosim-peers-ns3 cases            names and arguments for the peer, one a line
//!     koosim-peers-ns3 offers CASE      instant, bytes and flow of each packet
//!     koosim-peers-ns3 told CASE        departures and drops, in order; how fast, on the other output
#![expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]

mod cases;

use std::error::Error;
use std::io::{BufWriter, Write, stdout};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (what, name) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let mut out = BufWriter::new(stdout().lock());
    let cases = cases::cases();
    if what == "cases" {
        for case in &cases {
            writeln!(out, "{} {} {}", case.name, case.bits_per_s, case.peer)?;
        }
        return Ok(());
    }
    let case = cases.iter().find(|case| case.name == name).ok_or("no such case")?;
    if what == "offers" {
        for (ns, bytes, flow) in cases::offers(case) {
            writeln!(out, "{ns} {bytes} {flow}")?;
        }
        return Ok(());
    }
    let offers = cases::offers(case);
    let began = Instant::now();
    let told = cases::told(case, &offers);
    eprintln!("{:.0} packets a second", offers.len() as f64 / began.elapsed().as_secs_f64());
    for (ns, word, token) in told {
        writeln!(out, "{ns} {word} {token}")?;
    }
    Ok(())
}
