//! A call as it was received, and what of it is signed (A6.1, A6.2). Nothing is compared with anything yet.

use super::authorization::Authorization;
use super::canonical::trimmed;
use super::refusal::Refusal;
use crate::time::SimTime;

/// The header with the date, in small letters.
const DATE: &str = "x-sdk-date";

/// A call as a server received it. It is not printed: its headers may hold a token.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a [u8],
    /// Path and query as they were sent, with their escapes.
    pub target: &'a [u8],
    /// Names and values as they were sent, in any order.
    pub headers: &'a [(&'a [u8], &'a [u8])],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |(sent, _): &&(&[u8], &[u8])| sent.eq_ignore_ascii_case(name.as_bytes());
        self.headers.iter().filter(named).map(|(_, value)| *value)
    }
    pub(super) fn head_bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        self.method.len() + self.target.len() + headers.sum::<usize>()
    }
}

/// A6.1: the one header that says who signed and how.
pub(super) fn authorization(request: &Request<'_>) -> Result<Authorization, Refusal> {
    let mut values = request.values("authorization");
    let value = values.next().ok_or(Refusal::NotSigned)?;
    if values.next().is_some() {
        return Err(Refusal::SignedTwice);
    }
    Authorization::parse(value)
}

/// A6.2: methods are signed in capitals.
pub(super) fn method(method: &[u8]) -> Result<String, Refusal> {
    let is_word = !method.is_empty() && method.iter().all(u8::is_ascii_alphabetic);
    let capitals = || method.iter().map(|b| char::from(b.to_ascii_uppercase())).collect();
    is_word.then(capitals).ok_or(Refusal::BadMethod)
}

/// A6.2: path and query of a target.
pub(super) fn target(target: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let fits = |(at, b): (usize, &u8)| {
        let visible = b.is_ascii_graphic() && *b != b'#';
        visible && (at > 0 || *b == b'/')
    };
    if let Some(at) = target.iter().enumerate().position(|byte| !fits(byte)) {
        return Err(Refusal::BadTarget { at });
    }
    let mut halves = target.splitn(2, |b| *b == b'?');
    let path = halves.next().filter(|path| !path.is_empty()).ok_or(Refusal::BadTarget { at: 0 })?;
    Ok((path, halves.next().unwrap_or_default()))
}

/// A6.2: the listed headers, in the order of the list, without the blanks around their values.
pub(super) fn signed_headers<'a>(
    request: &Request<'a>,
    authorization: &'a Authorization,
) -> Result<Vec<(&'a str, &'a [u8])>, Refusal> {
    if !authorization.signs(DATE) {
        return Err(Refusal::DateNotSigned);
    }
    let names = &authorization.signed_headers;
    let sent = |name: &&String| request.values(name).count();
    if let Some(name) = names.iter().find(|name| sent(name) == 0) {
        return Err(Refusal::HeaderMissing(name.clone()));
    }
    if let Some(name) = names.iter().find(|name| sent(name) > 1) {
        return Err(Refusal::HeaderRepeated(name.clone()));
    }
    let headers: Vec<_> = names
        .iter()
        .flat_map(|name| request.values(name).map(|value| (name.as_str(), trimmed(value))))
        .collect();
    // A line break could otherwise pass for the next header.
    let unreadable = |value: &[u8]| value.iter().any(|b| b.is_ascii_control() && *b != b'\t');
    headers
        .iter()
        .find(|(_, value)| unreadable(value))
        .map_or(Ok(()), |(name, _)| Err(Refusal::HeaderUnreadable((*name).to_owned())))?;
    Ok(headers)
}

/// The date of a call, as it was written and as an instant.
#[derive(Clone, Copy)]
pub(super) struct Date<'a> {
    pub(super) text: &'a str,
    pub(super) at: SimTime,
}

/// The value of a signed header.
pub(super) fn value<'a>(headers: &[(&str, &'a [u8])], name: &str) -> Option<&'a [u8]> {
    headers.iter().find(|(signed, _)| signed.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// A6.2: the date, which is always signed.
pub(super) fn date<'a>(headers: &[(&str, &'a [u8])]) -> Result<Date<'a>, Refusal> {
    let given = value(headers, DATE).unwrap_or_default();
    let bad = || Refusal::BadDate(given.escape_ascii().to_string());
    let text = std::str::from_utf8(given).map_err(|_| bad())?;
    let at = SimTime::parse_basic_utc(text).ok_or_else(bad)?;
    Ok(Date { text, at })
}
