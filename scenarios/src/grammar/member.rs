//! Organisations and members, and what members do with the client.

use super::AnswerWord;
use super::verbs::OnOff;
use crate::diagnostic::{Code, quoted};
use crate::read::{FromText, Name, Raw, RuleName, Wrong, YesNo};
use crate::span::Spanned;
use crate::{document, words};
use serde_json::json;

document! {
    /// Makes an organisation.
    pub struct CreateOrganisationDoc ("`create_organisation`") {
        /// Its name.
        organisation: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Adds a department, gives it another code, or deletes it.
    pub struct DepartmentDoc ("a department") {
        /// In which organisation.
        organisation: Spanned<Name>,
        /// Its name; the one that comes with the organisation is called `first`.
        department: Spanned<Name>,
        /// Below which it is added; without it, below the first.
        under: Option<Spanned<Name>>,
        /// A code of the customer's own.
        code: Option<Spanned<Raw>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Adds a member.
    pub struct AddMemberDoc ("`add_member`") {
        /// Its name.
        member: Spanned<Name>,
        /// In which organisation.
        organisation: Spanned<Name>,
        /// In which department; without it, in the first.
        department: Option<Spanned<Name>>,
        /// The password for the first login; without it, it is generated.
        password: Option<Spanned<Raw>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Gives a member a password for the next login.
    pub struct MemberPasswordDoc ("`set_member_password`") {
        /// The member.
        member: Spanned<Name>,
        /// The password; without it, it is generated.
        password: Option<Spanned<Raw>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// A member.
    pub struct MemberDoc ("a member") {
        /// The member.
        member: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

words! {
    /// Where the client runs.
    pub enum ClientWord ("`android`, `ios` or `browser`") {
        /// The application for Android.
        Android = "android",
        /// An application for iOS, which there is not.
        Ios = "ios",
        /// A page in a browser, also on iOS.
        Browser = "browser",
    }
}

/// A version with two numbers: `6.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl FromText for Version {
    const WHAT: &'static str = "a version";
    const PART: &'static str = "version";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let number = |n: &str| n.parse().ok().filter(|n| *n < 1_000_u32);
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        match (number(major), number(minor)) {
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            _ => Err(Wrong::new(
                Code::BadValue,
                format!("{} is not a version", quoted(text)),
                "write one or two numbers: `6.0`",
            )),
        }
    }
    fn part() -> serde_json::Value {
        json!({ "description": "A version such as `6.0`.", "type": ["string", "number"] })
    }
}

document! {
    /// A member logs in to the client.
    pub struct LogInDoc ("`log_in`") {
        /// Who.
        member: Spanned<Name>,
        /// On which device.
        device: Spanned<Name>,
        /// With which client.
        client: Spanned<ClientWord>,
        /// The version of Android on the device.
        android: Option<Spanned<Version>>,
        /// The password; without it, the right one.
        password: Option<Spanned<Raw>>,
        /// Whether the code that was sent is given; without it, yes.
        code: Option<Spanned<YesNo>>,
        /// Whether the browser is to be trusted from now on; without it, no.
        trust: Option<Spanned<YesNo>>,
        /// Whether the agreements of the first start are accepted; without it, yes.
        accept: Option<Spanned<YesNo>>,
        /// What the password is to be from now on.
        new_password: Option<Spanned<Raw>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// A device on which somebody is logged in.
    pub struct DeviceDoc ("a device") {
        /// The device.
        device: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Enters a phone.
    pub struct EnterDoc ("`enter`") {
        /// From which device.
        device: Spanned<Name>,
        /// Which phone; without it, the only one that is bound to the member.
        phone: Option<Spanned<Name>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Consents to pasting from a device, or not any more.
    pub struct ConsentDoc ("`consent`") {
        /// The device.
        device: Spanned<Name>,
        /// Whether the member consents.
        on: Spanned<OnOff>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

words! {
    /// What a member tries to do in a phone.
    pub enum DeedWord ("a deed") {
        /// To take a screenshot.
        Screenshot = "screenshot",
        /// To look at the picture.
        Watch = "watch",
        /// To paste from the device.
        Paste = "paste",
        /// To call by the number of the phone.
        Call = "call",
        /// To install an app from the store of the phone.
        Install = "install",
        /// To remove one.
        Uninstall = "uninstall",
    }
}

document! {
    /// A member tries to do something in the phone that its device is in.
    pub struct TryDoc ("`try`") {
        /// From which device.
        device: Spanned<Name>,
        /// What.
        r#do: Spanned<DeedWord>,
        /// The app to `install` or `uninstall`.
        app: Option<Spanned<Name>>,
        /// The answer that must be given; without it, another step says what must be seen.
        answer: Option<Spanned<AnswerWord>>,
        /// Why, in words.
        because: Option<Spanned<Raw>>,
        /// A rule that the answer follows.
        rule: Option<Spanned<RuleName>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
    Needs ["because", "answer"];
    Needs ["rule", "answer"];
}

document! {
    /// What a member is.
    pub struct ExpectMemberDoc ("an expectation of a member") {
        /// The member.
        member: Spanned<Name>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
        /// Its department.
        department: Option<Spanned<Name>>,
        /// The phones that are bound to it.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// The devices on which it is logged in.
        devices: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether it must change its password at the next login.
        temporary_password: Option<Spanned<YesNo>>,
    }
    AtLeastOne ["department", "phones", "devices", "temporary_password"];
}
