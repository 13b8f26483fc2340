//! What the targets share.

use koosim_model::access::AccessParams;
use koosim_model::rulebook::{Rulebook, Settings};
use koosim_model::rules::SignatureParams;
use koosim_model::rules::{Catalogue, Rules};
use koosim_model::time::{BillingDay, SimTime};
use std::sync::LazyLock;

fn settings() -> Settings {
    Rulebook::standard().resolve("cn".parse().unwrap(), &[]).unwrap()
}

/// The parameters of policies in the Chinese book.
pub static PARAMS: LazyLock<AccessParams> = LazyLock::new(|| {
    AccessParams::resolve(&settings(), BillingDay::parse("2025-01-01").unwrap()).unwrap()
});

/// Those of signatures.
pub static SIGNATURES: LazyLock<SignatureParams> = LazyLock::new(|| {
    Rules::new(settings(), Catalogue::default()).unwrap().params(SimTime::EPOCH).signatures
});
