//! Organisations, members, their clients, and what is controlled in phones, as a scenario writes them.

use super::{Fields, on_off, yes_no};
use koosim_model::command::{ClientOp, Control, ControlOp, Deed, Login, OrganisationOp};
use koosim_model::name::{AppId, AppListId};

impl Fields {
    /// The fields of a request about organisations; gives the verb.
    pub(super) fn organisation(&mut self, op: &OrganisationOp) -> &'static str {
        match op {
            OrganisationOp::Create { organisation } => {
                self.name("organisation", organisation.as_str());
                "create_organisation"
            }
            OrganisationOp::AddDepartment { organisation, department, under, code } => {
                self.name("organisation", organisation.as_str());
                self.name("department", department.as_str());
                under.iter().for_each(|under| self.name("under", under.as_str()));
                code.iter().for_each(|code| self.name("code", code));
                "add_department"
            }
            OrganisationOp::EditDepartment { organisation, department, code } => {
                self.name("organisation", organisation.as_str());
                self.name("department", department.as_str());
                code.iter().for_each(|code| self.name("code", code));
                "edit_department"
            }
            OrganisationOp::RemoveDepartment { organisation, department } => {
                self.name("organisation", organisation.as_str());
                self.name("department", department.as_str());
                "remove_department"
            }
            OrganisationOp::AddMember { member, organisation, department, password } => {
                self.name("member", member.as_str());
                self.name("organisation", organisation.as_str());
                department.iter().for_each(|d| self.name("department", d.as_str()));
                password.iter().for_each(|password| self.name("password", password));
                "add_member"
            }
            OrganisationOp::SetPassword { member, password } => {
                self.name("member", member.as_str());
                password.iter().for_each(|password| self.name("password", password));
                "set_member_password"
            }
            OrganisationOp::RemoveMember { member } => {
                self.name("member", member.as_str());
                "remove_member"
            }
        }
    }

    fn login(&mut self, login: &Login) {
        self.name("member", login.member.as_str());
        self.name("device", login.device.as_str());
        self.word("client", &login.client);
        if let Some((major, minor)) = login.version {
            self.name("android", &format!("{major}.{minor}"));
        }
        login.password.iter().for_each(|password| self.name("password", password));
        self.add("code", yes_no(login.code));
        self.add("trust", yes_no(login.trust));
        self.add("accept", yes_no(login.accepts));
        login.new_password.iter().for_each(|password| self.name("new_password", password));
    }

    fn deed(&mut self, deed: &Deed) {
        let (word, app) = match deed {
            Deed::Screenshot => ("screenshot", None),
            Deed::Watch => ("watch", None),
            Deed::Paste => ("paste", None),
            Deed::Call => ("call", None),
            Deed::Install(app) => ("install", Some(app)),
            Deed::Uninstall(app) => ("uninstall", Some(app)),
        };
        self.add("do", word);
        app.iter().for_each(|app| self.name("app", app.as_str()));
    }

    /// The fields of what a member does; gives the verb.
    pub(super) fn client(&mut self, op: &ClientOp) -> &'static str {
        let (device, verb) = match op {
            ClientOp::LogIn(login) => {
                self.login(login);
                return "log_in";
            }
            ClientOp::LogOut { device } => (device, "log_out"),
            ClientOp::Leave { device } => (device, "leave"),
            ClientOp::Enter { device, phone } => {
                phone.iter().for_each(|phone| self.name("phone", phone.as_str()));
                (device, "enter")
            }
            ClientOp::Consent { device, given } => {
                self.add("on", on_off(*given));
                (device, "consent")
            }
            ClientOp::Try { device, deed } => {
                self.deed(deed);
                (device, "try")
            }
        };
        self.name("device", device.as_str());
        verb
    }

    fn apps(&mut self, apps: &[AppId]) {
        self.names("apps", apps.iter().map(AppId::as_str));
    }

    /// The fields of what is controlled in phones; gives the verb.
    pub(super) fn control(&mut self, op: &ControlOp) -> &'static str {
        match op {
            ControlOp::Set { phones, control, on } => {
                self.phones(phones);
                let control = match control {
                    Control::AntiScreenshot => "anti_screenshot",
                    Control::Watermark => "watermark",
                    Control::Encryption => "encryption",
                };
                self.add(control, on_off(*on));
                "control"
            }
            ControlOp::SetList { list, kind, apps } => {
                self.name("list", list.as_str());
                self.word("kind", kind);
                self.apps(apps);
                "app_list"
            }
            ControlOp::EnableList { list, on } => {
                self.name("list", list.as_str());
                self.add("on", on_off(*on));
                "enable_list"
            }
            ControlOp::AttachList { list, phones, on } => {
                self.name("list", list.as_str());
                self.phones(phones);
                self.add("on", on_off(*on));
                "attach_list"
            }
            ControlOp::RemoveLists { lists } => {
                self.names("lists", lists.iter().map(AppListId::as_str));
                "remove_lists"
            }
            ControlOp::Upload { app, version, file } => {
                self.name("app", app.as_str());
                self.add("version", version);
                self.name("file", file);
                "upload_app"
            }
            ControlOp::Distribute { app, phones, kind } => {
                self.name("app", app.as_str());
                self.phones(phones);
                self.word("do", kind);
                "distribute_app"
            }
        }
    }
}
