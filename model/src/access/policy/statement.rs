//! Statements: which requests they apply to (A2.2).

use super::action::ActionPattern;
use super::condition::{Condition, Unmet};
use super::request::Request;
use super::resource::ResourcePattern;
use crate::access::AccessParams;

/// What a statement does, and what a verdict says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Yes.
    Allow,
    /// No.
    Deny,
}

impl Effect {
    /// The word in policies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// Whether a list names what is meant, or everything else (A4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// `Action`, `Resource`.
    Named,
    /// `NotAction`, `NotResource`.
    Others,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub(super) sid: Option<String>,
    pub(super) effect: Effect,
    pub(super) actions: (Side, Vec<ActionPattern>),
    pub(super) resources: Option<(Side, Vec<ResourcePattern>)>,
    pub(super) conditions: Vec<Condition>,
}

/// The first thing that keeps a statement from applying. Later ones are nearer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Short<'s> {
    Action,
    Resource,
    Condition { condition: &'s Condition, why: Unmet },
}

impl Statement {
    /// What it does.
    pub const fn effect(&self) -> Effect {
        self.effect
    }
    /// Its name, where it has one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }
    /// A2.2, A4.1: whether it applies to a request; if not, what is missing.
    pub(super) fn applies(
        &self,
        params: &AccessParams,
        request: &Request<'_>,
    ) -> Result<(), Short<'_>> {
        let (side, patterns) = &self.actions;
        let named = patterns.iter().any(|pattern| pattern.matches(params, request.action));
        if named != (*side == Side::Named) {
            return Err(Short::Action);
        }
        if let Some((side, patterns)) = &self.resources {
            let named = patterns.iter().any(|pattern| pattern.matches(params, request.resource));
            if named != (*side == Side::Named) {
                return Err(Short::Resource);
            }
        }
        for condition in &self.conditions {
            condition
                .check(&params.conditions, request.context)
                .map_err(|why| Short::Condition { condition, why })?;
        }
        Ok(())
    }
}
