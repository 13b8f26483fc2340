//! Why somebody was refused, where it is a matter of who asks and not of what.

use crate::name::{GroupId, TokenId, UserId};
use crate::state::PolicyName;
use serde::{Deserialize, Serialize};

/// Declares the reasons with their names, each once.
macro_rules! denials {
    ($($(#[doc = $doc:literal])* #[error($text:literal)] $kind:ident $(($field:ty))? = $name:literal,)*) => {
        /// Why somebody was refused. Where several reasons hold, the first in this order is given.
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Denial {
            $($(#[doc = $doc])* #[error($text)] $kind $(($field))?,)*
        }

        impl Denial {
            /// Every reason's name, in the order in which they are looked for.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The reason's name in logs and scenarios.
            pub fn name(&self) -> &'static str {
                match self { $(denials!(@pattern $kind $(($field))?) => $name,)* }
            }
        }
    };
    (@pattern $kind:ident) => { Self::$kind };
    (@pattern $kind:ident ($field:ty)) => { Self::$kind(_) };
}

denials! {
    /// The account has no such user.
    #[error("there is no user `{0}`")]
    UnknownUser(UserId) = "unknown_user",
    /// The account has no such group.
    #[error("there is no group `{0}`")]
    UnknownGroup(GroupId) = "unknown_group",
    /// Neither the account nor the service has such a policy.
    #[error("there is no policy `{0}`")]
    UnknownPolicy(PolicyName) = "unknown_policy",
    /// No such token was given out.
    #[error("there is no token `{0}`")]
    UnknownToken(TokenId) = "unknown_token",
    /// A token ended before its time (A5.3).
    #[error("token `{0}` was revoked")]
    TokenRevoked(TokenId) = "token_revoked",
    /// The life of a token is over (A5.2).
    #[error("token `{0}` has expired")]
    TokenExpired(TokenId) = "token_expired",
    /// The service wants a token of a project (A5.1).
    #[error("token `{0}` is not one of a project")]
    TokenWithoutProject(TokenId) = "token_without_project",
    /// The password is another one (A5.1).
    #[error("the password is not right")]
    WrongPassword = "wrong_password",
    /// The user cannot log in (A5.1).
    #[error("the user is disabled")]
    UserDisabled = "user_disabled",
    /// Something of that name is there already.
    #[error("the name is taken")]
    NameTaken = "name_taken",
    /// There is no such operation, action, resource or key to ask for.
    #[error("nothing like that can be asked for: {0}")]
    NotAskable(String) = "not_askable",
    /// Members use the client, and not console or interface (A1.7).
    #[error("members use the client, and not console or interface")]
    MemberOfTheClient = "member_of_the_client",
    /// No permission, and why not (A2.1).
    #[error("no permission: {0}")]
    NoPermission(String) = "no_permission",
    /// The service may not do its part (A1.12).
    #[error("the agency `kp_cph_trust` does not cover {0}")]
    AgencyMissing(String) = "agency_missing",
    /// It belongs to the service (A2.5).
    #[error("policy `{0}` belongs to the service")]
    PolicyOfTheService(PolicyName) = "policy_of_the_service",
    /// The text is not a policy (A2.9, A2.10).
    #[error("that is no policy: {0}")]
    NotAPolicy(String) = "not_a_policy",
    /// It is so already, or is not so.
    #[error("nothing would change")]
    NothingToChange = "nothing_to_change",
}
