//! Decisions over pools of growing size: the time for one statement should stay the same.
//!
//! `cargo bench -p koosim-benches --bench policies`

#![expect(
    clippy::expect_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a benchmark may fail loudly"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use koosim_model::access::AccessParams;
use koosim_model::access::policy::{
    Action, Context, Head, Policy, Pool, Request, Resource, Scope, Services,
};
use koosim_model::rulebook::Rulebook;
use koosim_model::time::BillingDay;
use std::time::Duration;

/// Statements of a pool.
const SIZES: [u64; 4] = [100, 1_000, 10_000, 100_000];
/// Statements of a policy, which bounds how large its text is.
const OF_A_POLICY: u64 = 1_000;

fn params() -> AccessParams {
    let settings = Rulebook::standard().resolve("cn".parse().expect("a book"), &[]);
    let day = BillingDay::parse("2025-01-01").expect("a day");
    AccessParams::resolve(&settings.expect("the standard book"), day).expect("its parameters")
}

/// A policy in which no statement applies to the request, each for a reason of its own.
fn policy(params: &AccessParams, number: u64, statements: u64) -> Policy {
    let kinds = [
        r#"{"Effect":"Allow","Action":["obs:bucket:*"]}"#,
        r#"{"Effect":"Allow","Action":["ecs:servers:*"],"Resource":["ecs:*:*:disk:*"]}"#,
        r#"{"Effect":"Allow","Action":["ecs:*:list"],
            "Condition":{"StringMatch":{"g:UserName":["*a*a*b"]}}}"#,
        r#"{"Effect":"Deny","Action":["ecs:servers:delete*","ecs:servers:stop*"]}"#,
    ];
    let all: Vec<&str> = kinds.into_iter().cycle().take(statements as usize).collect();
    let text = format!(r#"{{"Version":"1.1","Statement":[{}]}}"#, all.join(","));
    let name = format!("p{number}");
    let read = Policy::read(params, &Services::new(), Head::system(&name, "TEST"), &text);
    read.expect("a policy")
}

fn policies(criterion: &mut Criterion) {
    let params = params();
    let action = Action::parse("ecs:servers:list").expect("an action");
    let resource = Resource::parse("ecs:cn-north-4:d1:server:s1").expect("a resource");
    let (scope, name) = (Scope::project("cn-north-4"), "a".repeat(64));
    let context = Context::empty().with("g:UserName", &[&name]);
    let (action, resource) = (&action, Some(&resource));
    let request = Request { action, resource, scope: &scope, context: &context };
    for size in SIZES {
        let one = size.min(OF_A_POLICY);
        let all: Vec<Policy> = (0..size / one).map(|n| policy(&params, n, one)).collect();
        let pool = Pool::of(&all);
        let mut group = criterion.benchmark_group("policies/decide");
        group.throughput(Throughput::Elements(size)).sample_size(20);
        group.warm_up_time(Duration::from_millis(300));
        group.measurement_time(Duration::from_secs(1));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| pool.decide(&params, &request));
        });
        group.finish();
    }
}

criterion_group!(benches, policies);
criterion_main!(benches);
