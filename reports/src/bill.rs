//! Bills and cost by day, for people, for programs and for spreadsheets. Rows are written one by one,
//! as a log is read.

use crate::style::{FAINT, MONEY, STRONG, styled};
use crate::words;
use koosim_model::bill::{BillType, Codes, Costs, Cycle, CycleBill, MonthState, PaidBy, Row, Sums};
use koosim_model::money::{Amount, MoneyError};
use koosim_model::name::AccountId;
use koosim_model::time::BillingDay;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Layout of the JSON form.
pub const VERSION: u32 = 1;

/// What is between the items of a list in one field of CSV.
const LIST: &str = " ";

const COLUMNS: &[&str] = &[
    "account",
    "cycle",
    "type",
    "type_code",
    "mode",
    "mode_code",
    "status",
    "status_code",
    "consumed_from",
    "consumed_to",
    "traded_at",
    "order",
    "phones",
    "currency",
    "official",
    "discount",
    "erased",
    "due",
    "cash",
    "credit",
    "voucher",
    "flexi",
    "card",
    "debt",
];

/// The first line of the rows as CSV.
pub fn csv_head() -> String {
    format!("{}\n", COLUMNS.join(","))
}

/// A row as a line of CSV. No field of it can hold a comma, a quote or the end of a line: names,
/// instants and amounts have alphabets of their own.
pub fn csv_row(account: &AccountId, row: &Row, codes: &Codes) -> String {
    let code = |code: Option<_>| code.map_or_else(String::new, |code| format!("{code}"));
    let phones: Vec<_> = row.phones.iter().map(ToString::to_string).collect();
    let order = row.order.as_ref().map_or_else(String::new, ToString::to_string);
    let mut fields = vec![
        account.to_string(),
        row.cycle.to_string(),
        row.bill_type.name().to_owned(),
        code(codes.bill_type(row.bill_type)),
        mode(row).to_owned(),
        code(codes.mode(row.mode)),
        row.status.name().to_owned(),
        code(codes.status(row.status)),
        row.consumed_from.to_string(),
        row.consumed_to.to_string(),
        row.traded_at.to_string(),
        order,
        phones.join(LIST),
        row.due.currency().code().to_owned(),
    ];
    let PaidBy { cash, credit, voucher, flexi, card, debt } = row.paid;
    let amounts =
        [row.official, row.discount, row.erased, row.due, cash, credit, voucher, flexi, card, debt];
    fields.extend(amounts.map(number));
    format!("{}\n", fields.join(","))
}

/// An amount without its currency.
fn number(amount: Amount) -> String {
    let text = amount.to_string();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn mode(row: &Row) -> &'static str {
    match row.mode {
        koosim_model::view::ChargingMode::Subscribed => "subscribed",
        koosim_model::view::ChargingMode::OnDemand => "on_demand",
    }
}

/// A row as JSON, with its account and the codes of the interface.
pub fn json_row(account: &AccountId, row: &Row, codes: &Codes) -> Result<Json, serde_json::Error> {
    let mut json = serde_json::to_value(row)?;
    if let Some(fields) = json.as_object_mut() {
        fields.insert("account".to_owned(), json!(account));
        let coded = [
            ("type_code", codes.bill_type(row.bill_type)),
            ("mode_code", codes.mode(row.mode)),
            ("status_code", codes.status(row.status)),
        ];
        for (name, code) in coded {
            let code = code.and_then(|code| code.to_string().parse::<u32>().ok());
            fields.insert(name.to_owned(), json!(code));
        }
    }
    Ok(json)
}

/// A row as a styled line.
pub fn pretty_row(account: &AccountId, row: &Row) -> String {
    let order = row.order.as_ref().map_or_else(String::new, |order| format!(" {order}"));
    let what = format!("{}{order} of {}", row.bill_type.name(), words::list(&row.phones));
    format!(
        "{} {}  {} {account}  {}  {what}{}\n",
        styled(STRONG, row.cycle),
        row.traded_at.wall(),
        styled(MONEY, format!("{:>14}", row.due.to_string())),
        row.status.name(),
        styled(FAINT, format!("  {}", made_of(row))),
    )
}

/// How an amount due comes about, and who paid it.
fn made_of(row: &Row) -> String {
    let Row { official, discount, erased, .. } = *row;
    let less = [(discount, "off"), (erased, "erased")];
    let less = less.into_iter().filter(|(amount, _)| !amount.is_zero());
    let less: String = less.map(|(amount, what)| format!(", {} {what}", number(amount))).collect();
    format!("list {}{less}; {}", number(official), sources(&row.paid))
}

fn sources(paid: &PaidBy) -> String {
    let PaidBy { cash, credit, voucher, flexi, card, debt } = *paid;
    let all = [
        ("cash", cash),
        ("credit", credit),
        ("voucher", voucher),
        ("flexi", flexi),
        ("card", card),
        ("debt", debt),
    ];
    let used = all.into_iter().filter(|(_, amount)| !amount.is_zero());
    let used: Vec<_> = used.map(|(name, amount)| format!("{name} {}", number(amount))).collect();
    if used.is_empty() { "nothing to pay".to_owned() } else { used.join(", ") }
}

/// The bill of one account for one cycle, with the state of the month.
#[derive(Clone, Copy, Debug)]
pub struct MonthBill<'b> {
    /// Whose.
    pub account: &'b AccountId,
    /// Which cycle.
    pub cycle: Cycle,
    /// Its sums.
    pub bill: &'b CycleBill,
    /// How final it is.
    pub state: MonthState,
}

impl MonthBill<'_> {
    /// As JSON.
    pub fn json(&self) -> Result<Json, MoneyError> {
        Ok(json!({
            "account": self.account,
            "cycle": self.cycle,
            "state": self.state,
            "total": self.bill.total()?,
            "types": self.bill.types,
            "unsettled": self.bill.unsettled,
            "not_yet_billed": self.bill.not_yet_billed,
            "invoiceable": self.bill.invoiceable,
        }))
    }
    /// As styled text.
    pub fn pretty(&self) -> Result<String, MoneyError> {
        let total = self.bill.total()?;
        let (account, cycle) = (styled(STRONG, self.account), styled(STRONG, self.cycle));
        let mut text = format!("{account}  {cycle}  {}\n", self.state.name());
        let line = |name: &str, sums: &Sums| {
            let count = if sums.rows == 1 { "row " } else { "rows" };
            let Sums { official, discount, erased, .. } = *sums;
            let parts = [("list", official), ("off", discount), ("erased", erased)];
            let parts = parts.map(|(what, amount)| format!("{what} {}", number(amount)));
            let due = format!("{:>14}", sums.due.to_string());
            let (due, rows) = (styled(MONEY, due), sums.rows);
            let rest = styled(FAINT, format!("{}; {}", parts.join(", "), sources(&sums.paid)));
            format!("  {name:<18} {rows:>6} {count} {due}  {rest}\n")
        };
        let types: &BTreeMap<BillType, Sums> = &self.bill.types;
        text.extend(types.iter().map(|(of, sums)| line(of.name(), sums)));
        if types.len() > 1 {
            text.push_str(&line("total", &total));
        }
        let open =
            [("still owed", self.bill.unsettled), ("not charged yet", self.bill.not_yet_billed)];
        for (what, amount) in open.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            text.push_str(&format!("  {what:<30} {:>14}\n", amount.to_string()));
        }
        let invoiceable = self.bill.invoiceable.to_string();
        text.push_str(&format!("  {:<30} {invoiceable:>14}\n", "can be invoiced"));
        Ok(text)
    }
}

/// The days that are asked for, with their cost.
pub fn costs<'c>(
    costs: &'c Costs,
    wanted: impl Fn(&AccountId, Cycle) -> bool + 'c,
) -> impl Iterator<Item = (&'c AccountId, BillingDay, Amount)> {
    costs.all().filter(move |(account, day, _)| wanted(account, Cycle::of(*day)))
}

/// The first line of days as CSV.
pub fn csv_cost_head() -> &'static str {
    "account,cycle,day,currency,cost\n"
}

/// A day as a line of CSV.
pub fn csv_cost(account: &AccountId, day: BillingDay, cost: Amount) -> String {
    let (cycle, currency) = (Cycle::of(day), cost.currency().code());
    format!("{account},{cycle},{day},{currency},{}\n", number(cost))
}

/// A day as JSON.
pub fn json_cost(account: &AccountId, day: BillingDay, cost: Amount) -> Json {
    json!({ "account": account, "cycle": Cycle::of(day), "day": day, "cost": cost })
}

/// A day as a styled line.
pub fn pretty_cost(account: &AccountId, day: BillingDay, cost: Amount) -> String {
    format!("{} {account}  {}\n", styled(STRONG, day), styled(MONEY, cost))
}
