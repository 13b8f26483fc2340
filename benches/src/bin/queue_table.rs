//! Compares the designs of the event queue in one run and prints a table in Markdown for each work.
//!
//! `queue-table [exponential|bimodal|ties|cancel]...`
//!
//! The designs take turns in short rounds, so that whatever else the machine does meets all of them
//! alike; a figure is the median of the rounds, and a ratio the median of ratios within a round.
//! Where the system tells it, rounds are measured in the thread's own processor time.

use koosim_benches::clock::{Clock, median};
use koosim_benches::contest::{Contestant, DESIGNS, SIZES};
use koosim_benches::hold::Work;
use std::process::ExitCode;

const ROUNDS: usize = 9;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    for work in Work::ALL {
        if !asked.is_empty() && !asked.iter().any(|name| name == work.name()) {
            continue;
        }
        let columns = SIZES.map(|size| column(work, size));
        println!("\n| {} | 10² | 10⁴ | 10⁶ |\n| --- | --- | --- | --- |", work.name());
        for (row, design) in DESIGNS.iter().enumerate() {
            let cells = columns.iter().map(|cells| cells.get(row).cloned().unwrap_or_default());
            println!("| {} | {} |", design.name, cells.collect::<Vec<_>>().join(" | "));
        }
        if columns.iter().any(Vec::is_empty) {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// One cell for each design: million holds a second and the ratio to the baseline. Empty, after
/// saying so, if a design popped another order than the baseline.
fn column(work: Work, size: u32) -> Vec<String> {
    let mut designs: Vec<_> = DESIGNS.iter().map(|design| (design.begin)(work, size)).collect();
    let mut seconds = vec![Vec::new(); designs.len()];
    let holds: u32 = if size < 1_000_000 { 3_000_000 } else { 200_000 };
    for _ in 0..ROUNDS {
        if !same_order(&designs) {
            eprintln!("{} with {size} pending: the orders differ", work.name());
            return Vec::new();
        }
        for (design, seconds) in designs.iter_mut().zip(&mut seconds) {
            let begin = Clock::now();
            design.run(u64::from(holds));
            seconds.push(begin.seconds());
        }
    }
    let base = seconds.first().cloned().unwrap_or_default();
    let cell = |own: &Vec<f64>| {
        let ratios = base.iter().zip(own).map(|(base, own)| base / own).collect();
        let speed = 0.000_001 * f64::from(holds) / median(own.clone());
        format!("{speed:.1} ({:.2}×)", median(ratios))
    };
    seconds.iter().map(cell).collect()
}

fn same_order(designs: &[Box<dyn Contestant>]) -> bool {
    let mut sums = designs.iter().map(|design| design.checksum());
    let first = sums.next();
    sums.all(|sum| Some(sum) == first)
}
