//! The same statements in Cedar. One statement becomes one policy; wildcards become `like`, and what a
//! key holds becomes attributes of the context, one for each form in which operators look at it.

use crate::said::{Asked, Condition, Kind, Meaning, Said, Sets};
use cedar_policy::{Authorizer, Context, Entities, EntityUid, Policy, PolicyId, PolicySet, Request};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A text as Cedar writes it.
fn quoted(text: &str) -> String {
    format!("{:?}", text)
}

/// A pattern as `like` writes it: stars are wild unless they are `plain`.
fn pattern(text: &str, plain: bool) -> String {
    let quoted = quoted(text);
    if plain { quoted.replace('*', r"\*") } else { quoted }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

fn any(parts: Vec<String>) -> String {
    if parts.is_empty() { "false".to_owned() } else { format!("({})", parts.join(" || ")) }
}

/// A field as an attribute: of an action the fields are one text, since none may hold a colon.
fn action(given: &str) -> String {
    let [service, kind, operation] = given.split(':').collect::<Vec<_>>()[..] else {
        // What has two fields matches nothing.
        return "false".to_owned();
    };
    let text = [service.to_owned(), folded(kind), folded(operation)].join(":");
    format!("context.action like {}", pattern(&text, false))
}

fn resource(given: &str) -> String {
    let fields: Vec<&str> = if given == "*" { Vec::new() } else { given.splitn(5, ':').collect() };
    if fields.iter().all(|field| *field == "*") {
        return "true".to_owned();
    }
    let fields = fields.into_iter().enumerate().map(|(index, field)| {
        let field = if index == 3 { folded(field) } else { field.to_owned() };
        format!("context.resource{index} like {}", pattern(&field, false))
    });
    format!("(context has resource0 && {})", fields.collect::<Vec<_>>().join(" && "))
}

fn side((patterns, others): &(Vec<&'static str>, bool), one: fn(&str) -> String) -> String {
    let named = any(patterns.iter().map(|pattern| one(pattern)).collect());
    if *others { format!("!{named}") } else { named }
}

fn condition(condition: &Condition) -> String {
    let Condition { operator, sets, if_exists, key, values } = condition;
    let attribute = |form: &str| format!("context[{}]", quoted(&format!("{}{form}", key.name)));
    let has = |form: &str| format!("context has {}", quoted(&format!("{}{form}", key.name)));
    if operator.meaning == Meaning::Absent {
        let wanted = values.iter().map(|value| match value.as_str() {
            "true" => format!("!({})", has("")),
            _ => format!("({})", has("")),
        });
        return any(wanted.collect());
    }
    let listed = |texts: Vec<String>| {
        format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
    };
    let whole = |form: &str, texts: Vec<String>| {
        let (given, listed) = (attribute(form), listed(texts));
        match (sets, operator.negative) {
            (Sets::Plain | Sets::Any, false) => format!("{given}.containsAny({listed})"),
            (Sets::Plain | Sets::All, true) => format!("!{given}.containsAny({listed})"),
            (Sets::All, false) => format!("{listed}.containsAll({given})"),
            (Sets::Any, true) => format!("!({listed}.containsAll({given}))"),
        }
    };
    // Forms that a value may lack compare with nothing.
    let single = |form: &str, one: &dyn Fn(&str, &str) -> String| {
        let tests = any(values.iter().map(|value| one(&attribute(form), value)).collect());
        let not = if operator.negative { "!" } else { "" };
        format!("({} && {not}{tests})", has(form))
    };
    let compared = match operator.meaning {
        Meaning::Equal => whole("", values.clone()),
        Meaning::EqualFolded => whole("~", values.iter().map(|v| folded(v)).collect()),
        Meaning::Like => single(".", &|given, value| {
            format!("{given} like {}", pattern(value, false))
        }),
        Meaning::Start => single(".~", &|given, value| {
            let text = pattern(&folded(value), true);
            format!("{given} like {}*\"", text.strip_suffix('"').unwrap())
        }),
        Meaning::End => single(".~", &|given, value| {
            let text = pattern(&folded(value), true);
            format!("{given} like \"*{}", text.strip_prefix('"').unwrap())
        }),
        Meaning::Order(sign) => single("#", &|given, value| match key.kind {
            Kind::Instant => format!("{given} {sign} datetime({})", quoted(value)),
            _ => format!("{given} {sign} {value}"),
        }),
        Meaning::Flag => single("#", &|given, value| format!("{given} == {}", folded(value))),
        Meaning::Absent => unreachable!("answered above"),
    };
    let absent = *if_exists || *sets == Sets::All;
    let present = has("");
    if absent { format!("(!({present}) || {compared})") } else { format!("({present} && {compared})") }
}

/// The policies of these statements, each named by its place.
pub fn policies(said: &[Said]) -> PolicySet {
    let mut set = PolicySet::new();
    for (index, said) in said.iter().enumerate() {
        let effect = if said.allows { "permit" } else { "forbid" };
        let mut all = vec![side(&said.actions, action)];
        all.extend(said.resources.as_ref().map(|resources| side(resources, resource)));
        all.extend(said.conditions.iter().map(condition));
        let text = format!("{effect}(principal, action, resource) when {{ {} }};", all.join(" && "));
        let id = PolicyId::new(index.to_string());
        match Policy::parse(Some(id), &text) {
            Ok(policy) => set.add(policy).unwrap(),
            Err(error) => panic!("{error}\n{text}"),
        }
    }
    set
}

/// What a request says, in every form.
fn context(asked: &Asked) -> Context {
    let mut members = Map::new();
    let fields = asked.action.split(':').enumerate();
    let fields = fields.map(|(i, field)| if i == 0 { field.to_owned() } else { folded(field) });
    members.insert("action".into(), json!(fields.collect::<Vec<_>>().join(":")));
    for (index, field) in asked.resource.iter().flat_map(|text| text.splitn(5, ':')).enumerate() {
        let field = if index == 3 { folded(field) } else { field.to_owned() };
        members.insert(format!("resource{index}"), json!(field));
    }
    for (key, values) in &asked.context {
        members.insert(key.name.into(), json!(values));
        let all: Vec<String> = values.iter().map(|value| folded(value)).collect();
        members.insert(format!("{}~", key.name), json!(all));
        let ([value], [lower]) = (&values[..], &all[..]) else { continue };
        members.insert(format!("{}.", key.name), json!(value));
        members.insert(format!("{}.~", key.name), json!(lower));
        let form = match key.kind {
            Kind::Text | Kind::Texts => None,
            Kind::Number => value.parse::<i64>().ok().map(Value::from),
            Kind::Instant => value
                .starts_with('2')
                .then(|| json!({ "__extn": { "fn": "datetime", "arg": in_cedar(value) } })),
            Kind::Flag => lower.parse::<bool>().ok().map(Value::from),
        };
        members.extend(form.map(|form| (format!("{}#", key.name), form)));
    }
    Context::from_json_value(Value::Object(members), None).unwrap()
}

/// An instant as Cedar reads it: without a colon in the offset.
fn in_cedar(instant: &str) -> String {
    instant.replace("+08:00", "+0800")
}

/// A request that Cedar can be asked.
pub fn request(asked: &Asked) -> Request {
    let uid = |text: &str| text.parse::<EntityUid>().unwrap();
    let (user, call, thing) = (uid(r#"User::"u""#), uid(r#"Action::"call""#), uid(r#"Thing::"t""#));
    Request::new(user, call, thing, context(asked), None).unwrap()
}

/// Whether it is allowed, and by which statements that was determined.
pub fn decide(policies: &PolicySet, request: &Request) -> (bool, BTreeSet<usize>) {
    let response = Authorizer::new().is_authorized(request, policies, &Entities::empty());
    let diagnostics = response.diagnostics();
    if let Some(error) = diagnostics.errors().next() {
        panic!("{error}");
    }
    let allowed = response.decision() == cedar_policy::Decision::Allow;
    (allowed, diagnostics.reason().map(|id| id.to_string().parse().unwrap()).collect())
}
