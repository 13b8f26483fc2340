//! The verifier: whether a call was signed by the holder of its key, and how it was read.

use super::algorithm::{Algorithm, Scope, SigningKey, from_hex, hex};
use super::authorization::Authorization;
use super::canonical::{
    HeaderOrder, PathReading, QueryOrder, query_pairs, request_text, text_to_sign, trimmed,
};
use super::key::{AccessKey, Credential};
use super::refusal::Refusal;
use super::request::{self, Request};
use crate::rulebook::RuleId;
use crate::rules::{SignatureParams, a};
use crate::time::SimTime;
use std::collections::BTreeMap;

/// What stands in place of a hash when the body is not signed (A6.6).
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// The header with the token of a temporary key, in small letters.
const TOKEN: &str = "x-security-token";

/// What the hash of the body was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BodyReading {
    /// The body.
    Computed,
    /// A signed header that declares it, and tells the truth (A6.6).
    Declared,
    /// Nothing: the signed header says that the body is not signed (A6.6).
    Unsigned,
    /// The empty body, although a signed header declares something (A6.13).
    Empty,
}

/// A call whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Who signed.
    pub key: AccessKey,
    /// How.
    pub algorithm: Algorithm,
    /// What the derived key is good for, if it is one.
    pub scope: Option<Scope>,
    /// The names of the signed headers: nothing is known of the others.
    pub signed_headers: Vec<String>,
    /// Whether the key is a temporary one.
    pub is_temporary: bool,
    /// How the path was read.
    pub path: PathReading,
    /// How the query was ordered.
    pub query: QueryOrder,
    /// How the lines of the headers were ordered.
    pub headers: HeaderOrder,
    /// What the hash of the body was taken from.
    pub body: BodyReading,
}

impl Accepted {
    /// The rules by which it holds, the deciding one first.
    pub fn rules(&self) -> Vec<RuleId> {
        let usual = (PathReading::Decoded, QueryOrder::RawKeys, HeaderOrder::Listed);
        let varies = (self.path, self.query, self.headers) != usual;
        let declared = matches!(self.body, BodyReading::Declared | BodyReading::Unsigned);
        let also = [
            (varies, a(6, 5)),
            (declared, a(6, 6)),
            (self.is_temporary, a(6, 9)),
            (self.algorithm == Algorithm::Sm3, a(6, 12)),
            (self.body == BodyReading::Empty, a(6, 13)),
            (self.scope.is_some(), a(6, 14)),
        ];
        let also = also.into_iter().filter_map(|(applies, rule)| applies.then_some(rule));
        [a(6, 3)].into_iter().chain(also).collect()
    }
}

/// Whoever checks signatures: a server with its limits, the keys that it knows and, perhaps, its name.
#[derive(Clone, Copy)]
pub struct Verifier<'a> {
    /// The parameters of the rules.
    pub params: &'a SignatureParams,
    /// The keys that are in force.
    pub keys: &'a BTreeMap<AccessKey, Credential>,
    /// Region and service of the server: a key that was derived for others is refused (A6.14). Without
    /// them any are taken.
    pub place: Option<(&'a str, &'a str)>,
}

impl Verifier<'_> {
    /// Whether the holder of a key signed this call, and did so near `now` (A6.1 to A6.14).
    ///
    /// Nothing is remembered: the same call holds again as long as its date does (A6.10).
    ///
    /// # Errors
    /// The first reason that speaks against it, in the order of [`Refusal`].
    pub fn verify(&self, now: SimTime, request: &Request<'_>) -> Result<Accepted, Refusal> {
        self.check_size(request)?;
        let authorization = request::authorization(request)?;
        let method = request::method(request.method)?;
        let (path, query) = request::target(request.target)?;
        let headers = request::signed_headers(request, &authorization)?;
        let date = request::date(&headers)?;
        self.check_scope(&authorization, date.text)?;
        self.check_clock(now, date.at)?;
        let key = authorization.key.as_str();
        let unknown = || Refusal::UnknownKey(key.to_owned());
        let credential = self.keys.get(&authorization.key).ok_or_else(unknown)?;
        check_token(request, &authorization, credential)?;
        let hashes = body_hashes(authorization.algorithm, &headers, request.body)?;
        let signing = Signing { authorization: &authorization, credential, date: date.text };
        signing.first_match(&method, path, query, &headers, &hashes).ok_or(Refusal::OtherSignature)
    }

    /// A6.8: limits, before anything is read.
    fn check_size(&self, request: &Request<'_>) -> Result<(), Refusal> {
        let (bytes, max) = (request.body.len(), self.params.body_bytes_max);
        if bytes > max {
            return Err(Refusal::BodyTooLarge { bytes, max });
        }
        let (bytes, max) = (request.head_bytes(), self.params.head_bytes_max);
        if bytes > max { Err(Refusal::HeadTooLarge { bytes, max }) } else { Ok(()) }
    }

    /// A6.14: a derived key is for the day of the date, and for this region and service.
    fn check_scope(&self, authorization: &Authorization, date: &str) -> Result<(), Refusal> {
        let Some(given) = &authorization.scope else { return Ok(()) };
        let (region, service) = self.place.unwrap_or((&given.region, &given.service));
        let day: String = date.chars().take_while(|c| *c != 'T').collect();
        let needed = Scope { day, region: region.to_owned(), service: service.to_owned() };
        if *given == needed {
            return Ok(());
        }
        Err(Refusal::OtherScope { given: given.to_string(), needed: needed.to_string() })
    }

    /// A6.4: the date is at most so far from the clock, to either side.
    fn check_clock(&self, now: SimTime, date: SimTime) -> Result<(), Refusal> {
        const NS_PER_S: u64 = 1_000_000_000;
        let apart_ns = now.as_nanos().abs_diff(date.as_nanos());
        let max_ns = u64::try_from(self.params.clock_difference_max.as_nanos()).unwrap_or(0);
        if apart_ns <= max_ns {
            return Ok(());
        }
        let (seconds, max_seconds) = (apart_ns.div_ceil(NS_PER_S), max_ns / NS_PER_S);
        Err(Refusal::ClockDifference { seconds, max_seconds })
    }
}

/// A6.9: a temporary key comes with its token, and the token is signed.
fn check_token(
    request: &Request<'_>,
    authorization: &Authorization,
    credential: &Credential,
) -> Result<(), Refusal> {
    // A signed header comes once, so that the first is the only one.
    match (&credential.token, request.values(TOKEN).next()) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Refusal::TokenMissing),
        (_, Some(_)) if !authorization.signs(TOKEN) => Err(Refusal::TokenNotSigned),
        (Some(token), Some(sent)) if token.is(trimmed(sent)) => Ok(()),
        (_, Some(_)) => Err(Refusal::OtherToken),
    }
}

/// A6.6, A6.13: what may have been signed for the body. Usually that is one hash.
fn body_hashes(
    algorithm: Algorithm,
    headers: &[(&str, &[u8])],
    body: &[u8],
) -> Result<Vec<(BodyReading, String)>, Refusal> {
    let (name, computed) = (algorithm.content_header(), algorithm.hash(body));
    let Some(declared) = request::value(headers, name) else {
        return Ok(vec![(BodyReading::Computed, hex(&computed))]);
    };
    let mut hashes = Vec::new();
    if declared == UNSIGNED_PAYLOAD.as_bytes() {
        hashes.push((BodyReading::Unsigned, UNSIGNED_PAYLOAD.to_owned()));
    } else {
        let hash = from_hex(declared).ok_or(Refusal::BadDeclaredHash(name))?;
        if hash != computed {
            return Err(Refusal::OtherBody(name));
        }
        hashes.push((BodyReading::Declared, declared.iter().map(|b| char::from(*b)).collect()));
    }
    if body.is_empty() {
        hashes.push((BodyReading::Empty, hex(&computed)));
    }
    Ok(hashes)
}

/// Everything that one attempt at the signature needs besides the reading.
struct Signing<'a> {
    authorization: &'a Authorization,
    credential: &'a Credential,
    date: &'a str,
}

impl Signing<'_> {
    /// A6.5: the first reading under which the signature holds, the usual one first.
    fn first_match(
        &self,
        method: &str,
        path: &[u8],
        query: &[u8],
        headers: &[(&str, &[u8])],
        hashes: &[(BodyReading, String)],
    ) -> Option<Accepted> {
        let Authorization { algorithm, scope, signed_headers, signature, .. } = self.authorization;
        let signing_key = SigningKey::new(*algorithm, self.credential, scope.as_ref());
        let pairs = query_pairs(query);
        let queries = distinct(QueryOrder::ALL.map(|order| (order, order.canonical(&pairs))));
        let paths = distinct(PathReading::ALL.map(|reading| (reading, reading.canonical(path))));
        let blocks = distinct(HeaderOrder::ALL.map(|order| (order, order.canonical(headers))));
        let names = signed_headers.join(";");
        for (path, path_text) in &paths {
            for (query, query_text) in &queries {
                for (order, lines) in &blocks {
                    for (body, hash) in hashes {
                        let target = [path_text.as_str(), query_text.as_str()];
                        let request = request_text(method, target, lines, &names, hash);
                        let text = text_to_sign(*algorithm, self.date, scope.as_ref(), &request);
                        if signing_key.verify(text.as_bytes(), signature) {
                            return Some(self.accepted(*path, *query, *order, *body));
                        }
                    }
                }
            }
        }
        None
    }

    fn accepted(
        &self,
        path: PathReading,
        query: QueryOrder,
        headers: HeaderOrder,
        body: BodyReading,
    ) -> Accepted {
        let Authorization { algorithm, key, scope, signed_headers, .. } = self.authorization;
        Accepted {
            key: key.clone(),
            algorithm: *algorithm,
            scope: scope.clone(),
            signed_headers: signed_headers.clone(),
            is_temporary: self.credential.token.is_some(),
            path,
            query,
            headers,
            body,
        }
    }
}

/// Readings that come to the same text are one, called by the first.
fn distinct<T, U: PartialEq, const N: usize>(readings: [(T, U); N]) -> Vec<(T, U)> {
    let mut kept: Vec<(T, U)> = Vec::with_capacity(N);
    for (reading, text) in readings {
        if kept.iter().all(|(_, other)| *other != text) {
            kept.push((reading, text));
        }
    }
    kept
}
