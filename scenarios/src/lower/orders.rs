//! The numbers of orders, as far as the file alone can tell: the service numbers the orders of an
//! account as they are placed.

use super::Lowering;
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::read::Name;
use crate::span::{Span, Spanned};
use koosim_model::name::{AccountId, OrderId, PhoneId};
use std::collections::BTreeMap;

/// The orders that the steps so far have placed.
#[derive(Default)]
pub(super) struct Orders {
    placed: BTreeMap<AccountId, u32>,
    last: BTreeMap<(AccountId, PhoneId), Option<u32>>,
    /// Where an account first let a phone renew itself: from then on the service orders, too.
    automatic: BTreeMap<AccountId, Span>,
}

impl Orders {
    /// A step places an order for these phones.
    pub(super) fn place(&mut self, account: &AccountId, phones: &[PhoneId]) {
        let count = self.placed.entry(account.clone()).or_default();
        *count = count.saturating_add(1);
        let known = (!self.automatic.contains_key(account)).then_some(*count);
        for phone in phones {
            self.last.insert((account.clone(), phone.clone()), known);
        }
    }
    /// From here on the service places orders of its own.
    pub(super) fn automatic(&mut self, account: &AccountId, place: Span) {
        self.automatic.entry(account.clone()).or_insert(place);
    }
}

impl Lowering<'_, '_> {
    /// The order that is named by its number, or by its phone.
    pub(super) fn order(
        &mut self,
        order: &Option<Spanned<Name>>,
        phone: &Option<Spanned<Name>>,
        account: &Option<Spanned<Name>>,
        head: Span,
    ) -> Option<(AccountId, OrderId)> {
        match (order, phone) {
            (Some(order), _) => {
                let account = self.account_or_only(account, head)?;
                self.number(order).map(|order| (account, order))
            }
            (None, Some(phone)) => {
                let (account, id) = self.phone(phone, account)?;
                self.last_order(account, id, phone.span)
            }
            (None, None) => None,
        }
    }

    /// An order by the number that the service gives it.
    pub(super) fn number(&mut self, order: &Spanned<Name>) -> Option<OrderId> {
        let digits = order.as_str().strip_prefix('o').unwrap_or_default();
        let number = digits.parse::<u32>().ok().filter(|n| *n > 0);
        let id = number.map(OrderId::nth).filter(|id| id.as_str() == order.as_str());
        if id.is_none() {
            let message = format!("{} is not the number of an order", quoted(order.as_str()));
            let help = "the orders of an account are `o1`, `o2` and so on, as they are placed";
            let label = "not the number of an order";
            self.out.push(Diagnostic::error(Code::BadName, order.span, message, label).help(help));
        }
        id
    }

    /// The order that was placed last for a phone.
    pub(super) fn last_order(
        &mut self,
        account: AccountId,
        phone: PhoneId,
        place: Span,
    ) -> Option<(AccountId, OrderId)> {
        let key = (account, phone);
        let error = match (self.orders.last.get(&key), self.orders.automatic.get(&key.0)) {
            (Some(Some(number)), _) => return Some((key.0, OrderId::nth(*number))),
            (Some(None), automatic) => {
                let message = "the number of this order cannot be told from the file";
                let error = Diagnostic::error(Code::UnknownName, place, message, "which order?");
                let error = error.help("name it by its number: `order: o3`");
                match automatic {
                    Some(automatic) => {
                        error.and(*automatic, "from here on the service orders, too")
                    }
                    None => error,
                }
            }
            (None, _) => {
                let message = format!("no step above orders {}", quoted(key.1.as_str()));
                Diagnostic::error(Code::UnknownName, place, message, "no order")
                    .help("`buy` or `renew` it first, or name the order by its number")
            }
        };
        self.out.push(error);
        None
    }
}
