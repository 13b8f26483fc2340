//! Refusals of orders, of what pays them, and of the account itself.

use super::*;

/// R1.11: what one action orders can be paid in one payment; thirty orders can.
#[test]
pub(super) fn paying_together() {
    let one = |n: usize| BuyItem {
        phones: vec![phone(&format!("x{n}"))],
        size: size("both"),
        term: MONTH,
        auto_renewal: None,
    };
    let buy = |n: usize| Op::BuyTogether {
        items: (0..n).map(one).collect(),
        combination: false,
        payment: None,
    };
    let most = desk(Calm).params(at(NOW)).orders_paid_together_max;
    let requests = vec![(Owing, buy(0)), (Owing, buy(most + 1)), (Owing, buy(most))];
    assert_eq!(refusals(requests), ["phones_not_distinct", "too_many_orders", "in_arrears"]);
    let mut desk = desk(Calm);
    desk.ask(at(NOW), buy(most)).unwrap();
    desk.ask(at(NOW), buy(1)).unwrap_err();
    let pay = |orders: Vec<OrderRef>| Op::PayOrder { orders, coupons: Vec::new() };
    // Order 6 was placed by itself, order 8 is the first of thirty of one action.
    let answer = desk.ask(at(NOW), pay(vec![named(6), named(8)]));
    assert_eq!(answer, Err(Reason::TooManyOrders));
    assert_eq!(desk.ask(at(NOW), pay(Vec::new())), Err(Reason::OutOfRange));
    desk.ask(at(NOW), Op::TopUp { amount: cny("3000") }).unwrap();
    let paid = desk.ask(at(NOW), pay(vec![named(8), named(9)])).unwrap();
    assert_eq!(paid.len(), most, "naming one or two of them names all, each once");
}

#[test]
pub(super) fn orders_coupons_and_the_account() {
    let cancelling = [99, 7].map(|n| (Calm, Op::CancelOrder { order: named(n) })).to_vec();
    assert_eq!(refusals(cancelling), ["unknown_order", "not_payable"]);
    let fail =
        |name: &str, n| (Calm, Op::FailProvisioning { order: named(n), phones: vec![phone(name)] });
    let failing = vec![fail("ordered", 99), fail("ordered", 7)];
    assert_eq!(refusals(failing), ["unknown_order", "not_provisioning"]);
    assert_eq!(refusals(vec![fail("nobody", 99)]), ["unknown_phone"]);
    let last = || OrderRef::LastOf(phone("runs"));
    for op in [
        Op::CancelOrder { order: last() },
        Op::ApproveOrder { order: last() },
        Op::FailProvisioning { order: last(), phones: Vec::new() },
    ] {
        assert_eq!(refusals(vec![(Calm, op)]), ["no_open_order"]);
    }
    let waiting = [6, 7];
    let approving = waiting.map(|n| Op::ApproveOrder { order: named(n) });
    let refusing = waiting.map(|n| Op::RefuseOrder { order: named(n) });
    for op in approving.into_iter().chain(refusing) {
        assert_eq!(refusals(vec![(Calm, op)]), ["not_for_approval"]);
    }
    let confirming = waiting.map(|n| Op::ConfirmOrder { order: named(n) });
    for op in confirming {
        assert_eq!(refusals(vec![(Calm, op)]), ["not_to_be_confirmed"]);
    }
    let worthless = |name| (Calm, grant(name, "0", "2024-02-28 00:00:00"));
    assert_eq!(
        refusals(vec![worthless("good"), worthless("x")]),
        ["coupon_exists", "out_of_range"]
    );
    assert_eq!(refusals(vec![(Calm, open())]), ["account_exists"]);
    assert_eq!(refusals(vec![(Owing, Op::TopUp { amount: cny("0") })]), ["out_of_range"]);
    assert_eq!(refusals(vec![(Calm, Op::SetDeductionDay { days: 8 })]), ["out_of_range"]);
    for day in [-2, 0, 29] {
        assert_eq!(refusals(vec![(Calm, Op::SetUnifiedDay { day })]), ["out_of_range"]);
    }
    assert_eq!(why(empty().ask(at(NOW), pay(1, &["none"]))), "unknown_account");
}
