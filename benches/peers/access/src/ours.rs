//! The statements in the language of this project.

use crate::said::{Asked, Condition, Said, Sets};
use koosim_model::access::AccessParams;
use koosim_model::access::policy::{
    Action, Context, Head, Policy, Pool, Request, Resource, Scope, Services, Verdict,
};
use koosim_model::rulebook::Rulebook;
use koosim_model::time::BillingDay;
use serde_json::{Map, Value, json};

/// The parameters of the Chinese book.
pub fn params() -> AccessParams {
    let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &[]).unwrap();
    AccessParams::resolve(&settings, BillingDay::parse("2025-01-01").unwrap()).unwrap()
}

fn statement(said: &Said) -> Value {
    let mut members = Map::new();
    members.insert("Effect".into(), json!(if said.allows { "Allow" } else { "Deny" }));
    let (actions, others) = &said.actions;
    members.insert(if *others { "NotAction" } else { "Action" }.into(), json!(actions));
    if let Some((resources, others)) = &said.resources {
        members.insert(if *others { "NotResource" } else { "Resource" }.into(), json!(resources));
    }
    if !said.conditions.is_empty() {
        let mut operators = Map::new();
        for condition in &said.conditions {
            let keys = operators.entry(operator(condition)).or_insert_with(|| json!({}));
            keys[condition.key.name] = json!(condition.values);
        }
        members.insert("Condition".into(), Value::Object(operators));
    }
    Value::Object(members)
}

/// The operator's name with its additions.
pub fn operator(condition: &Condition) -> String {
    let prefix = match condition.sets {
        Sets::Plain => "",
        Sets::Any => "ForAnyValue:",
        Sets::All => "ForAllValues:",
    };
    let suffix = if condition.if_exists { "IfExists" } else { "" };
    format!("{prefix}{}{suffix}", condition.operator.name)
}

/// One policy of these statements; identity policies, since only they know the negated forms.
pub fn policy(params: &AccessParams, said: &[Said]) -> Policy {
    let statements: Vec<Value> = said.iter().map(statement).collect();
    let text = json!({ "Version": "5.0", "Statement": statements }).to_string();
    match Policy::read(params, &Services::new(), Head::system("p", "TEST"), &text) {
        Ok(policy) => policy,
        Err(errors) => panic!("{errors:?}\n{text}"),
    }
}

/// A request in the parts that it borrows.
#[derive(Debug)]
pub struct Parts {
    action: Action,
    resource: Option<Resource>,
    scope: Scope,
    context: Context,
}

impl Parts {
    pub fn of(asked: &Asked) -> Self {
        let context = asked.context.iter().fold(Context::empty(), |context, (key, values)| {
            context.with(key.name, values)
        });
        Self {
            action: Action::parse(asked.action).unwrap(),
            resource: asked.resource.map(|text| Resource::parse(text).unwrap()),
            scope: Scope::project("cn-north-4"),
            context,
        }
    }
    pub fn decide(&self, params: &AccessParams, pool: &Pool<'_>) -> Verdict {
        let (action, scope, context) = (&self.action, &self.scope, &self.context);
        let resource = self.resource.as_ref();
        pool.decide(params, &Request { action, resource, scope, context })
    }
}
