//! What the console controls in phones: security, lists of apps, and the library.

use super::verbs::OnOff;
use crate::read::{Name, Number, Raw};
use crate::span::Spanned;
use crate::{document, words};

document! {
    /// Switches security control of phones on or off.
    pub struct ControlDoc ("`control`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones, each by itself.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether screenshots are blocked.
        anti_screenshot: Option<Spanned<OnOff>>,
        /// Whether the picture shows the id of the phone.
        watermark: Option<Spanned<OnOff>>,
        /// Whether the stream is encrypted.
        encryption: Option<Spanned<OnOff>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
    ExactlyOne ["anti_screenshot", "watermark", "encryption"];
}

words! {
    /// What a list of apps does.
    pub enum ListWord ("`black` or `white`") {
        /// Phones with it cannot install what is on it.
        Black = "black",
        /// Phones with it can install only what is on it.
        White = "white",
    }
}

document! {
    /// Makes a list of apps, or says anew what is on it.
    pub struct AppListDoc ("`app_list`") {
        /// Its name.
        list: Spanned<Name>,
        /// What it does.
        kind: Spanned<ListWord>,
        /// What is on it.
        apps: Spanned<Vec<Spanned<Name>>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Attaches a list of apps to phones, or takes it off.
    pub struct AttachListDoc ("`attach_list`") {
        /// Which list.
        list: Spanned<Name>,
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones, each by itself.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether it is attached from now on.
        on: Spanned<OnOff>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
}

document! {
    /// Lets a list of apps count, or not.
    pub struct EnableListDoc ("`enable_list`") {
        /// Which list.
        list: Spanned<Name>,
        /// Whether it counts from now on.
        on: Spanned<OnOff>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Deletes lists of apps.
    pub struct RemoveListsDoc ("`remove_lists`") {
        /// Which.
        lists: Spanned<Vec<Spanned<Name>>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Puts an app into the library, or a newer version of it.
    pub struct UploadAppDoc ("`upload_app`") {
        /// The package.
        app: Spanned<Name>,
        /// Its version.
        version: Spanned<Number<1, 1_000_000>>,
        /// What kind of file it is; without it, `apk`.
        file: Option<Spanned<Raw>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

words! {
    /// What a task of the library does.
    pub enum TaskWord ("`install` or `uninstall`") {
        /// It installs an app, or brings it up to date.
        Install = "install",
        /// It removes it.
        Uninstall = "uninstall",
    }
}

document! {
    /// Installs an app of the library in phones, or removes it from them.
    pub struct DistributeAppDoc ("`distribute_app`") {
        /// Which app.
        app: Spanned<Name>,
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones, by one task.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// What is done; without it, `install`.
        r#do: Option<Spanned<TaskWord>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
}

words! {
    /// What is switched on in a phone.
    pub enum ControlWord ("a control") {
        /// Screenshots are blocked.
        AntiScreenshot = "anti_screenshot",
        /// The picture shows the id of the phone.
        Watermark = "watermark",
        /// The stream is encrypted.
        Encryption = "encryption",
    }
}
