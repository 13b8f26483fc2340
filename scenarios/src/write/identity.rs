//! Users, groups, policies, tokens and questions as a scenario writes them.

use super::{Fields, quoted};
use koosim_model::access::policy::{Held, Scope};
use koosim_model::command::{
    Command, Holder, IdentityOp, Op, PolicyKind, Principal, Question, SecondFactorSaid, UserChange,
};
use koosim_model::name::Name;
use koosim_model::state::PolicyName;

/// Who acts and where, as keys of the step; nothing for the account itself.
pub(super) fn acting(command: &Command) -> String {
    let envelope = &command.envelope;
    let who = envelope.principal.as_ref().map(|principal| match principal {
        Principal::User(user) => format!("by: {}\n    ", quoted(user.as_str())),
        Principal::Member(member) => format!("by: {}\n    ", quoted(member.as_str())),
        Principal::Token(token) => format!("with: {}\n    ", quoted(token.as_str())),
    });
    let asked = match &command.op {
        Op::Ask(question) => question.scope.as_ref(),
        _ => None,
    };
    let place = match (asked, &envelope.project) {
        (Some(Scope::Global), _) => Some("global"),
        (Some(Scope::Project { name, .. }), _) => Some(name.as_str()),
        (None, project) => project.as_ref().map(Name::as_str),
    };
    let place = place.map(|place| format!("in: {}\n    ", quoted(place)));
    [who, place].into_iter().flatten().collect()
}

impl Fields {
    /// The fields of a request about identities; gives the verb.
    #[expect(clippy::too_many_lines, reason = "one arm for each, so that none is forgotten")]
    pub(super) fn identity(&mut self, op: &IdentityOp) -> Result<&'static str, &'static str> {
        Ok(match op {
            IdentityOp::SetPolicy { policy, kind, text } => {
                self.policy(policy);
                self.add("document", text);
                match kind {
                    PolicyKind::System(catalog) => self.name("system", catalog),
                    PolicyKind::Projects => {}
                    PolicyKind::Global => self.add("for", "global"),
                }
                "write_policy"
            }
            IdentityOp::AddGroup { group } => {
                self.name("group", group.as_str());
                "add_group"
            }
            IdentityOp::AddUser { user, password } => {
                self.name("user", user.as_str());
                password.iter().for_each(|password| self.name("password", password));
                "add_user"
            }
            IdentityOp::SetMembership { user, group, member } => {
                self.name("user", user.as_str());
                self.name("group", group.as_str());
                self.add("on", super::yes_no(*member));
                "membership"
            }
            IdentityOp::Attach { policy, to, held } => {
                self.holding(policy, to, held);
                "attach"
            }
            IdentityOp::Detach { policy, from, held } => {
                self.holding(policy, from, held);
                "detach"
            }
            IdentityOp::ChangeUser { user, change } => {
                self.name("user", user.as_str());
                let word = match change {
                    UserChange::Password(password) => {
                        self.name("password", password);
                        "set_password"
                    }
                    UserChange::Disabled => "disable",
                    UserChange::Enabled => "enable",
                    UserChange::Deleted => "delete",
                };
                self.add("do", word);
                "change_user"
            }
            IdentityOp::SetBounds { levels } => {
                let name = |policy: &PolicyName| quoted(policy.as_str());
                let level = |names: &Vec<PolicyName>| {
                    let names: Vec<_> = names.iter().map(name).collect();
                    format!("[{}]", names.join(", "))
                };
                let levels: Vec<_> = levels.iter().map(level).collect();
                self.add("levels", format_args!("[{}]", levels.join(", ")));
                "bounds"
            }
            IdentityOp::SetAgency { covers } => {
                let covers: Vec<_> = covers.iter().map(ToString::to_string).collect();
                self.add("covers", format_args!("[{}]", covers.join(", ")));
                "agency"
            }
            IdentityOp::GetToken { token, user, password, scope } => {
                self.name("as", token.as_str());
                self.name("user", user.as_str());
                self.name("password", password);
                match scope {
                    Scope::Global => self.add("for", "global"),
                    Scope::Project { name, enterprise: None } => self.name("for", name),
                    Scope::Project { .. } => return Err("a token of an enterprise project"),
                }
                "get_token"
            }
            IdentityOp::CheckToken { token, with } => {
                self.name("token", token.as_str());
                self.name("using", with.as_str());
                "check_token"
            }
        })
    }

    fn policy(&mut self, policy: &PolicyName) {
        self.name("policy", policy.as_str());
    }

    fn holding(&mut self, policy: &PolicyName, holder: &Holder, held: &Held) {
        self.policy(policy);
        match holder {
            Holder::Group(group) => self.name("group", group.as_str()),
            Holder::User(user) => self.name("user", user.as_str()),
        }
        match held {
            Held::Everywhere => {}
            Held::Global => self.add("in", "global"),
            Held::AllProjects => self.add("in", "all_projects"),
            Held::Project(project) => self.name("in", project),
            Held::EnterpriseProject(project) => self.name("enterprise_project", project),
        }
    }

    /// The fields of a question.
    pub(super) fn question(&mut self, question: &Question) -> Result<&'static str, &'static str> {
        let Question { operation, on, scope, keys, second_factor } = question;
        self.name("do", operation);
        on.iter().for_each(|on| self.name("on", &on.to_string()));
        if !keys.is_empty() {
            self.add("keys", serde_json::to_string(keys).unwrap_or_default());
        }
        match second_factor {
            SecondFactorSaid::Nothing => {}
            SecondFactorSaid::NotGiven => self.add("second_factor", "off"),
            SecondFactorSaid::Given(age) => {
                self.add("second_factor", "on");
                self.add("second_factor_age", format_args!("{age} s"));
            }
        }
        if let Some(Scope::Project { enterprise, .. }) = scope {
            let Some(enterprise) = enterprise else {
                return Err("a project that is not that of the step");
            };
            self.name("enterprise_project", enterprise);
        }
        Ok("permission")
    }
}
