//! What holds of the bills of every history.

use crate::desk::Desk;
use koosim_model::bill::{BillType, Bills, Costs, Cycle, Row, Sums};
use koosim_model::ledger::Book;
use koosim_model::money::Amount;
use koosim_model::name::AccountId;
use std::collections::BTreeMap;

type ByType = BTreeMap<(Cycle, BillType), Sums>;

fn add(sums: &mut ByType, row: &Row) {
    let paid = row.paid.total().unwrap();
    assert_eq!(paid, row.due, "the sources pay what is due: {row:?}");
    let parts = row.discount.plus(row.erased).unwrap().plus(row.due).unwrap();
    assert_eq!(parts, row.official, "official = discount + erased + due: {row:?}");
    let nothing = Sums::nothing(row.due.currency());
    let sum = sums.entry((row.cycle, row.bill_type)).or_insert(nothing);
    *sum = sum.with(row).unwrap();
}

fn without_count(sums: &ByType) -> BTreeMap<(Cycle, BillType), Sums> {
    sums.iter().map(|(key, sums)| (*key, Sums { rows: 0, ..*sums })).collect()
}

/// Both bills have the same money, and it is the money that the books of the account have.
pub(crate) fn agree(desk: &Desk) {
    let account = AccountId::new("acme").unwrap();
    let (mut bills, mut costs) = (Bills::default(), Costs::default());
    let (mut transaction, mut detail) = (ByType::new(), ByType::new());
    for (at, event) in desk.log() {
        let rows = bills.take(desk.rules(), *at, &account, event).unwrap();
        rows.transaction.iter().for_each(|row| add(&mut transaction, row));
        rows.detail.iter().for_each(|row| add(&mut detail, row));
        costs.take(desk.rules(), *at, &account, event).unwrap();
    }
    assert_eq!(without_count(&transaction), without_count(&detail), "R11.3");
    let zero = Amount::zero(desk.account().currency());
    let sum = |amounts: &mut dyn Iterator<Item = Amount>| {
        amounts.fold(zero, |sum, amount| sum.plus(amount).unwrap())
    };
    let kept = bills.all().map(|(_, cycle, bill)| (cycle, bill.total().unwrap()));
    let kept: Vec<(Cycle, Sums)> = kept.collect();
    let billed = sum(&mut kept.iter().map(|(_, total)| total.due));
    assert_eq!(billed, sum(&mut transaction.values().map(|sums| sums.due)));
    let ledger = &desk.account().ledger;
    assert_eq!(billed, ledger.balance(&Book::Revenue), "the bill is what the service earned");
    let vouchers = sum(&mut kept.iter().map(|(_, total)| total.paid.voucher));
    let invoiceable = sum(&mut bills.all().map(|(.., bill)| bill.invoiceable));
    let owed = sum(&mut bills.all().map(|(.., bill)| bill.unsettled));
    assert_eq!(owed, desk.account().debt(), "what is owed is owed of some month");
    let parts = invoiceable.plus(vouchers).unwrap().plus(owed).unwrap();
    assert_eq!(parts, billed, "R11.6");
    assert!(bills.all().all(|(.., bill)| !bill.invoiceable.is_negative()));
    assert!(bills.all().all(|(.., bill)| bill.not_yet_billed.is_zero()));
    let cost = sum(&mut costs.all().map(|(_, _, amount)| amount));
    assert_eq!(cost, billed, "R11.7: the days cost what was charged");
}
