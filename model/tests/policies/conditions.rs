//! Every operator, with and without its key, over one, several and no values (A3.1 to A3.8).

use crate::{allow, ask_with, params_with, v11, word};
use koosim_model::access::policy::{Context, Head, Policy, Services};
use std::fmt::Write as _;
use std::sync::Arc;

const ACTION: &str = "obs:bucket:ListBucket";
const KEY: &str = "obs:key";

/// What a condition of one key says to what the request has of it: `-` absent, `null` without a
/// value, or values between blanks, of which there may be none.
fn check(overrides: &[(&str, &str)], operator: &str, listed: &str, given: &str, expect: &str) {
    let values: Vec<_> = listed.split(' ').map(|value| format!("\"{value}\"")).collect();
    let values = values.join(",");
    let condition = format!(r#""Condition":{{"{operator}":{{"{KEY}":[{values}]}}}}"#);
    // Both reading and deciding look at parameters.
    let params = params_with(overrides);
    let text = format!(r#"{{"Version":"1.1","Statement":[{}]}}"#, allow(ACTION, &condition));
    let read = Policy::read(&params, &Services::new(), Head::custom("one"), &text);
    let policies = [Arc::new(read.unwrap())];
    let context = match given {
        "-" => Context::empty(),
        "null" => Context::empty().with_null(KEY),
        given => Context::empty().with(KEY, &given.split_whitespace().collect::<Vec<_>>()),
    };
    let verdict = ask_with(&params, &policies, ACTION, None, &context);
    assert_eq!(word(&verdict), expect, "{operator} [{listed}] on `{given}`: {verdict}");
}

fn holds(operator: &str, listed: &str, given: &str) {
    check(&[], operator, listed, given, "allow");
}

fn fails(operator: &str, listed: &str, given: &str) {
    check(&[], operator, listed, given, "deny");
}

/// A3.1, A3.7.
#[test]
fn texts_are_compared_as_the_operator_says() {
    holds("StringEquals", "a b", "b");
    fails("StringEquals", "a b", "B");
    holds("StringEqualsIgnoreCase", "a b", "B");
    holds("StringNotEquals", "a b", "c");
    holds("StringNotEquals", "a b", "B");
    fails("StringNotEquals", "a b", "b");
    fails("StringNotEqualsIgnoreCase", "a b", "B");
    holds("StringNotEqualsIgnoreCase", "a b", "c");
    holds("StringMatch", "x? a*c", "abbc");
    fails("StringMatch", "a*c", "ABBC");
    holds("StringMatch", "a?c", "abc");
    fails("StringMatch", "a?c", "abbc");
    fails("StringNotMatch", "a*c", "abc");
    holds("StringNotMatch", "a*c", "abd");
    holds("StringStartWith", "Test", "testUser1");
    fails("StringStartWith", "Test", "aTest");
    holds("StringEndWith", "Character", "specialCHARACTER");
    // A star in a beginning is a plain character.
    fails("StringStartWith", "T*t", "Test");
    let kept = [("A3.7.start_and_end_ignore_case", "no")];
    check(&kept, "StringStartWith", "Test", "testUser1", "deny");
    check(&kept, "StringEndWith", "Character", "specialCharacter", "allow");
}

/// A3.8.
#[test]
fn numbers_are_exact_and_a_list_means_at_least_one() {
    holds("NumberEquals", "0.3", "0.30");
    fails("NumberEquals", "0.3", "0.3000000000000000001");
    holds("NumberNotEquals", "1 2", "3");
    fails("NumberNotEquals", "1 2", "2.0");
    for (operator, below, equal, above) in [
        ("NumberLessThan", "allow", "deny", "deny"),
        ("NumberLessThanEquals", "allow", "allow", "deny"),
        ("NumberGreaterThan", "deny", "deny", "allow"),
        ("NumberGreaterThanEquals", "deny", "allow", "allow"),
    ] {
        check(&[], operator, "10", "9", below);
        check(&[], operator, "10", "10.0", equal);
        check(&[], operator, "10", "11", above);
    }
    holds("NumberLessThan", "5 10", "7");
    fails("NumberLessThan", "5 10", "10");
    // What is no number is neither equal nor different.
    fails("NumberEquals", "1", "one");
    fails("NumberNotEquals", "1", "one");
}

/// A3.8.
#[test]
fn dates_are_instants_and_booleans_ignore_case() {
    let (noon, shifted) = ("2022-08-01T12:00:00Z", "2022-08-01T20:00:00+08:00");
    let later = "2022-08-01T12:00:01Z";
    for (operator, same, after) in [
        ("DateLessThan", "deny", "deny"),
        ("DateLessThanEquals", "allow", "deny"),
        ("DateGreaterThan", "deny", "allow"),
        ("DateGreaterThanEquals", "allow", "allow"),
    ] {
        check(&[], operator, noon, shifted, same);
        check(&[], operator, noon, later, after);
    }
    holds("DateLessThan", later, noon);
    fails("DateLessThan", later, "yesterday");
    holds("Bool", "true", "True");
    fails("Bool", "true", "false");
    fails("Bool", "false", "no");
}

/// A3.2, A3.3, A3.6: keys that are not there.
#[test]
fn absent_keys() {
    fails("StringEquals", "a", "-");
    holds("StringEqualsIfExists", "a", "-");
    fails("StringEqualsIfExists", "a", "b");
    holds("StringEqualsIfExists", "a", "a");
    fails("StringNotEquals", "a", "-");
    check(&[("A3.6.negative_on_absent", "yes")], "StringNotEquals", "a", "-", "allow");
    check(&[("A3.6.negative_on_absent", "yes")], "StringEquals", "a", "-", "deny");
    holds("StringNotEqualsIfExists", "a", "-");
    holds("Null", "true", "-");
    holds("Null", "true", "null");
    fails("Null", "true", "x");
    fails("Null", "false", "-");
    fails("Null", "false", "null");
    holds("Null", "false", "x");
    holds("Null", "false", "");
    check(&[("A3.3.empty_set_is_present", "no")], "Null", "false", "", "deny");
    check(&[("A3.3.empty_set_is_present", "no")], "Null", "true", "", "allow");
    // Keys are matched as they are written, unless the book says otherwise.
    let context = Context::empty().with("OBS:KEY", &["a"]);
    let condition = format!(r#""Condition":{{"StringEquals":{{"{KEY}":["a"]}}}}"#);
    let policies = [v11("one", &allow(ACTION, &condition))];
    for (overrides, expect) in [(&[][..], "deny"), (&[("A3.8.keys_ignore_case", "yes")], "allow")] {
        let verdict = ask_with(&params_with(overrides), &policies, ACTION, None, &context);
        assert_eq!(word(&verdict), expect);
    }
}

/// A3.4, A3.5: keys with several values or none.
#[test]
fn sets_of_values() {
    holds("StringEquals", "a", "a b");
    fails("StringEquals", "c", "a b");
    check(&[("A3.5.one_value_is_enough", "no")], "StringEquals", "a", "a b", "deny");
    check(&[("A3.5.one_value_is_enough", "no")], "StringEquals", "a b", "a b", "allow");
    fails("StringNotEquals", "a", "a b");
    holds("StringNotEquals", "c", "a b");
    holds("ForAnyValue:StringEquals", "a", "a b");
    fails("ForAnyValue:StringEquals", "c", "a b");
    holds("ForAnyValue:StringNotEquals", "a", "a b");
    fails("ForAnyValue:StringNotEquals", "a b", "a b");
    fails("ForAllValues:StringEquals", "a", "a b");
    holds("ForAllValues:StringEquals", "a b c", "a b");
    fails("ForAllValues:StringNotEquals", "a", "a b");
    for (operator, empty, absent) in [
        ("StringEquals", "deny", "deny"),
        ("StringNotEquals", "allow", "deny"),
        ("ForAnyValue:StringEquals", "deny", "deny"),
        ("ForAnyValue:StringEqualsIfExists", "deny", "allow"),
        ("ForAllValues:StringEquals", "allow", "allow"),
    ] {
        check(&[], operator, "a", "", empty);
        check(&[], operator, "a", "-", absent);
    }
    let strict = [("A3.4.all_values_on_nothing", "no")];
    check(&strict, "ForAllValues:StringEquals", "a", "", "deny");
    check(&strict, "ForAllValues:StringEquals", "a", "-", "deny");
    check(&strict, "ForAllValues:StringEqualsIfExists", "a", "-", "allow");
}

/// A2.2, A3.1: keys and operators must all hold; the report names what is nearest.
#[test]
fn conditions_hold_together() {
    let condition = r#""Condition":{
        "StringEquals":{"obs:a":["1"],"obs:b":["2"]},"Bool":{"obs:c":["true"]}}"#;
    let policies = [v11("three", &allow(ACTION, condition))];
    let mut said = String::new();
    for pairs in [
        &[("obs:a", "1"), ("obs:b", "2"), ("obs:c", "true")][..],
        &[("obs:a", "1"), ("obs:b", "2")],
        &[("obs:a", "1"), ("obs:b", "3"), ("obs:c", "true")],
        &[("obs:a", "1"), ("obs:b", "2"), ("obs:c", "maybe")],
        &[("obs:b", "2"), ("obs:c", "true")],
    ] {
        let context = pairs.iter().fold(Context::empty(), |c, (key, value)| c.with(key, &[value]));
        let verdict = crate::ask(&policies, ACTION, None, &context);
        let rules: Vec<_> = verdict.rules().iter().map(ToString::to_string).collect();
        writeln!(said, "{verdict} [{}]", rules.join(" ")).unwrap();
    }
    insta::assert_snapshot!(said, @r"
    allow: `three` Statement[0] [A2.1 A2.2]
    deny: `three` Statement[0] wants Bool of `obs:c`, which is absent [A3.6 A2.1]
    deny: `three` Statement[0] wants StringEquals of `obs:b`, which has another value [A3.1 A2.1]
    deny: `three` Statement[0] wants Bool of `obs:c`, which cannot be compared [A3.8 A2.1]
    deny: `three` Statement[0] wants StringEquals of `obs:a`, which is absent [A3.6 A2.1]
    ");
}
