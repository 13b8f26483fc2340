//! What the console controls in phones, and the apps in them.

use crate::command::{Control, ListKind, TaskKind};
use crate::name::{AppId, AppListId, PhoneId};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

payloads! {
    /// Something was switched on or off in a phone (P4.9).
    pub struct ControlSet {
        /// Which phone.
        phone: PhoneId,
        /// What.
        control: Control,
        /// Whether it is on.
        on: bool,
    }
    /// A list of apps was made, or says something else (P4.9).
    pub struct AppListSet {
        /// Which.
        list: AppListId,
        /// What it does.
        kind: ListKind,
        /// What is on it.
        apps: Vec<AppId>,
    }
    /// A list of apps counts from now on, or not any more (P4.9).
    pub struct AppListEnabled {
        /// Which.
        list: AppListId,
        /// Whether it counts.
        on: bool,
    }
    /// A list of apps is attached to a phone, or not any more (P4.9).
    pub struct AppListAttached {
        /// Which phone.
        phone: PhoneId,
        /// Which list.
        list: AppListId,
        /// Whether it is attached.
        on: bool,
    }
    /// A list of apps is gone, from every phone (P4.9).
    pub struct AppListRemoved {
        /// Which.
        list: AppListId,
    }
    /// The library has an app, or a newer version of it (P4.10).
    pub struct AppUploaded {
        /// The package.
        app: AppId,
        /// Its version.
        version: u32,
    }
    /// A task of the library began (P4.10).
    pub struct AppTaskStarted {
        /// Its number in the account, from 1.
        task: u32,
        /// What it does.
        kind: TaskKind,
        /// With which app.
        app: AppId,
        /// Which version.
        version: u32,
        /// In which phones.
        phones: Vec<PhoneId>,
        /// When it is done.
        until: SimTime,
    }
    /// An app is in a phone (P4.10).
    pub struct AppInstalled {
        /// Which phone.
        phone: PhoneId,
        /// Which app.
        app: AppId,
        /// Its version.
        version: u32,
        /// The version that was there before.
        before: Option<u32>,
    }
    /// An app is in a phone no more (P4.10).
    pub struct AppUninstalled {
        /// Which phone.
        phone: PhoneId,
        /// Which app.
        app: AppId,
    }
    /// A task of the library is over (P4.10).
    pub struct AppTaskDone {
        /// Its number.
        task: u32,
        /// In how many phones it did something.
        done: u32,
        /// In how many it could not.
        failed: u32,
    }
}
