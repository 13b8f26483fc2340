//! Policies of three generations, and the permissions of the product.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail loudly")]

mod conditions;
mod errors;
mod examples;
mod grants;
mod matching;
mod permissions;
mod properties;

use koosim_model::access::AccessParams;
use koosim_model::access::policy::{
    Action, Bounds, Context, Grant, Group, Head, Held, Policy, PolicyError, Pool, Request,
    Resource, Scope, Services, User, Verdict, decide,
};
use koosim_model::rulebook::Rulebook;
use koosim_model::time::BillingDay;
use std::sync::{Arc, OnceLock};

/// The parameters of the Chinese book with overrides.
fn params_with(overrides: &[(&str, &str)]) -> AccessParams {
    let overrides: Vec<_> =
        overrides.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &overrides).unwrap();
    AccessParams::resolve(&settings, BillingDay::parse("2025-01-01").unwrap()).unwrap()
}

fn params() -> AccessParams {
    static PARAMS: OnceLock<AccessParams> = OnceLock::new();
    *PARAMS.get_or_init(|| params_with(&[]))
}

fn try_policy(head: Head<'_>, text: &str) -> Result<Policy, Vec<PolicyError>> {
    Policy::read(&params(), &Services::new(), head, text)
}

/// A policy of the service, which has no limits.
fn policy(name: &str, text: &str) -> Arc<Policy> {
    match try_policy(Head::system(name, "TEST"), text) {
        Ok(policy) => Arc::new(policy),
        Err(errors) => panic!("{name}: {errors:?}\n{text}"),
    }
}

/// A policy of version 1.1 from its statements.
fn v11(name: &str, statements: &str) -> Arc<Policy> {
    policy(name, &format!(r#"{{"Version":"1.1","Statement":[{statements}]}}"#))
}

/// An identity policy from its statements.
fn v50(name: &str, statements: &str) -> Arc<Policy> {
    policy(name, &format!(r#"{{"Version":"5.0","Statement":[{statements}]}}"#))
}

/// `{"Effect":"Allow","Action":[..]}` and what else stands in it.
fn allow(actions: &str, more: &str) -> String {
    statement("Allow", actions, more)
}

fn deny(actions: &str, more: &str) -> String {
    statement("Deny", actions, more)
}

fn statement(effect: &str, actions: &str, more: &str) -> String {
    let actions: Vec<_> = actions.split(' ').map(|action| format!("\"{action}\"")).collect();
    let more = if more.is_empty() { String::new() } else { format!(",{more}") };
    format!(r#"{{"Effect":"{effect}","Action":[{}]{more}}}"#, actions.join(","))
}

fn action(text: &str) -> Action {
    Action::parse(text).unwrap()
}

fn resource(text: &str) -> Resource {
    Resource::parse(text).unwrap()
}

/// What one request is answered by the statements of some policies.
fn ask(policies: &[Arc<Policy>], wanted: &str, on: Option<&str>, context: &Context) -> Verdict {
    ask_with(&params(), policies, wanted, on, context)
}

fn ask_with(
    params: &AccessParams,
    policies: &[Arc<Policy>],
    wanted: &str,
    on: Option<&str>,
    context: &Context,
) -> Verdict {
    let (action, resource) = (action(wanted), on.map(resource));
    let scope = Scope::project("cn-north-4");
    let request = Request { action: &action, resource: resource.as_ref(), scope: &scope, context };
    Pool::of(policies.iter().map(Arc::as_ref)).decide(params, &request)
}

fn word(verdict: &Verdict) -> &'static str {
    if verdict.is_allowed() { "allow" } else { "deny" }
}

/// A user whose one group holds these.
fn user(grants: &[(&Arc<Policy>, Held)]) -> User {
    let grants = grants.iter();
    let grants =
        grants.map(|(policy, held)| Grant { policy: Arc::clone(policy), held: held.clone() });
    User { groups: vec![Group { grants: grants.collect() }], own: Vec::new() }
}

fn in_project(name: &str) -> Held {
    Held::Project(name.to_owned())
}

/// What a user is answered somewhere, without any bounds.
fn ask_as(user: &User, wanted: &str, scope: &Scope) -> Verdict {
    let action = action(wanted);
    let context = Context::empty();
    let request = Request { action: &action, resource: None, scope, context: &context };
    decide(&params(), user, &Bounds::default(), &request)
}
