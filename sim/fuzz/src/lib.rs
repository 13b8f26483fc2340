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

/// Reads bytes in a format, and holds what is read to being exact: written again it gives the same bytes,
/// unless its reader names a freedom, and then it is read back as the same value. Refusals name a place.
#[macro_export]
macro_rules! exact {
    ($format:ty, $bytes:expr) => {{
        let bytes: &[u8] = $bytes;
        let read = <$format>::parse(bytes);
        match <$format>::parse_strictly(bytes) {
            Err(refused) => {
                assert!(refused.at <= bytes.len() && !refused.to_string().is_empty());
                assert_eq!(read, Err(refused), "both readers refuse the same");
            }
            Ok((value, freedom)) => {
                assert_eq!(read.as_ref(), Ok(&value), "both readers read the same");
                let mut again = Vec::new();
                value.write(&mut again).unwrap();
                assert_eq!(again.len(), value.wire_len(), "the length is told exactly");
                assert_eq!(again == bytes, freedom.is_none(), "{freedom:?} for {again:x?}");
                assert_eq!(<$format>::parse_strictly(&again), Ok((value, None)));
            }
        }
    }};
}

/// Cuts bytes into pieces, each with its length in front.
pub fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let mut left = bytes;
    std::iter::from_fn(move || {
        let (len, rest) = left.split_first()?;
        let (piece, rest) = rest.split_at(usize::from(*len).min(rest.len()));
        left = rest;
        Some(piece)
    })
}
