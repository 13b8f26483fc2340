//! Every official client is understood, whatever it sends (A6.5, A6.6, A6.9, A6.13, A6.14).

use crate::received::{Received, Server, made_up, params};
use koosim_model::access::signature::{
    Accepted, AccessKey, Algorithm, BodyReading, Call, Client, Credential, HeaderOrder,
    PathReading, QueryOrder, Refusal, Request, Scheme, Secret, Verifier, sign,
};
use koosim_model::rulebook::Rulebook;
use koosim_model::time::SimTime;
use proptest::prelude::*;
use std::collections::BTreeMap;

const DERIVED: Scheme<'_> = Scheme::Derived { region: "cn-north-4", service: "koophone" };

fn now() -> SimTime {
    SimTime::parse_basic_utc("20240229T235959Z").unwrap()
}

fn call<'a>(path: &'a str, query: &'a [(&'a str, &'a str)]) -> Call<'a> {
    Call {
        method: "POST",
        host: "koophone.example.com",
        path,
        query,
        headers: &[("Content-Type", "application/json")],
        body: b"{}",
        at: now(),
    }
}

fn answer(call: &Call<'_>, client: Client) -> Result<Accepted, Refusal> {
    let credential = made_up();
    let signed = sign(call, Scheme::Sha256, &credential, client);
    let server = Server::new(&credential, &[]);
    Received::of(call.method, &signed, call.body).ask(&server.verifier(), now())
}

#[test]
fn a_call_says_how_it_was_read() {
    let check = |client: Client, path, query: &[_], expected: (PathReading, QueryOrder), rules| {
        let accepted = answer(&call(path, query), client).unwrap();
        assert_eq!((accepted.path, accepted.query), expected, "{client:?} {path}");
        assert_eq!(accepted.headers, HeaderOrder::Listed);
        let named: Vec<String> = accepted.rules().iter().map(ToString::to_string).collect();
        assert_eq!(named.join(" "), rules, "{client:?} {path}");
    };
    let usual = (PathReading::Decoded, QueryOrder::RawKeys);
    let (odd_keys, far_keys) = ([("k/", "1"), ("k-", "2")], [("\u{e000}", ""), ("\u{1f4f1}", "")]);
    for client in Client::ALL {
        check(client, "/v1/x", &[("b", "1"), ("a", "2")], usual, "A6.3");
    }
    check(Client::Python, "/v1/a%20b", &odd_keys, usual, "A6.3");
    let escaped_twice = (PathReading::AsItStands, QueryOrder::RawKeys);
    check(Client::Java, "/v1/a%20b", &[], escaped_twice, "A6.3 A6.5");
    check(Client::Node, "/v1/a%20b", &odd_keys, escaped_twice, "A6.3 A6.5");
    let by_escaped = (PathReading::Decoded, QueryOrder::EscapedKeys);
    check(Client::Java, "/v1/x", &odd_keys, by_escaped, "A6.3 A6.5");
    check(Client::Java, "/v1/x", &[("id", "b"), ("id", "a")], by_escaped, "A6.3 A6.5");
    let by_units = (PathReading::Decoded, QueryOrder::Utf16Keys);
    check(Client::Node, "/v1/x", &far_keys, by_units, "A6.3 A6.5");
    check(Client::Python, "/v1/x", &far_keys, usual, "A6.3");
}

#[test]
fn clients_sign_other_headers() {
    let headers = [("Content-Type", "application/json"), ("X_Trace", "1"), ("X-Trace", "1")];
    let form = [("content-type", "multipart/form-data; boundary=x")];
    let check = |client, headers: &[_], expected: &str| {
        let call = Call { headers, ..call("/v1/x", &[]) };
        assert_eq!(answer(&call, client).unwrap().signed_headers.join(";"), expected);
    };
    check(Client::Python, &headers, "content-type;host;x-sdk-date;x-trace");
    check(Client::Java, &headers, "host;x-sdk-date;x-trace");
    check(Client::Node, &headers, "content-type;host;x-sdk-date;x-trace;x_trace");
    check(Client::Python, &form, "content-type;host;x-sdk-date");
    check(Client::Node, &form, "host;x-sdk-date");
}

/// A6.3, A6.13: the test for JSON is of one spelling of the name and of how the value begins; BSON counts as JSON.
#[test]
fn bodies_are_signed_declared_or_neither() {
    let check = |client, headers: &[_], body: &[u8], expected, rules: &str| {
        let accepted = answer(&Call { headers, body, ..call("/v1/x", &[]) }, client).unwrap();
        assert_eq!(accepted.body, expected, "{client:?} {headers:?}");
        let named: Vec<String> = accepted.rules().iter().map(ToString::to_string).collect();
        assert_eq!(named.join(" "), rules);
    };
    let text = [("Content-Type", "text/plain")];
    check(Client::Python, &text, b"x", BodyReading::Unsigned, "A6.3 A6.6");
    check(Client::Python, &text, b"", BodyReading::Empty, "A6.3 A6.13");
    for client in [Client::Java, Client::Node] {
        check(client, &text, b"x", BodyReading::Computed, "A6.3");
    }
    for signed in [
        [("content-type", "text/plain")],
        [("Content-Type", "application/bson")],
        [("Content-Type", "application/json-patch+json")],
    ] {
        check(Client::Python, &signed, b"x", BodyReading::Computed, "A6.3");
    }
    check(
        Client::Python,
        &[("Content-Type", "Application/JSON")],
        b"x",
        BodyReading::Unsigned,
        "A6.3 A6.6",
    );
    let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let capitals = of_nothing.to_uppercase();
    for client in Client::ALL {
        let declared = [("X-Sdk-Content-Sha256", of_nothing)];
        check(client, &declared, b"", BodyReading::Declared, "A6.3 A6.6");
    }
    let declared = [("X-Sdk-Content-Sha256", capitals.as_str())];
    check(Client::Java, &declared, b"", BodyReading::Declared, "A6.3 A6.6");
    check(Client::Python, &declared, b"", BodyReading::Empty, "A6.3 A6.13");
}

/// A6.6: whoever declares another body than he sends is refused, and so is a declaration that is not one.
#[test]
fn a_declared_hash_is_held_against_the_body() {
    let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (declared, expected) in [
        (of_nothing, Refusal::OtherBody("X-Sdk-Content-Sha256")),
        ("unsigned-payload", Refusal::BadDeclaredHash("X-Sdk-Content-Sha256")),
        ("", Refusal::BadDeclaredHash("X-Sdk-Content-Sha256")),
    ] {
        let headers = [("X-Sdk-Content-Sha256", declared)];
        let call = Call { headers: &headers, ..call("/v1/x", &[]) };
        assert_eq!(answer(&call, Client::Java), Err(expected), "{declared}");
    }
}

/// A declaration that is not signed declares nothing: anybody on the road could have added it.
#[test]
fn an_unsigned_declaration_is_no_declaration() {
    let credential = made_up();
    let server = Server::new(&credential, &[]);
    let call = call("/v1/x", &[]);
    let signed = sign(&call, Scheme::Sha256, &credential, Client::Python);
    let mut received = Received::of(call.method, &signed, call.body);
    received.headers.push((b"X-Sdk-Content-Sha256".into(), b"UNSIGNED-PAYLOAD".into()));
    assert_eq!(received.ask(&server.verifier(), now()).unwrap().body, BodyReading::Computed);
    received.body = b"{\"count\":2}".into();
    assert_eq!(received.ask(&server.verifier(), now()), Err(Refusal::OtherSignature));
}

/// A6.5: one client drops all slashes at the end of a path, and only where there is one is it understood.
#[test]
fn slashes_at_the_end_are_signed_but_for_one() {
    for client in Client::ALL {
        assert!(answer(&call("/v1/x/", &[]), client).is_ok(), "{client:?}");
    }
    assert!(answer(&call("/v1/x//", &[]), Client::Node).is_ok());
    assert_eq!(answer(&call("/v1/x//", &[]), Client::Java), Err(Refusal::OtherSignature));
}

/// Bytes beyond ASCII are no blanks, though they are in the alphabet in which headers were once read.
#[test]
fn bytes_beyond_ascii_stay_at_the_ends_of_values() {
    let headers = [("X-Note", "à"), ("X-Name", "\u{85}x")];
    assert!(answer(&Call { headers: &headers, ..call("/v1/x", &[]) }, Client::Node).is_ok());
}

/// A6.14: a derived key is for one day, region and service.
#[test]
fn a_derived_key_is_for_one_place() {
    let credential = made_up();
    let server = Server::new(&credential, &[]);
    let signed = sign(&call("/v1/x", &[]), DERIVED, &credential, Client::Python);
    let received = Received::of("POST", &signed, b"{}");
    for (place, needed) in [
        (None, None),
        (Some(("cn-north-4", "koophone")), None),
        (Some(("cn-south-1", "koophone")), Some("20240229/cn-south-1/koophone")),
        (Some(("cn-north-4", "bss")), Some("20240229/cn-north-4/bss")),
    ] {
        let answer = received.ask(&Verifier { place, ..server.verifier() }, now());
        let given = "20240229/cn-north-4/koophone".to_owned();
        match needed {
            None => assert_eq!(answer.unwrap().rules().len(), 2),
            Some(needed) => {
                let needed = needed.to_owned();
                assert_eq!(answer, Err(Refusal::OtherScope { given, needed }));
            }
        }
    }
    assert_eq!(answer(&call("/v1/x", &[]), Client::Python).unwrap().scope, None);
}

/// A6.4: fifteen minutes to either side, to the nanosecond, and as the parameter says.
#[test]
fn the_date_is_near_the_clock() {
    let credential = made_up();
    let signed = sign(&call("/v1/x", &[]), Scheme::Sha256, &credential, Client::Python);
    let received = Received::of("POST", &signed, b"{}");
    let holds = |server: &Server, ns: i64| {
        received.ask(&server.verifier(), SimTime::from_nanos(ns)).is_ok()
    };
    let date = now().as_nanos();
    for (overrides, limit_s) in [(vec![], 900), (vec![("A6.4.clock_difference_max", "1 min")], 60)]
    {
        let (server, limit) = (Server::new(&credential, &overrides), limit_s * 1_000_000_000);
        for near in [date, date + limit, date - limit] {
            assert!(holds(&server, near), "{near}");
        }
        for far in [date + limit + 1, date - limit - 1, i64::MIN, i64::MAX] {
            assert!(!holds(&server, far), "{far}");
        }
    }
}

#[test]
fn parameters_are_those_of_the_book() {
    assert_eq!(params(&[]).refusal_status, 401);
    assert_eq!(params(&[("A6.11.refusal_status", "403")]).refusal_status, 403);
    assert_eq!(params(&[]).body_bytes_max, 12 * 1024 * 1024);
}

fn schemes() -> impl Strategy<Value = Scheme<'static>> {
    prop_oneof![Just(Scheme::Sha256), Just(Scheme::Sm3), Just(DERIVED)]
}

/// What stands behind the algorithm, or most of it.
const TAIL: &str = "( (Access|Credential)=[a-z/]{0,9},)?( SignedHeaders=[a-z;-]{0,20}x-sdk-date,)?\
                    ( Signature=[0-9a-f]{62,66})?";

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Whatever an official client signs is accepted, and by nobody who knows another secret.
    #[test]
    fn every_client_is_understood(
        client in prop::sample::select(&Client::ALL),
        scheme in schemes(),
        path in "(/[a-z%~+:@2F-]{1,6}){1,4}/?",
        query in proptest::collection::btree_map("[a-z/ %=&+~\u{e000}\u{1f4f1}云-]{0,4}", "\\PC{0,6}", 0..5),
        headers in proptest::collection::btree_map("X-[A-Z][a-z]{1,5}", "[!-~云]([ -~é]{0,8}[!-~])?", 0..4),
        body in proptest::collection::vec(any::<u8>(), 0..40),
        is_temporary in any::<bool>(),
    ) {
        let key = AccessKey::new("EXAMPLE-NOT-A-KEY").unwrap();
        let credential = |secret: &str| {
            let (key, secret) = (key.clone(), Secret::new(secret));
            if is_temporary {
                Credential::temporary(key, secret, Secret::new("made up token"))
            } else {
                Credential::permanent(key, secret)
            }
        };
        let query: Vec<_> = query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let call = Call { query: &query, headers: &headers, body: &body, ..call(&path, &[]) };
        let signed = sign(&call, scheme, &credential("made up"), client);
        let received = Received::of(call.method, &signed, &body);
        let accepted = received.ask(&Server::new(&credential("made up"), &[]).verifier(), now());
        prop_assert!(accepted.is_ok(), "{:?}", accepted);
        prop_assert_eq!(accepted.unwrap().is_temporary, is_temporary);
        let other = received.ask(&Server::new(&credential("made up otherwise"), &[]).verifier(), now());
        prop_assert_eq!(other, Err(Refusal::OtherSignature));
    }

    /// No bytes make the verifier panic, and none that are not signed are accepted.
    #[test]
    fn any_bytes_are_answered(
        method in proptest::collection::vec(any::<u8>(), 0..8),
        target in proptest::collection::vec(any::<u8>(), 0..40),
        word in prop::sample::select(&Algorithm::ALL),
        authorization in proptest::collection::vec(any::<u8>(), 0..80),
        tail in TAIL,
        headers in proptest::collection::vec((any::<Vec<u8>>(), any::<Vec<u8>>()), 0..4),
        body in any::<Vec<u8>>(),
        is_known in any::<bool>(),
    ) {
        let server = Server::new(&made_up(), &[]);
        let known = [word.name(), tail.as_str()].concat().into_bytes();
        let authorization = if is_known { known } else { authorization };
        let mut sent: Vec<(&[u8], &[u8])> =
            headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
        sent.push((b"authorization", &authorization));
        sent.push((b"x-sdk-date", b"20240229T235959Z"));
        let request = Request { method: &method, target: &target, headers: &sent, body: &body };
        let refusal = server.verifier().verify(now(), &request).unwrap_err();
        prop_assert!(!refusal.to_string().is_empty());
        for rule in refusal.rules() {
            prop_assert!(Rulebook::standard().rule(*rule).is_some());
        }
    }
}

#[test]
fn a_server_without_keys_knows_nobody() {
    let (params, keys) = (params(&[]), BTreeMap::new());
    let verifier = Verifier { params: &params, keys: &keys, place: None };
    let signed = sign(&call("/v1/x", &[]), Scheme::Sha256, &made_up(), Client::Python);
    let answer = Received::of("POST", &signed, b"{}").ask(&verifier, now());
    assert_eq!(answer, Err(Refusal::UnknownKey("EXAMPLE-NOT-A-KEY".to_owned())));
}
