//! The fields of a document as a scenario writes them.

use super::*;

/// The fields of one document in braces.
pub(super) struct Fields(Vec<String>);

impl Fields {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }
    pub(super) fn close(self) -> String {
        if self.0.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", self.0.join(", ")) }
    }
    pub(super) fn add(&mut self, field: &str, value: impl Display) {
        self.0.push(format!("{field}: {value}"));
    }
    pub(super) fn name(&mut self, field: &str, name: &str) {
        self.add(field, quoted(name));
    }
    pub(super) fn names<'n>(&mut self, field: &str, names: impl IntoIterator<Item = &'n str>) {
        let names: Vec<String> = names.into_iter().map(quoted).collect();
        self.add(field, format_args!("[{}]", names.join(", ")));
    }
    /// A word that the format shares with the log.
    pub(super) fn word(&mut self, field: &str, word: &impl Serialize) {
        let value = serde_json::to_value(word).unwrap_or_default();
        self.add(field, value.as_str().unwrap_or_default());
    }
    pub(super) fn amount(&mut self, field: &str, amount: Option<Amount>) {
        if let Some(amount) = amount {
            self.add(field, amount.value());
        }
    }
    pub(super) fn phones(&mut self, phones: &[PhoneId]) {
        match phones {
            [phone] => self.name("phone", phone.as_str()),
            phones => self.names("phones", phones.iter().map(PhoneId::as_str)),
        }
    }
    pub(super) fn coupons(&mut self, coupons: &[CouponId]) {
        if !coupons.is_empty() {
            self.names("coupons", coupons.iter().map(CouponId::as_str));
        }
    }
    /// Where a command is meant for and where it comes in.
    pub(super) fn address(&mut self, envelope: &Envelope) {
        if let Some(region) = &envelope.region {
            self.name("region", region.as_str());
        }
        if let Some(zone) = &envelope.zone {
            self.name("zone", zone.as_str());
        }
        if envelope.source == Source::Api {
            self.add("via", "api");
        }
    }
    pub(super) fn payment(&mut self, payment: Option<&[CouponId]>) {
        match payment {
            Some(coupons) => self.coupons(coupons),
            None => self.add("pay", yes_no(false)),
        }
    }
    pub(super) fn auto_renewal(
        &mut self,
        setting: Option<AutoRenewal>,
    ) -> Result<(), &'static str> {
        match setting {
            None => {}
            Some(AutoRenewal { every: None, times_left: None }) => {
                self.add("auto_renew", yes_no(true));
            }
            Some(_) => return Err("the length or number of renewals in a purchase"),
        }
        Ok(())
    }
    pub(super) fn item(&mut self, item: &BuyItem) -> Result<(), &'static str> {
        self.phones(&item.phones);
        self.name("size", item.size.as_str());
        self.add("term", item.term);
        self.auto_renewal(item.auto_renewal)
    }
    /// Which order an operation means; gives the operation's name back.
    pub(super) fn order(&mut self, operation: &'static str, order: &OrderRef) -> &'static str {
        match order {
            OrderRef::Named(order) => self.name("order", order.as_str()),
            OrderRef::LastOf(phone) => self.name("for", phone.as_str()),
        }
        operation
    }
}

pub(super) const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Text in quotes, so that no reader takes a name for a number or a truth.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
