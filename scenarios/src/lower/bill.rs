//! Expectations of bills with their names looked up.

use super::Lowering;
use crate::diagnostic::{Code, Diagnostic};
use crate::expect::{BillAmount, BillExpectation, BillPart, Expectation};
use crate::grammar::ExpectBillDoc;
use crate::read::AmountText;
use crate::span::{Span, Spanned};

/// Amounts of a document, each with what it is and where it stands.
type Amounts<'d> = Vec<(BillAmount, &'d Spanned<AmountText>)>;

fn amounts(doc: &ExpectBillDoc) -> Amounts<'_> {
    let sums = [
        ("official", &doc.official),
        ("discount", &doc.discount),
        ("erased", &doc.erased),
        ("due", &doc.due),
        ("cash", &doc.cash),
        ("credit", &doc.credit),
        ("voucher", &doc.voucher),
        ("flexi", &doc.flexi),
        ("card", &doc.card),
        ("debt", &doc.debt),
    ];
    let others = [
        (BillAmount::Unsettled, &doc.unsettled),
        (BillAmount::NotYetBilled, &doc.not_yet_billed),
        (BillAmount::Invoiceable, &doc.invoiceable),
        (BillAmount::Cost, &doc.cost),
    ];
    let all = sums.into_iter().map(|(name, text)| (BillAmount::Sum(name), text)).chain(others);
    all.filter_map(|(of, text)| Some((of, text.as_ref()?))).collect()
}

impl<'d> Lowering<'d, '_> {
    pub(super) fn bill(&mut self, doc: &'d ExpectBillDoc) -> Option<Expectation> {
        let account = self.account_or_only(&doc.account, doc.head);
        let amounts = amounts(doc);
        let part = match (&doc.cycle, &doc.day) {
            (Some(cycle), _) => BillPart::Cycle(cycle.get(), doc.r#type.map(|word| word.0)),
            (None, Some(day)) => BillPart::Day(day.get()),
            (None, None) => return None,
        };
        let fits = self.fits(doc, &amounts);
        let rule = self.rule(&doc.rule)?;
        let (account, currency) = account.zip(self.currency)?;
        let amounts = amounts.into_iter().map(|(of, text)| (of, text.in_currency(currency)));
        let amounts = amounts.collect();
        let (state, rows) = (doc.state.map(|word| word.0), doc.rows.map(|rows| rows.get()));
        fits.then_some(Expectation::Bill(BillExpectation {
            account,
            part,
            state,
            rows,
            amounts,
            rule,
        }))
    }

    /// A day has its cost only, and rows of one type have only what rows have.
    fn fits(&mut self, doc: &ExpectBillDoc, amounts: &Amounts<'_>) -> bool {
        let mut good = true;
        let mut refuse = |place: Span, message: &str, of: Span, label: &str| {
            good = false;
            let error = Diagnostic::error(Code::BadValue, place, message, "of no use here");
            self.out.push(error.and(of, label));
        };
        if let Some(day) = &doc.day {
            let message = "a day has its `cost` only; the rest is told of a `cycle`";
            let amounts = amounts.iter().filter(|(of, _)| *of != BillAmount::Cost);
            let state = doc.state.iter().map(|state| state.span);
            let rows = doc.rows.iter().map(|rows| rows.span);
            let typed = doc.r#type.iter().map(|word| word.span);
            let places = amounts.map(|(_, text)| text.span).chain(state).chain(rows).chain(typed);
            places.for_each(|place| refuse(place, message, day.span, "a day"));
        } else if let Some(word) = &doc.r#type {
            let message = "this is told of the whole month, not of one type";
            let amounts = amounts.iter().filter(|(of, _)| !of.is_of_rows());
            let state = doc.state.iter().map(|state| state.span);
            let places = amounts.map(|(_, text)| text.span).chain(state);
            places.for_each(|place| refuse(place, message, word.span, "one type"));
        }
        good
    }
}
