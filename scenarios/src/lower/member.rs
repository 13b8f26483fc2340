//! Organisations, members, their clients, and what is controlled in phones, to commands and
//! expectations.

use super::commands::placed;
use super::{Lowering, Placed};
use crate::diagnostic::{Code, Diagnostic};
use crate::expect::{EventExpectation, Expectation, MemberExpectation};
use crate::grammar::{
    ClientWord, ControlDoc, DeedWord, DepartmentDoc, DistributeAppDoc, ExpectMemberDoc, ListWord,
    LogInDoc, OnOff, StepDoc, TaskWord, TryDoc, ValueDoc, VerbDoc,
};
use crate::read::{FromText, Name, Raw, YesNo};
use crate::span::Spanned;
use koosim_model::command::{
    ClientKind, ClientOp, Control, ControlOp, Deed, ListKind, Login, Op, OrganisationOp, TaskKind,
};
use koosim_model::name::{
    AppId, AppListId, DepartmentId, DeviceId, MemberId, OrganisationId, PhoneId,
};

/// The kind of file that the library takes.
const PACKAGE: &str = "apk";

fn on(word: &Spanned<OnOff>) -> bool {
    word.value == OnOff::On
}

fn text(raw: &Option<Spanned<Raw>>) -> Option<String> {
    raw.as_ref().map(ToString::to_string)
}

fn yes(word: Option<Spanned<YesNo>>, without: bool) -> bool {
    word.map_or(without, |word| word.value.0)
}

impl<'d> Lowering<'d, '_> {
    /// The commands of one of these verbs.
    pub(super) fn member_commands(&mut self, step: &'d StepDoc) -> Vec<Placed> {
        let one = match &step.verb {
            VerbDoc::Control(doc) => return self.controls(doc),
            VerbDoc::AttachList(doc) => {
                let Ok(list) = AppListId::new(doc.list.as_str()) else { return vec![] };
                let calls = self.calls(&doc.phone, &doc.phones, &doc.account).into_iter();
                let attach =
                    |phones| ControlOp::AttachList { list: list.clone(), phones, on: on(&doc.on) };
                return calls
                    .map(|(account, phones, span)| {
                        placed(&account, Op::Control(Box::new(attach(phones))), span)
                    })
                    .collect();
            }
            VerbDoc::DistributeApp(doc) => return self.distribute(doc),
            VerbDoc::AppList(_)
            | VerbDoc::EnableList(_)
            | VerbDoc::RemoveLists(_)
            | VerbDoc::UploadApp(_) => self.library(&step.verb),
            VerbDoc::LogIn(_)
            | VerbDoc::LogOut(_)
            | VerbDoc::Enter(_)
            | VerbDoc::Leave(_)
            | VerbDoc::Consent(_)
            | VerbDoc::Try(_) => self.client(&step.verb),
            verb => self.organisation(verb),
        };
        one.into_iter().collect()
    }

    fn organisation(&mut self, verb: &VerbDoc) -> Option<Placed> {
        let (op, account, head) = match verb {
            VerbDoc::CreateOrganisation(doc) => {
                let organisation = OrganisationId::new(doc.organisation.as_str()).ok()?;
                (OrganisationOp::Create { organisation }, &doc.account, doc.head)
            }
            VerbDoc::AddDepartment(doc) => {
                let (organisation, department) = department(doc)?;
                let under = doc.under.as_ref().and_then(|u| DepartmentId::new(u.as_str()).ok());
                let code = text(&doc.code);
                let op = OrganisationOp::AddDepartment { organisation, department, under, code };
                (op, &doc.account, doc.head)
            }
            VerbDoc::EditDepartment(doc) => {
                let (organisation, department) = department(doc)?;
                let code = text(&doc.code);
                let op = OrganisationOp::EditDepartment { organisation, department, code };
                (op, &doc.account, doc.head)
            }
            VerbDoc::RemoveDepartment(doc) => {
                let (organisation, department) = department(doc)?;
                let op = OrganisationOp::RemoveDepartment { organisation, department };
                (op, &doc.account, doc.head)
            }
            VerbDoc::AddMember(doc) => {
                let op = OrganisationOp::AddMember {
                    member: MemberId::new(doc.member.as_str()).ok()?,
                    organisation: OrganisationId::new(doc.organisation.as_str()).ok()?,
                    department: doc
                        .department
                        .as_ref()
                        .and_then(|name| DepartmentId::new(name.as_str()).ok()),
                    password: text(&doc.password),
                };
                (op, &doc.account, doc.head)
            }
            VerbDoc::SetMemberPassword(doc) => {
                let member = MemberId::new(doc.member.as_str()).ok()?;
                let op = OrganisationOp::SetPassword { member, password: text(&doc.password) };
                (op, &doc.account, doc.head)
            }
            VerbDoc::RemoveMember(doc) => {
                let member = MemberId::new(doc.member.as_str()).ok()?;
                (OrganisationOp::RemoveMember { member }, &doc.account, doc.head)
            }
            _ => return None,
        };
        let account = self.account_or_only(account, head)?;
        Some(placed(&account, Op::Organise(Box::new(op)), head))
    }

    fn client(&mut self, verb: &VerbDoc) -> Option<Placed> {
        let device = |name: &Spanned<Name>| DeviceId::new(name.as_str()).ok();
        let (op, account, head) = match verb {
            VerbDoc::LogIn(doc) => (ClientOp::LogIn(login(doc)?), &doc.account, doc.head),
            VerbDoc::LogOut(doc) => {
                (ClientOp::LogOut { device: device(&doc.device)? }, &doc.account, doc.head)
            }
            VerbDoc::Leave(doc) => {
                (ClientOp::Leave { device: device(&doc.device)? }, &doc.account, doc.head)
            }
            VerbDoc::Enter(doc) => {
                let phone = doc.phone.as_ref().and_then(|name| PhoneId::new(name.as_str()).ok());
                (ClientOp::Enter { device: device(&doc.device)?, phone }, &doc.account, doc.head)
            }
            VerbDoc::Consent(doc) => {
                let op = ClientOp::Consent { device: device(&doc.device)?, given: on(&doc.on) };
                (op, &doc.account, doc.head)
            }
            VerbDoc::Try(doc) => {
                let op = ClientOp::Try { device: device(&doc.device)?, deed: self.deed(doc)? };
                (op, &doc.account, doc.head)
            }
            _ => return None,
        };
        let account = self.account_or_only(account, head)?;
        Some(placed(&account, Op::Client(Box::new(op)), head))
    }

    fn deed(&mut self, doc: &TryDoc) -> Option<Deed> {
        let app = doc.app.as_ref().and_then(|app| AppId::new(app.as_str()).ok());
        let with_app = matches!(doc.r#do.value, DeedWord::Install | DeedWord::Uninstall);
        if with_app != app.is_some() {
            let message = "`app` goes with `install` and `uninstall`";
            let label = if with_app { "needs `app`" } else { "of no use" };
            self.out.push(Diagnostic::error(Code::BadValue, doc.r#do.span, message, label));
            return None;
        }
        Some(match (doc.r#do.value, app) {
            (DeedWord::Install, Some(app)) => Deed::Install(app),
            (DeedWord::Uninstall, Some(app)) => Deed::Uninstall(app),
            (DeedWord::Watch, _) => Deed::Watch,
            (DeedWord::Paste, _) => Deed::Paste,
            (DeedWord::Call, _) => Deed::Call,
            _ => Deed::Screenshot,
        })
    }

    fn controls(&mut self, doc: &'d ControlDoc) -> Vec<Placed> {
        let choices = [
            (Control::AntiScreenshot, &doc.anti_screenshot),
            (Control::Watermark, &doc.watermark),
            (Control::Encryption, &doc.encryption),
        ];
        let chosen =
            choices.into_iter().find_map(|(control, word)| Some((control, word.as_ref()?)));
        let Some((control, word)) = chosen else { return vec![] };
        let calls = self.calls(&doc.phone, &doc.phones, &doc.account).into_iter();
        calls
            .map(|(account, phones, span)| {
                let op = ControlOp::Set { phones, control, on: on(word) };
                placed(&account, Op::Control(Box::new(op)), span)
            })
            .collect()
    }

    fn distribute(&mut self, doc: &'d DistributeAppDoc) -> Vec<Placed> {
        let Ok(app) = AppId::new(doc.app.as_str()) else { return vec![] };
        let kind = match doc.r#do.map(|word| word.value) {
            Some(TaskWord::Uninstall) => TaskKind::Uninstall,
            Some(TaskWord::Install) | None => TaskKind::Install,
        };
        let calls = self.calls(&doc.phone, &doc.phones, &doc.account).into_iter();
        calls
            .map(|(account, phones, span)| {
                let op = ControlOp::Distribute { app: app.clone(), phones, kind };
                placed(&account, Op::Control(Box::new(op)), span)
            })
            .collect()
    }

    fn library(&mut self, verb: &VerbDoc) -> Option<Placed> {
        let (op, account, head) = match verb {
            VerbDoc::AppList(doc) => {
                let kind = match doc.kind.value {
                    ListWord::Black => ListKind::Black,
                    ListWord::White => ListKind::White,
                };
                let list = AppListId::new(doc.list.as_str()).ok()?;
                let apps = doc.apps.value.iter().filter_map(|app| AppId::new(app.as_str()).ok());
                let op = ControlOp::SetList { list, kind, apps: apps.collect() };
                (op, &doc.account, doc.head)
            }
            VerbDoc::EnableList(doc) => {
                let list = AppListId::new(doc.list.as_str()).ok()?;
                (ControlOp::EnableList { list, on: on(&doc.on) }, &doc.account, doc.head)
            }
            VerbDoc::RemoveLists(doc) => {
                let names = doc.lists.value.iter();
                let lists = names.filter_map(|list| AppListId::new(list.as_str()).ok()).collect();
                (ControlOp::RemoveLists { lists }, &doc.account, doc.head)
            }
            VerbDoc::UploadApp(doc) => {
                let app = AppId::new(doc.app.as_str()).ok()?;
                let version = u32::try_from(doc.version.get()).ok()?;
                let file = text(&doc.file).unwrap_or_else(|| PACKAGE.to_owned());
                (ControlOp::Upload { app, version, file }, &doc.account, doc.head)
            }
            _ => return None,
        };
        let account = self.account_or_only(account, head)?;
        Some(placed(&account, Op::Control(Box::new(op)), head))
    }

    /// What must be seen of the answer to a deed, if the step says so.
    pub(super) fn deed_answered(&mut self, step: &'d StepDoc) -> Option<Expectation> {
        let VerbDoc::Try(doc) = &step.verb else { return None };
        let answer = doc.answer?;
        let account = self.account_or_only(&doc.account, doc.head)?;
        let rule = self.rule(&doc.rule)?;
        let raw = Raw::from_text(answer.as_str()).ok()?;
        let value = ValueDoc::Text(Spanned::new(raw, answer.span));
        let mut fields = vec![("answer".to_owned(), value)];
        if let Some(because) = &doc.because {
            fields.push(("because".to_owned(), ValueDoc::Text(because.clone())));
        }
        let (kind, account) = ("deed_answered", Some(account));
        let (phone, times) = (None, None);
        Some(Expectation::Event(EventExpectation { kind, account, phone, fields, rule, times }))
    }

    pub(super) fn member_expectation(&mut self, doc: &ExpectMemberDoc) -> Option<Expectation> {
        let account = self.account_or_only(&doc.account, doc.head)?;
        let names = |names: &Option<Spanned<Vec<Spanned<Name>>>>| {
            names.as_ref().map(|names| names.value.iter().map(ToString::to_string).collect())
        };
        Some(Expectation::Member(MemberExpectation {
            account,
            member: MemberId::new(doc.member.as_str()).ok()?,
            department: doc.department.as_ref().map(ToString::to_string),
            phones: names(&doc.phones),
            devices: names(&doc.devices),
            temporary_password: doc.temporary_password.map(|yes| yes.value.0),
        }))
    }
}

fn department(doc: &DepartmentDoc) -> Option<(OrganisationId, DepartmentId)> {
    let organisation = OrganisationId::new(doc.organisation.as_str()).ok()?;
    Some((organisation, DepartmentId::new(doc.department.as_str()).ok()?))
}

fn login(doc: &LogInDoc) -> Option<Login> {
    Some(Login {
        member: MemberId::new(doc.member.as_str()).ok()?,
        device: DeviceId::new(doc.device.as_str()).ok()?,
        client: match doc.client.value {
            ClientWord::Android => ClientKind::Android,
            ClientWord::Ios => ClientKind::Ios,
            ClientWord::Browser => ClientKind::Browser,
        },
        version: doc.android.map(|version| (version.value.major, version.value.minor)),
        password: text(&doc.password),
        code: yes(doc.code, true),
        trust: yes(doc.trust, false),
        accepts: yes(doc.accept, true),
        new_password: text(&doc.new_password),
    })
}
