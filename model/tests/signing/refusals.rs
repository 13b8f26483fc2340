//! One call with everything wrong that can be, put right one reason at a time: the answers ascend in the
//! declared order.

use crate::received::{Received, Server};
use koosim_model::access::signature::{
    AccessKey, Call, Client, Credential, Refusal, Scheme, Secret, Verifier, sign,
};
use koosim_model::rulebook::Rulebook;
use koosim_model::time::{SimDuration, SimTime};

/// The place of a reason in the declared order.
fn rank(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::BodyTooLarge { .. } => 0,
        Refusal::HeadTooLarge { .. } => 1,
        Refusal::NotSigned => 2,
        Refusal::SignedTwice => 3,
        Refusal::Malformed(_) => 4,
        Refusal::UnsupportedAlgorithm(_) => 5,
        Refusal::BadMethod => 6,
        Refusal::BadTarget { .. } => 7,
        Refusal::DateNotSigned => 8,
        Refusal::HeaderMissing(_) => 9,
        Refusal::HeaderRepeated(_) => 10,
        Refusal::HeaderUnreadable(_) => 11,
        Refusal::BadDate(_) => 12,
        Refusal::OtherScope { .. } => 13,
        Refusal::ClockDifference { .. } => 14,
        Refusal::UnknownKey(_) => 15,
        Refusal::TokenMissing => 16,
        Refusal::TokenNotSigned => 17,
        Refusal::OtherToken => 18,
        Refusal::BadDeclaredHash(_) => 19,
        Refusal::OtherBody(_) => 20,
        Refusal::OtherSignature => 21,
    }
}

const RANKS: usize = 22;
const DATE: &str = "20240229T235959Z";
const HASH_OF_BODY: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

fn credential() -> Credential {
    let key = AccessKey::new("EXAMPLE-NOT-A-KEY").unwrap();
    Credential::temporary(key, Secret::new("made up for tests"), Secret::new("made up token"))
}

/// A call that holds.
fn good() -> Received {
    let call = Call {
        method: "POST",
        host: "koophone.example.com",
        path: "/v1/instances",
        query: &[],
        headers: &[("X-Sdk-Content-Sha256", HASH_OF_BODY), ("X-Note", "one")],
        body: b"{}",
        at: SimTime::parse_basic_utc(DATE).unwrap(),
    };
    let scheme = Scheme::Derived { region: "cn-north-4", service: "koophone" };
    Received::of(call.method, &sign(&call, scheme, &credential(), Client::Java), call.body)
}

fn set(call: &mut Received, name: &str, value: &str) {
    *call.value_mut(name) = value.into();
}

fn add(call: &mut Received, name: &str, value: &str) {
    call.headers.push((name.into(), value.into()));
}

fn drop_header(call: &mut Received, name: &str) {
    call.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name.as_bytes()));
}

/// The header of the good call, with one piece of it replaced.
fn authorization(replacements: &[(&str, &str)]) -> String {
    let good = String::from_utf8(good().values("authorization")[0].to_vec()).unwrap();
    replacements.iter().fold(good, |text, (from, to)| {
        assert!(text.contains(from), "{text} has no {from}");
        text.replace(from, to)
    })
}

const WITHOUT_TOKEN: (&str, &str) = (";x-security-token", "");
const UNKNOWN: (&str, &str) = ("EXAMPLE-NOT-A-KEY", "EXAMPLE-NOBODYS-KEY");
const OTHER_DAY: (&str, &str) = ("20240229", "20240301");
const OTHER_REGION: (&str, &str) = ("cn-north-4", "cn-south-1");
const WITHOUT_DATE: (&str, &str) = (";x-sdk-date", "");

/// Everything that is wrong below the header, in place before the first question.
fn wrong() -> Received {
    let mut call = good();
    call.method = b"PO ST".into();
    call.target = b"v1/instances".into();
    call.body = b"{\"much\": \"longer\"}".into();
    drop_header(&mut call, "authorization");
    drop_header(&mut call, "x-note");
    drop_header(&mut call, "x-security-token");
    add(&mut call, "Host", "another\nhost");
    set(&mut call, "x-sdk-date", "2024-02-29 23:59:59");
    set(&mut call, "x-sdk-content-sha256", "no hash");
    add(&mut call, "X-Filler", &"x".repeat(2000));
    call
}

type Step = (&'static str, fn(&mut Received));

/// What puts one thing right. What stands behind it is wrong until its own step.
#[rustfmt::skip]
const STEPS: &[Step] = &[
    ("nothing is right", |_| ()),
    ("a short body", |call| call.body = b"[]".into()),
    ("a short head", |call| drop_header(call, "x-filler")),
    ("two signatures", |call| { add(call, "Authorization", "x"); add(call, "Authorization", "y"); }),
    ("one signature", |call| { drop_header(call, "authorization"); add(call, "Authorization", "V11-HMAC-SHA256 "); }),
    ("another algorithm", |call| set(call, "authorization", "SDK-SM2-SM3 ")),
    ("a whole signature", |call| {
        with_signature(call, &[WITHOUT_DATE, WITHOUT_TOKEN, UNKNOWN, OTHER_DAY, OTHER_REGION]);
    }),
    ("a method", |call| call.method = b"POST".into()),
    ("a target", |call| call.target = b"/v1/instances".into()),
    ("a signed date", |call| with_signature(call, &[WITHOUT_TOKEN, UNKNOWN, OTHER_DAY, OTHER_REGION])),
    ("every signed header", |call| add(call, "X-Note", "one")),
    ("each once", |call| { drop_header(call, "host"); add(call, "Host", "another\nhost"); }),
    ("on one line", |call| set(call, "host", "koophone.example.com")),
    ("a date", |call| set(call, "x-sdk-date", "20240229T233959Z")),
    ("the day of the date", |call| with_signature(call, &[WITHOUT_TOKEN, UNKNOWN, OTHER_REGION])),
    ("the region of the server", |call| with_signature(call, &[WITHOUT_TOKEN, UNKNOWN])),
    ("a date near the clock", |call| set(call, "x-sdk-date", DATE)),
    ("a known key", |call| with_signature(call, &[WITHOUT_TOKEN])),
    ("a token", |call| add(call, "X-Security-Token", "made up otherwise")),
    ("a signed token", |call| with_signature(call, &[])),
    ("the token of the key", |call| set(call, "x-security-token", "made up token")),
    ("a hash", |call| set(call, "x-sdk-content-sha256", HASH_OF_BODY)),
    ("the body of the hash", |call| call.body = b"{}".into()),
    ("the right digits", |call| set(call, "authorization", &authorization(&[]))),
];

/// The header with these faults, and a signature that is wrong besides.
fn with_signature(call: &mut Received, faults: &[(&str, &str)]) {
    let text = authorization(faults);
    let (head, digits) = text.split_at(text.len() - 1);
    let other = if digits == "0" { "1" } else { "0" };
    set(call, "authorization", &format!("{head}{other}"));
}

/// A6.1, A6.8, A6.9, A6.11, A6.12: everything that can be wrong, put right one by one.
#[test]
fn reasons_are_given_in_the_declared_order() {
    let credential = credential();
    let limits = [("A6.8.body_bytes_max", "16"), ("A6.8.head_bytes_max", "1500")];
    let server = Server::new(&credential, &limits);
    let verifier = Verifier { place: Some(("cn-north-4", "koophone")), ..server.verifier() };
    let now = SimTime::parse_basic_utc(DATE).unwrap() + SimDuration::from_secs(10);
    let (mut call, mut answers, mut ranks) = (wrong(), String::new(), Vec::new());
    for (step, put_right) in STEPS {
        put_right(&mut call);
        let answer = call.ask(&verifier, now);
        let line = match &answer {
            Ok(accepted) => {
                let rules: Vec<String> = accepted.rules().iter().map(ToString::to_string).collect();
                format!("accepted by {}", rules.join(" "))
            }
            Err(refusal) => {
                ranks.push(rank(refusal));
                for rule in refusal.rules() {
                    assert!(Rulebook::standard().rule(*rule).is_some(), "{rule}");
                }
                format!("{} {refusal}", refusal.rules()[0])
            }
        };
        answers += &format!("{step}: {line}\n");
    }
    insta::assert_snapshot!(answers);
    assert!(ranks.is_sorted(), "{ranks:?}");
    ranks.dedup();
    assert_eq!(ranks, Vec::from_iter(0..RANKS), "every reason is shown");
}
