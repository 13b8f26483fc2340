//! Users, groups, policies, tokens and questions, to commands and expectations.

use super::commands::placed;
use super::{Lowering, Placed};
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::expect::{EventExpectation, Expectation, TokenExpectation, UserExpectation};
use crate::grammar::{
    AccountDoc, AttachDoc, ChangeUserDoc, ExpectTokenDoc, ExpectUserDoc, GetTokenDoc, HoldDoc,
    OnOff, PermissionDoc, PolicyDoc, ReachWord, StepDoc, TrustWord, UserChangeWord, ValueDoc,
    VerbDoc, WritePolicyDoc,
};
use crate::read::{FromText, JsonText, Name, Raw, Title};
use crate::span::{Span, Spanned};
use koosim_model::access::matrix::Trust;
use koosim_model::access::policy::{Held, Scope};
use koosim_model::command::{
    Holder, IdentityOp, On, Op, PolicyKind, Principal, Question, SecondFactorSaid, UserChange,
};
use koosim_model::name::{AccountId, GroupId, MemberId, Name as Id, PhoneId, TokenId, UserId};
use koosim_model::rules::unaskable;
use koosim_model::state::PolicyName;
use std::collections::BTreeMap;

/// Where a policy holds that is held in every project.
const ALL_PROJECTS: &str = "all_projects";
/// Where one holds that is held at services without regions, and a request that goes there.
const GLOBAL: &str = "global";
/// The project of a token that is asked for without one.
const USUAL_PROJECT: &str = "cn-north-4";

impl<'d> Lowering<'d, '_> {
    /// What an account has of identities at the start: policies, groups, users, bounds, agency.
    pub(super) fn identities_of(
        &mut self,
        id: &AccountId,
        account: &'d AccountDoc,
        commands: &mut Vec<Placed>,
    ) {
        let mut give = |op: IdentityOp, span: Span| {
            commands.push(placed(id, Op::Identity(Box::new(op)), span));
        };
        for (name, policy) in account.policies.iter().flat_map(|p| &p.entries) {
            let PolicyDoc { document, system, r#for, .. } = policy;
            let kind = kind(system, r#for.as_ref());
            if let Some(policy) = self.policy_name(name) {
                give(written(policy, kind, document), name.span);
            }
        }
        for (name, group) in account.groups.iter().flat_map(|g| &g.entries) {
            let Ok(group_id) = GroupId::new(name.as_str()) else { continue };
            give(IdentityOp::AddGroup { group: group_id.clone() }, name.span);
            for held in group.holds.iter().flatten() {
                if let Some(op) = self.attached(held, Holder::Group(group_id.clone())) {
                    give(op, held.head);
                }
            }
        }
        for (name, user) in account.users.iter().flat_map(|u| &u.entries) {
            let Ok(user_id) = UserId::new(name.as_str()) else { continue };
            let password = user.password.as_ref().map(ToString::to_string);
            give(IdentityOp::AddUser { user: user_id.clone(), password }, name.span);
            for group in user.groups.iter().flat_map(|groups| &groups.value) {
                let Ok(group_id) = GroupId::new(group.as_str()) else { continue };
                let user = user_id.clone();
                give(IdentityOp::SetMembership { user, group: group_id, member: true }, group.span);
            }
            for held in user.holds.iter().flatten() {
                if let Some(op) = self.attached(held, Holder::User(user_id.clone())) {
                    give(op, held.head);
                }
            }
        }
        if let Some(levels) = &account.bounds
            && let Some(op) = self.bounded(&levels.value)
        {
            give(op, levels.span);
        }
        if let Some(covers) = &account.agency {
            give(entrusted(&covers.value), covers.span);
        }
    }

    fn policy_name(&mut self, name: &Spanned<Title>) -> Option<PolicyName> {
        let named = PolicyName::new(name.as_str());
        if let Err(error) = &named {
            let label = "not the name of a policy";
            let place = name.span;
            self.out.push(Diagnostic::error(Code::BadName, place, error.to_string(), label));
        }
        named.ok()
    }

    fn attached(&mut self, held: &HoldDoc, to: Holder) -> Option<IdentityOp> {
        let policy = self.policy_name(&held.policy)?;
        Some(IdentityOp::Attach { policy, to, held: place(&held.r#in, &held.enterprise_project) })
    }

    fn bounded(&mut self, levels: &[Vec<Spanned<Title>>]) -> Option<IdentityOp> {
        let level = |names: &Vec<Spanned<Title>>| -> Option<Vec<PolicyName>> {
            names.iter().map(|name| self.policy_name(name)).collect()
        };
        let levels: Option<Vec<_>> = levels.iter().map(level).collect();
        Some(IdentityOp::SetBounds { levels: levels? })
    }

    /// The command of one of these verbs.
    pub(super) fn identity_command(&mut self, step: &'d StepDoc) -> Option<Placed> {
        let (op, account, head) = match &step.verb {
            VerbDoc::WritePolicy(doc) => {
                let WritePolicyDoc { policy, document, system, r#for, .. } = doc;
                let kind = kind(system, r#for.as_ref());
                let op = written(self.policy_name(policy)?, kind, document);
                (op, &doc.account, doc.head)
            }
            VerbDoc::AddGroup(doc) => {
                let group = GroupId::new(doc.group.as_str()).ok()?;
                (IdentityOp::AddGroup { group }, &doc.account, doc.head)
            }
            VerbDoc::AddUser(doc) => {
                let user = UserId::new(doc.user.as_str()).ok()?;
                let password = doc.password.as_ref().map(ToString::to_string);
                (IdentityOp::AddUser { user, password }, &doc.account, doc.head)
            }
            VerbDoc::Membership(doc) => {
                let user = UserId::new(doc.user.as_str()).ok()?;
                let group = GroupId::new(doc.group.as_str()).ok()?;
                let op = IdentityOp::SetMembership { user, group, member: doc.on.value.0 };
                (op, &doc.account, doc.head)
            }
            VerbDoc::Attach(doc) => {
                let (policy, to, held) = self.holding(doc)?;
                (IdentityOp::Attach { policy, to, held }, &doc.account, doc.head)
            }
            VerbDoc::Detach(doc) => {
                let (policy, from, held) = self.holding(doc)?;
                (IdentityOp::Detach { policy, from, held }, &doc.account, doc.head)
            }
            VerbDoc::ChangeUser(doc) => (self.changed(doc)?, &doc.account, doc.head),
            VerbDoc::Bounds(doc) => (self.bounded(&doc.levels)?, &doc.account, doc.head),
            VerbDoc::Agency(doc) => (entrusted(&doc.covers.value), &doc.account, doc.head),
            VerbDoc::GetToken(doc) => (token(doc)?, &doc.account, doc.head),
            VerbDoc::CheckToken(doc) => {
                let token = TokenId::new(doc.token.as_str()).ok()?;
                let with = TokenId::new(doc.using.as_str()).ok()?;
                (IdentityOp::CheckToken { token, with }, &doc.account, doc.head)
            }
            VerbDoc::Permission(doc) => return self.question(doc, step),
            _ => return None,
        };
        let account = self.account_or_only(account, head)?;
        Some(placed(&account, Op::Identity(Box::new(op)), head))
    }

    fn holding(&mut self, doc: &AttachDoc) -> Option<(PolicyName, Holder, Held)> {
        let policy = self.policy_name(&doc.policy)?;
        let group = doc.group.as_ref().and_then(|name| GroupId::new(name.as_str()).ok());
        let user = doc.user.as_ref().and_then(|name| UserId::new(name.as_str()).ok());
        let holder = group.map(Holder::Group).or(user.map(Holder::User))?;
        Some((policy, holder, place(&doc.r#in, &doc.enterprise_project)))
    }

    fn changed(&mut self, doc: &ChangeUserDoc) -> Option<IdentityOp> {
        let user = UserId::new(doc.user.as_str()).ok()?;
        let change = match (doc.r#do.value, &doc.password) {
            (UserChangeWord::SetPassword, Some(password)) => {
                UserChange::Password(password.to_string())
            }
            (UserChangeWord::SetPassword, None) => {
                let (message, label) = ("`set_password` needs a `password`", "needs `password`");
                self.out.push(Diagnostic::error(Code::MissingKey, doc.head, message, label));
                return None;
            }
            (UserChangeWord::Disable, _) => UserChange::Disabled,
            (UserChangeWord::Enable, _) => UserChange::Enabled,
            (UserChangeWord::Delete, _) => UserChange::Deleted,
        };
        Some(IdentityOp::ChangeUser { user, change })
    }

    fn question(&mut self, doc: &PermissionDoc, step: &StepDoc) -> Option<Placed> {
        let account = self.account_or_only(&doc.account, doc.head)?;
        let on = doc.on.as_ref().map(|on| match PhoneId::new(on.as_str()) {
            Ok(phone) => On::Phone(phone),
            Err(_) => On::Resource(on.to_string()),
        });
        let scope = match (&step.r#in, &doc.enterprise_project) {
            (Some(place), None) if place.as_str() == GLOBAL => Some(Scope::Global),
            (place, Some(enterprise)) => Some(Scope::Project {
                name: place.as_ref().map_or(USUAL_PROJECT, |name| name.as_str()).to_owned(),
                enterprise: Some(enterprise.to_string()),
            }),
            _ => None,
        };
        let keys = doc.keys.iter().flat_map(|keys| &keys.entries);
        let values = |values: &Spanned<Vec<Spanned<Raw>>>| {
            values.value.iter().map(ToString::to_string).collect()
        };
        let keys: BTreeMap<String, Vec<String>> =
            keys.map(|(key, given)| (key.to_string(), values(given))).collect();
        let age = doc.second_factor_age.map_or(0, |age| age.get().floor_secs());
        let second_factor = match doc.second_factor.map(|given| given.value) {
            None => SecondFactorSaid::Nothing,
            Some(OnOff::On) => SecondFactorSaid::Given(u64::try_from(age).unwrap_or(0)),
            Some(OnOff::Off) => SecondFactorSaid::NotGiven,
        };
        let operation = doc.r#do.to_string();
        let question = Question { operation, on, scope, keys, second_factor };
        if let Some(why) = unaskable(&question) {
            let label = "nothing that can be asked for";
            self.out.push(Diagnostic::error(Code::BadValue, doc.r#do.span, why, label));
            return None;
        }
        Some(placed(&account, Op::Ask(Box::new(question)), doc.head))
    }

    /// What must be seen of the answer to a question, if the step says so.
    pub(super) fn answered(&mut self, step: &'d StepDoc) -> Option<Expectation> {
        let VerbDoc::Permission(doc) = &step.verb else { return None };
        let answer = doc.answer?;
        let account = self.account_or_only(&doc.account, doc.head)?;
        let rule = self.rule(&doc.rule)?;
        let text = |value: &str, span| {
            Raw::from_text(value).ok().map(|raw| ValueDoc::Text(Spanned::new(raw, span)))
        };
        let mut fields = vec![
            ("operation".to_owned(), text(doc.r#do.as_str(), doc.r#do.span)?),
            ("answer".to_owned(), text(answer.as_str(), answer.span)?),
        ];
        if let Some(on) = &doc.on {
            fields.push(("on".to_owned(), text(on.as_str(), on.span)?));
        }
        if let Some(because) = &doc.because {
            fields.push(("because".to_owned(), ValueDoc::Text(because.clone())));
        }
        if let Some(by) = &doc.by {
            let items = by.value.iter().map(|one| ValueDoc::Text(one.clone())).collect();
            fields.push(("by".to_owned(), ValueDoc::List(Spanned::new(items, by.span))));
        }
        if let (Some(user), Some(word)) =
            (&step.by, self.people(&account, step).as_ref().map(kind_of))
        {
            let name = text(user.as_str(), user.span)?;
            let who = ValueDoc::Map(Spanned::new(vec![(word.to_owned(), name)], user.span));
            fields.push(("who".to_owned(), who));
        }
        let (kind, account) = ("permission_answered", Some(account));
        let (phone, times) = (None, None);
        Some(Expectation::Event(EventExpectation { kind, account, phone, fields, rule, times }))
    }

    /// Who acts in a step, if it is not the account itself.
    fn people(&mut self, account: &AccountId, step: &StepDoc) -> Option<Principal> {
        if let Some(token) = &step.with {
            return TokenId::new(token.as_str()).ok().map(Principal::Token);
        }
        let name = step.by.as_ref()?;
        self.principal(account, name)
    }

    /// A user or member that the file declares.
    fn principal(&mut self, account: &AccountId, name: &Spanned<Name>) -> Option<Principal> {
        if self.names.has_user(account.as_str(), name.as_str()) {
            return UserId::new(name.as_str()).ok().map(Principal::User);
        }
        if self.names.has_member(name.as_str()) {
            return MemberId::new(name.as_str()).ok().map(Principal::Member);
        }
        if !self.may_be_declared(name.as_str()) {
            let message =
                format!("account `{account}` has no user or member {}", quoted(name.as_str()));
            let label = "nobody of the file";
            let help = "declare it under the account's `users`, or `add_user` or `add_member`";
            let error = Diagnostic::error(Code::UnknownName, name.span, message, label);
            self.out.push(error.help(help));
        }
        None
    }

    /// The commands of a step as whoever it names gives them, and where it says.
    pub(super) fn given_by(&mut self, step: &StepDoc, commands: Vec<Placed>) -> Vec<Placed> {
        let project = step.r#in.as_ref().filter(|place| place.as_str() != GLOBAL);
        let project = project.and_then(|name| Id::new(name.as_str()).ok());
        let give = |(mut command, span): Placed| {
            command.envelope.principal = self.people(&command.envelope.account, step);
            command.envelope.project.clone_from(&project);
            (command, span)
        };
        commands.into_iter().map(give).collect()
    }

    pub(super) fn user_expectation(&mut self, doc: &ExpectUserDoc) -> Option<Expectation> {
        let account = self.account_or_only(&doc.account, doc.head)?;
        let groups = doc.groups.as_ref();
        Some(Expectation::User(UserExpectation {
            account,
            user: UserId::new(doc.user.as_str()).ok()?,
            groups: groups.map(|groups| groups.value.iter().map(ToString::to_string).collect()),
            enabled: doc.enabled.map(|yes| yes.value.0),
            tokens: doc.tokens.map(|tokens| tokens.get()),
            keeps_tokens: doc.keeps_tokens.map(|yes| yes.value.0),
        }))
    }

    pub(super) fn token_expectation(&mut self, doc: &ExpectTokenDoc) -> Option<Expectation> {
        let account = self.account_or_only(&doc.account, doc.head)?;
        Some(Expectation::Token(TokenExpectation {
            account,
            token: TokenId::new(doc.token.as_str()).ok()?,
            holds: doc.holds.value.0,
            expires: doc.expires.map(|moment| moment.value),
        }))
    }
}

fn kind_of(principal: &Principal) -> &'static str {
    match principal {
        Principal::User(_) => "user",
        Principal::Token(_) => "token",
        Principal::Member(_) => "member",
    }
}

fn kind(system: &Option<Spanned<Name>>, reach: Option<&Spanned<ReachWord>>) -> PolicyKind {
    match (system, reach.map(|reach| reach.value)) {
        (Some(catalog), _) => PolicyKind::System(catalog.to_string()),
        (None, Some(ReachWord::Global)) => PolicyKind::Global,
        (None, Some(ReachWord::Projects) | None) => PolicyKind::Projects,
    }
}

fn written(policy: PolicyName, kind: PolicyKind, document: &Spanned<JsonText>) -> IdentityOp {
    IdentityOp::SetPolicy { policy, kind, text: document.as_str().to_owned() }
}

fn entrusted(covers: &[Spanned<TrustWord>]) -> IdentityOp {
    let of = |word: &Spanned<TrustWord>| match word.value {
        TrustWord::Phones => Trust::Phones,
        TrustWord::Network => Trust::Network,
        TrustWord::Storage => Trust::Storage,
    };
    IdentityOp::SetAgency { covers: covers.iter().map(of).collect() }
}

fn place(place: &Option<Spanned<Name>>, enterprise: &Option<Spanned<Name>>) -> Held {
    match (place.as_ref().map(|name| name.as_str()), enterprise) {
        (_, Some(enterprise)) => Held::EnterpriseProject(enterprise.to_string()),
        (None, None) => Held::Everywhere,
        (Some(ALL_PROJECTS), None) => Held::AllProjects,
        (Some(GLOBAL), None) => Held::Global,
        (Some(project), None) => Held::Project(project.to_owned()),
    }
}

fn token(doc: &GetTokenDoc) -> Option<IdentityOp> {
    let scope = match doc.r#for.as_ref().map(|name| name.as_str()) {
        Some(GLOBAL) => Scope::Global,
        Some(project) => Scope::project(project),
        None => Scope::project(USUAL_PROJECT),
    };
    Some(IdentityOp::GetToken {
        token: TokenId::new(doc.r#as.as_str()).ok()?,
        user: UserId::new(doc.user.as_str()).ok()?,
        password: doc.password.to_string(),
        scope,
    })
}
