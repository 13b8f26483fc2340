//! The canonical request and the text that is signed (A6.2, A6.3), with the readings in which official
//! signers differ (A6.5).

use super::algorithm::{Algorithm, Scope, hex, hex_digit};
use std::borrow::Cow;

/// How the path of a target is read before it is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathReading {
    /// Escapes are resolved first, so that `%2F` and `/` are one.
    Decoded,
    /// As it stands, so that escapes are escaped again.
    AsItStands,
}

impl PathReading {
    /// Both, the usual one first.
    pub const ALL: [Self; 2] = [Self::Decoded, Self::AsItStands];

    /// The canonical path.
    pub(super) fn canonical(self, path: &[u8]) -> String {
        let path = match self {
            Self::Decoded => Cow::Owned(decoded(path)),
            Self::AsItStands => Cow::Borrowed(path),
        };
        let mut escaped = escaped(&path, b"/");
        if !escaped.ends_with('/') {
            escaped.push('/');
        }
        escaped
    }
}

/// A key and a value of a query, without escapes.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// How the pairs of a query are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueryOrder {
    /// By key, then by value, both without escapes.
    RawKeys,
    /// By the escaped key; values of one key stay as they come.
    EscapedKeys,
    /// As `RawKeys`, but by UTF-16 code units, which puts the characters beyond the first 65,536 earlier.
    Utf16Keys,
}

impl QueryOrder {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::RawKeys, Self::EscapedKeys, Self::Utf16Keys];

    /// The canonical query.
    pub(super) fn canonical(self, pairs: &[Pair]) -> String {
        let mut pairs: Vec<&Pair> = pairs.iter().collect();
        match self {
            // UTF-8 orders like the characters it encodes.
            Self::RawKeys => pairs.sort(),
            Self::EscapedKeys => pairs.sort_by_cached_key(|(key, _)| escaped(key, b"")),
            Self::Utf16Keys => {
                pairs.sort_by_cached_key(|(key, value)| (code_units(key), code_units(value)));
            }
        }
        query_text(pairs)
    }
}

/// Pairs as a query, in the order in which they come.
pub(super) fn query_text<'a>(pairs: impl IntoIterator<Item = &'a Pair>) -> String {
    let text = |(key, value): &Pair| format!("{}={}", escaped(key, b""), escaped(value, b""));
    pairs.into_iter().map(text).collect::<Vec<_>>().join("&")
}

/// The pairs of a query as it was sent. A plus sign is a plus sign; a key without a value has an empty one.
pub(super) fn query_pairs(query: &[u8]) -> Vec<Pair> {
    if query.is_empty() {
        return Vec::new();
    }
    let pair = |piece: &[u8]| {
        let mut halves = piece.splitn(2, |b| *b == b'=').map(decoded);
        (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
    };
    query.split(|b| *b == b'&').map(pair).collect()
}

/// How the lines of the signed headers are ordered. Their list stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeaderOrder {
    /// As the list.
    Listed,
    /// As a dictionary would: an underscore comes before a hyphen, which shows where names have both.
    Collated,
}

impl HeaderOrder {
    /// Both, the usual one first.
    pub const ALL: [Self; 2] = [Self::Listed, Self::Collated];

    /// The lines of the headers, whose names are in small letters.
    pub(super) fn canonical(self, headers: &[(&str, &[u8])]) -> Vec<u8> {
        let mut headers = headers.to_vec();
        if self == Self::Collated {
            let weight = |b: u8| COLLATION.iter().position(|other| *other == b);
            headers.sort_by_cached_key(|(name, _)| name.bytes().map(weight).collect::<Vec<_>>());
        }
        let line = |(name, value): &(&str, &[u8])| [name.as_bytes(), b":", value, b"\n"].concat();
        headers.iter().flat_map(line).collect()
    }
}

/// The characters of names of headers as Unicode collates them.
const COLLATION: &[u8] = b"_-!.'*&#%`^+|~$0123456789abcdefghijklmnopqrstuvwxyz";

/// What a request is before it is hashed.
pub(super) fn request_text(
    method: &str,
    [path, query]: [&str; 2],
    lines: &[u8],
    names: &str,
    body_hash: &str,
) -> Vec<u8> {
    let mut text = format!("{method}\n{path}\n{query}\n").into_bytes();
    text.extend(lines);
    text.extend(format!("\n{names}\n{body_hash}").bytes());
    text
}

/// What is signed.
pub(super) fn text_to_sign(
    algorithm: Algorithm,
    date: &str,
    scope: Option<&Scope>,
    request: &[u8],
) -> String {
    let scope = scope.map(|scope| format!("{scope}\n")).unwrap_or_default();
    format!("{}\n{date}\n{scope}{}", algorithm.name(), hex(&algorithm.hash(request)))
}

/// A value without the blanks that HTTP allows around it. Bytes beyond ASCII are never blanks here.
pub(super) fn trimmed(value: &[u8]) -> &[u8] {
    let from = value.iter().take_while(|b| is_blank(b)).count();
    let value = value.get(from..).unwrap_or_default();
    let to = value.len() - value.iter().rev().take_while(|b| is_blank(b)).count();
    value.get(..to).unwrap_or_default()
}

/// Whether HTTP allows this byte around the value of a header.
pub(super) const fn is_blank(b: &u8) -> bool {
    matches!(b, b' ' | b'\t')
}

/// Resolves escapes; what is no escape stays as it is.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let value = match rest {
            [b'%', high, low, ..] => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        plain.push(value.map_or(*first, |(high, low)| high << 4 | low));
        rest = if value.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    plain
}

/// Escapes all but letters, digits, `-_.~` and what is in `kept`.
fn escaped(text: &[u8], kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(b) || kept.contains(b) {
            out.push(char::from(*b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// Text as UTF-16; bytes that are no text count as the replacement character.
fn code_units(text: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(text).encode_utf16().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_escaped_by_segment_and_ends_with_a_slash() {
        let check = |path: &str, decoded: &str, as_it_stands: &str| {
            let read = PathReading::ALL.map(|reading| reading.canonical(path.as_bytes()));
            assert_eq!(read, [decoded, as_it_stands], "{path}");
        };
        check("/", "/", "/");
        check("/a", "/a/", "/a/");
        check("/a/", "/a/", "/a/");
        check("/a//", "/a//", "/a//");
        check("/a%20b", "/a%20b/", "/a%2520b/");
        check("/a%2fb", "/a/b/", "/a%252fb/");
        check("/a%", "/a%25/", "/a%25/");
        check("/a%2", "/a%252/", "/a%252/");
        check("/a%zz", "/a%25zz/", "/a%25zz/");
        check("/%FF", "/%FF/", "/%25FF/");
        check("/%e4%ba%91~", "/%E4%BA%91~/", "/%25e4%25ba%2591~/");
    }

    #[test]
    fn a_query_is_ordered_in_three_ways() {
        let check = |query: &str, raw: &str, escaped: &str, utf16: &str| {
            let pairs = query_pairs(query.as_bytes());
            let read = QueryOrder::ALL.map(|order| order.canonical(&pairs));
            assert_eq!(read, [raw, escaped, utf16], "{query}");
        };
        check("", "", "", "");
        check("b&a=1", "a=1&b=", "a=1&b=", "a=1&b=");
        check("a=2&a=1", "a=1&a=2", "a=2&a=1", "a=1&a=2");
        check("a=x%3dy=z", "a=x%3Dy%3Dz", "a=x%3Dy%3Dz", "a=x%3Dy%3Dz");
        check("k/=1&k-=2", "k-=2&k%2F=1", "k%2F=1&k-=2", "k-=2&k%2F=1");
        check("a=1&&b=+", "=&a=1&b=%2B", "=&a=1&b=%2B", "=&a=1&b=%2B");
        // U+E000 is before U+1F4F1, but after its first code unit.
        let (far, near) = ("%F0%9F%93%B1", "%EE%80%80");
        let (near_first, far_first) = (format!("{near}=&{far}="), format!("{far}=&{near}="));
        check(&far_first, &near_first, &near_first, &far_first);
    }
}
