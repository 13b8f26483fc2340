//! Runs fleets of growing size and prints a table in Markdown: settlements a second on one core,
//! processor time for each settled hour, and memory for each phone.
//!
//! Machines differ, and one machine from minute to minute. So the same run also measures a yardstick: the
//! money of one hour and nothing else, in `rust_decimal`, before and after the fleet.
//!
//! `fleet [ACCOUNTS [DAYS]]`; without numbers, 1,000, 10,000 and 100,000 accounts over 30 days, each in a
//! process of its own so that memory is told apart.

use koosim_benches::clock::{Clock, approximate, peak_bytes};
use koosim_benches::fleet::Fleet;
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::{MidpointAwayFromZero, ToZero};
use std::error::Error;
use std::hint::black_box;
use std::process::Command;

const SIZES: [u32; 3] = [1_000, 10_000, 100_000];
const DAYS: u32 = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u32> =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    if let Some(accounts) = numbers.first().copied() {
        return one(Fleet { accounts, days: numbers.get(1).copied().unwrap_or(DAYS) });
    }
    println!(
        "| phones | settlements | renewals | s | M settlements/s | ns each | decimals, ns | ratio | MB \
         | bytes a phone |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for accounts in SIZES {
        let status = Command::new(std::env::current_exe()?).arg(accounts.to_string()).status()?;
        if !status.success() {
            return Err(format!("{accounts} accounts: {status}").into());
        }
    }
    Ok(())
}

fn one(fleet: Fleet) -> Result<(), Box<dyn Error>> {
    let earlier = money_of_an_hour();
    let clock = Clock::now();
    let (tally, digest) = fleet.run()?;
    let seconds = clock.seconds();
    let bare = (earlier + money_of_an_hour()) / 2.0;
    let (phones, peak) = (fleet.phones(), peak_bytes());
    let each = seconds / approximate(tally.settlements);
    println!(
        "| {phones} | {} | {} | {seconds:.1} | {:.2} | {:.0} | {:.0} | {:.1} | {:.0} | {:.0} |",
        tally.settlements,
        tally.renewals,
        1e-6 / each,
        each * 1e9,
        bare * 1e9,
        each / bare,
        peak * 1e-6,
        peak / approximate(phones),
    );
    eprintln!("{} records, digest {digest}", tally.records);
    Ok(())
}

/// Seconds that the money of one hour takes: list price of some seconds, rounded, what is due, what
/// rounding takes off, and the move from one balance to another.
fn money_of_an_hour() -> f64 {
    const HOURS: u32 = 2_000_000;
    let price = black_box(Decimal::new(72, 2));
    let (mut cash, mut revenue) = (Decimal::new(100_000, 0), Decimal::ZERO);
    let mut erased = Decimal::ZERO;
    let clock = Clock::now();
    for hour in 0..HOURS {
        let seconds = black_box(Decimal::from(3600 - hour % 2));
        let used = (seconds / Decimal::from(3600)).round_dp_with_strategy(10, ToZero);
        let list = (price * used).round_dp_with_strategy(8, MidpointAwayFromZero);
        let due = list.round_dp_with_strategy(2, ToZero);
        erased += list - due;
        cash -= due;
        revenue += due;
    }
    black_box((cash, revenue, erased));
    clock.seconds() / f64::from(HOURS)
}
