//! What the console controls in phones: switches, lists of apps, and the library with its tasks.

use crate::command::{Control, ListKind, TaskKind};
use crate::name::{AppId, AppListId, PhoneId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is controlled in one phone, and the apps that were installed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controls {
    /// What is switched on.
    pub on: BTreeSet<Control>,
    /// Lists that are attached.
    pub lists: BTreeSet<AppListId>,
    /// Apps and their versions.
    pub apps: BTreeMap<AppId, u32>,
}

/// A list of apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppList {
    /// What it does.
    pub kind: ListKind,
    /// What is on it.
    pub apps: BTreeSet<AppId>,
    /// Whether it counts.
    pub enabled: bool,
}

/// A task that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppTask {
    /// What it does.
    pub kind: TaskKind,
    /// With which app.
    pub app: AppId,
    /// Which version.
    pub version: u32,
    /// In which phones.
    pub phones: Vec<PhoneId>,
}

/// The library of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Lists of apps.
    pub lists: BTreeMap<AppListId, AppList>,
    /// Newest versions by package.
    pub apps: BTreeMap<AppId, u32>,
    /// Tasks under way, by number.
    pub tasks: BTreeMap<u32, AppTask>,
    /// Tasks begun so far.
    pub tasks_begun: u32,
}
