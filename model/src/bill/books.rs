//! Events into rows: the transaction bill and, of the same money, the detail bill (R11.3).

use super::cycle::{Cycle, MonthState};
use super::metered::Metered;
use super::row::{BillType, RecordStatus, Row};
use super::sums::{CouponKinds, CycleBill, PaidBy};
use crate::decision::Fault;
use crate::event::{
    Charged, ErasedCollected, Event, MonthCharged, RefundTerms, Refunded, Settled, SizeChanged,
};
use crate::money::{Amount, Currency, MoneyError, Rounding, Unrounded};
use crate::name::{AccountId, OrderId, PhoneId};
use crate::rules::{CycleBy, Params, Rules, payment, usage};
use crate::state::OrderKind;
use crate::time::SimTime;
use crate::view::ChargingMode;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, VecDeque};

/// The rows that one event makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Of the transaction bill: one for each order, refund or settlement.
    pub transaction: Vec<Row>,
    /// Of the detail bill: the same money by phone.
    pub detail: Vec<Row>,
}

impl Rows {
    fn both(row: Row) -> Self {
        Self { transaction: vec![row.clone()], detail: vec![row] }
    }
}

/// The bills of every account, as far as the log has been read.
#[derive(Clone, Debug, Default)]
pub struct Bills {
    accounts: BTreeMap<AccountId, Books>,
}

impl Bills {
    /// Reads one event; answers the rows that it makes.
    ///
    /// # Errors
    /// A [`Fault`] where a sum leaves its range, or where the event speaks of an account that no event
    /// has opened.
    pub fn take(
        &mut self,
        rules: &Rules,
        at: SimTime,
        account: &AccountId,
        event: &Event,
    ) -> Result<Rows, Fault> {
        if let Event::AccountOpened(opened) = event {
            let books = Books::new(opened.credit_limit.currency());
            self.accounts.insert(account.clone(), books);
            return Ok(Rows::default());
        }
        let books = self.accounts.get_mut(account).ok_or_else(|| Fault::Missing {
            event: event.kind(),
            what: "account",
            name: account.to_string(),
        })?;
        let rows = books.take(rules.params(at), at, event)?;
        for row in &rows.transaction {
            books.cycle(row.cycle).add(row)?;
        }
        for row in &rows.detail {
            let bill = books.cycle(row.cycle);
            bill.detail = bill.detail.with(row)?;
        }
        Ok(rows)
    }
    /// The bill of one account for one cycle; `None` if there is nothing in it.
    pub fn cycle(&self, account: &AccountId, cycle: Cycle) -> Option<&CycleBill> {
        self.accounts.get(account).and_then(|books| books.cycles.get(&cycle))
    }
    /// R11.5: how final a cycle of an account is at `now`: as the calendar has it, but not final while
    /// use of it waits to be charged.
    pub fn state(
        &self,
        rules: &Rules,
        account: &AccountId,
        cycle: Cycle,
        now: SimTime,
    ) -> MonthState {
        let state = cycle.state_at(&rules.params(now).bills, now);
        let waits = self.cycle(account, cycle).is_some_and(|b| b.not_yet_billed.is_positive());
        if waits { state.min(MonthState::Ended) } else { state }
    }
    /// What an account is billed in, once it is open.
    pub fn currency(&self, account: &AccountId) -> Option<Currency> {
        self.accounts.get(account).map(|books| books.currency)
    }
    /// Every bill, by account and cycle.
    pub fn all(&self) -> impl Iterator<Item = (&AccountId, Cycle, &CycleBill)> {
        self.accounts.iter().flat_map(|(id, books)| {
            books.cycles.iter().map(move |(cycle, bill)| (id, *cycle, bill))
        })
    }
}

/// Where a paid period stands in the bills, while its phone lives.
#[derive(Clone, Debug)]
struct PaidPeriod {
    cycle: Cycle,
    /// What changes of size added to it, and in which cycles they were billed; oldest first.
    raised: Vec<(Cycle, Amount)>,
    /// When it ends, once it has its place.
    ends: Option<SimTime>,
}

/// What goes with its phone. A period of that name without a place is of a phone that is still to come,
/// or never came and waits for its refund.
fn had_its_place(paid: &PaidPeriod) -> bool {
    paid.ends.is_some()
}

/// The bills of one account.
#[derive(Clone, Debug)]
struct Books {
    currency: Currency,
    kinds: CouponKinds,
    paid: BTreeMap<(PhoneId, OrderId), PaidPeriod>,
    metered: BTreeMap<Cycle, Metered>,
    /// What is owed and since which cycle, oldest first.
    owed: VecDeque<(Cycle, Amount)>,
    /// What was billed as paid on credit, by the month of the charge and the cycle of the bill: a month
    /// that cannot be settled is owed of these.
    on_credit: BTreeMap<(Cycle, Cycle), Amount>,
    /// The month of the event that was taken last.
    month: Cycle,
    cycles: BTreeMap<Cycle, CycleBill>,
}

impl Books {
    fn new(currency: Currency) -> Self {
        Self {
            currency,
            kinds: BTreeMap::new(),
            paid: BTreeMap::new(),
            metered: BTreeMap::new(),
            owed: VecDeque::new(),
            on_credit: BTreeMap::new(),
            month: Cycle::of(SimTime::EPOCH.day()),
            cycles: BTreeMap::new(),
        }
    }

    fn cycle(&mut self, cycle: Cycle) -> &mut CycleBill {
        let nothing = || CycleBill::nothing(self.currency);
        self.cycles.entry(cycle).or_insert_with(nothing)
    }

    fn take(&mut self, params: &Params, at: SimTime, event: &Event) -> Result<Rows, Fault> {
        self.month = Cycle::of(at.day());
        match event {
            Event::Charged(e) => return self.charged(at, e),
            Event::Settled(e) => return self.settled(params, at, e),
            Event::MonthCharged(e) => return self.month(params, at, e),
            Event::Refunded(e) => return self.refunded(at, e),
            Event::SizeChanged(e) => return self.resized(at, e),
            Event::Metered(e) => {
                let cycle = Cycle::of(usage::cycle_of(e.to));
                let bill = self.cycle(cycle);
                let net = e.official.minus(e.discount)?;
                bill.not_yet_billed = bill.not_yet_billed.plus(net)?;
                self.metered.entry(cycle).or_default().add(e)?;
            }
            Event::ErasedCollected(e) => return self.erased(at, e),
            Event::MonthSettled(e) => {
                self.credit_is_owed(Cycle::of(e.cycle), e.debt)?;
            }
            Event::ToppedUp(e) => self.debt_paid(e.to_debt)?,
            Event::DebtPaid(e) => self.debt_paid(e.amount)?,
            Event::CouponGranted(e) => {
                self.kinds.insert(e.coupon.clone(), e.terms.worth);
            }
            Event::Provisioned(e) => self.has_place(&e.phone, &e.order, e.expires.boundary()),
            Event::BecameSubscribed(e) => {
                self.has_place(&e.phone, &e.order, e.expires.boundary());
            }
            Event::Renewed(e) => {
                self.forget(&e.phone, |paid| paid.ends.is_some_and(|ends| ends <= at));
                self.has_place(&e.phone, &e.order, e.expires.boundary());
            }
            Event::Unsubscribed(e) if e.expires.is_none() => self.forget(&e.phone, had_its_place),
            Event::BecameOnDemand(e) => self.forget(&e.phone, had_its_place),
            Event::Released(e) => self.forget(&e.phone, had_its_place),
            _ => {}
        }
        Ok(Rows::default())
    }

    /// A row of something that is subscribed and paid at `at`, with nothing in it yet.
    fn row(&self, cycle: Cycle, bill_type: BillType, at: SimTime) -> Row {
        let zero = Amount::zero(self.currency);
        Row {
            cycle,
            bill_type,
            mode: ChargingMode::Subscribed,
            status: RecordStatus::Paid,
            consumed_from: at,
            consumed_to: at,
            traded_at: at,
            order: None,
            phones: Vec::new(),
            official: zero,
            discount: zero,
            erased: zero,
            due: zero,
            paid: PaidBy::nothing(self.currency),
        }
    }

    /// The same for use between two instants.
    fn row_of_use(
        &self,
        cycle: Cycle,
        bill_type: BillType,
        at: SimTime,
        (consumed_from, consumed_to): (SimTime, SimTime),
    ) -> Row {
        let mode = ChargingMode::OnDemand;
        Row { mode, consumed_from, consumed_to, ..self.row(cycle, bill_type, at) }
    }

    fn has_place(&mut self, phone: &PhoneId, order: &OrderId, ends: SimTime) {
        if let Some(paid) = self.paid.get_mut(&(phone.clone(), order.clone())) {
            paid.ends = Some(ends);
        }
    }

    fn forget(&mut self, phone: &PhoneId, which: impl Fn(&PaidPeriod) -> bool) {
        self.paid.retain(|(of, _), paid| of != phone || !which(paid));
    }

    /// R1.12: an order is billed when it is paid.
    fn charged(&mut self, at: SimTime, e: &Charged) -> Result<Rows, Fault> {
        let before = e.due.plus(e.coupon_discount)?;
        let official = before.plus(e.discount)?;
        let discount = e.discount.plus(e.coupon_discount);
        let row = Row {
            order: Some(e.order.clone()),
            phones: e.phones.clone(),
            official,
            discount: discount?,
            due: e.due,
            paid: PaidBy::of(&e.paid, &self.kinds)?,
            ..self.row(Cycle::of(at.day()), type_of(e.reason), at)
        };
        self.can_be_invoiced(row.cycle, row.paid)?;
        let mut detail = Vec::with_capacity(e.phones.len());
        let mut left = official;
        for (place, phone) in e.phones.iter().enumerate() {
            let share = payment::share(&e.paid, e.phones.len(), place)?;
            let due = share.total()?;
            // Phones of one order have one price; what does not divide is the last one's.
            let last = place + 1 == e.phones.len();
            let official = if last { left } else { part_of(official, e.phones.len())? };
            left = left.minus(official)?;
            let paid = PaidBy::of(&share, &self.kinds)?;
            let (phones, discount) = (vec![phone.clone()], official.minus(due)?);
            detail.push(Row { phones, official, discount, due, paid, ..row.clone() });
            let period = PaidPeriod { cycle: row.cycle, raised: Vec::new(), ends: None };
            self.paid.insert((phone.clone(), e.order.clone()), period);
        }
        Ok(Rows { transaction: vec![row], detail })
    }

    /// R2.3, R11.4: an hour of use.
    fn settled(&mut self, params: &Params, at: SimTime, e: &Settled) -> Result<Rows, Fault> {
        let cycle = match params.bills.cycle_by {
            CycleBy::Charge => Cycle::of(at.day()),
            CycleBy::Consumption => Cycle::of(usage::cycle_of(e.to)),
        };
        let row = Row {
            status: self.owes(cycle, e.paid.debt)?,
            phones: vec![e.phone.clone()],
            official: e.official,
            discount: e.discount,
            erased: e.erased,
            due: e.due,
            paid: PaidBy::of(&e.paid, &self.kinds)?,
            ..self.row_of_use(cycle, BillType::Usage, at, (e.from, e.to))
        };
        self.can_be_invoiced(cycle, row.paid)?;
        Ok(Rows::both(row))
    }

    /// R2.5, R2.8: a month of use, rounded once. It is the bill of the month that it names, whatever
    /// R11.4 says of single records.
    fn month(&mut self, params: &Params, at: SimTime, e: &MonthCharged) -> Result<Rows, Fault> {
        let cycle = Cycle::of(e.cycle);
        let metered = self.metered.remove(&cycle).unwrap_or_default();
        let status = self.owes(cycle, e.paid.debt)?;
        let (official, discount) = metered.sums(self.currency)?;
        let month = (cycle.first_day().start(), cycle.last_day().end());
        let row = Row {
            status,
            phones: metered.phones(),
            official,
            discount,
            erased: e.erased,
            due: e.due,
            paid: PaidBy::of(&e.paid, &self.kinds)?,
            ..self.row_of_use(cycle, BillType::Usage, at, month)
        };
        self.can_be_invoiced(cycle, row.paid)?;
        let bill = self.cycle(cycle);
        bill.not_yet_billed = bill.not_yet_billed.minus(e.total)?;
        let detail = metered.rows(params, &row, &e.paid, &self.kinds)?;
        Ok(Rows { transaction: vec![row], detail })
    }

    /// R2.9: what a month has erased, collected in one sum.
    fn erased(&mut self, at: SimTime, e: &ErasedCollected) -> Result<Rows, Fault> {
        let cycle = Cycle::of(e.cycle);
        let month = (cycle.first_day().start(), cycle.last_day().end());
        let row = Row {
            status: self.owes(cycle, e.paid.debt)?,
            official: e.total,
            erased: e.erased,
            due: e.due,
            paid: PaidBy::of(&e.paid, &self.kinds)?,
            ..self.row_of_use(cycle, BillType::ErasedAmountCollected, at, month)
        };
        self.can_be_invoiced(cycle, row.paid)?;
        Ok(Rows::both(row))
    }

    /// R9.9, R11.6: money that goes back belongs to the month in which it does, and lessens what can
    /// be invoiced of the order that had paid it.
    fn refunded(&mut self, at: SimTime, e: &Refunded) -> Result<Rows, Fault> {
        let (back, paid) = (e.refund.total()?, PaidBy::of(&e.refund, &self.kinds)?.negated());
        let key = (e.phone.clone(), e.order.clone());
        let cycle = Cycle::of(at.day());
        self.comes_back(&key, cycle, paid)?;
        if e.terms == RefundTerms::ProvisioningFailed {
            self.paid.remove(&key);
        }
        let bill_type = match e.terms {
            RefundTerms::Switched => BillType::RefundToOnDemand,
            _ => BillType::RefundUnsubscribe,
        };
        Ok(Rows::both(Row {
            order: Some(e.order.clone()),
            phones: vec![e.phone.clone()],
            official: back.negated(),
            due: back.negated(),
            paid,
            ..self.row(cycle, bill_type, at)
        }))
    }

    /// R10.5: a larger size is charged, a smaller one returns.
    fn resized(&mut self, at: SimTime, e: &SizeChanged) -> Result<Rows, Fault> {
        let (paid, returned) =
            (PaidBy::of(&e.paid, &self.kinds)?, PaidBy::of(&e.returned, &self.kinds)?.negated());
        let key = (e.phone.clone(), e.order.clone());
        let cycle = Cycle::of(at.day());
        self.can_be_invoiced(cycle, paid)?;
        if let Some(period) = self.paid.get_mut(&key) {
            period.raised.push((cycle, paid.can_be_invoiced()?));
        }
        self.comes_back(&key, cycle, returned)?;
        let back = e.due.is_negative();
        let bill_type = if back { BillType::RefundChange } else { BillType::Change };
        Ok(Rows::both(Row {
            order: Some(e.order.clone()),
            phones: vec![e.phone.clone()],
            official: e.official,
            discount: e.discount,
            erased: e.erased,
            due: e.due,
            paid: paid.plus(returned)?,
            ..self.row(cycle, bill_type, at)
        }))
    }

    /// Keeps what a charge of `month` billed to `cycle` as paid on credit; what comes back to the credit
    /// line is off the newest month first.
    fn on_credit(&mut self, month: Cycle, cycle: Cycle, credit: Amount) -> Result<(), MoneyError> {
        if credit.is_positive() {
            let held = self.on_credit.entry((month, cycle)).or_insert(Amount::zero(self.currency));
            *held = held.plus(credit)?;
            return Ok(());
        }
        let mut back = credit.negated();
        for held in self.on_credit.values_mut().rev() {
            let part = held.lesser(back)?;
            *held = held.minus(part)?;
            back = back.minus(part)?;
        }
        Ok(())
    }

    /// What a month's charges billed as paid on credit turns out to be owed, the newest cycle first.
    fn credit_is_owed(&mut self, month: Cycle, debt: Amount) -> Result<(), MoneyError> {
        let of_month = self.on_credit.iter().filter(|((charged, _), _)| *charged == month);
        let parts: Vec<(Cycle, Amount)> =
            of_month.map(|((_, cycle), held)| (*cycle, *held)).collect();
        self.on_credit.retain(|(charged, _), _| *charged > month);
        let mut left = debt;
        for (cycle, held) in parts.into_iter().rev() {
            let part = held.lesser(left)?;
            left = left.minus(part)?;
            self.owes(cycle, part)?;
            let bill = self.cycle(cycle);
            bill.invoiceable = bill.invoiceable.minus(part)?;
        }
        Ok(())
    }

    /// R4.3, R11.6: vouchers cannot be invoiced, nor what is still owed.
    fn can_be_invoiced(&mut self, cycle: Cycle, paid: PaidBy) -> Result<(), MoneyError> {
        self.on_credit(self.month, cycle, paid.credit)?;
        let bill = self.cycle(cycle);
        bill.invoiceable = bill.invoiceable.plus(paid.can_be_invoiced()?)?;
        Ok(())
    }

    /// R11.6: what comes back of an order lessens the months that it was paid in, the newest first;
    /// `returned` is below zero.
    fn comes_back(
        &mut self,
        key: &(PhoneId, OrderId),
        cycle: Cycle,
        returned: PaidBy,
    ) -> Result<(), MoneyError> {
        let mut left = returned.can_be_invoiced()?.negated();
        let mut parts = Vec::new();
        let mut of = cycle;
        if let Some(period) = self.paid.get_mut(key) {
            of = period.cycle;
            for (cycle, raised) in period.raised.iter_mut().rev() {
                let part = raised.lesser(left)?;
                (*raised, left) = (raised.minus(part)?, left.minus(part)?);
                if part.is_positive() {
                    parts.push((*cycle, part));
                }
            }
        }
        parts.push((of, left));
        self.on_credit(self.month, of, returned.credit)?;
        for (cycle, part) in parts {
            let bill = self.cycle(cycle);
            bill.invoiceable = bill.invoiceable.minus(part)?;
        }
        Ok(())
    }

    fn owes(&mut self, cycle: Cycle, debt: Amount) -> Result<RecordStatus, MoneyError> {
        if !debt.is_positive() {
            return Ok(RecordStatus::Paid);
        }
        let bill = self.cycle(cycle);
        bill.unsettled = bill.unsettled.plus(debt)?;
        match self.owed.back_mut().filter(|(last, _)| *last == cycle) {
            Some((_, owed)) => *owed = owed.plus(debt)?,
            None => self.owed.push_back((cycle, debt)),
        }
        Ok(RecordStatus::Unsettled)
    }

    /// Debt is paid from its oldest part on, and what is paid can be invoiced.
    fn debt_paid(&mut self, amount: Amount) -> Result<(), MoneyError> {
        let mut left = amount;
        while left.is_positive() {
            let Some((cycle, owed)) = self.owed.pop_front() else { break };
            let paid = owed.lesser(left)?;
            left = left.minus(paid)?;
            let bill = self.cycle(cycle);
            bill.unsettled = bill.unsettled.minus(paid)?;
            bill.invoiceable = bill.invoiceable.plus(paid)?;
            let rest = owed.minus(paid)?;
            if rest.is_positive() {
                self.owed.push_front((cycle, rest));
            }
        }
        Ok(())
    }
}

/// The type of the bill of an order (R11.1).
fn type_of(kind: OrderKind) -> BillType {
    match kind {
        OrderKind::New | OrderKind::Subscribe => BillType::New,
        OrderKind::Renew => BillType::Renew,
        OrderKind::AutoRenew => BillType::AutoRenew,
    }
}

/// One of `parts` equal parts of a list price, at eight decimals.
fn part_of(price: Amount, parts: usize) -> Result<Amount, MoneyError> {
    const PART_DECIMALS: u32 = 8;
    let parts = Decimal::from(u32::try_from(parts).map_err(|_| MoneyError::Overflow)?);
    let part = price.value().checked_div(parts).ok_or(MoneyError::Overflow)?;
    Unrounded::of(part, price.currency()).rounded(Rounding::Truncate, PART_DECIMALS)
}
