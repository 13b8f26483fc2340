//! A call on the wire, in a form that tests can change, and a server that knows one key.

use koosim_model::access::signature::{
    Accepted, AccessKey, Credential, Refusal, Request, Secret, Signed, Verifier,
};
use koosim_model::rulebook::Rulebook;
use koosim_model::rules::{Catalogue, Rules, SignatureParams};
use koosim_model::time::SimTime;
use std::collections::BTreeMap;

/// A call as a server receives it.
#[derive(Clone, PartialEq)]
pub(crate) struct Received {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn of(method: &str, signed: &Signed, body: &[u8]) -> Self {
        let header = |(name, value): &(String, Vec<u8>)| (name.clone().into_bytes(), value.clone());
        Self {
            method: method.into(),
            target: signed.target.clone().into_bytes(),
            headers: signed.headers.iter().map(header).collect(),
            body: body.to_vec(),
        }
    }
    pub(crate) fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = |(other, _): &&(Vec<u8>, Vec<u8>)| other.eq_ignore_ascii_case(name.as_bytes());
        self.headers.iter().filter(named).map(|(_, value)| value.as_slice()).collect()
    }
    pub(crate) fn value_mut(&mut self, name: &str) -> &mut Vec<u8> {
        let named =
            |(other, _): &&mut (Vec<u8>, Vec<u8>)| other.eq_ignore_ascii_case(name.as_bytes());
        &mut self.headers.iter_mut().find(named).unwrap().1
    }
    pub(crate) fn ask(&self, verifier: &Verifier<'_>, now: SimTime) -> Result<Accepted, Refusal> {
        let headers: Vec<(&[u8], &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
        let (method, target) = (self.method.as_slice(), self.target.as_slice());
        verifier.verify(now, &Request { method, target, headers: &headers, body: &self.body })
    }
}

/// A server that knows one key.
pub(crate) struct Server {
    pub(crate) params: SignatureParams,
    keys: BTreeMap<AccessKey, Credential>,
}

impl Server {
    pub(crate) fn new(credential: &Credential, overrides: &[(&str, &str)]) -> Self {
        let keys = BTreeMap::from([(credential.key().clone(), credential.clone())]);
        Self { params: params(overrides), keys }
    }
    pub(crate) fn verifier(&self) -> Verifier<'_> {
        Verifier { params: &self.params, keys: &self.keys, place: None }
    }
}

/// The parameters of the newest edition, some of them overridden.
pub(crate) fn params(overrides: &[(&str, &str)]) -> SignatureParams {
    let overrides: Vec<_> =
        overrides.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &overrides).unwrap();
    Rules::new(settings, Catalogue::new(BTreeMap::new())).unwrap().params(SimTime::EPOCH).signatures
}

/// A pair of keys that opens nothing anywhere.
pub(crate) fn made_up() -> Credential {
    let key = AccessKey::new("EXAMPLE-NOT-A-KEY").unwrap();
    Credential::permanent(key, Secret::new("made up for tests"))
}
