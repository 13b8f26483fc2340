//! Why somebody was refused, where it is a matter of who asks and not of what.

use crate::command::ClientKind;
use crate::name::{
    AppId, AppListId, DepartmentId, GroupId, MemberId, OrganisationId, TokenId, UserId,
};
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
    /// The account has no such organisation.
    #[error("there is no organisation `{0}`")]
    UnknownOrganisation(OrganisationId) = "unknown_organisation",
    /// The organisation has no such department.
    #[error("there is no department `{0}`")]
    UnknownDepartment(DepartmentId) = "unknown_department",
    /// No organisation of the account has such a member.
    #[error("there is no member `{0}`")]
    UnknownMember(MemberId) = "unknown_member",
    /// The account has no phone yet (P3.1).
    #[error("an organisation needs a phone that was bought")]
    NoPhoneYet = "no_phone_yet",
    /// The account has as many organisations as it may (P3.1).
    #[error("there are as many organisations as there may be")]
    TooManyOrganisations = "too_many_organisations",
    /// The department came with the organisation (P3.2).
    #[error("the first department stays as it is")]
    FirstDepartment = "first_department",
    /// The department has departments or members (P3.2).
    #[error("the department is in use")]
    DepartmentInUse = "department_in_use",
    /// Phones are bound to the member.
    #[error("phones are bound to the member")]
    MemberHasPhones = "member_has_phones",
    /// The client does not run there (P4.8).
    #[error("the client does not run on this kind of device: {0}")]
    ClientNotSupported(ClientKind) = "client_not_supported",
    /// The agreements of the first start are not accepted (P4.5).
    #[error("the agreements are to be accepted")]
    AgreementsToAccept = "agreements_to_accept",
    /// The login needs the code that was sent (P4.5).
    #[error("the code is needed")]
    CodeNeeded = "code_needed",
    /// The password was for the first login alone (P3.3).
    #[error("the password is to be changed")]
    PasswordToChange = "password_to_change",
    /// The password is too short, or has no letters, no digits or blanks (P3.3).
    #[error("the password is too weak")]
    WeakPassword = "weak_password",
    /// Only browsers are trusted (P4.5).
    #[error("only a browser can be trusted")]
    NotABrowser = "not_a_browser",
    /// The member is logged in on as many devices as may be (P4.5).
    #[error("there are as many devices as there may be")]
    TooManyDevices = "too_many_devices",
    /// Nobody is logged in on the device (P4.5).
    #[error("nobody is logged in on the device")]
    NotLoggedIn = "not_logged_in",
    /// The phone is bound to somebody else or to nobody (P3.4).
    #[error("the phone is not bound to the member")]
    NotBoundToMember = "not_bound_to_member",
    /// Several phones are bound to the member (P4.5).
    #[error("one of several phones is to be picked")]
    PhoneToPick = "phone_to_pick",
    /// Another device is in the phone (P4.7, P3.7).
    #[error("another device is in the phone")]
    PhoneInUse = "phone_in_use",
    /// The device is in no phone (P4.5).
    #[error("the device is in no phone")]
    NotInAPhone = "not_in_a_phone",
    /// The edition of the phone has no security control (P4.9).
    #[error("the edition of the phone does not have it")]
    NotInEdition = "not_in_edition",
    /// The account has no such list of apps.
    #[error("there is no list of apps `{0}`")]
    UnknownAppList(AppListId) = "unknown_app_list",
    /// The library has no such app.
    #[error("there is no app `{0}` in the library")]
    UnknownApp(AppId) = "unknown_app",
    /// A list of the phone forbids the app (P4.9).
    #[error("the app is forbidden: {0}")]
    AppForbidden(String) = "app_forbidden",
    /// Phones install Android packages alone (P4.10).
    #[error("`{0}` is no Android package")]
    NotAPackage(String) = "not_a_package",
    /// The library has this version or a newer one (P4.10).
    #[error("the library has that version or a newer one")]
    VersionNotNewer = "version_not_newer",
    /// It is so already, or is not so.
    #[error("nothing would change")]
    NothingToChange = "nothing_to_change",
}
