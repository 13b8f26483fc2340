//! A wish aimed at what the account has. Most random wishes would miss: they name phones that are gone,
//! names that are taken and orders that are paid.

use crate::aim_calls::aim_call;
use crate::wish::{PHONES, phone};
use koosim_model::command::{Op, OrderRef, SessionOp, StreamType};
use koosim_model::lifecycle::{OrderStatus, PhoneStatus, SessionStatus};
use koosim_model::name::{DeviceId, OrderId, PhoneId};
use koosim_model::state::{Account, Charging, Data, Operation, Order, Phone, Power, Session};

/// Turns the operation to phones and orders for which it is meant, as far as the account has any.
pub(crate) fn aim(op: &mut Op, account: &Account) {
    aim_call(op, account);
    if let Op::Session(session) = op {
        on_the_way(session, account);
    }
    let fitting = account.phones.iter().filter(|(id, phone)| fits(op, account, id, phone));
    let fitting: Vec<PhoneId> = fitting.map(|(id, _)| id.clone()).collect();
    let waiting = account.orders.iter().filter(|(_, order)| waits(op, order));
    let waiting: Vec<OrderId> = waiting.map(|(id, _)| id.clone()).collect();
    match op {
        Op::Buy { phones, .. } => free(account, [phones]),
        Op::BuyTogether { items, .. } => {
            free(account, items.iter_mut().map(|item| &mut item.phones));
        }
        Op::Offer { item } => free(account, [&mut item.phones]),
        Op::CreateOnDemand { phone, .. } => {
            let mut names = vec![phone.clone()];
            free(account, [&mut names]);
            *phone = names.remove(0);
        }
        Op::Unsubscribe { phones, .. }
        | Op::Renew { phones, .. }
        | Op::SetAtExpiry { phones, .. }
        | Op::ToOnDemand { phones } => {
            let all = std::mem::take(phones);
            phones.extend(fitting.iter().filter(|phone| all.contains(*phone)).cloned());
            if phones.is_empty() {
                *phones = fitting.first().map_or(all, |first| vec![first.clone()]);
            }
        }
        Op::Session(session) => aim_session(session, account, fitting),
        Op::FailProvisioning { order, phones } => {
            if let Some(first) = phones.first().and_then(|phone| nth(&fitting, number(phone))) {
                *order = OrderRef::LastOf(first.clone());
                let together = |other: &PhoneId| {
                    let charging = |id| account.phones.get(id).map(|phone| &phone.charging);
                    *other != first && charging(other) == charging(&first)
                };
                let more = fitting.iter().filter(|other| together(other)).cloned();
                *phones =
                    std::iter::once(first.clone()).chain(more.take(phones.len() - 1)).collect();
            }
        }
        _ => {
            for order in op.orders_mut() {
                let named = nth(&waiting, order_number(order));
                *order = named.map_or(order.clone(), OrderRef::Named);
            }
            if let Some(phone) = subject(op) {
                *phone = nth(&fitting, number(phone)).unwrap_or(phone.clone());
            }
        }
    }
}

fn nth<T: Clone>(all: &[T], n: usize) -> Option<T> {
    all.get(n % all.len().max(1)).cloned()
}

/// Which of the phones this name is.
fn number(id: &PhoneId) -> usize {
    (0..PHONES).find(|n| phone(*n) == *id).unwrap_or(0)
}

fn order_number(order: &OrderRef) -> usize {
    match order {
        OrderRef::Named(id) => id.as_str().bytes().last().map_or(0, usize::from),
        OrderRef::LastOf(phone) => number(phone),
    }
}

/// New phones take names that are free, each another.
fn free<'a>(account: &Account, lines: impl IntoIterator<Item = &'a mut Vec<PhoneId>>) {
    let names = (0..PHONES).map(phone);
    let mut names = names.filter(|name| !account.phones.contains_key(name));
    for name in lines.into_iter().flatten() {
        *name = names.next().unwrap_or(name.clone());
    }
}

fn waits(op: &Op, order: &Order) -> bool {
    match op {
        Op::ApproveOrder { .. } | Op::RefuseOrder { .. } => {
            order.status() == OrderStatus::PendingApproval
        }
        Op::ConfirmOrder { .. } => order.status() == OrderStatus::ToBeConfirmed,
        Op::PayOrder { .. } => order.status() == OrderStatus::PendingPayment,
        _ => order.pay_by().is_some(),
    }
}

/// Turns a request about sessions to phones and devices that are there.
fn aim_session(op: &mut SessionOp, account: &Account, mut fitting: Vec<PhoneId>) {
    match op {
        SessionOp::Prepare { phones, .. } | SessionOp::Release { phones } => {
            let n = phones.len();
            // Those that are to be restored first: it takes several of them to make a queue.
            fitting.sort_by_key(|id| account.phones.get(id).unwrap().details.data == Data::Loaded);
            *phones = fitting.into_iter().take(n).collect();
            if phones.is_empty() {
                phones.push(phone(n));
            }
        }
        other => {
            let Some(phone) = at_session(other) else { return };
            *phone = nth(&fitting, number(phone)).unwrap_or(phone.clone());
            let sessions = account.sessions.as_deref();
            let stream = sessions.and_then(|all| all.get(phone)).and_then(Session::stream);
            if let (
                SessionOp::Part { device, .. } | SessionOp::GiveControl { device, .. },
                Some(stream),
            ) = (other, stream)
            {
                let other = stream.viewers.iter().find(|viewer| **viewer != stream.controller);
                *device = other.unwrap_or(&stream.controller).clone();
            }
        }
    }
}

/// Where no session is as a request wants it, the request asks for the next step of one on its way.
fn on_the_way(op: &mut SessionOp, account: &Account) {
    let statuses = account.phones.iter().map(|(id, phone)| {
        let session = account.sessions.as_deref().and_then(|all| all.get(id));
        (id, phone, session.map_or(SessionStatus::None, Session::status))
    });
    if statuses.clone().any(|(id, phone, _)| session_fits(op, account, id, phone)) {
        return;
    }
    let steps = statuses.filter_map(|(id, phone, status)| {
        let phone_id = id.clone();
        match status {
            SessionStatus::None if phone.stage() == PhoneStatus::Active => {
                Some(SessionOp::Prepare { phones: vec![phone_id], member: None })
            }
            SessionStatus::Ready | SessionStatus::Lingering => {
                Some(SessionOp::Authorise { phone: phone_id, stream: StreamType::Sdk })
            }
            SessionStatus::Authorised => {
                let device = DeviceId::new("tab").ok()?;
                Some(SessionOp::Start { phone: phone_id, device })
            }
            _ => None,
        }
    });
    // The one that is furthest on its way.
    let furthest = steps.max_by_key(|step| match step {
        SessionOp::Prepare { .. } => 0,
        SessionOp::Authorise { .. } => 1,
        _ => 2,
    });
    *op = furthest.unwrap_or_else(|| op.clone());
}

fn at_session(op: &mut SessionOp) -> Option<&mut PhoneId> {
    match op {
        SessionOp::Authorise { phone, .. }
        | SessionOp::Start { phone, .. }
        | SessionOp::Join { phone, .. }
        | SessionOp::Part { phone, .. }
        | SessionOp::GiveControl { phone, .. }
        | SessionOp::Stop { phone }
        | SessionOp::LoseConnection { phone }
        | SessionOp::Reconnect { phone } => Some(phone),
        SessionOp::Prepare { .. } | SessionOp::Release { .. } => None,
    }
}

/// Whether the session of a phone is where the request wants it.
fn session_fits(op: &SessionOp, account: &Account, id: &PhoneId, phone: &Phone) -> bool {
    let status = account.sessions.as_deref().and_then(|all| all.get(id)).map(Session::status);
    match op {
        SessionOp::Prepare { .. } => phone.stage() == PhoneStatus::Active && status.is_none(),
        SessionOp::Start { .. } => status == Some(SessionStatus::Authorised),
        SessionOp::Reconnect { .. } => status == Some(SessionStatus::Interrupted),
        SessionOp::Authorise { .. } | SessionOp::Release { .. } => status.is_some(),
        SessionOp::Join { .. }
        | SessionOp::Part { .. }
        | SessionOp::GiveControl { .. }
        | SessionOp::Stop { .. }
        | SessionOp::LoseConnection { .. } => status == Some(SessionStatus::Streaming),
    }
}

fn fits(op: &Op, account: &Account, id: &PhoneId, phone: &Phone) -> bool {
    let backs_up = |operation| matches!(operation, Operation::BackUp | Operation::Restore);
    match op {
        Op::FailProvisioning { .. } => match &phone.charging {
            Charging::Provisioning { order } => {
                let order = account.orders.get(order);
                order.is_some_and(|order| order.status() == OrderStatus::Processing)
            }
            Charging::Subscribed(_) | Charging::OnDemand(_) => false,
        },
        Op::Session(op) => session_fits(op, account, id, phone),
        Op::FailOperation { .. } => phone.details.task.is_some_and(|task| backs_up(task.operation)),
        Op::AnswerReview { .. } => account.returns.under_review(id),
        Op::Release { .. } => {
            phone.subscription().is_some() && phone.stage() != PhoneStatus::Active
        }
        Op::Unfreeze { .. } => phone.details.holds.any(),
        Op::Renew { .. }
        | Op::SetAutoRenewal { .. }
        | Op::SetAtExpiry { .. }
        | Op::ToOnDemand { .. }
        | Op::ChangeSize { .. }
        | Op::Unsubscribe { .. } => phone.subscription().is_some(),
        Op::Subscribe { .. } | Op::Delete { .. } => phone.metering().is_some(),
        Op::SetPower { to: Power::On, .. } => {
            phone.details.power == Power::Off && phone.stage() == PhoneStatus::Active
        }
        Op::Operate { operation: Operation::Restore, .. } => phone.details.data != Data::Loaded,
        _ => phone.stage() == PhoneStatus::Active,
    }
}

/// The one phone that an operation is about.
fn subject(op: &mut Op) -> Option<&mut PhoneId> {
    match op {
        Op::SetAutoRenewal { phone, .. }
        | Op::Subscribe { phone, .. }
        | Op::ChangeSize { phone, .. }
        | Op::AnswerReview { phone, .. }
        | Op::MarkPhone { phone, .. }
        | Op::Delete { phone }
        | Op::SetPower { phone, .. }
        | Op::Operate { phone, .. }
        | Op::Bind { phone, .. }
        | Op::Move { phone, .. }
        | Op::Connect { phone, .. }
        | Op::Release { phone }
        | Op::Freeze { phone, .. }
        | Op::Unfreeze { phone, .. }
        | Op::FailOperation { phone } => Some(phone),
        _ => None,
    }
}
