//! The traces in `scenarios/traces`: unchanged, readable, and with the means that are known of them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first file that cannot be read")]

use koosim_engine::digest::Digest;
use koosim_engine::net::trace::{Idle, mahimahi, rates, sabre};
use koosim_engine::net::{Afterwards, Steps};
use koosim_model::time::SimDuration;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/traces")
}

/// Name, SHA-256 and text of every trace in the manifest.
fn traces() -> Vec<(String, String, String)> {
    let manifest = fs::read_to_string(folder().join("MANIFEST.tsv")).unwrap();
    let rows = manifest.lines().skip(1).map(|line| {
        let mut fields = line.split('\t');
        let name = fields.next().unwrap().to_owned();
        let text = fs::read_to_string(folder().join(&name)).unwrap();
        (name, fields.next_back().unwrap().to_owned(), text)
    });
    rows.collect()
}

#[test]
fn traces_are_those_of_the_manifest() {
    let listed = traces();
    for (name, sha256, text) in &listed {
        assert_eq!(&Digest::of(text.as_bytes()).to_string(), sha256, "{name}");
    }
    let folders = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|path| fs::read_dir(path).unwrap());
    assert_eq!(files.count(), listed.len());
}

/// The length of a trace and its mean in bits a second.
fn read(name: &str, text: &str) -> Option<(SimDuration, u64)> {
    let steps = |steps: Steps| Some((steps.length(), steps.mean_bits_per_s()));
    match name.split('/').next() {
        Some("lumos5g") => steps(rates(text, Afterwards::Repeat).unwrap()),
        Some("generated") => {
            let all = mahimahi(text).unwrap();
            Some((all.length(), all.mean_bits_per_s()))
        }
        Some("rrc-rtt") => None,
        _ => steps(sabre(text, Afterwards::Repeat).unwrap().steps),
    }
}

#[test]
fn every_trace_is_a_capacity() {
    let mut table = String::new();
    for (name, _, text) in traces() {
        let Some((length, bits_per_s)) = read(&name, &text) else { continue };
        writeln!(table, "{name}: {} s of {bits_per_s} bit/s", length.floor_secs()).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_generated_trace_follows_its_formula() {
    let (mut expected, mut credit) = (String::new(), 0);
    for t in (1_i64..=9_400).chain(9_801..=10_000) {
        credit += 1_000 + 6_000 * (5_000 - (t - 5_000).abs()) / 5_000;
        while credit >= 12_000 {
            credit -= 12_000;
            writeln!(expected, "{t}").unwrap();
        }
    }
    let traces = traces();
    let held = traces.iter().find(|(name, ..)| name == "generated/triangle.mahi");
    assert_eq!(held.map(|(.., text)| text), Some(&expected));
}

#[test]
fn radios_wake_up_as_measured() {
    let mut table = String::new();
    for (name, _, text) in traces().iter().filter(|(name, ..)| name.starts_with("rrc-rtt")) {
        let idle = Idle::read(text).unwrap();
        let promotion = idle.promotion().unwrap();
        // Both radios sleep after ten seconds or a little more.
        assert!(promotion.idle >= SimDuration::from_secs(9));
        assert!(promotion.idle <= SimDuration::from_secs(12));
        let ms = |length: SimDuration| length.as_nanos() / 1_000_000;
        let (least, most) = (ms(promotion.least), ms(promotion.most));
        let (count, idle) = (idle.replies().len(), ms(promotion.idle));
        writeln!(table, "{name}: {count} replies, after {idle} ms: {least} to {most} ms").unwrap();
    }
    insta::assert_snapshot!(table);
}
