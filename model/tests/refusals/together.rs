//! Refusals under other rules than the defaults, of several phones at once, and of coupons.

use super::*;

/// A desk under other rules, with a rich account and one phone on a term that has just begun.
pub(super) fn desk_under(overrides: &[(&str, &str)]) -> Desk {
    let both =
        Prices { month: Some(cny("100")), year: Some(cny("1000")), hour: Some(cny("0.0001")) };
    let mut desk = Desk::new(rules("cn", overrides, &[("both", both), ("other", both)]));
    for op in [
        open(),
        Op::TopUp { amount: cny("5000") },
        buy(&["runs"], "both", MONTH, Some(&[])),
        buy(&["too"], "both", MONTH, Some(&[])),
    ] {
        desk.ask(at("2024-04-02 12:00:00"), op).unwrap();
    }
    desk.through(at("2024-04-02 12:20:00"));
    desk
}

fn renew_all(names: &[&str]) -> Op {
    let phones = names.iter().map(|name| phone(name)).collect();
    Op::Renew { phones, term: MONTH, to: RenewTo::Term, policy: None, payment: Some(Vec::new()) }
}

/// R5.4: what stands against one phone or against all of them together, in the declared order.
#[test]
pub(super) fn renewing_together() {
    let many: Vec<String> = (0..31).map(|n| format!("x{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let requests = vec![
        (Owing, renew_all(&["runs", "runs", "deleted"])),
        (Owing, renew_all(&["runs", "runs"])),
        (Owing, renew_all(&["runs", "hourly"])),
        (Calm, renew_all(&["runs", "old"])),
        (Calm, renew_all(&["runs", "metered"])),
        (Calm, renew_all(&["ordered", "runs"])),
        (Calm, renew_all(&["runs", "asked"])),
    ];
    let expect = [
        "unknown_phone",
        "phones_not_distinct",
        "in_arrears",
        "withdrawn",
        "on_demand",
        "not_provisioned",
        "order_pending",
    ];
    assert_eq!(refusals(requests), expect);
    let mut desk = desk_under(&[("R1.11.orders_paid_together_max", "1")]);
    assert_eq!(why(desk.ask(at(NOW), renew_all(&["runs", "too"]))), "too_many_orders");
    assert_eq!(why(desk.ask(at(NOW), renew_all(&many))), "unknown_phone");
    let mut desk = desk_under(&[]);
    desk.ask(at(NOW), Op::MarkPhone { phone: phone("too"), mark: Mark::Trial }).unwrap();
    assert_eq!(why(desk.ask(at(NOW), renew_all(&["runs", "too"]))), "mixed_products");
    assert_eq!(desk.ask(at(NOW), renew_all(&["too"])).map(|events| events.len()), Ok(4));
}

/// R7.3: limits of calls that move several phones.
#[test]
pub(super) fn moving_together() {
    let phones = |names: &[&str]| names.iter().map(|name| phone(name)).collect::<Vec<_>>();
    let moved = |names: &[&str]| (Owing, Op::ToOnDemand { phones: phones(names) });
    let requests = vec![moved(&["deleted"]), moved(&["runs", "runs"]), moved(&["runs"])];
    let expect = ["unknown_phone", "phones_not_distinct", "in_arrears"];
    assert_eq!(refusals(requests), expect);
    assert_eq!(refusals(vec![moved(&[])]), ["phones_not_distinct"]);
    let mut desk = desk_under(&[
        ("R7.3.moves_per_call_max", "1"),
        ("R7.3.instant_moves_per_call_max", "1"),
        ("R7.4.mode_change_at_once", "no"),
    ]);
    let both = phones(&["runs", "too"]);
    let policy = AtExpiry::ToOnDemand;
    let later = Op::SetAtExpiry { phones: both.clone(), policy };
    assert_eq!(why(desk.ask(at(NOW), later)), "out_of_range");
    assert_eq!(why(desk.ask(at(NOW), Op::ToOnDemand { phones: both })), "out_of_range");
    assert_eq!(why(desk.ask(at(NOW), Op::ToOnDemand { phones: phones(&["runs"]) })), "mode_fixed");
    let op = Op::SetAtExpiry { phones: phones(&["runs"]), policy };
    desk.ask(at(NOW), op).unwrap();
    assert_eq!(why(desk.ask(at(NOW), renew_all(&["runs"]))), "becoming_on_demand");
}

/// Who may buy and renew, how much and where.
#[test]
pub(super) fn buyers_and_regions() {
    let mut desk = desk_under(&[("P1.2.phones_max", "2")]);
    let one = || buy(&["x"], "both", MONTH, None);
    assert_eq!(why(desk.ask(at(NOW), one())), "too_many_phones");
    let mut desk = desk_under(&[]);
    let mut command =
        Command { envelope: Envelope::scenario(AccountId::new("acme").unwrap()), op: one() };
    command.envelope.region = Some(RegionId::new("cn-north-1").unwrap());
    assert_eq!(why(desk.command(at(NOW), &command)), "region_not_sold");
    desk.ask(at(NOW), Op::SetVerification { to: Verification::None }).unwrap();
    assert_eq!(why(desk.ask(at(NOW), one())), "not_verified");
    assert_eq!(why(desk.ask(at(NOW), renew_all(&["runs"]))), "not_verified");
    desk.ask(at(NOW), Op::SetVerification { to: Verification::Individual }).unwrap();
    assert_eq!(why(desk.ask(at(NOW), one())), "not_verified");
    desk.ask(at(NOW), renew_all(&["runs"])).unwrap();
}

/// P1.7: what a creation call is refused for, in the declared order.
#[test]
pub(super) fn creation_calls() {
    let mut desk = desk_under(&[("P1.7.networks.ADN", "0")]);
    desk.ask(at(NOW), Op::SetVerification { to: Verification::None }).unwrap();
    let call = |term, system, network| {
        let (phones, payment) = (vec![phone("x")], None);
        let setup = Some(Setup { system, network });
        let op = Op::Buy { phones, size: size("both"), term, setup, auto_renewal: None, payment };
        let mut envelope = Envelope::scenario(AccountId::new("acme").unwrap());
        envelope.source = Source::Api;
        envelope.region = Some(RegionId::new("cn-north-1").unwrap());
        Command { envelope, op }
    };
    let (aosp, adn, eip) = (Some(System::Aosp14), Some(Network::Adn), Some(Network::Eip));
    let ask = |desk: &mut Desk, command: &Command| why(desk.command(at(NOW), command));
    let mut reasons = vec![
        ask(&mut desk, &call(Term::Months(10), None, adn)),
        ask(&mut desk, &call(MONTH, None, adn)),
        ask(&mut desk, &call(MONTH, aosp, adn)),
    ];
    desk.ask(at(NOW), Op::SetVerification { to: Verification::Enterprise }).unwrap();
    reasons.push(ask(&mut desk, &call(MONTH, aosp, adn)));
    reasons.push(ask(&mut desk, &call(MONTH, aosp, eip)));
    let due = ["out_of_range", "system_not_said", "not_verified", "not_offered", "region_not_sold"];
    assert_eq!(reasons, due);
    let place = |reason: &&str| Reason::NAMES.iter().position(|known| known == reason).unwrap();
    assert!(reasons.is_sorted_by_key(place));
}

/// Changes of size, reviews and what bars a return because of them.
#[test]
pub(super) fn changes_and_reviews() {
    let change = || Op::ChangeSize { phone: phone("runs"), to: size("other") };
    assert_eq!(why(desk_under(&[]).ask(at(NOW), change())), "size_fixed");
    let mut desk = desk_under(&[("R10.1.change_supported", "yes")]);
    desk.ask(at(NOW), renew_all(&["runs"])).unwrap();
    desk.ask(at(NOW), change()).unwrap();
    assert_eq!(why(desk.ask(at(NOW), unsubscribe("runs"))), "changed_since");
    let mut desk = desk_under(&[("R9.9.review_above", "1")]);
    let whole = UnsubscribeWhat::PhoneAndRenewals;
    desk.ask(at(NOW), Op::Unsubscribe { phones: vec![phone("runs")], what: whole }).unwrap();
    assert_eq!(why(desk.ask(at(NOW), renew_all(&["runs"]))), "under_review");
}

/// R8.11, R9.9: what expires under review is not released by hand.
#[test]
pub(super) fn releasing_under_review() {
    let (last_day, morning) = (at("2024-05-02 10:00:00"), at("2024-05-03 01:00:00"));
    let mut desk = desk_under(&[("R9.9.review_above", "1"), ("R9.5.fee_waived", "yes")]);
    let what = UnsubscribeWhat::PhoneAndRenewals;
    desk.ask(last_day, Op::Unsubscribe { phones: vec![phone("runs")], what }).unwrap();
    let release = || Op::Release { phone: phone("runs") };
    assert_eq!(why(desk.ask(last_day, release())), "not_expired");
    assert_eq!(why(desk.ask(morning, release())), "under_review");
    let answer = ReviewAnswer::Refuse;
    desk.ask(morning, Op::AnswerReview { phone: phone("runs"), answer }).unwrap();
    desk.ask(morning, release()).unwrap();
}

/// P2.9, P4.1, P4.4: what a phone is in the middle of.
#[test]
pub(super) fn backups_and_restores() {
    let mut desk = desk_under(&[]);
    let ask =
        |desk: &mut Desk, time: &str, operation| desk.ask(at(time), operate("runs", operation));
    ask(&mut desk, "2024-04-02 13:00:00", Operation::BackUp).unwrap();
    let answer = ask(&mut desk, "2024-04-02 13:00:01", Operation::Reset);
    assert_eq!(why(answer), "backing_up");
    let answer = ask(&mut desk, "2024-04-02 14:00:00", Operation::BackUp);
    assert_eq!(why(answer), "not_loaded");
    ask(&mut desk, "2024-04-02 14:00:00", Operation::Restore).unwrap();
    let answer = ask(&mut desk, "2024-04-02 14:00:01", Operation::Reset);
    assert_eq!(why(answer), "restoring");
}

/// R4.1, R4.3: which coupons an order takes.
#[test]
pub(super) fn coupons_of_an_order() {
    let mut desk = desk_under(&[]);
    let mut bound = grant("bound", "5", "2025-01-01 00:00:00");
    if let Op::GrantCoupon { terms, .. } = &mut bound {
        let regions = vec![RegionId::new("cn-south-1").unwrap()];
        terms.limits = Some(Box::new(CouponLimits { regions, ..CouponLimits::default() }));
    }
    desk.ask(at(NOW), bound).unwrap();
    for name in ["a", "b", "c"] {
        desk.ask(at(NOW), grant(name, "5", "2025-01-01 00:00:00")).unwrap();
    }
    let with = |names: &[&str]| buy(&["x"], "both", MONTH, Some(names));
    let four = ["a", "b", "c", "bound"];
    assert_eq!(why(desk.ask(at(NOW), with(&four))), "too_many_coupons");
    assert_eq!(why(desk.ask(at(NOW), with(&["a", "b"]))), "coupon_kind_twice");
    // Where the phone is to run is not said, so a voucher of a region does not fit.
    assert_eq!(why(desk.ask(at(NOW), with(&["bound"]))), "coupon_not_fitting");
    let op = with(&["bound"]);
    let mut command = Command { envelope: Envelope::scenario(AccountId::new("acme").unwrap()), op };
    command.envelope.region = Some(RegionId::new("cn-south-1").unwrap());
    desk.command(at(NOW), &command).unwrap();
    let mut desk = desk_under(&[("R4.3.vouchers_per_order_max", "2")]);
    for name in ["a", "b", "c"] {
        desk.ask(at(NOW), grant(name, "5", "2025-01-01 00:00:00")).unwrap();
    }
    assert_eq!(why(desk.ask(at(NOW), with(&["a", "b", "c"]))), "coupon_kind_twice");
    desk.ask(at(NOW), with(&["a", "b"])).unwrap();
}
