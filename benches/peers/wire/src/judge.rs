//! One format at one peer: what both make of the same bytes.

use crate::random::Choose;
use crate::{Drawn, drawn, said};
use std::collections::BTreeMap;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Both read damaged bytes, and read different things.
const DIFFERENTLY: &str = "read differently";

/// What a reader makes of bytes: the fields as text, or why not.
pub type Read = Result<String, String>;

/// Writes again what it reads.
pub type Rewrite = fn(&[u8]) -> Result<Vec<u8>, String>;

/// A foreign reader and writer of one format.
#[derive(Clone, Copy)]
pub struct Peer {
    pub format: &'static str,
    pub name: &'static str,
    /// The bytes of a random value, written here.
    pub any: fn(&mut Drawn) -> Vec<u8>,
    /// What this project reads, as far as the peer can say it.
    pub ours: fn(&[u8]) -> Read,
    pub theirs: fn(&[u8]) -> Read,
    /// The bytes that the peer writes for what it reads; `None` if it does not write this format.
    pub rewrite: Option<Rewrite>,
    /// Why the peer may differ on the bytes of a valid value.
    pub excuse: fn(&[u8]) -> Option<&'static str>,
}

/// No excuse.
pub fn none(_: &[u8]) -> Option<&'static str> {
    None
}

/// What came out.
#[derive(Default)]
pub struct Judged {
    pub format: String,
    pub name: String,
    /// Valid values that were read the same there, and written there and read the same here.
    pub read: u64,
    pub written: Option<u64>,
    /// Named differences on valid values.
    pub excused: BTreeMap<String, u64>,
    /// Differences on valid values without a name, the first of them in full.
    pub unnamed: u64,
    pub first: String,
    /// What both made of damaged bytes, and the first that were read differently.
    pub damaged: BTreeMap<String, u64>,
    pub differently: String,
}

/// Calls a peer, whose panics are answers too.
pub fn guarded<T>(call: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err("panics".into()))
}

pub fn judge(peer: &Peer, seed: u64, cases: u64) -> Judged {
    let mut judged = Judged {
        format: peer.format.into(),
        name: peer.name.into(),
        written: peer.rewrite.map(|_| 0),
        ..Judged::default()
    };
    for case in 0..cases {
        let mut choices = drawn(seed, case, peer.format);
        let bytes = (peer.any)(&mut choices);
        valid(peer, case, &bytes, &mut judged);
        let bytes = damage(&mut choices, bytes);
        let (ours, theirs) = ((peer.ours)(&bytes), guarded(|| (peer.theirs)(&bytes)));
        let mut outcome = compared(&ours, &theirs);
        let excuse = || guarded(|| Ok((peer.excuse)(&bytes))).ok().flatten();
        if let Some(excuse) = (outcome == DIFFERENTLY).then(excuse).flatten() {
            outcome = format!("{outcome}: {excuse}");
        } else if outcome == DIFFERENTLY && judged.differently.is_empty() {
            let shown = said::hex(&bytes);
            judged.differently = format!("{shown}\n  here  {ours:?}\n  there {theirs:?}");
        }
        *judged.damaged.entry(outcome).or_default() += 1;
    }
    judged
}

fn valid(peer: &Peer, case: u64, bytes: &[u8], judged: &mut Judged) {
    let ours = (peer.ours)(bytes);
    let theirs = guarded(|| (peer.theirs)(bytes));
    let mut differ = |way: &str, theirs: &dyn std::fmt::Debug| {
        if let Some(excuse) = (peer.excuse)(bytes) {
            *judged.excused.entry(excuse.into()).or_default() += 1;
            return;
        }
        judged.unnamed += 1;
        if judged.first.is_empty() {
            judged.first =
                format!("case {case}, {way}: {bytes:02x?}\n  here  {ours:?}\n  there {theirs:?}");
        }
    };
    let is_read = ours.is_ok() && ours == theirs;
    let mut is_written = false;
    if !is_read {
        differ("read", &theirs);
    } else if let Some(rewrite) = peer.rewrite {
        let back = guarded(|| rewrite(bytes)).and_then(|bytes| (peer.ours)(&bytes));
        is_written = back == ours;
        if !is_written {
            differ("written", &back);
        }
    }
    judged.read += u64::from(is_read);
    if let Some(written) = &mut judged.written {
        *written += u64::from(is_written);
    }
}

fn compared(ours: &Read, theirs: &Read) -> String {
    // Numbers in reasons are of no use in a table.
    let plain = |reason: &str| -> String {
        let text: String = reason.chars().filter(|c| !c.is_ascii_digit()).take(70).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    match (ours, theirs) {
        (Ok(here), Ok(there)) if here == there => "read the same".into(),
        (Ok(_), Ok(_)) => DIFFERENTLY.into(),
        (Err(_), Err(there)) if there == "panics" => "refused here, a panic there".into(),
        (Err(_), Err(_)) => "refused by both".into(),
        (Err(here), Ok(_)) => format!("refused here only: {}", plain(here)),
        (Ok(_), Err(there)) => format!("refused there only: {}", plain(there)),
    }
}

/// Does to bytes what a path or a stranger may.
fn damage(choices: &mut Drawn, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..=choices.up_to(2) {
        let len = bytes.len() as u64;
        if len == 0 {
            break;
        }
        // Headers are where formats are decided.
        let reach = if choices.up_to(1) == 0 { len.min(24) } else { len };
        let place = choices.up_to(reach - 1) as usize;
        match choices.up_to(5) {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, choices.up_to(255) as u8),
            2 => bytes.push(choices.up_to(255) as u8),
            _ => bytes[place] ^= 1 << choices.up_to(7),
        }
    }
    bytes
}

pub fn print(all: &[Judged], cases: u64) -> Result<(), Box<dyn Error>> {
    println!("{cases} valid values for each format and peer, and as many damaged");
    println!("| format | peer | read there | written there | named differences | unnamed |");
    println!("| --- | --- | ---: | ---: | --- | ---: |");
    for one in all {
        let named: Vec<_> =
            one.excused.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let written = one.written.map_or("-".into(), |count| count.to_string());
        let (format, name, read, named) = (&one.format, &one.name, one.read, named.join("; "));
        println!("| {format} | {name} | {read} | {written} | {named} | {} |", one.unnamed);
    }
    println!("\n| format | peer | damaged bytes |");
    println!("| --- | --- | --- |");
    for one in all.iter().filter(|one| !one.damaged.is_empty()) {
        let mut most: Vec<_> = one.damaged.iter().collect();
        most.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let rest: u64 = most.iter().skip(7).map(|(_, count)| **count).sum();
        let mut told: Vec<_> =
            most.iter().take(7).map(|(name, count)| format!("{count} {name}")).collect();
        if rest > 0 {
            told.push(format!("{rest} others"));
        }
        println!("| {} | {} | {} |", one.format, one.name, told.join("; "));
    }
    for one in all.iter().filter(|one| !one.differently.is_empty()) {
        println!("\n{} at {}, read differently: {}", one.format, one.name, one.differently);
    }
    let broken: Vec<_> = all.iter().filter(|one| one.unnamed > 0).collect();
    for one in &broken {
        eprintln!("\n{} at {}: {}", one.format, one.name, one.first);
    }
    if broken.is_empty() { Ok(()) } else { Err("differences without a name".into()) }
}
