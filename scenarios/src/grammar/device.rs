//! The verbs of phones as devices, of their members, and of the world that freezes them.

use crate::read::{Moment, Name, Number};
use crate::span::Spanned;
use crate::{document, words};

document! {
    /// A phone, and who asks.
    pub struct PhoneDoc ("a phone") {
        /// The phone.
        phone: Spanned<Name>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Gives a phone to a member.
    pub struct BindDoc ("`bind`") {
        /// The phone.
        phone: Spanned<Name>,
        /// Who is to use it.
        member: Spanned<Name>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Takes a phone to another region.
    pub struct MoveDoc ("`move`") {
        /// The phone.
        phone: Spanned<Name>,
        /// Where to.
        region: Spanned<Name>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Reaches for a phone past its client.
    pub struct ConnectDoc ("`connect`") {
        /// The phone.
        phone: Spanned<Name>,
        /// How.
        by: Spanned<Way>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Freezes a phone, or lifts that freeze.
    pub struct FreezeDoc ("`freeze`") {
        /// The phone.
        phone: Spanned<Name>,
        /// Whose freeze it is.
        by: Spanned<Freezer>,
        /// In which account the phone is looked for; without it, the phone's own.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Verifies who the owner of an account is.
    pub struct VerifyDoc ("`verify`") {
        /// The account.
        account: Spanned<Name>,
        /// As what.
        r#as: Spanned<Verification>,
    }
}

document! {
    /// Promises an account other lengths of grace and retention.
    pub struct PromotionDoc ("`promotion`") {
        /// The account.
        account: Spanned<Name>,
        /// Days of grace instead of the tier's.
        grace_days: Option<Spanned<Number<0, 3650>>>,
        /// Days of retention instead of the tier's.
        retention_days: Option<Spanned<Number<0, 3650>>>,
        /// When it ends: an instant, or the end of a day.
        expires: Spanned<Moment>,
    }
    AtLeastOne ["grace_days", "retention_days"];
}

words! {
    /// A way to a phone that the layer below offers.
    pub enum Way ("`adb` or `vnc`") {
        /// The debug bridge.
        Adb = "adb",
        /// A remote desktop.
        Vnc = "vnc",
    }
}

words! {
    /// Who freezes a phone.
    pub enum Freezer ("`violation` or `police`") {
        /// The service, for a violation.
        Violation = "violation",
        /// Public security.
        Police = "police",
    }
}

words! {
    /// As what the owner of an account is verified.
    pub enum Verification ("`none`, `individual` or `enterprise`") {
        /// Not at all.
        None = "none",
        /// As a person.
        Individual = "individual",
        /// As an enterprise.
        Enterprise = "enterprise",
    }
}

words! {
    /// The system of a phone.
    pub enum SystemWord ("`AOSP11` or `AOSP14`") {
        /// AOSP 11.
        Aosp11 = "AOSP11",
        /// AOSP 14.
        Aosp14 = "AOSP14",
    }
}

words! {
    /// The network of a phone.
    pub enum NetworkWord ("`EIP` or `ADN`") {
        /// An elastic address of its own.
        Eip = "EIP",
        /// The network that is called ADN.
        Adn = "ADN",
    }
}

words! {
    /// Where a command comes in.
    pub enum Via ("`console` or `api`") {
        /// The console, which sells everything.
        Console = "console",
        /// The public interface.
        Api = "api",
    }
}

words! {
    /// The edition of a size.
    pub enum Edition ("`professional` or `enterprise`") {
        /// Professional.
        Professional = "professional",
        /// Enterprise, with security control.
        Enterprise = "enterprise",
    }
}
