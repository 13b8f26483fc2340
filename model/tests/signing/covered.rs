//! What a signature covers, and what it does not (A6.7), on every known signature.

use crate::received::{Received, Server};
use crate::vector::{self, Vector};
use koosim_model::access::signature::{Authorization, BodyReading, PathReading};
use proptest::prelude::*;

fn resolved(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits = text.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let value = digits
            .filter(|two| text[at] == b'%' && two.bytes().all(|b| b.is_ascii_hexdigit()))
            .map(|two| u8::from_str_radix(two, 16).unwrap());
        plain.push(value.unwrap_or(text[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    plain
}

fn outer_blanks_gone(value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    while value.last().is_some_and(|b| b" \t".contains(b)) {
        value.pop();
    }
    while value.first().is_some_and(|b| b" \t".contains(b)) {
        value.remove(0);
    }
    value
}

/// What two calls must have in common to have the same signature, found in another way than the verifier's:
/// nothing is escaped, ordered or hashed.
#[derive(PartialEq)]
struct Meaning {
    method: Vec<u8>,
    path: Vec<u8>,
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
    headers: Vec<Vec<Vec<u8>>>,
    body: Option<Vec<u8>>,
}

/// The meaning of a call for whoever signed the known one; `None` if it is no call at all.
fn meaning(known: &Known, received: &Received) -> Option<Meaning> {
    let mut halves = received.target.splitn(2, |b| *b == b'?');
    let (path, query) = (halves.next().unwrap(), halves.next().unwrap_or_default());
    let visible = received.target.iter().all(|b| b.is_ascii_graphic() && *b != b'#');
    if !visible || !path.starts_with(b"/") || received.method.is_empty() {
        return None;
    }
    let mut path = if known.path_is_resolved { resolved(path) } else { path.to_vec() };
    if path.ends_with(b"/") {
        path.pop();
    }
    let mut pairs: Vec<_> = query
        .split(|b| *b == b'&')
        .filter(|_| !query.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |b| *b == b'=').map(resolved);
            (halves.next().unwrap(), halves.next().unwrap_or_default())
        })
        .collect();
    pairs.sort();
    let values = |name: &str| received.values(name).into_iter().map(outer_blanks_gone).collect();
    let named =
        known.signed.iter().map(String::as_str).chain(["authorization", "x-security-token"]);
    let headers = named.map(values).collect();
    let body = known.body_is_signed.then(|| received.body.clone());
    Some(Meaning { method: received.method.to_ascii_uppercase(), path, pairs, headers, body })
}

/// A known call, its server, and what it means.
struct Known {
    vector: Vector,
    server: Server,
    received: Received,
    signed: Vec<String>,
    path_is_resolved: bool,
    body_is_signed: bool,
}

impl Known {
    fn of(vector: Vector) -> Self {
        let (server, received) = (vector.server(), vector.received());
        let accepted = received.ask(&server.verifier(), vector.now()).unwrap();
        let authorization = received.values("authorization")[0];
        let signed = Authorization::parse(authorization).unwrap().signed_headers;
        let body_is_signed = accepted.body != BodyReading::Unsigned;
        let path_is_resolved = accepted.path == PathReading::Decoded;
        Self { vector, server, received, signed, path_is_resolved, body_is_signed }
    }
    fn meaning(&self, received: &Received) -> Option<Meaning> {
        meaning(self, received)
    }
    fn holds(&self, received: &Received) -> bool {
        received.ask(&self.server.verifier(), self.vector.now()).is_ok()
    }
    /// A changed call holds exactly if it still means the same.
    fn check(&self, changed: &Received, what: impl FnOnce() -> String) -> bool {
        let same = self.meaning(changed) == self.meaning(&self.received);
        assert_eq!(self.holds(changed), same, "{}: {}", self.vector.name(), what());
        same
    }
}

/// The parts of a call, each a run of bytes.
fn parts(received: &mut Received) -> Vec<&mut Vec<u8>> {
    let Received { method, target, headers, body } = received;
    let mut parts = vec![method, target, body];
    parts.extend(headers.iter_mut().flat_map(|(name, value)| [name, value]));
    parts
}

fn changed_part(received: &Received, part: usize, change: impl FnOnce(&mut Vec<u8>)) -> Received {
    let mut changed = received.clone();
    change(parts(&mut changed).swap_remove(part));
    changed
}

/// A6.2, A6.7: a signature covers every byte but those of the list. Each byte of each known call is changed
/// twice and left out.
#[test]
fn a_change_of_any_byte_is_refused_if_it_changes_what_the_call_means() {
    let (mut kept, mut lost) = (0, 0);
    for vector in vector::all() {
        let known = Known::of(vector);
        let lengths: Vec<usize> =
            parts(&mut known.received.clone()).iter().map(|part| part.len()).collect();
        for (part, length) in lengths.into_iter().enumerate() {
            for at in 0..length {
                let changes: [fn(&mut Vec<u8>, usize); 3] = [
                    |bytes, at| bytes[at] ^= 1,
                    |bytes, at| bytes[at] ^= 0x20,
                    |bytes, at| {
                        bytes.remove(at);
                    },
                ];
                for (number, change) in changes.into_iter().enumerate() {
                    let changed = changed_part(&known.received, part, |bytes| change(bytes, at));
                    let what = || format!("part {part}, byte {at}, change {number}");
                    let same = known.check(&changed, what);
                    *(if same { &mut kept } else { &mut lost }) += 1;
                }
            }
        }
    }
    assert!(kept > 100 && lost > 10_000, "{kept} changes did not matter, {lost} did");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// The same with up to three changes at once, of any kind, anywhere.
    #[test]
    fn several_changes_are_refused_unless_the_call_still_means_the_same(
        number in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4, any::<u8>()), 1..4),
    ) {
        let mut all = vector::all();
        let known = Known::of(all.swap_remove(number.index(all.len())));
        let mut changed = known.received.clone();
        for (part, place, kind, byte) in &changes {
            let mut parts = parts(&mut changed);
            let part = part.index(parts.len());
            let bytes = parts.swap_remove(part);
            let at = place.index(bytes.len() + 1);
            match kind {
                0 if at < bytes.len() => bytes[at] = *byte,
                1 if at < bytes.len() => _ = bytes.remove(at),
                2 => bytes.insert(at, *byte),
                _ => bytes.insert(at, b"/ %?=&;,\t+"[usize::from(*byte) % 10]),
            }
        }
        known.check(&changed, || format!("{changes:?}"));
    }
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replace(from, to).into_bytes()
}

/// A change that shows what a signature does not cover. `false`: the call has nothing of the kind.
type Change = fn(&mut Received, &Known) -> bool;

/// What A6.7 says that a signature does not cover.
#[rustfmt::skip]
const NOT_COVERED: &[(&str, Change)] = &[
    ("a body that is declared as unsigned", |call, known| {
        call.body.push(b'!');
        !known.body_is_signed
    }),
    ("headers that are not signed", |call, _| {
        call.headers.push((b"X-Forwarded-For".into(), b"192.0.2.1\x01".into()));
        call.headers.push((b"Accept-Encoding".into(), b"gzip".into()));
        call.headers.push((b"Accept-Encoding".into(), b"br".into()));
        true
    }),
    ("blanks around the values of headers", |call, _| {
        for (_, value) in &mut call.headers {
            *value = [b" \t", value.as_slice(), b"  "].concat();
        }
        true
    }),
    ("one slash at the end of the path", |call, _| {
        let end = call.target.iter().position(|b| *b == b'?').unwrap_or(call.target.len());
        if end == 1 || call.target[..end].ends_with(b"//") {
            return false;
        }
        if call.target[end - 1] == b'/' { call.target.remove(end - 1); } else { call.target.insert(end, b'/'); }
        true
    }),
    ("the case of escapes", |call, _| {
        let small = ["%2F", "%2B", "%2A", "%2C", "%3A", "%3D", "%E4%BA%91"];
        let before = call.target.clone();
        for escape in small {
            call.target = replaced(&call.target, escape, &escape.to_lowercase());
        }
        call.target != before
    }),
    ("an escaped slash of the path", |call, _| {
        let before = call.target.clone();
        call.target = replaced(&call.target, "%2F01", "/01");
        call.target != before
    }),
    ("whether a character is escaped that needs it not", |call, _| {
        call.target = replaced(&call.target, "v", "%76");
        call.target.contains(&b'%')
    }),
    ("whether a character is escaped that needs it", |call, _| {
        let before = call.target.clone();
        call.target = replaced(&replaced(&call.target, "+", "%2B"), "%3A", ":");
        call.target != before
    }),
    ("the order of the pairs of a query", |call, _| {
        let Some(at) = call.target.iter().position(|b| *b == b'?') else { return false };
        let query = String::from_utf8(call.target.split_off(at + 1)).unwrap();
        let turned: Vec<&str> = query.rsplit('&').collect();
        call.target.extend(turned.join("&").bytes());
        turned.len() > 1
    }),
    ("the sign of a key with an empty value", |call, _| {
        let ends_so = call.target.ends_with(b"=");
        call.target.pop();
        ends_so
    }),
    ("the question mark of an empty query", |call, _| {
        let has_query = call.target.contains(&b'?');
        call.target.push(b'?');
        !has_query
    }),
    ("the order of headers", |call, _| {
        call.headers.reverse();
        true
    }),
    ("the case of method and header names", |call, _| {
        call.method.make_ascii_lowercase();
        for (name, _) in &mut call.headers {
            name.make_ascii_uppercase();
        }
        true
    }),
];

/// A6.7: the list of what may change, each shown on some known call.
#[test]
fn what_a_signature_does_not_cover_can_change() {
    let known = vector::all().into_iter().map(Known::of);
    let known: Vec<Known> = known.filter(|known| known.path_is_resolved).collect();
    for (what, change) in NOT_COVERED {
        let mut shown = 0;
        for known in &known {
            let mut changed = known.received.clone();
            if change(&mut changed, known) {
                assert!(changed != known.received, "{what}: {}", known.vector.name());
                assert!(known.check(&changed, || (*what).to_owned()), "{what} is in the list");
                shown += 1;
            }
        }
        assert!(shown > 0, "no known call shows {what}");
    }
}
