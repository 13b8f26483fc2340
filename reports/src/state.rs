//! The state of the world at one instant, for people and for programs.

use crate::style::{BAD, FAINT, STRONG, styled};
use crate::words;
use koosim_engine::accounts::Accounts;
use koosim_model::money::MoneyError;
use koosim_model::name::AccountId;
use koosim_model::state::Account;
use koosim_model::time::SimTime;
use koosim_model::view::{self, AccountView, ChargingMode, CouponView, OrderView, PhoneView};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Display;

/// Layout of the JSON form.
const VERSION: u32 = 1;

/// What every account looked like to its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    at: SimTime,
    accounts: BTreeMap<AccountId, AccountView>,
}

impl State {
    /// The accounts that `wanted` names, as they stood at the end of instant `at`.
    pub fn of(
        accounts: &Accounts,
        at: SimTime,
        wanted: impl Fn(&AccountId) -> bool,
    ) -> Result<Self, MoneyError> {
        let view =
            |(id, account): (&AccountId, &Account)| Ok((id.clone(), view::account(account)?));
        let wanted = accounts.iter().filter(|(id, _)| wanted(id));
        Ok(Self { at, accounts: wanted.map(view).collect::<Result<_, MoneyError>>()? })
    }
    /// As JSON.
    pub fn json(&self) -> Json {
        json!({ "version": VERSION, "at": self.at, "accounts": self.accounts })
    }
    /// As styled text.
    pub fn pretty(&self) -> String {
        let mut text = format!("as of {} (UTC+8)\n", self.at.wall());
        if self.accounts.is_empty() {
            text.push_str("no accounts\n");
        }
        for (id, account) in &self.accounts {
            text.push_str(&pretty_account(id, account));
        }
        text
    }
}

fn pretty_account(id: &AccountId, account: &AccountView) -> String {
    let arrears =
        if account.in_arrears { styled(BAD, "  in arrears").to_string() } else { String::new() };
    let mut text = format!(
        "\n{}  tier {}  balance {}  available {}  debt {}{arrears}\n",
        styled(STRONG, id),
        account.tier.name(),
        account.balance,
        account.available,
        account.debt,
    );
    let phones = account.phones.iter().map(|(id, phone)| row("phone", id, &pretty_phone(phone)));
    let orders = account.orders.iter().map(|(id, order)| row("order", id, &pretty_order(order)));
    let coupons = account.coupons.iter().map(|(id, one)| row("coupon", id, &pretty_coupon(one)));
    text.extend(phones.chain(orders).chain(coupons));
    text
}

fn row(what: &str, name: &impl Display, parts: &[String]) -> String {
    format!("  {:<6} {}  {}\n", styled(FAINT, what), styled(STRONG, name), parts.join("  "))
}

fn pretty_phone(phone: &PhoneView) -> Vec<String> {
    let charging = match phone.charging {
        ChargingMode::Subscribed => "subscribed",
        ChargingMode::OnDemand => "by use",
    };
    let mut parts = vec![
        phone.is.to_owned(),
        format!("{charging} {}", phone.size),
        format!("power {}", words::power(phone.power)),
    ];
    parts.extend(phone.expires.map(|at| format!("expires {at}")));
    parts.extend(phone.until.map(|at| format!("until {}", at.wall())));
    parts.extend(phone.auto_renewal.map(|renewal| words::renewing(&renewal)));
    parts
}

fn pretty_order(order: &OrderView) -> Vec<String> {
    vec![
        order.is.to_owned(),
        format!("{} of {}", words::kind(order.kind), words::list(&order.phones)),
        order.term.to_string(),
        format!("{} due", order.due),
    ]
}

fn pretty_coupon(coupon: &CouponView) -> Vec<String> {
    let used = if coupon.used { "used".to_owned() } else { format!("{} left", coupon.balance) };
    vec![used, format!("valid until {}", coupon.valid_until.wall())]
}
