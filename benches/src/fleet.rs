//! A fleet: many accounts with ten phones each, half paid ahead with auto-renewal and half charged by
//! use, every hour really settled and every renewal really tried by the model, digest on.

use koosim_engine::digest::Digest;
use koosim_engine::plan::{Book, DrawMode};
use koosim_engine::record::RecordRef;
use koosim_engine::world::World;
use koosim_model::command::{Command, Envelope, Op, Tier};
use koosim_model::event::{AutoRenewalResult, Event};
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{AccountId, PhoneId, SizeId};
use koosim_model::rules::{Catalogue, Prices};
use koosim_model::state::AutoRenewal;
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime, WallTime};
use rand::SeedableRng;
use rand::rand_core::Rng;
use rand::rngs::Xoshiro256PlusPlus;
use std::error::Error;
use std::sync::Arc;

/// Phones of an account that are paid ahead.
pub const SUBSCRIBED: u8 = 5;
/// Phones of an account that are charged by use.
pub const ON_DEMAND: u8 = 5;
/// Of the phones charged by use, every so many-th is created and deleted at random seconds of the run;
/// the others are created at the start, account by account, and stay.
const CHURN: u8 = 5;
const SECONDS_PER_DAY: u64 = 86_400;

/// How large, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    /// Paying accounts, of ten phones each.
    pub accounts: u32,
    /// Virtual days.
    pub days: u32,
}

/// What happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Clock hours of a phone that were settled.
    pub settlements: u64,
    /// Auto-renewals that were paid.
    pub renewals: u64,
    /// All records.
    pub records: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Open,
    TopUp,
    Buy,
    Create(u8),
    Delete(u8),
}

/// A command to come: seconds after the start, whose, what.
type Planned = (u64, u32, Act);

impl Fleet {
    /// Phones that the fleet has in all.
    pub fn phones(&self) -> u64 {
        u64::from(self.accounts) * u64::from(SUBSCRIBED + ON_DEMAND)
    }

    fn plan(&self) -> Vec<Planned> {
        let mut draws = Xoshiro256PlusPlus::seed_from_u64(0x0066_6c65_6574);
        let mut below = |limit: u64| {
            let wide = u128::from(draws.next_u64()) * u128::from(limit);
            u64::try_from(wide >> 64).unwrap_or(0)
        };
        let run = u64::from(self.days) * SECONDS_PER_DAY;
        let mut planned = Vec::new();
        for account in 0..self.accounts {
            planned.push((0, account, Act::Open));
            planned.push((0, account, Act::TopUp));
            planned.push((below(SECONDS_PER_DAY), account, Act::Buy));
            for phone in 0..ON_DEMAND {
                if phone % CHURN == 0 {
                    let (a, b) = (below(run), below(run));
                    planned.push((a.min(b), account, Act::Create(phone)));
                    planned.push((a.max(b), account, Act::Delete(phone)));
                } else {
                    planned.push((0, account, Act::Create(phone)));
                }
            }
        }
        planned.sort_unstable();
        planned
    }

    /// Runs the fleet; answers what happened and the digest.
    ///
    /// # Errors
    /// If the world refuses to go on, which would be a defect.
    pub fn run(&self) -> Result<(Tally, Digest), Box<dyn Error>> {
        let start = WallTime::parse("2024-03-01 00:00:00").ok_or("no such start")?.instant();
        let orders = Orders::new()?;
        let mut world = orders.world(start)?;
        let mut tally = Tally::default();
        let mut seen = |record: RecordRef<'_>| match record.event() {
            Some(Event::Settled(_)) => tally.settlements += 1,
            Some(Event::AutoRenewalTried(e)) if e.result == AutoRenewalResult::Renewed => {
                tally.renewals += 1;
            }
            _ => {}
        };
        for (second, account, act) in self.plan() {
            let at = start + SimDuration::from_secs(i64::try_from(second)?);
            world.run_into(at - SimDuration::from_nanos(1), &mut seen)?;
            world.submit(at, orders.command(account, act)?)?;
        }
        let end = start + SimDuration::from_days(i64::from(self.days));
        world.run_into(end, &mut seen)?;
        tally.records = world.records();
        Ok((tally, world.digest()))
    }
}

/// What the commands are made of.
struct Orders {
    size: SizeId,
    money: Amount,
    nothing: Amount,
    catalogue: Catalogue,
}

impl Orders {
    fn new() -> Result<Self, Box<dyn Error>> {
        let cny = |text: &str| Amount::parse(text, Currency::CNY);
        let size = SizeId::new("pro-4c8g64g")?;
        let (month, hour) = (Some(cny("259.00")?), Some(cny("0.72")?));
        let prices = Prices { month, hour, ..Prices::default() };
        let catalogue = Catalogue::new([(size.clone(), prices)].into());
        Ok(Self { size, money: cny("100000.00")?, nothing: cny("0")?, catalogue })
    }

    fn world(&self, start: SimTime) -> Result<World, Box<dyn Error>> {
        let catalogue = self.catalogue.clone();
        let book = Book { reference: "cn".parse()?, overrides: Vec::new(), catalogue };
        let rules = book.rules().map_err(|errors| format!("{errors:?}"))?;
        Ok(World::new(Arc::new(rules), start, 0, DrawMode::Default, &Digest::of(b"fleet")))
    }

    fn command(&self, account: u32, act: Act) -> Result<Command, Box<dyn Error>> {
        let size = self.size.clone();
        let on_demand = |phone: u8| PhoneId::new(&format!("d{phone}"));
        let op = match act {
            Act::Open => Op::OpenAccount {
                tier: Tier::V3,
                credit_limit: self.nothing,
                discount: Fraction::ZERO,
            },
            Act::TopUp => Op::TopUp { amount: self.money },
            Act::Buy => Op::Buy {
                setup: None,
                phones: (0..SUBSCRIBED)
                    .map(|phone| PhoneId::new(&format!("s{phone}")))
                    .collect::<Result<_, _>>()?,
                size,
                term: Term::Months(1),
                auto_renewal: Some(AutoRenewal { every: None, times_left: None }),
                payment: Some(Vec::new()),
            },
            Act::Create(phone) => Op::CreateOnDemand { phone: on_demand(phone)?, size },
            Act::Delete(phone) => Op::Delete { phone: on_demand(phone)? },
        };
        let envelope = Envelope::scenario(AccountId::new(&format!("a{account}"))?);
        Ok(Command { envelope, op })
    }
}
