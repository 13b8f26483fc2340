//! Streaming sessions of phones.

use crate::read::Name;
use crate::span::Spanned;
use crate::{document, words};

words! {
    /// For what a stream is meant.
    pub enum StreamWord ("`sdk` or `h5`") {
        /// For the kit for Android.
        Sdk = "sdk",
        /// For a page in a browser.
        H5 = "h5",
    }
}

document! {
    /// Prepares phones for a streaming session each.
    pub struct PrepareDoc ("`prepare`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// For whom, where that is to be checked.
        member: Option<Spanned<Name>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
}

document! {
    /// Asks for the token of a stream.
    pub struct AuthoriseDoc ("`authorise`") {
        /// The phone.
        phone: Spanned<Name>,
        /// For what the stream is meant; without it, the kit for Android.
        stream: Option<Spanned<StreamWord>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// A device and the stream of a phone.
    pub struct ViewerDoc ("a device at a stream") {
        /// The phone.
        phone: Spanned<Name>,
        /// The device.
        device: Spanned<Name>,
        /// Whose phone, where several accounts have one of that name.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Ends the sessions of phones.
    pub struct ReleaseSessionDoc ("`release_session`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
}
