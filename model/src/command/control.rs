//! What the console controls in phones: security, lists of apps, the library and its tasks.

use crate::name::{AppId, AppListId, PhoneId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What can be switched on and off in a phone (P4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// No screenshots of its picture.
    AntiScreenshot,
    /// Its id in the picture.
    Watermark,
    /// An encrypted stream.
    Encryption,
}

impl Control {
    /// The word in logs and scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AntiScreenshot => "anti_screenshot",
            Self::Watermark => "watermark",
            Self::Encryption => "encryption",
        }
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a list of apps does to the phones that it is attached to (P4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// They cannot install what is on it.
    Black,
    /// They can install only what is on it.
    White,
}

/// What a task of the library does (P4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// It installs an app, or brings an older one up to date.
    Install,
    /// It removes it.
    Uninstall,
}

/// What the console controls in phones (P4.9, P4.10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlOp {
    /// Switches something on or off.
    Set {
        /// In which phones.
        phones: Vec<PhoneId>,
        /// What.
        control: Control,
        /// Whether it is on from now on.
        on: bool,
    },
    /// Makes a list of apps, or says anew what is on it.
    SetList {
        /// Its name.
        list: AppListId,
        /// What it does.
        kind: ListKind,
        /// What is on it.
        apps: Vec<AppId>,
    },
    /// Lets a list count, or not.
    EnableList {
        /// Which.
        list: AppListId,
        /// Whether it counts.
        on: bool,
    },
    /// Attaches a list to phones, or takes it off.
    AttachList {
        /// Which list.
        list: AppListId,
        /// Which phones.
        phones: Vec<PhoneId>,
        /// Whether it is attached from now on.
        on: bool,
    },
    /// Deletes lists.
    RemoveLists {
        /// Which.
        lists: Vec<AppListId>,
    },
    /// Puts an app into the library, or a newer version of it (P4.10).
    Upload {
        /// The package.
        app: AppId,
        /// Its version.
        version: u32,
        /// What kind of file it is.
        file: String,
    },
    /// Installs an app of the library in phones, or removes it from them, by one task (P4.10).
    Distribute {
        /// Which app.
        app: AppId,
        /// In which phones.
        phones: Vec<PhoneId>,
        /// What is done.
        kind: TaskKind,
    },
}
