//! Decisions about the same policies and requests, by this project and by Cedar.
//!
//!     access agree [CASES [SEED]]   random policies and requests: the same decision, determined by the
//!                                   same statements; ends with an error at the first difference
//!     access speed                  decisions a second of both on the same sets, in one run
//!
//! What both languages can say is in `said`. A difference names the case, which `SEED` tells again.
#![expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]

mod cedar;
mod ours;
mod random;
mod said;

use koosim_engine::streams::{Domain, Stream, Streams};
use koosim_model::access::policy::Pool;
use said::{Asked, Said};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Instant;

/// Requests of a case.
const REQUESTS: usize = 8;
/// Statements of the measured sets.
const SIZES: [usize; 3] = [10, 100, 1_000];
/// Rounds of a measurement, by turns.
const ROUNDS: usize = 5;

fn stream(seed: u64, id: &str) -> Stream {
    Streams::new(seed).get(Domain::Component, id)
}

fn statements(stream: &mut Stream, count: usize) -> Vec<Said> {
    (0..count).map(|_| random::said(stream)).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, default| {
        arguments.get(place).map_or(Ok(default), |text| text.parse::<u64>())
    };
    match arguments.first().map(String::as_str) {
        Some("agree") => agree(number(1, 10_000)?, number(2, 0)?),
        Some("speed") => speed(),
        _ => Err("access agree [CASES [SEED]], or access speed".into()),
    }
}

fn agree(cases: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let params = ours::params();
    let (mut allowed, mut denied, mut nothing) = (0u64, 0u64, 0u64);
    for case in seed..seed + cases {
        let mut stream = stream(case, "agree");
        let count = 1 + usize::try_from(stream.up_to(7))?;
        let said = statements(&mut stream, count);
        let (policy, policies) = (ours::policy(&params, &said), cedar::policies(&said));
        let pool = Pool::of([&policy]);
        for _ in 0..REQUESTS {
            let asked = random::asked(&mut stream);
            let verdict = ours::Parts::of(&asked).decide(&params, &pool);
            let by: BTreeSet<usize> = verdict.statements().iter().map(|one| one.index).collect();
            let theirs = cedar::decide(&policies, &cedar::request(&asked));
            if (verdict.is_allowed(), &by) != (theirs.0, &theirs.1) {
                eprintln!("{asked:#?}\n{said:#?}\n{policies}");
                return Err(format!("case {case}: {verdict} here, {theirs:?} by Cedar").into());
            }
            match (verdict.is_allowed(), by.is_empty()) {
                (true, _) => allowed += 1,
                (false, false) => denied += 1,
                (false, true) => nothing += 1,
            }
        }
    }
    println!(
        "{cases} cases, {} requests: the same decision by the same statements \
         ({allowed} allowed, {denied} denied, {nothing} not allowed)",
        allowed + denied + nothing
    );
    Ok(())
}

/// Decisions a second of `decide` over all requests, until a fifth of a second has passed.
fn measured(asked: usize, decide: impl Fn(usize) -> bool) -> (f64, usize) {
    let (begun, mut count, mut allowed) = (Instant::now(), 0u32, 0);
    while begun.elapsed().as_secs_f64() < 0.2 {
        allowed = (0..asked).filter(|index| decide(*index)).count();
        count += 1;
    }
    (f64::from(count) * asked as f64 / begun.elapsed().as_secs_f64(), allowed)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn speed() -> Result<(), Box<dyn Error>> {
    let params = ours::params();
    println!("| statements | koosim, decisions/s | Cedar, decisions/s | median ratio |");
    println!("| ---: | ---: | ---: | ---: |");
    for size in SIZES {
        let mut stream = stream(1, "speed");
        let said = statements(&mut stream, size);
        let asked: Vec<Asked> = (0..64).map(|_| random::asked(&mut stream)).collect();
        let policy = ours::policy(&params, &said);
        let pool = Pool::of([&policy]);
        let parts: Vec<_> = asked.iter().map(ours::Parts::of).collect();
        let policies = cedar::policies(&said);
        let requests: Vec<_> = asked.iter().map(cedar::request).collect();
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let here = measured(asked.len(), |i| parts[i].decide(&params, &pool).is_allowed());
            let there = measured(asked.len(), |i| cedar::decide(&policies, &requests[i]).0);
            if here.1 != there.1 {
                return Err("both must allow the same".into());
            }
            rounds.push((here.0, there.0));
        }
        let of = |pick: fn(&(f64, f64)) -> f64| median(rounds.iter().map(pick).collect());
        let (here, there) = (of(|round| round.0), of(|round| round.1));
        println!("| {size} | {here:.0} | {there:.0} | {:.1} |", of(|round| round.0 / round.1));
    }
    Ok(())
}
