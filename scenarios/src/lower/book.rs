//! Rulebook, parameters and prices of one case.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, quoted};
use crate::grammar::{CurrencyWord, Edition, LineWord, OnOff, PriceDoc, RulebookName, ScenarioDoc};
use crate::read::{AmountText, Lenient, Named, ParameterName, Raw};
use crate::span::{Span, Spanned};
use koosim_engine::plan::Book;
use koosim_model::money::{Amount, Currency};
use koosim_model::name::SizeId;
use koosim_model::rulebook::{BookError, Family, Profile, RuleId, Rulebook, Settings};
use koosim_model::rules::{Catalogue, Params, Prices, Rules};
use koosim_model::time::{BillingDay, SimTime};
use std::collections::{BTreeMap, BTreeSet};

/// The rule that states the published prices.
const PRICES: (RuleId, &str) = (RuleId::new(Family::R, 3, 2), "price_month");

/// The parameter behind `notices`.
pub(crate) const NOTICES: &str = "R6.9.sent";

/// The rulebook and prices of one case.
pub(super) struct Priced {
    pub(super) book: Book,
    pub(super) currency: Currency,
    /// Whether a call of the interface that does not say so pays at once (P1.9).
    pub(super) calls_pay: bool,
    /// The parameters in force at the start, for what is said of links and pictures.
    pub(super) params: Option<Box<Params>>,
    /// The sizes with published prices.
    published: Vec<SizeId>,
}

/// Resolves the rulebook and the prices. Nothing means that the rulebook is broken; mistakes in
/// parameters and prices are said, and the rest is there for names to be looked up.
pub(super) fn price(
    document: &ScenarioDoc,
    start: Option<SimTime>,
    out: &mut Diagnostics,
) -> Option<Priced> {
    let (named, head) = match &document.rulebook {
        None => (RulebookName::standard(), document.head),
        Some(name) => name.good().map(|name| (name.value, name.span))?,
    };
    let reference = named.get();
    let own = document.currency.as_ref().map(|word| word.good().map(|word| word.value));
    let currency = match own {
        None => currency(reference.profile()),
        Some(word) => word.map(spoken)?,
    };
    let parameters = document.parameters.as_ref().and_then(Lenient::good);
    let given = document.catalogue.as_ref().and_then(Lenient::good);
    let notices = document.notices.as_ref().and_then(Lenient::good);
    let notices = notices.is_some_and(|word| word.value == OnOff::On);
    let overrides = overrides(parameters, notices);
    let rulebook = Rulebook::standard();
    let (settings, mut errors) = match rulebook.resolve(reference, &overrides) {
        Ok(settings) => (Some(settings), vec![]),
        Err(errors) => (rulebook.resolve(reference, &[]).ok(), errors),
    };
    let published = match (&settings, start) {
        (Some(settings), Some(start)) => published(settings, start.day()),
        _ => Vec::new(),
    };
    let catalogue = catalogue(given, currency, out);
    let (mut calls_pay, mut params) = (false, None);
    if let (Some(settings), true) = (settings, errors.is_empty()) {
        match Rules::new(settings, catalogue.clone()) {
            Ok(rules) => {
                errors = rules.overrides_in_vain(&overrides);
                let from = start.unwrap_or(SimTime::EPOCH);
                calls_pay = rules.params(from).life.auto_pay_default;
                params = Some(Box::new(rules.params(from).clone()));
            }
            Err(error) => errors.push(error),
        }
    }
    for error in errors {
        out.push(explain(&error, parameters, head));
    }
    let book = Book { reference, overrides, catalogue };
    Some(Priced { book, currency, calls_pay, params, published })
}

fn spoken(word: CurrencyWord) -> Currency {
    match word {
        CurrencyWord::Cny => Currency::CNY,
        CurrencyWord::Usd => Currency::USD,
        CurrencyWord::Eur => Currency::EUR,
        CurrencyWord::Jpy => Currency::JPY,
    }
}

/// The currency in which a site bills.
pub(crate) fn currency(profile: Profile) -> Currency {
    match profile {
        Profile::Cn => Currency::CNY,
        Profile::Intl => Currency::USD,
        Profile::Eu => Currency::EUR,
    }
}

/// The parameters by name, in the order of the names; what is said of notices is one of them.
fn overrides(
    parameters: Option<&Named<Spanned<Raw>, ParameterName>>,
    notices: bool,
) -> Vec<(String, String)> {
    let entries = parameters.into_iter().flat_map(|p| &p.entries);
    let switched = notices.then(|| (NOTICES.to_owned(), "yes".to_owned()));
    let given = entries.map(|(name, value)| (name.to_string(), value.to_string()));
    let sorted: BTreeMap<_, _> = switched.into_iter().chain(given).collect();
    sorted.into_iter().collect()
}

/// The sizes of which the rulebook has a price.
fn published(settings: &Settings, day: BillingDay) -> Vec<SizeId> {
    let (rule, name) = PRICES;
    let Ok(table) = settings.table(rule, name, day) else { return Vec::new() };
    table.entries().filter_map(|(size, _)| SizeId::new(size).ok()).collect()
}

/// The prices that the file states; those of the rulebook are for the rules to find.
fn catalogue(
    given: Option<&Named<PriceDoc>>,
    currency: Currency,
    out: &mut Diagnostics,
) -> Catalogue {
    let mut sizes: BTreeMap<SizeId, Prices> = BTreeMap::new();
    let mut withdrawn = BTreeMap::new();
    let mut industry = BTreeSet::new();
    let mut enterprise = BTreeSet::new();
    for (name, prices) in given.into_iter().flat_map(|given| &given.entries) {
        let Ok(size) = SizeId::new(name.as_str()) else { continue };
        if prices.line.is_some_and(|line| line.value == LineWord::Industry) {
            industry.insert(size.clone());
        }
        if prices.edition.is_some_and(|edition| edition.value == Edition::Enterprise) {
            enterprise.insert(size.clone());
        }
        let mut set = |price: &Option<Spanned<AmountText>>, to: &mut Option<Amount>| {
            if let Some(price) = price {
                if price.is_negative() {
                    let message = "a price is not below 0";
                    out.push(Diagnostic::error(Code::BadValue, price.span, message, "negative"));
                }
                *to = Some(price.in_currency(currency));
            }
        };
        if let Some(from) = prices.withdrawn {
            withdrawn.insert(size.clone(), from.from());
        }
        let known = sizes.entry(size).or_default();
        set(&prices.month, &mut known.month);
        set(&prices.year, &mut known.year);
        set(&prices.hour, &mut known.hour);
    }
    Catalogue::new(sizes)
        .with_industry(industry)
        .with_enterprise(enterprise)
        .with_withdrawn(withdrawn)
}

/// An error of the rulebook at the parameter that it is about.
fn explain(
    error: &BookError,
    parameters: Option<&Named<Spanned<Raw>, ParameterName>>,
    head: Span,
) -> Diagnostic {
    let entry = |name: &str| {
        let mut entries = parameters.into_iter().flat_map(|p| &p.entries);
        entries.find(|(key, _)| key.as_str() == name)
    };
    match error {
        BookError::UnknownParameter { given, nearest } => {
            let span = entry(given).map_or(head, |(key, _)| key.span);
            let message = format!("the rulebook has no parameter {}", quoted(given));
            let near = nearest.as_ref().map(|near| format!("did you mean {}?", quoted(near)));
            Diagnostic::error(Code::UnknownName, span, message, "not a parameter").help_if(near)
        }
        BookError::BadValue { parameter, given, expected, nearest } => {
            // A value for one key of a table is named by the whole parameter.
            let wrong = |(key, value): &&(Spanned<ParameterName>, Spanned<Raw>)| {
                let rest = key.as_str().strip_prefix(parameter.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                    && given.contains(value.as_str())
            };
            let mut entries = parameters.into_iter().flat_map(|p| &p.entries);
            let span = entries.find(wrong).map_or(head, |(_, value)| value.span);
            let message = format!("{} is not {expected}", quoted(given));
            let label = format!("{} takes {expected}", quoted(parameter));
            let near = nearest.as_ref().map(|near| format!("did you mean {}?", quoted(near)));
            Diagnostic::error(Code::BadValue, span, message, label).help_if(near)
        }
        BookError::NotRead { given } => {
            let span = entry(given).map_or(head, |(key, _)| key.span);
            Diagnostic::error(Code::BadValue, span, error.to_string(), "changes nothing")
        }
        other => {
            let name = match other {
                BookError::NoValue { parameter, .. } | BookError::OtherKind { parameter, .. } => {
                    parameter.as_str()
                }
                _ => "",
            };
            let span = entry(name).map_or(head, |(key, _)| key.span);
            Diagnostic::error(Code::BadValue, span, other.to_string(), "in this rulebook")
        }
    }
}

/// The sizes that are sold, for checking names; nothing if that is not known.
pub(super) fn sizes(document: &ScenarioDoc, priced: Option<&Priced>) -> Option<Vec<String>> {
    if document.start.good().is_none() || document.catalogue.as_ref().is_some_and(is_broken) {
        return None;
    }
    let Priced { book, published, .. } = priced?;
    let own = book.catalogue.sizes().map(|(size, _)| size);
    let all: BTreeSet<&SizeId> = published.iter().chain(own).collect();
    Some(all.into_iter().map(ToString::to_string).collect())
}

fn is_broken<T>(part: &Lenient<T>) -> bool {
    part.good().is_none()
}
