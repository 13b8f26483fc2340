//! A log of other rules is noticed: every parameter of a rule is set to another value, for the teller
//! of the log or for its auditor, and the invariant of the rule must complain.

use super::{Audited, Story, corpus};
use crate::desk::{self, Desk, money};
use koosim_engine::plan::{Book, Plan};
use koosim_model::command::{Op, Tier};
use koosim_model::money::{Currency, Fraction};
use koosim_model::name::{PhoneId, SizeId};
use koosim_model::rulebook::{RuleId, Rulebook};
use koosim_model::rules::{Prices, Rules};
use koosim_model::time::{SimDuration, WallTime};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// Who has the other value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// The log is told by it, and audited by the scenario's own.
    Teller,
    /// The log is told by the scenario's own, and audited by it.
    Auditor,
}

use Whose::{Auditor, Teller};

/// A parameter, another value, who has it, and the invariant that complains.
type Row = (&'static str, &'static str, Whose, &'static str);

const SUBSCRIPTIONS: &[Row] = &[
    ("R1.2.effective_time", "paid", Teller, "a period begins with the second of its activation"),
    ("R1.7.months_max", "1", Auditor, "terms are of the lengths on offer"),
    ("R1.7.years_max", "1", Auditor, "terms are of the lengths on offer"),
    ("R1.7.terms_on_offer", "monthly", Auditor, "terms are of the lengths on offer"),
    (
        "R1.9.payment_deadline",
        "3 days",
        Teller,
        "an order nobody paid is cancelled at its deadline",
    ),
    (
        "R1.11.orders_paid_together_max",
        "1",
        Auditor,
        "what one action ordered is paid and cancelled together",
    ),
    ("R1.13.refund_lag", "2 h", Teller, "what cannot be provisioned is paid back in full"),
];

const ON_DEMAND: &[Row] = &[
    (
        "R2.5.deduction_lag_default",
        "30 min",
        Teller,
        "use is deducted after its hour, or with its month",
    ),
    ("R2.5.deduction_mode", "monthly", Teller, "use is deducted after its hour, or with its month"),
    ("R2.5.monthly_charge_day", "5", Teller, "use is deducted after its hour, or with its month"),
    (
        "R2.5.monthly_charge_time",
        "02:00",
        Teller,
        "use is deducted after its hour, or with its month",
    ),
    (
        "R2.6.powered_off_is_billed",
        "no",
        Teller,
        "a phone that is switched off is billed or not, as the book says",
    ),
    ("R2.7.usage_decimals", "3", Teller, "a record costs its seconds at the price of the hour"),
    ("R2.7.fee_decimals", "3", Teller, "a record costs its seconds at the price of the hour"),
    (
        "R2.7.fee_rounding",
        "truncate",
        Teller,
        "a record costs its seconds at the price of the hour",
    ),
    ("R2.8.due_decimals", "1", Teller, "an amount due is rounded as the site does"),
    ("R2.8.due_rounding", "half_up", Teller, "an amount due is rounded as the site does"),
    (
        "R2.9.erased_is_collected",
        "yes",
        Teller,
        "what rounding takes off is dropped, or collected with the month",
    ),
    ("R2.13.deposit", "5", Teller, "a deposit is kept from creation to the first settlement"),
    (
        "R2.13.balance_to_create",
        "100000",
        Auditor,
        "a deposit is kept from creation to the first settlement",
    ),
];

const MONEY: &[Row] = &[
    ("R3.1.year_price_months", "10", Teller, "an order costs its months or years for each phone"),
    (
        "R3.2.price_month.pro-4c8g64g",
        "260",
        Teller,
        "what the catalogue does not price has its published price",
    ),
    (
        "R3.4.counts_in_automatic_payment",
        "no",
        Teller,
        "a promotion takes the place of the discount, and by itself only where it had before",
    ),
    (
        "R4.1.coupons_per_order_max",
        "1",
        Auditor,
        "an order takes one coupon of a kind, then the balance, then credit",
    ),
    (
        "R4.3.vouchers_per_order_max",
        "0",
        Auditor,
        "a voucher pays for what it is limited to, alone of its kind",
    ),
    ("R4.4.card_validity_months", "1", Teller, "a card lasts its months"),
    (
        "R4.7.fires_at_threshold",
        "no",
        Teller,
        "a balance alert is given at the threshold, on its days",
    ),
    ("R4.7.days", "2", Teller, "a balance alert is given at the threshold, on its days"),
    ("R4.7.days", "3", Auditor, "a balance alert is given at the threshold, on its days"),
    (
        "R4.8.transfer_lag_default",
        "2 h",
        Teller,
        "a top-up pays what is owed first, and a transfer takes its time",
    ),
];

const RENEWAL: &[Row] = &[
    (
        "R5.1.verification_needed",
        "enterprise",
        Auditor,
        "only subscriptions that nothing stands against are renewed",
    ),
    (
        "R5.4.renewals_per_call_max",
        "1",
        Auditor,
        "phones renewed in one action have orders of one group, or an answer each",
    ),
    (
        "R5.6.unified_day",
        "15",
        Teller,
        "a unified renewal ends on the first unified day and pays the extra days",
    ),
    (
        "R5.6.first_day_counting",
        "expiry_day",
        Teller,
        "a unified renewal ends on the first unified day and pays the extra days",
    ),
    (
        "R5.6.extra_day_price",
        "order_days",
        Teller,
        "a unified renewal ends on the first unified day and pays the extra days",
    ),
    (
        "R5.6.becomes_anchor",
        "no",
        Teller,
        "a unified renewal ends on the first unified day and pays the extra days",
    ),
    ("R5.8.total_months_max", "1", Auditor, "nothing is renewed beyond the greatest total term"),
    ("R6.1.attempt_time", "04:00", Teller, "attempts begin on the deduction day at their time"),
    ("R6.1.first_attempt_days", "5", Teller, "attempts begin on the deduction day at their time"),
    (
        "R6.2.months_if_bought_by_month",
        "2",
        Teller,
        "what was bought by month renews by a month, by year by a year",
    ),
    (
        "R6.2.years_if_bought_by_year",
        "2",
        Teller,
        "what was bought by month renews by a month, by year by a year",
    ),
    ("R6.4.retries_end", "retention_end", Teller, "nothing is tried after the last attempt"),
    ("R6.5.deduction_day_min", "7", Auditor, "the deduction day lies in its range"),
    ("R6.5.deduction_day_max", "2", Auditor, "the deduction day lies in its range"),
    (
        "R6.6.times_max",
        "1",
        Auditor,
        "each automatic renewal lowers the count by one, and the last ends it",
    ),
    ("R6.8.uses_vouchers", "no", Teller, "an automatic renewal takes the largest voucher or none"),
    ("R6.8.tie", "smallest_id", Teller, "an automatic renewal takes the largest voucher or none"),
    ("R6.9.sent", "no", Auditor, "notices go out on their days at their time"),
    ("R6.9.time", "11:00", Teller, "notices go out on their days at their time"),
    ("R6.9.channels.sms", "0", Auditor, "notices go out on their days at their time"),
    (
        "R6.9.manual_days_before_expiry.first",
        "6",
        Teller,
        "notices go out on their days at their time",
    ),
    (
        "R6.9.failed_days_before_expiry.first",
        "4",
        Teller,
        "notices go out on their days at their time",
    ),
    (
        "R6.9.failed_days_before_release.second",
        "3",
        Teller,
        "notices go out on their days at their time",
    ),
    ("R7.1.delete_from_retention", "end", Auditor, "the end of a subscription follows its policy"),
    ("R7.1.policy_in_renewal", "ignored", Auditor, "a renewal by hand leaves the setting as it is"),
    (
        "R7.4.mode_change_at_expiry",
        "no",
        Auditor,
        "phones change their mode only where the book lets them",
    ),
    (
        "R7.4.mode_change_at_once",
        "no",
        Auditor,
        "phones change their mode only where the book lets them",
    ),
];

const LIFECYCLE: &[Row] = &[
    ("R8.2.prepaid_grace_days.V1", "3", Teller, "grace and retention last the days of the tier"),
    (
        "R8.2.prepaid_retention_days.V1",
        "3",
        Teller,
        "grace and retention last the days of the tier",
    ),
    ("R8.2.on_demand_grace_days.V1", "3", Teller, "grace and retention last the days of the tier"),
    (
        "R8.2.on_demand_retention_days.V1",
        "3",
        Teller,
        "grace and retention last the days of the tier",
    ),
    ("R8.2.tier_thresholds.V1", "0.01", Auditor, "the tier follows what was spent"),
    (
        "R8.4.on_demand_accrues_in_retention",
        "yes",
        Teller,
        "nothing accrues in retention unless the book says so",
    ),
    ("R8.5.zero_balance_is_arrears", "yes", Teller, "who owes is in arrears"),
    ("R8.6.grace_usability", "partial", Auditor, "grace is for all use, or for what already runs"),
    ("R8.7.restores_at_zero", "no", Auditor, "money above zero ends arrears and unfreezes"),
    (
        "R8.8.renew_while_violation",
        "no",
        Auditor,
        "what public security froze is left alone, and one cause lifted leaves the others",
    ),
    (
        "R9.2.five_day_right",
        "no",
        Teller,
        "the five-day right is for new purchases, to the second, so often a year",
    ),
    (
        "R9.2.five_day_hours",
        "24",
        Teller,
        "the five-day right is for new purchases, to the second, so often a year",
    ),
    (
        "R9.2.five_day_quota",
        "1",
        Auditor,
        "the five-day right is for new purchases, to the second, so often a year",
    ),
    ("R9.4.time_unit", "days", Teller, "a refund is what was paid less what was used less the fee"),
    (
        "R9.4.cents_rounding",
        "truncate",
        Teller,
        "a refund is what was paid less what was used less the fee",
    ),
    ("R9.5.fee_monthly.1", "0.2", Teller, "the fee is by the term and the year of use"),
    ("R9.5.fee_1_year.1", "0.2", Teller, "the fee is by the term and the year of use"),
    ("R9.5.fee_2_year.1", "0.2", Teller, "the fee is by the term and the year of use"),
    ("R9.5.fee_2_year.2", "0.2", Teller, "the fee is by the term and the year of use"),
    ("R9.5.fee_3_year.1", "0.2", Teller, "the fee is by the term and the year of use"),
    ("R9.5.fee_3_year.2", "0.2", Teller, "the fee is by the term and the year of use"),
    ("R9.5.fee_3_year.3", "0.2", Teller, "the fee is by the term and the year of use"),
    ("R9.5.fee_waived", "yes", Teller, "the fee is by the term and the year of use"),
    ("R9.9.review_above", "50", Auditor, "a large refund is reviewed, and silence approves it"),
    ("R9.9.approved_after", "12 h", Teller, "a large refund is reviewed, and silence approves it"),
    (
        "R9.10.destination",
        "original_method",
        Teller,
        "a refund goes where the book sends it, and arrives when it says",
    ),
    (
        "R9.10.refund_delay",
        "1 h",
        Teller,
        "a refund goes where the book sends it, and arrives when it says",
    ),
    (
        "R9.11.unsubscriptions_per_call_max",
        "1",
        Auditor,
        "a call names ten phones at most and is answered for each",
    ),
    ("R10.1.change_supported", "no", Auditor, "sizes change only where the book lets them"),
    (
        "R10.5.year_days",
        "366",
        Teller,
        "another size costs the difference for the time that is left",
    ),
    ("R11.4.cycle_by", "charge", Auditor, "use belongs to the month of its last second"),
    ("R11.5.final_day", "5", Auditor, "a month is final and complete on its days"),
    ("R11.5.final_time", "12:00", Auditor, "a month is final and complete on its days"),
    ("R11.5.export_day", "6", Auditor, "a month is final and complete on its days"),
    ("R11.5.export_time", "23:00", Auditor, "a month is final and complete on its days"),
    ("R11.7.day_left_out", "first_day", Teller, "the days of a period cost what was paid for it"),
];

const PRODUCT: &[Row] = &[
    ("P1.1.verification_needed", "none", Teller, "phones are sold to whom they may be"),
    ("P1.2.phones_max", "1", Auditor, "an account has no more phones than it may"),
    (
        "P1.3.provisioning_default",
        "1 min",
        Teller,
        "a phone is there within its window of provisioning",
    ),
    ("P1.4.enterprise_on_sale", "yes", Teller, "sizes are of an edition on sale"),
    ("P1.6.regions.cn-south-1", "0", Auditor, "phones are sold in regions on offer"),
    (
        "P1.7.count_max",
        "1",
        Auditor,
        "a creation call keeps to its limits and leaves its order unpaid",
    ),
    (
        "P1.7.months_max",
        "11",
        Teller,
        "a creation call keeps to its limits and leaves its order unpaid",
    ),
    (
        "P1.7.years_max",
        "1",
        Auditor,
        "a creation call keeps to its limits and leaves its order unpaid",
    ),
    (
        "P1.7.systems.AOSP11",
        "0",
        Auditor,
        "a phone has the system and network that were ordered, of those on offer",
    ),
    (
        "P1.7.networks.ADN",
        "0",
        Auditor,
        "a phone has the system and network that were ordered, of those on offer",
    ),
    (
        "P1.7.network_default",
        "ADN",
        Teller,
        "a phone has the system and network that were ordered, of those on offer",
    ),
    (
        "P1.7.system_needed",
        "no",
        Teller,
        "a phone has the system and network that were ordered, of those on offer",
    ),
    ("P2.1.running_status.running", "9", Teller, "the status query speaks its vocabulary"),
    ("P2.1.status_api_version", "table-2025-12", Teller, "the status query speaks its vocabulary"),
    ("P2.2.pool_status.idle", "9", Teller, "the status query speaks its vocabulary"),
    ("P2.8.power_while_expired", "no", Auditor, "grace is for all use, or for what already runs"),
    ("P2.8.data_while_expired", "no", Auditor, "grace is for all use, or for what already runs"),
    ("P2.8.bind_while_expired", "no", Auditor, "grace is for all use, or for what already runs"),
    ("P2.8.unbind_while_expired", "no", Auditor, "grace is for all use, or for what already runs"),
    ("P2.8.power_while_frozen", "yes", Teller, "a frozen phone does nothing"),
    ("P2.9.start_time", "16 s", Teller, "an operation takes its time"),
    ("P2.9.stop_time", "6 s", Teller, "an operation takes its time"),
    ("P2.9.restart_time", "21 s", Teller, "an operation takes its time"),
    ("P2.9.reset_time", "61 s", Teller, "an operation takes its time"),
    ("P2.9.backup_time", "61 s", Teller, "an operation takes its time"),
    ("P2.9.restore_time", "61 s", Teller, "an operation takes its time"),
    (
        "P3.7.unbind_while_powered_off",
        "no",
        Auditor,
        "unbinding is refused only where the book does",
    ),
];

const CALLS: &[Row] = &[
    (
        "P4.13.calls_need_permission",
        "no",
        Teller,
        "calls and messages begin at the device that controls a stream and permits them",
    ),
    (
        "P4.13.browser_telephony",
        "yes",
        Teller,
        "calls and messages begin at the device that controls a stream and permits them",
    ),
    (
        "P4.14.messages_need_permission",
        "no",
        Teller,
        "calls and messages begin at the device that controls a stream and permits them",
    ),
    (
        "P4.14.text_bytes_max",
        "4590",
        Teller,
        "each message crosses once, whatever becomes of the link",
    ),
    (
        "P4.15.messages_waiting_max",
        "9",
        Teller,
        "each message crosses once, whatever becomes of the link",
    ),
    (
        "P4.15.call_on_broken_link",
        "ends",
        Teller,
        "a call parts with the link, and is told once when that is back",
    ),
];

/// A case of the suite with the rules that act in it, and its stories.
pub(super) struct Case {
    name: String,
    plan: Arc<Plan>,
    rules: BTreeSet<RuleId>,
    pub(super) stories: Vec<Story>,
}

pub(super) static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let cases = corpus::suite().into_iter().map(|(name, plan)| {
        let stories = corpus::stories(&name, &plan);
        let told = stories.iter().flat_map(|story| &story.told);
        let rules = told.flat_map(|told| told.rules.iter().copied()).collect();
        Case { name, plan, rules, stories }
    });
    cases.collect()
});

/// A book with one more parameter set.
fn with(book: &Book, path: &str, value: &str) -> Book {
    let mut book = book.clone();
    book.overrides.retain(|(set, _)| set != path);
    book.overrides.push((path.to_owned(), value.to_owned()));
    book.overrides.sort();
    book
}

fn rules(book: &Book) -> Option<Rules> {
    let settings = Rulebook::standard().resolve(book.reference, &book.overrides).ok()?;
    Rules::new(settings, book.catalogue.clone()).ok()
}

/// The stories of a case in which teller and auditor differ by this row.
fn differing(case: &Case, (path, value, whose, _): &Row) -> Vec<Story> {
    let other = with(&case.plan.book, path, value);
    match whose {
        Auditor => {
            let Some(rules) = rules(&other) else { return Vec::new() };
            let judged = |story: &Story| Story { rules: rules.clone(), ..story.clone() };
            case.stories.iter().map(judged).collect()
        }
        Teller => {
            let Some(rules) = rules(&case.plan.book) else { return Vec::new() };
            let plan = Arc::new(Plan { book: other, ..(*case.plan).clone() });
            let stories = corpus::stories(&case.name, &plan).into_iter();
            stories.map(|story| Story { rules: rules.clone(), ..story }).collect()
        }
    }
}

/// Whether the invariant of the row complains of some story.
fn is_noticed(row: &Row) -> bool {
    let rule: RuleId = row.0.splitn(3, '.').take(2).collect::<Vec<_>>().join(".").parse().unwrap();
    let (first, rest): (Vec<_>, Vec<_>) = CASES.iter().partition(|case| case.rules.contains(&rule));
    first.into_iter().chain(rest).any(|case| {
        differing(case, row).iter().any(|story| {
            let mut audited = Audited::default();
            audited.read_by(story, |invariant| invariant.name == row.3);
            audited.0.values().any(|tally| !tally.breaches.is_empty())
        })
    })
}

fn each_is_noticed(rows: &[Row]) {
    for row in rows {
        assert!(super::all().any(|one| one.name == row.3), "no invariant `{}`", row.3);
    }
    let silent: Vec<_> = rows.iter().filter(|row| !is_noticed(row)).collect();
    assert!(silent.is_empty(), "not noticed: {silent:#?}");
}

#[test]
fn subscriptions_of_other_rules_are_noticed() {
    each_is_noticed(SUBSCRIPTIONS);
}

#[test]
fn use_by_other_rules_is_noticed() {
    each_is_noticed(ON_DEMAND);
}

#[test]
fn prices_and_payments_by_other_rules_are_noticed() {
    each_is_noticed(MONEY);
}

#[test]
fn renewals_and_ends_by_other_rules_are_noticed() {
    each_is_noticed(RENEWAL);
}

#[test]
fn lives_and_refunds_by_other_rules_are_noticed() {
    each_is_noticed(LIFECYCLE);
}

/// Scenarios have no yen; a story of them is told here.
#[test]
fn yen_with_decimals_are_noticed() {
    let price = |text| Some(money(text, Currency::JPY));
    let sizes = [("pro", Prices { hour: price("0.7777777777"), ..Prices::default() })];
    let told_by = |overrides| desk::rules("cn", overrides, &sizes);
    let (own, other) = (told_by(&[]), told_by(&[("R2.8.due_decimals_jpy", "2")]));
    let mut desk = Desk::new(other);
    let start = WallTime::parse("2024-03-08 10:00:00").unwrap().instant();
    let (tier, credit_limit) = (Tier::V5, money("0", Currency::JPY));
    desk.ask(start, Op::OpenAccount { tier, credit_limit, discount: Fraction::ZERO }).unwrap();
    let (phone, size) = (PhoneId::new("p1").unwrap(), SizeId::new("pro").unwrap());
    desk.ask(start, Op::CreateOnDemand { phone, size }).unwrap();
    desk.through(start + SimDuration::from_hours(5));
    let story = Story { rules: own, ..corpus::story("yen", &desk) };
    let name = "an amount due is rounded as the site does";
    let mut audited = Audited::default();
    audited.read_by(&story, |invariant| invariant.name == name);
    assert!(audited.bites(name) > 0 && audited.0.values().all(|t| !t.breaches.is_empty()));
}

#[test]
fn products_of_other_rules_are_noticed() {
    each_is_noticed(PRODUCT);
}

#[test]
fn calls_by_other_rules_are_noticed() {
    each_is_noticed(CALLS);
}
