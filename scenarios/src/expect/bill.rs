//! Expectations of bills and of what days cost: views of the records so far.

use koosim_engine::record::Record;
use koosim_model::bill::{BillType, Bills, Costs, Cycle, MonthState, Sums};
use koosim_model::decision::Fault;
use koosim_model::money::Amount;
use koosim_model::name::AccountId;
use koosim_model::rulebook::{Family, RuleId};
use koosim_model::rules::Rules;
use koosim_model::time::{BillingDay, SimTime};

/// Which part of the bills an expectation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillPart {
    /// A cycle, perhaps only its rows of one type.
    Cycle(Cycle, Option<BillType>),
    /// A day.
    Day(BillingDay),
}

/// An amount of a bill that can be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillAmount {
    /// Sum of the rows: which of their amounts.
    Sum(&'static str),
    /// What is still owed.
    Unsettled,
    /// What is not charged yet.
    NotYetBilled,
    /// What can be invoiced.
    Invoiceable,
    /// What the days cost.
    Cost,
}

/// What a bill must say; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillExpectation {
    /// Whose bill.
    pub account: AccountId,
    /// Of what.
    pub part: BillPart,
    /// How final the month is.
    pub state: Option<MonthState>,
    /// How many rows.
    pub rows: Option<u64>,
    /// Amounts by name.
    pub amounts: Vec<(BillAmount, Amount)>,
    /// A rule that what is looked at follows.
    pub rule: Option<RuleId>,
}

impl BillAmount {
    fn name(self) -> &'static str {
        match self {
            Self::Sum(name) => name,
            Self::Unsettled => "unsettled",
            Self::NotYetBilled => "not_yet_billed",
            Self::Invoiceable => "invoiceable",
            Self::Cost => "cost",
        }
    }
    /// Whether it can be told of a single type of rows.
    pub fn is_of_rows(self) -> bool {
        matches!(self, Self::Sum(_))
    }
}

const fn rule(number: u8) -> RuleId {
    RuleId::new(Family::R, 11, number)
}

impl BillExpectation {
    /// The rules of what is looked at.
    pub fn rules(&self) -> Vec<RuleId> {
        let any = |which: fn(&BillAmount) -> bool| self.amounts.iter().any(|(of, _)| which(of));
        let sums = any(|of| of.is_of_rows()) || self.rows.is_some();
        let typed = matches!(self.part, BillPart::Cycle(_, Some(_)));
        let invoice = any(|of| *of == BillAmount::Invoiceable);
        let cost = any(|of| *of == BillAmount::Cost);
        let looked_at = [
            (1, typed),
            (2, sums || any(|of| matches!(of, BillAmount::Unsettled | BillAmount::NotYetBilled))),
            (3, sums),
            (4, sums || invoice),
            (5, self.state.is_some()),
            (6, invoice),
            (7, cost),
        ];
        looked_at.into_iter().filter(|(_, looked)| *looked).map(|(n, _)| rule(n)).collect()
    }
}

/// The bills of a run in progress.
#[derive(Debug)]
pub(super) struct Billing {
    rules: Rules,
    bills: Bills,
    costs: Costs,
    /// Why the bills cannot be told, if they cannot.
    broken: Option<String>,
}

impl Billing {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, bills: Bills::default(), costs: Costs::default(), broken: None }
    }

    pub(super) fn take(&mut self, record: &Record) {
        if self.broken.is_none()
            && let Err(fault) = self.add(record)
        {
            self.broken = Some(fault.to_string());
        }
    }

    fn add(&mut self, record: &Record) -> Result<(), Fault> {
        let Some(event) = record.event() else { return Ok(()) };
        self.bills.take(&self.rules, record.at, &record.account, event)?;
        self.costs.take(&self.rules, record.at, &record.account, event)
    }

    pub(super) fn check(&self, expected: &BillExpectation, now: SimTime) -> Result<(), String> {
        let subject = match expected.part {
            BillPart::Cycle(cycle, None) => format!("bill of `{}` for {cycle}", expected.account),
            BillPart::Cycle(cycle, Some(of)) => {
                format!("`{}` rows of `{}` for {cycle}", of.name(), expected.account)
            }
            BillPart::Day(day) => format!("cost of `{}` on {day}", expected.account),
        };
        let differences = self.differences(expected, now)?;
        if differences.is_empty() {
            return Ok(());
        }
        Err(format!("{subject}: {}", differences.join("; ")))
    }

    fn differences(&self, expected: &BillExpectation, now: SimTime) -> Result<Vec<String>, String> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let mut out = vec![];
        let mut differ = |what: &str, expected: String, seen: String| {
            if expected != seen {
                out.push(format!("{what}: expected {expected}, seen {seen}"));
            }
        };
        if let (Some(state), BillPart::Cycle(cycle, _)) = (expected.state, expected.part) {
            let seen = self.bills.state(&self.rules, &expected.account, cycle, now);
            differ("state", state.name().to_owned(), seen.name().to_owned());
        }
        let wrong = |error: koosim_model::money::MoneyError| error.to_string();
        if let Some(rows) = expected.rows {
            let seen = self.sums(expected)?.map_or(0, |sums| sums.rows);
            differ("rows", rows.to_string(), seen.to_string());
        }
        for (of, amount) in &expected.amounts {
            let zero = Amount::zero(amount.currency());
            let seen = self.amount(expected, *of)?.unwrap_or(zero);
            differ(of.name(), amount.to_string(), seen.to_string());
        }
        if let BillPart::Cycle(cycle, _) = expected.part
            && let Some(bill) = self.bills.cycle(&expected.account, cycle)
            && !bill.agrees().map_err(wrong)?
        {
            out.push("the detail bill has other money than the transaction bill".to_owned());
        }
        if let Some(rule) = expected.rule.filter(|rule| !expected.rules().contains(rule)) {
            let rules: Vec<_> = expected.rules().iter().map(ToString::to_string).collect();
            out.push(format!("rule: expected {rule}, seen {}", rules.join(", ")));
        }
        Ok(out)
    }

    fn sums(&self, expected: &BillExpectation) -> Result<Option<Sums>, String> {
        let BillPart::Cycle(cycle, only) = expected.part else { return Ok(None) };
        let Some(bill) = self.bills.cycle(&expected.account, cycle) else { return Ok(None) };
        match only {
            Some(only) => Ok(bill.types.get(&only).copied()),
            None => bill.total().map(Some).map_err(|error| error.to_string()),
        }
    }

    fn amount(&self, expected: &BillExpectation, of: BillAmount) -> Result<Option<Amount>, String> {
        let account = &expected.account;
        let cycle = match expected.part {
            BillPart::Cycle(cycle, _) => cycle,
            BillPart::Day(day) => return Ok(self.costs.on(account, day)),
        };
        let bill = self.bills.cycle(account, cycle);
        Ok(match of {
            BillAmount::Sum(name) => self.sums(expected)?.and_then(|sums| sum_of(&sums, name)),
            BillAmount::Unsettled => bill.map(|bill| bill.unsettled),
            BillAmount::NotYetBilled => bill.map(|bill| bill.not_yet_billed),
            BillAmount::Invoiceable => bill.map(|bill| bill.invoiceable),
            BillAmount::Cost => {
                self.costs.of_cycle(account, cycle).map_err(|error| error.to_string())?
            }
        })
    }
}

fn sum_of(sums: &Sums, name: &str) -> Option<Amount> {
    Some(match name {
        "official" => sums.official,
        "discount" => sums.discount,
        "erased" => sums.erased,
        "due" => sums.due,
        "cash" => sums.paid.cash,
        "credit" => sums.paid.credit,
        "voucher" => sums.paid.voucher,
        "flexi" => sums.paid.flexi,
        "card" => sums.paid.card,
        "debt" => sums.paid.debt,
        _ => return None,
    })
}
