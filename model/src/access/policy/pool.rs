//! Statements that count together, whatever policy and generation they come from (A2.1, A4.4).

use super::document::Policy;
use super::request::Request;
use super::statement::{Effect, Short, Statement};
use super::verdict::{Because, Missing, StatementRef, Verdict};
use crate::access::AccessParams;

/// The statements of some policies. Their order makes no difference to anything it answers.
#[derive(Clone, Debug, Default)]
pub struct Pool<'p> {
    statements: Vec<(&'p Policy, usize, &'p Statement)>,
}

impl<'p> Pool<'p> {
    /// All statements of these policies.
    pub fn of(policies: impl IntoIterator<Item = &'p Policy>) -> Self {
        let all = policies.into_iter().flat_map(|policy| {
            policy
                .statements
                .iter()
                .enumerate()
                .map(move |(index, statement)| (policy, index, statement))
        });
        Self { statements: all.collect() }
    }
    /// Only the statements of a list.
    pub fn only(&self, wanted: &[StatementRef]) -> Self {
        let named = |(policy, index, _): &&(&Policy, usize, &Statement)| {
            wanted.iter().any(|want| want.policy == policy.name && want.index == *index)
        };
        Self { statements: self.statements.iter().filter(named).copied().collect() }
    }
    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.statements.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// A2.1, A2.2: a denial that applies denies, else one that allows allows, else nothing does.
    pub fn decide(&self, params: &AccessParams, request: &Request<'_>) -> Verdict {
        let (mut allowing, mut denying) = (Vec::new(), Vec::new());
        let mut missing = if self.is_empty() { Missing::Grant } else { Missing::Action };
        for (policy, index, statement) in &self.statements {
            let this = || StatementRef { policy: policy.name.clone(), index: *index };
            match (statement.applies(params, request), statement.effect) {
                (Ok(()), Effect::Deny) => denying.push(this()),
                (Ok(()), Effect::Allow) => allowing.push(this()),
                (Err(_), Effect::Deny) => {}
                (Err(short), Effect::Allow) => {
                    if let Some(found) = lacking(&short, this) {
                        missing = missing.nearer(found);
                    }
                }
            }
        }
        if !denying.is_empty() {
            return Verdict::of(Effect::Deny, Because::Statements(each_once(denying)));
        }
        if !allowing.is_empty() {
            return Verdict::of(Effect::Allow, Because::Statements(each_once(allowing)));
        }
        Verdict::of(Effect::Deny, Because::Nothing(missing))
    }
}

fn each_once(mut statements: Vec<StatementRef>) -> Vec<StatementRef> {
    statements.sort();
    statements.dedup();
    statements
}

/// What a statement that allows lacks; that it has another action is no news.
fn lacking(short: &Short<'_>, this: impl Fn() -> StatementRef) -> Option<Missing> {
    match short {
        Short::Action => None,
        Short::Resource => Some(Missing::Resource { statement: this() }),
        Short::Condition { condition, why } => Some(Missing::Condition {
            statement: this(),
            operator: condition.operator(),
            key: condition.key().to_owned(),
            why: *why,
        }),
    }
}
