//! An idle phone costs nothing: no ticks, one timer, no record until something happens to it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it says")]

use koosim_engine::digest::Digest;
use koosim_engine::plan::{Book, DrawMode};
use koosim_engine::world::World;
use koosim_model::command::{Command, Envelope, Op, Tier};
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{AccountId, PhoneId, SizeId};
use koosim_model::rules::{Catalogue, Prices};
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime, WallTime};
use std::sync::Arc;

const ACCOUNTS: u32 = 100;
const PHONES_EACH: u32 = 100;

fn fleet(start: SimTime) -> World {
    let cny = |text: &str| Amount::parse(text, Currency::CNY).unwrap();
    let size = SizeId::new("pro-4c8g64g").unwrap();
    let prices = Prices { month: None, year: Some(cny("2590")), hour: None };
    let catalogue = Catalogue::new([(size.clone(), prices)].into());
    let book = Book { reference: "cn".parse().unwrap(), overrides: Vec::new(), catalogue };
    let rules = Arc::new(book.rules().unwrap());
    let mut world = World::new(rules, start, 0, DrawMode::Default, &Digest::of(b"idle"));
    for account in 0..ACCOUNTS {
        let id = AccountId::new(&format!("a{account:03}")).unwrap();
        let phones = (0..PHONES_EACH).map(|n| PhoneId::new(&format!("p{n:03}")).unwrap());
        let discount = Fraction::ZERO;
        for op in [
            Op::OpenAccount { tier: Tier::V5, credit_limit: cny("0"), discount },
            Op::TopUp { amount: cny("1000000") },
            Op::Buy {
                setup: None,
                phones: phones.collect(),
                size: size.clone(),
                term: Term::Years(1),
                auto_renewal: None,
                payment: Some(Vec::new()),
            },
        ] {
            world.submit(start, Command { envelope: Envelope::scenario(id.clone()), op }).unwrap();
        }
    }
    world
}

#[test]
fn ten_thousand_phones_do_nothing_for_eleven_months() {
    let start = WallTime::parse("2024-03-08 15:50:04").unwrap().instant();
    let mut world = fleet(start);
    world.run_through(start + SimDuration::from_hours(1)).unwrap();
    let phones = usize::try_from(ACCOUNTS * PHONES_EACH).unwrap();
    assert_eq!(world.pending(), phones, "one timer a phone: its expiry");
    let records = world.records();
    assert!(world.next_due().unwrap() > start + SimDuration::from_days(330));
    world.run_through(start + SimDuration::from_days(330)).unwrap();
    assert_eq!((world.records(), world.pending()), (records, phones));
}

#[test]
fn a_rewound_world_does_again_what_it_did() {
    let start = WallTime::parse("2024-03-08 15:50:04").unwrap().instant();
    let mut world = fleet(start);
    world.run_through(start).unwrap();
    let checkpoint = world.clone();
    let end = start + SimDuration::from_days(400);
    world.run_through(end).unwrap();
    let mut rewound = checkpoint;
    rewound.run_through(end).unwrap();
    assert_eq!(rewound.digest(), world.digest());
    assert_eq!(rewound.accounts(), world.accounts());
    assert_ne!(rewound.records(), 0);
}
