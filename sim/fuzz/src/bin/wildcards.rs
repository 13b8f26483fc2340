//! Patterns match as the definition says, which is written here as the table of the classic algorithm:
//! the product of both lengths, without any cleverness.
#![no_main]

use koosim_fuzz::PARAMS;
use koosim_model::access::policy::{Action, Context, Head, Policy, Pool, Request, Scope, Services};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::json;

/// Longest pattern and text; the definition takes their product.
const CHARS_MAX: usize = 200;

fn by_definition(pattern: &[char], text: &[char]) -> bool {
    // row[j]: whether the pattern so far matches the first j characters.
    let mut row: Vec<bool> = (0..=text.len()).map(|taken| taken == 0).collect();
    for wanted in pattern {
        let before = row.clone();
        row[0] = *wanted == '*' && before[0];
        for taken in 1..=text.len() {
            row[taken] = match wanted {
                '*' => before[taken] || row[taken - 1],
                '?' => before[taken - 1],
                c => before[taken - 1] && *c == text[taken - 1],
            };
        }
    }
    row[text.len()]
}

fuzz_target!(|said: (&str, &str)| -> Corpus {
    let (pattern, text) = said;
    let chars = |text: &str| text.chars().collect::<Vec<_>>();
    let (wanted, given) = (chars(pattern), chars(text));
    if wanted.len() > CHARS_MAX || given.len() > CHARS_MAX {
        return Corpus::Reject;
    }
    let condition = json!({ "StringMatch": { "g:UserName": [pattern] } });
    let statement = json!({ "Effect": "Allow", "Action": ["*:*:*"], "Condition": condition });
    let document = json!({ "Version": "1.1", "Statement": [statement] }).to_string();
    let head = Head::system("p", "TEST");
    let Ok(policy) = Policy::read(&PARAMS, &Services::new(), head, &document) else {
        return Corpus::Reject;
    };
    let action = Action::parse("ecs:servers:list").unwrap();
    let (scope, context) = (Scope::Global, Context::empty().with("g:UserName", &[text]));
    let request = Request { action: &action, resource: None, scope: &scope, context: &context };
    let allowed = Pool::of([&policy]).decide(&PARAMS, &request).is_allowed();
    assert_eq!(allowed, by_definition(&wanted, &given), "{pattern:?} on {text:?}");
    Corpus::Keep
});
