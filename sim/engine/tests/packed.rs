//! The packed form of records: the digest of a run can be taken again from its records, and the most
//! frequent record of all is small.

use koosim_engine::digest::{Digest, Digester};
use koosim_engine::plan::{Book, DrawMode};
use koosim_engine::world::World;
use koosim_model::command::{Command, Envelope, Op, Tier};
use koosim_model::event::Event;
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{AccountId, PhoneId, SizeId};
use koosim_model::rules::{Catalogue, Prices};
use koosim_model::time::{SimDuration, WallTime};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One line of the cache, for names of eight letters and prices of two digits.
const SETTLEMENT_BYTES_MAX: usize = 64;

#[test]
fn a_settlement_packs_into_64_bytes_and_the_digest_can_be_taken_again() {
    let cny = |text: &str| Amount::parse(text, Currency::CNY).unwrap();
    let size = SizeId::new("pro-4c8g64g").unwrap();
    let prices = Prices { hour: Some(cny("12.3456789")), ..Prices::default() };
    let catalogue = Catalogue::new([(size.clone(), prices)].into());
    let book = Book { reference: "cn".parse().unwrap(), overrides: Vec::new(), catalogue };
    let start = WallTime::parse("2024-03-08 15:50:04").unwrap().instant();
    let given = Digest::of(b"packed");
    let rules = Arc::new(book.rules().unwrap());
    let mut world = World::new(rules, start, 0, DrawMode::Default, &given);
    let discount: Fraction = serde_json::from_str("\"0.15\"").unwrap();
    let phone = PhoneId::new("p1234567").unwrap();
    for op in [
        Op::OpenAccount { tier: Tier::V5, credit_limit: cny("99.99"), discount },
        Op::TopUp { amount: cny("123.45") },
        Op::CreateOnDemand { phone, size },
    ] {
        let envelope = Envelope::scenario(AccountId::new("a1234567").unwrap());
        world.submit(start, Command { envelope, op }).unwrap();
    }
    world.run_through(start + SimDuration::from_days(2)).unwrap();
    let mut digester = Digester::new(&given);
    let (mut settled, mut lists, mut longest) = (0, BTreeSet::new(), 0);
    for record in world.take_records() {
        let bytes = digester.add(&record).unwrap();
        if let Some(Event::Settled(_)) = record.event() {
            settled += 1;
            // The first record of a list of rules writes the list out.
            let known = !lists.insert(record.rules().to_vec());
            longest = longest.max(if known { bytes } else { 0 });
        }
    }
    assert!(settled > 40, "{settled}");
    assert!(longest <= SETTLEMENT_BYTES_MAX, "{longest} bytes");
    assert_eq!(digester.digest(), world.digest());
}
