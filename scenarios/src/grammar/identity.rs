//! Who may do what: users, groups, policies, tokens, and questions about permissions.

use super::verbs::OnOff;
use crate::read::{JsonText, Length, Name, Named, Raw, RuleName, Title, YesNo};
use crate::span::Spanned;
use crate::{document, words};

document! {
    /// A policy beside the two roles of the product, which are there by their names.
    pub struct PolicyDoc ("a policy") {
        /// The policy as it is written: a mapping with `Version` and `Statement`.
        document: Spanned<JsonText>,
        /// The catalogue of a policy that belongs to the service; without it, it is the customer's.
        system: Option<Spanned<Name>>,
        /// What a customer's policy is for; without it, projects of regions.
        r#for: Option<Spanned<ReachWord>>,
    }
    AtMostOne ["system", "for"];
}

words! {
    /// What a policy is for.
    pub enum ReachWord ("`projects` or `global`") {
        /// Services in projects of regions.
        Projects = "projects",
        /// Services without regions.
        Global = "global",
    }
}

document! {
    /// A policy that is held somewhere.
    pub struct HoldDoc ("a policy that is held") {
        /// The policy by its name.
        policy: Spanned<Title>,
        /// A project, `all_projects` or `global`; without it, everywhere, as identity policies are.
        r#in: Option<Spanned<Name>>,
        /// An enterprise project.
        enterprise_project: Option<Spanned<Name>>,
    }
    AtMostOne ["in", "enterprise_project"];
}

document! {
    /// A group of users.
    pub struct GroupDoc ("a group") {
        /// What it holds.
        holds: Option<Vec<HoldDoc>>,
    }
}

document! {
    /// A user of an account.
    pub struct UserDoc ("a user") {
        /// With which it logs in; without one, it asks for no tokens.
        password: Option<Spanned<Raw>>,
        /// Its groups.
        groups: Option<Spanned<Vec<Spanned<Name>>>>,
        /// What it holds by itself.
        holds: Option<Vec<HoldDoc>>,
    }
}

words! {
    /// What the agency of the service covers.
    pub enum TrustWord ("`phones`, `network` or `storage`") {
        /// Hosts of phones.
        Phones = "phones",
        /// Networks.
        Network = "network",
        /// Buckets.
        Storage = "storage",
    }
}

document! {
    /// Writes a policy, or writes it anew.
    pub struct WritePolicyDoc ("`write_policy`") {
        /// The policy by its name.
        policy: Spanned<Title>,
        /// As it is written: a mapping with `Version` and `Statement`.
        document: Spanned<JsonText>,
        /// The catalogue of a policy that belongs to the service; without it, it is the customer's.
        system: Option<Spanned<Name>>,
        /// What a customer's policy is for; without it, projects of regions.
        r#for: Option<Spanned<ReachWord>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
    AtMostOne ["system", "for"];
}

document! {
    /// Makes a group.
    pub struct AddGroupDoc ("`add_group`") {
        /// Its name.
        group: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Makes a user.
    pub struct AddUserDoc ("`add_user`") {
        /// Its name.
        user: Spanned<Name>,
        /// With which it logs in; without one, it asks for no tokens.
        password: Option<Spanned<Raw>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Takes a user into a group, or out of it.
    pub struct MembershipDoc ("`membership`") {
        /// The user.
        user: Spanned<Name>,
        /// The group.
        group: Spanned<Name>,
        /// Whether the user is in it from now on.
        on: Spanned<YesNo>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Gives a policy to a group or user, or takes it away.
    pub struct AttachDoc ("`attach`") {
        /// The policy by its name.
        policy: Spanned<Title>,
        /// The group that holds it.
        group: Option<Spanned<Name>>,
        /// The user that holds it.
        user: Option<Spanned<Name>>,
        /// A project, `all_projects` or `global`; without it, everywhere, as identity policies are.
        r#in: Option<Spanned<Name>>,
        /// An enterprise project.
        enterprise_project: Option<Spanned<Name>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["group", "user"];
    AtMostOne ["in", "enterprise_project"];
}

words! {
    /// What becomes of a user.
    pub enum UserChangeWord ("`disable`, `enable`, `delete` or `set_password`") {
        /// It cannot log in any more.
        Disable = "disable",
        /// It can again.
        Enable = "enable",
        /// It is gone.
        Delete = "delete",
        /// It has another password.
        SetPassword = "set_password",
    }
}

document! {
    /// Changes a user.
    pub struct ChangeUserDoc ("`change_user`") {
        /// The user.
        user: Spanned<Name>,
        /// What becomes of it.
        r#do: Spanned<UserChangeWord>,
        /// The new password, with `set_password`.
        password: Option<Spanned<Raw>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Bounds what can be granted in an account, from above.
    pub struct BoundsDoc ("`bounds`") {
        /// One list of policies a level, from the top.
        levels: Vec<Vec<Spanned<Title>>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Makes, edits or deletes the agency of the service.
    pub struct AgencyDoc ("`agency`") {
        /// What it covers from now on.
        covers: Spanned<Vec<Spanned<TrustWord>>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Asks for a token.
    pub struct GetTokenDoc ("`get_token`") {
        /// What the token is called from now on.
        r#as: Spanned<Name>,
        /// Who asks.
        user: Spanned<Name>,
        /// With which password.
        password: Spanned<Raw>,
        /// A project, or `global`; without it, the project `cn-north-4`.
        r#for: Option<Spanned<Name>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Has a token checked with another.
    pub struct CheckTokenDoc ("`check_token`") {
        /// The token.
        token: Spanned<Name>,
        /// The token with which the call is made.
        using: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

words! {
    /// Whether something may be done.
    pub enum AnswerWord ("`allow` or `deny`") {
        /// It may.
        Allow = "allow",
        /// It may not.
        Deny = "deny",
    }
}

document! {
    /// Asks whether whoever the step says may do something, and says what the answer must be.
    pub struct PermissionDoc ("`permission`") {
        /// An operation of console or interface by its name, or any action in full.
        r#do: Spanned<Raw>,
        /// A phone, or a resource in full.
        on: Option<Spanned<Raw>>,
        /// The enterprise project of the resource, where it is in one.
        enterprise_project: Option<Spanned<Name>>,
        /// What else the request says, by key.
        keys: Option<Named<Spanned<Vec<Spanned<Raw>>>, Raw>>,
        /// Whether a second factor was given; without it, that is not known.
        second_factor: Option<Spanned<OnOff>>,
        /// How long ago it was given; without it, just now.
        second_factor_age: Option<Spanned<Length>>,
        /// The answer that must be given; without it, another step says what must be seen.
        answer: Option<Spanned<AnswerWord>>,
        /// The statements that determine it, as `policy Statement[0]`.
        by: Option<Spanned<Vec<Spanned<Raw>>>>,
        /// Why, in words.
        because: Option<Spanned<Raw>>,
        /// A rule that the answer follows.
        rule: Option<Spanned<RuleName>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
    Needs ["second_factor_age", "second_factor"];
    Needs ["by", "answer"];
    Needs ["because", "answer"];
    Needs ["rule", "answer"];
}

document! {
    /// What a user has.
    pub struct ExpectUserDoc ("an expectation of a user") {
        /// The user.
        user: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
        /// Its groups.
        groups: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether it can log in.
        enabled: Option<Spanned<YesNo>>,
        /// How many tokens it was given.
        tokens: Option<Spanned<crate::read::Number<0, 1_000_000>>>,
        /// Whether it never asked for a token while an older one for the same still held.
        keeps_tokens: Option<Spanned<YesNo>>,
    }
    AtLeastOne ["groups", "enabled", "tokens", "keeps_tokens"];
}

document! {
    /// What a token is.
    pub struct ExpectTokenDoc ("an expectation of a token") {
        /// The token.
        token: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
        /// Whether it holds.
        holds: Spanned<YesNo>,
        /// The first instant at which it does not hold any more.
        expires: Option<Spanned<crate::read::Moment>>,
    }
}
