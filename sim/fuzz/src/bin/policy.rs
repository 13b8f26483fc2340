//! Any text is a policy or has errors with places in it, and one that is read answers a request.
#![no_main]

use koosim_fuzz::PARAMS;
use koosim_model::access::policy::{
    Action, Context, Head, Policy, Pool, Request, Resource, Scope, Services,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (params, services) = (&*PARAMS, Services::new());
    let read = |head| Policy::read(params, &services, head, text);
    let (system, custom) = (read(Head::system("p", "TEST")), read(Head::custom("p")));
    for errors in [&system, &custom].into_iter().filter_map(|read| read.as_ref().err()) {
        assert!(!errors.is_empty(), "an error says something");
        let lines = text.lines().count().max(1) + 1;
        for error in errors {
            assert!(!error.to_string().is_empty());
            assert!(error.place().line() <= lines, "a place lies in the text");
        }
    }
    let Ok(policy) = system else { return };
    let action = Action::parse("ecs:servers:list").unwrap();
    let resource = Resource::parse("ecs:cn-north-4:d1:server:s1").unwrap();
    let (scope, context) = (Scope::project("cn-north-4"), Context::empty());
    let context = context.with("g:UserName", &["ann"]).with("g:TagKeys", &["a", "b"]);
    let pool = Pool::of([&policy]);
    for resource in [None, Some(&resource)] {
        let request = Request { action: &action, resource, scope: &scope, context: &context };
        let verdict = pool.decide(params, &request);
        let alone = pool.only(verdict.statements()).decide(params, &request);
        assert!(
            verdict.statements().is_empty() || alone == verdict,
            "what determined a verdict alone gives the same one"
        );
    }
});
