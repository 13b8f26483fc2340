//! The signer gives every known signature byte for byte, and the verifier accepts every one of them.

use crate::vector::{self, Maker, Vector};
use koosim_model::access::signature::{
    Accepted, AccessKey, BodyReading, Call, Client, Credential, HeaderOrder, PathReading,
    QueryOrder, Scheme, Secret, sign,
};
use koosim_model::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// A6.1, A6.2, A6.3, A6.14: what is sent, what is signed and how, for every known call.
#[test]
fn every_known_signature_is_made_byte_for_byte() {
    for vector in vector::all() {
        let (name, signed) = (vector.name(), vector.sign());
        assert_eq!(signed.canonical_request, vector.expected("canonical_request"), "{name}");
        assert_eq!(signed.text_to_sign, vector.expected("string_to_sign"), "{name}");
        assert_eq!(signed.authorization, vector.expected("authorization"), "{name}");
        assert_eq!(signed.target.as_bytes(), vector.received().target, "{name}");
        let small = |(name, value): (String, Vec<u8>)| (name.to_ascii_lowercase(), value);
        let mut made: BTreeMap<_, _> = signed.headers.into_iter().map(small).collect();
        let authorization = made.remove("authorization").unwrap();
        assert_eq!(authorization, vector.expected("authorization").as_bytes(), "{name}");
        let sent: BTreeMap<_, _> = vector.sent_headers().into_iter().map(small).collect();
        assert_eq!(made, sent, "{name}");
    }
}

fn accepted(vector: &Vector) -> Accepted {
    let answer = vector.received().ask(&vector.server().verifier(), vector.now());
    answer.unwrap_or_else(|refusal| panic!("{}: {refusal}", vector.name()))
}

/// A6.1, A6.2, A6.3, A6.5: each with the reading that its maker needs, and no other.
#[test]
fn every_known_signature_is_accepted_as_it_was_made() {
    for vector in vector::all() {
        let (name, accepted) = (vector.name(), accepted(&vector));
        assert_eq!(accepted.algorithm.name(), vector.algorithm(), "{name}");
        assert_eq!(accepted.key, *vector.credential().key(), "{name}");
        let usual = (PathReading::Decoded, QueryOrder::RawKeys, HeaderOrder::Listed);
        let read = match name {
            "node-path-encoded" => (PathReading::AsItStands, usual.1, usual.2),
            "node-query-utf16" => (usual.0, QueryOrder::Utf16Keys, usual.2),
            "node-underscore" => (usual.0, usual.1, HeaderOrder::Collated),
            _ => usual,
        };
        assert_eq!((accepted.path, accepted.query, accepted.headers), read, "{name}");
        assert_eq!(accepted.is_temporary, name == "security-token-project", "{name}");
        let body = match name {
            "post-form-unsigned-payload" | "node-unsigned-empty" => BodyReading::Unsigned,
            "post-form-no-body" => BodyReading::Empty,
            "post-given-content-hash" | "node-declared-hash" => BodyReading::Declared,
            _ => BodyReading::Computed,
        };
        assert_eq!(accepted.body, body, "{name}");
    }
}

/// A6.10: nothing is remembered of a call, so that it holds again as long as its date does.
#[test]
fn a_call_can_be_sent_again_while_its_date_holds() {
    for vector in vector::all() {
        let (server, received, now) = (vector.server(), vector.received(), vector.now());
        let later = now + SimDuration::from_secs(15 * 60);
        let first = received.ask(&server.verifier(), now);
        assert_eq!(first, received.ask(&server.verifier(), later), "{}", vector.name());
        assert!(received.ask(&server.verifier(), later + SimDuration::from_nanos(1)).is_err());
    }
}

/// The guide masks its secret key, so that only what comes before the signature can be held against it.
#[test]
fn the_example_of_the_guide_is_canonical_as_printed() {
    let example = vector::documentation_example();
    let key = AccessKey::new("EXAMPLE-NOT-A-KEY").unwrap();
    let call = Call {
        method: "GET",
        host: "service.region.example.com",
        path: "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
        query: &[("marker", "13551d6b-755d-4757-b956-536f674975c0"), ("limit", "2")],
        headers: &[("Content-Type", "application/json")],
        body: b"",
        at: SimTime::parse_basic_utc("20191115T033655Z").unwrap(),
    };
    let credential = Credential::permanent(key, Secret::new("made up for tests"));
    let signed = sign(&call, Scheme::Sha256, &credential, Client::Python);
    assert_eq!(signed.canonical_request, example["canonical_request"].as_str().unwrap());
    assert_eq!(signed.text_to_sign, example["string_to_sign"].as_str().unwrap());
    assert!(signed.text_to_sign.ends_with(example["canonical_request_sha256"].as_str().unwrap()));
}

/// Where the table of signed calls begins in the documentation of the vectors. It ends with an empty line.
const TABLE_HEAD: &str = "| call | made by | algorithm | verdict | why it is there |\n\
                          | --- | --- | --- | --- | --- |\n";

fn table() -> String {
    let mut table = TABLE_HEAD.to_owned();
    for vector in vector::all() {
        let accepted = accepted(&vector);
        let maker = match vector.maker {
            Maker::Signer => "Python signer",
            Maker::NodeSigner => "Node signer",
            Maker::JavaTests => "Java tests",
        };
        let body = match accepted.body {
            BodyReading::Computed => "",
            BodyReading::Declared => ", by its declared hash",
            BodyReading::Unsigned => ", its body unsigned",
            BodyReading::Empty => ", with the hash of nothing",
        };
        let verdict = format!("made and accepted{body}");
        let (name, algorithm, note) = (vector.name(), vector.algorithm(), vector.note());
        table += &format!("| {name} | {maker} | {algorithm} | {verdict} | {note} |\n");
    }
    table +=
        "| the guide's example | guide | SDK-HMAC-SHA256 | canonical request and text to sign | ";
    table + "its secret key is masked |\n"
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not of a simulated one")]
fn is_update() -> bool {
    std::env::var("UPDATE").is_ok_and(|value| value == "1")
}

/// One table in the documentation lists each call with its verdict; `UPDATE=1` writes it anew.
#[test]
fn the_table_in_the_documentation_is_current() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/README.md");
    let held = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = held.split_once(TABLE_HEAD).unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let current = format!("{before}{}\n{after}", table());
    if is_update() {
        std::fs::write(&path, &current).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap();
    assert_eq!(held, current, "run this test with UPDATE=1 to write {}", path.display());
}
