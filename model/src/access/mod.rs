//! Who may do what: the checks that stand before the rules of the service.

pub mod signature;
