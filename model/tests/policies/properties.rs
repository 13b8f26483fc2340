//! Invariants over random policies of all generations, random grants and random requests.

use crate::{action, params, resource, statement};
use koosim_model::access::policy::{
    Bounds, Context, Effect, Grant, Group, Head, Held, Policy, Pool, Request, Scope, Services,
    User, Verdict, decide,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::sync::Arc;

const ACTIONS: [&str; 8] = [
    "*:*:*",
    "ecs:*:*",
    "ecs:servers:*",
    "ecs:*:get*",
    "ecs:servers:list",
    "obs:*:*",
    "obs:bucket:*",
    "ecs:*",
];
const WANTED: [&str; 4] =
    ["ecs:servers:list", "ecs:servers:getOne", "obs:bucket:list", "dns:zone:list"];
const MORE: [&str; 6] = [
    "",
    r#""Resource":["*"]"#,
    r#""Resource":["*:*:*:bucket:Test*"]"#,
    r#""Condition":{"StringEquals":{"g:UserName":["ann"]}}"#,
    r#""Condition":{"StringNotEqualsIfExists":{"g:UserName":["ann"]}}"#,
    r#""Condition":{"Bool":{"g:MFAPresent":["true"]},"Null":{"g:UserId":["false"]}}"#,
];

/// A statement as text, with its effect apart.
#[derive(Clone, Debug)]
struct Said {
    effect: Effect,
    actions: String,
    more: &'static str,
}

fn said() -> impl Strategy<Value = Said> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let actions = prop::collection::vec(select(&ACTIONS[..]), 1..3).prop_map(|a| a.join(" "));
    (effect, actions, select(&MORE[..])).prop_map(|(effect, actions, more)| Said {
        effect,
        actions,
        more,
    })
}

fn compiled(name: usize, version: &str, statements: &[Said], depends: &str) -> Arc<Policy> {
    let more = |said: &Said| if version == "1.0" { "" } else { said.more };
    let texts: Vec<_> =
        statements.iter().map(|s| statement(s.effect.name(), &s.actions, more(s))).collect();
    let statements = texts.join(",");
    let text = format!(r#"{{"Version":"{version}","Statement":[{statements}]{depends}}}"#);
    let name = format!("p{name}");
    let head = Head::system(&name, "TEST");
    Arc::new(Policy::read(&params(), &Services::new(), head, &text).unwrap())
}

/// Up to six policies; roles may depend on one of the others.
fn policies() -> impl Strategy<Value = Vec<Arc<Policy>>> {
    let version = select(&["1.0", "1.1", "5.0"][..]);
    let needs = prop_oneof![2 => Just(None), 1 => (0usize..6).prop_map(Some)];
    let one = (version, prop::collection::vec(said(), 1..4), needs);
    prop::collection::vec(one, 0..6).prop_map(|all| {
        let all = all.into_iter().enumerate();
        all.map(|(name, (version, statements, needs))| {
            let depends = needs.filter(|_| version == "1.0").map(|other| {
                format!(r#","Depends":[{{"catalog":"TEST","display_name":"p{other}"}}]"#)
            });
            compiled(name, version, &statements, &depends.unwrap_or_default())
        })
        .collect()
    })
}

fn held() -> impl Strategy<Value = Held> {
    let places = [
        Held::Global,
        Held::AllProjects,
        Held::Project("cn-north-4".to_owned()),
        Held::Project("cn-south-1".to_owned()),
        Held::EnterpriseProject("shop".to_owned()),
        Held::Everywhere,
    ];
    select(places.to_vec())
}

/// Policies with where each is held.
fn grants() -> impl Strategy<Value = Vec<Grant>> {
    (policies(), prop::collection::vec(held(), 6)).prop_map(|(policies, held)| {
        let pairs = policies.into_iter().zip(held);
        pairs.map(|(policy, held)| Grant { policy, held }).collect()
    })
}

/// A request in the parts that it borrows.
#[derive(Clone, Debug)]
struct Wanted {
    action: &'static str,
    on: Option<&'static str>,
    scope: Scope,
    context: Context,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let on = select(&[None, Some("obs:::bucket:TestOne"), Some("obs:::bucket:other")][..]);
    let shop = Scope::Project { name: "cn-north-4".into(), enterprise: Some("shop".into()) };
    let scope = select(vec![Scope::Global, Scope::project("cn-north-4"), shop]);
    let name = select(&[None, Some("ann"), Some("bob")][..]);
    let parts = (select(&WANTED[..]), on, scope, name, any::<bool>());
    parts.prop_map(|(action, on, scope, name, mfa)| {
        let context = Context::empty().with("g:MFAPresent", &[if mfa { "true" } else { "false" }]);
        let context = match name {
            None => context,
            Some(name) => context.with("g:UserName", &[name]).with("g:UserId", &["u1"]),
        };
        Wanted { action, on, scope, context }
    })
}

fn ask<T>(wanted: &Wanted, decide: impl FnOnce(&Request<'_>) -> T) -> T {
    let (action, resource) = (action(wanted.action), wanted.on.map(resource));
    let (scope, context) = (&wanted.scope, &wanted.context);
    decide(&Request { action: &action, resource: resource.as_ref(), scope, context })
}

fn of_pool(policies: &[Arc<Policy>], wanted: &Wanted) -> Verdict {
    let pool = Pool::of(policies.iter().map(Arc::as_ref));
    ask(wanted, |request| pool.decide(&params(), request))
}

fn of_user(grants: &[Grant], groups: usize, wanted: &Wanted) -> Verdict {
    let of_group = |group: usize| {
        let held = grants.iter().enumerate().filter(|(index, _)| index % groups == group);
        Group { grants: held.map(|(_, grant)| grant.clone()).collect() }
    };
    let user = User { groups: (0..groups).map(of_group).collect(), own: Vec::new() };
    ask(wanted, |request| decide(&params(), &user, &Bounds::default(), request))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// A2.1: the same verdict with the same reasons.
    #[test]
    fn the_order_of_policies_never_matters(
        (policies, shuffled) in policies().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle())),
        wanted in wanted(),
    ) {
        prop_assert_eq!(of_pool(&policies, &wanted), of_pool(&shuffled, &wanted));
    }

    /// A2.1: the same decision, which the same statements determine.
    #[test]
    fn the_order_of_statements_never_matters(
        (first, second) in prop::collection::vec(said(), 1..6)
            .prop_flat_map(|said| (Just(said.clone()), Just(said).prop_shuffle())),
        version in select(&["1.0", "1.1", "5.0"][..]),
        wanted in wanted(),
    ) {
        let verdicts = [first, second].map(|statements| {
            of_pool(&[compiled(0, version, &statements, "")], &wanted)
        });
        let [one, other] = verdicts;
        prop_assert_eq!(one.effect, other.effect);
        prop_assert_eq!(one.statements().len(), other.statements().len());
        prop_assert_eq!(one.rules(), other.rules());
    }

    /// A1.8, A2.1: which group holds a grant, in which order, and how often, makes no difference.
    #[test]
    fn the_order_and_number_of_groups_never_matter(
        (grants, shuffled) in grants().prop_flat_map(|g| (Just(g.clone()), Just(g).prop_shuffle())),
        groups in 1usize..4,
        wanted in wanted(),
    ) {
        let twice: Vec<_> = shuffled.iter().chain(&shuffled).cloned().collect();
        let once = of_user(&grants, 1, &wanted);
        prop_assert_eq!(&once, &of_user(&shuffled, groups, &wanted));
        prop_assert_eq!(&once, &of_user(&twice, groups, &wanted));
    }

    /// A2.1.
    #[test]
    fn adding_a_denial_never_allows(
        policies in policies(), said in said(), wanted in wanted(), at in any::<Index>(),
    ) {
        let before = of_pool(&policies, &wanted);
        let added = compiled(9, "1.1", &[Said { effect: Effect::Deny, ..said }], "");
        let mut more = policies;
        more.insert(at.index(more.len() + 1), added);
        prop_assert!(before.is_allowed() || !of_pool(&more, &wanted).is_allowed());
    }

    /// A2.1: of policies that can be read; what cannot be read is never granted.
    #[test]
    fn adding_an_allowance_never_denies(
        policies in policies(), said in said(), wanted in wanted(), at in any::<Index>(),
    ) {
        let before = of_pool(&policies, &wanted);
        let added = compiled(9, "5.0", &[Said { effect: Effect::Allow, ..said }], "");
        let mut more = policies;
        more.insert(at.index(more.len() + 1), added);
        prop_assert!(!before.is_allowed() || of_pool(&more, &wanted).is_allowed());
    }

    /// A2.1: what a verdict names is enough to come to it.
    #[test]
    fn determining_statements_alone_determine(policies in policies(), wanted in wanted()) {
        let pool = Pool::of(policies.iter().map(Arc::as_ref));
        let whole = of_pool(&policies, &wanted);
        let alone = pool.only(whole.statements());
        let verdict = ask(&wanted, |request| alone.decide(&params(), request));
        prop_assert_eq!(verdict.effect, whole.effect);
        prop_assert_eq!(verdict.statements(), whole.statements());
        // And each of them by itself, so that none is named in vain.
        for one in whole.statements() {
            let single = pool.only(std::slice::from_ref(one));
            let verdict = ask(&wanted, |request| single.decide(&params(), request));
            prop_assert_eq!(verdict.effect, whole.effect);
        }
    }

    /// A4.2: bounds take away and never give.
    #[test]
    fn bounds_never_allow(grants in grants(), bound in policies(), wanted in wanted()) {
        let user = User { groups: vec![Group { grants }], own: Vec::new() };
        let bounds = Bounds { levels: vec![bound] };
        let free = ask(&wanted, |r| decide(&params(), &user, &Bounds::default(), r));
        let bounded = ask(&wanted, |r| decide(&params(), &user, &bounds, r));
        prop_assert!(free.is_allowed() || !bounded.is_allowed());
        let pool = Pool::of(bounds.levels[0].iter().map(Arc::as_ref));
        let allows = ask(&wanted, |request| pool.decide(&params(), request)).is_allowed();
        prop_assert_eq!(bounded.is_allowed(), free.is_allowed() && allows);
    }

    /// Any text is read or refused with a place inside it; nothing else happens.
    #[test]
    fn any_text_is_read_or_refused_with_a_place(
        mut text in "[{}\\[\\]\":,a-zA-Z0-9.*\\\\ \n本]{0,60}", at in any::<Index>(), whole in any::<bool>(),
    ) {
        if whole {
            // A good policy with something thrown into it.
            let good = r#"{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["a:b:c"]}]}"#;
            let (left, right) = good.split_at(at.index(good.len()));
            text = format!("{left}{text}{right}");
        }
        if let Err(errors) = crate::try_policy(Head::custom("p"), &text) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                let place = error.place();
                let line = text.split('\n').nth(place.line() - 1);
                let within = line.is_some_and(|line| place.column() <= line.chars().count() + 1);
                prop_assert!(within, "{error} in {text:?}");
            }
        }
    }
}
