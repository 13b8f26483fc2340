//! One step: when, and what.

use super::coupon::GrantDoc;
use super::verbs::{
    AlertDoc, ApprovalDoc, AtExpiryDoc, AutoRenewDoc, BuyDoc, BuyTogetherDoc, ChangeSizeDoc,
    CreateDoc, DeductionDayDoc, DeleteDoc, DiscountDoc, FailDoc, MarkDoc, OfferDoc,
    PartnerFreezeDoc, PayDoc, PowerDoc, RenewDoc, ReviewDoc, SettlementDoc, SubscribeDoc,
    ToOnDemandDoc, TopUpDoc, UnifiedDayDoc, UnpaidOrderDoc, UnsubscribeDoc, VoidDoc, WithdrawDoc,
};
use super::{
    AddGroupDoc, AddMemberDoc, AddUserDoc, AgencyDoc, AppListDoc, AttachDoc, AttachListDoc,
    AuthoriseDoc, BindDoc, BoundsDoc, CallNewsDoc, ChangeNetworkDoc, ChangeUserDoc, CheckTokenDoc,
    ConnectDoc, ConsentDoc, ControlDoc, CreateOrganisationDoc, DepartmentDoc, DeviceDoc, DialDoc,
    DistributeAppDoc, EnableListDoc, EnterDoc, EventKind, ExpectDoc, FlowDoc, FlowNameDoc,
    FreezeDoc, GetTokenDoc, IncomingCallDoc, LinksDoc, LogInDoc, MemberDoc, MemberPasswordDoc,
    MembershipDoc, MessageDoc, MessageResultDoc, MoveDoc, PermissionDoc, PermitDoc, PhoneDoc,
    PrepareDoc, PromotionDoc, ReleaseSessionDoc, RemoveListsDoc, TrafficDoc, TrafficNameDoc,
    TryDoc, UploadAppDoc, VerifyDoc, ViewerDoc, WritePolicyDoc,
};
use crate::read::{FromText, Instant, Length, Name, Wrong};
use crate::span::Spanned;
use crate::{choice, document};
use serde_json::json;

document! {
    /// One thing that happens or must be seen. Without a time it is the instant of the step before.
    pub struct StepDoc ("a step") {
        /// The instant, UTC+8.
        at: Option<Spanned<Instant>>,
        /// A length of time after the step before, or a kind of event to wait for.
        after: Option<Spanned<After>>,
        /// With `after` and an event: the object it must be about.
        of: Option<Spanned<Name>>,
        /// With `after` and an event: how long to wait for it; without it, 1 day.
        within: Option<Spanned<Length>>,
        /// With `expect: silence`: up to which instant nothing may happen.
        until: Option<Spanned<Instant>>,
        /// Who acts: a user or a member; without it, the account itself.
        by: Option<Spanned<Name>>,
        /// The token with which somebody acts.
        with: Option<Spanned<Name>>,
        /// The project in which it is asked for, or `global`; without it, that of the phone.
        r#in: Option<Spanned<Name>>,
        ..
        /// What happens, or what must be seen.
        verb: VerbDoc,
    }
    AtMostOne ["at", "after", "until"];
    AtMostOne ["by", "with"];
    Needs ["of", "after"];
    Needs ["within", "after"];
}

choice! {
    /// What happens, or what must be seen.
    pub enum VerbDoc ("a verb") {
        /// Orders a phone, or several, for a term, and pays.
        Buy(BuyDoc) = "buy",
        /// Orders phones of several sizes or terms in one action, an order for each line, and pays.
        BuyTogether(BuyTogetherDoc) = "buy_together",
        /// Lets an account manager order for a customer, who is to confirm it.
        Offer(OfferDoc) = "offer",
        /// Creates a pay-per-use phone.
        Create(CreateDoc) = "create",
        /// Deletes a pay-per-use phone.
        Delete(DeleteDoc) = "delete",
        /// Agrees to an order that an account manager placed.
        ConfirmOrder(UnpaidOrderDoc) = "confirm_order",
        /// Says whether orders wait for approval.
        Approval(ApprovalDoc) = "approval",
        /// Approves an order, so that it can be paid.
        ApproveOrder(UnpaidOrderDoc) = "approve_order",
        /// Refuses the approval of an order.
        RefuseOrder(UnpaidOrderDoc) = "refuse_order",
        /// Pays orders that wait for payment, all of them or none.
        Pay(PayDoc) = "pay",
        /// Cancels an order that is not paid.
        CancelOrder(UnpaidOrderDoc) = "cancel_order",
        /// Renews a subscription by hand.
        Renew(RenewDoc) = "renew",
        /// Turns auto-renewal on or off.
        AutoRenew(AutoRenewDoc) = "auto_renew",
        /// Sets the day before expiry on which auto-renewals are deducted.
        DeductionDay(DeductionDayDoc) = "deduction_day",
        /// Sets the day of the month up to which renewals run that ask for it.
        UnifiedDay(UnifiedDayDoc) = "unified_day",
        /// Says what happens at the end of a subscription that nothing renews.
        AtExpiry(AtExpiryDoc) = "at_expiry",
        /// Moves subscribed phones to on-demand at once.
        ToOnDemand(ToOnDemandDoc) = "to_on_demand",
        /// Orders a subscription for a phone that is charged by use, and pays.
        Subscribe(SubscribeDoc) = "subscribe",
        /// Lets a partner freeze its customer, or lift that.
        PartnerFreeze(PartnerFreezeDoc) = "partner_freeze",
        /// Ends a subscription early.
        Unsubscribe(UnsubscribeDoc) = "unsubscribe",
        /// Changes the size of a subscribed phone.
        ChangeSize(ChangeSizeDoc) = "change_size",
        /// The account manager answers the review of a large unsubscription.
        Review(ReviewDoc) = "review",
        /// The service notes how a phone was had.
        Mark(MarkDoc) = "mark",
        /// The service finds that an account misuses the five-day right.
        VoidFiveDayRight(VoidDoc) = "void_five_day_right",
        /// Switches a phone on or off.
        Power(PowerDoc) = "power",
        /// Switches a running phone off and on again.
        Restart(PhoneDoc) = "restart",
        /// Initialises a phone; its member keeps it.
        Reset(PhoneDoc) = "reset",
        /// Writes the data of a phone to the object store and frees its slot.
        BackUp(PhoneDoc) = "back_up",
        /// Brings the data of a phone back to a slot.
        Restore(PhoneDoc) = "restore",
        /// Lets the backup or restore that a phone is in the middle of fail.
        FailOperation(PhoneDoc) = "fail_operation",
        /// Gives a phone to a member.
        Bind(BindDoc) = "bind",
        /// Takes a phone from its member; its data are wiped.
        Unbind(PhoneDoc) = "unbind",
        /// Takes a phone to another region.
        Move(MoveDoc) = "move",
        /// Reaches for a phone past its client.
        Connect(ConnectDoc) = "connect",
        /// Releases a phone whose subscription has ended.
        Release(PhoneDoc) = "release",
        /// Has a phone frozen for a violation or by public security.
        Freeze(FreezeDoc) = "freeze",
        /// Lifts such a freeze.
        Unfreeze(FreezeDoc) = "unfreeze",
        /// Verifies who the owner of an account is.
        Verify(VerifyDoc) = "verify",
        /// Promises an account other lengths of grace and retention.
        Promotion(PromotionDoc) = "promotion",
        /// Lets the provisioning of phones of one order fail.
        FailProvisioning(FailDoc) = "fail_provisioning",
        /// Pays money into an account.
        TopUp(TopUpDoc) = "top_up",
        /// Pays money into an account by bank transfer, which takes its time.
        Transfer(TopUpDoc) = "transfer",
        /// Takes cash out of an account.
        Withdraw(WithdrawDoc) = "withdraw",
        /// Sets discounts of list prices.
        Discount(DiscountDoc) = "discount",
        /// Says when orders are paid.
        Settlement(SettlementDoc) = "settlement",
        /// Asks for a warning of a low balance.
        BalanceAlert(AlertDoc) = "balance_alert",
        /// Gives a coupon to an account.
        Grant(GrantDoc) = "grant",
        /// Writes a policy, or writes it anew.
        WritePolicy(WritePolicyDoc) = "write_policy",
        /// Makes a group of users.
        AddGroup(AddGroupDoc) = "add_group",
        /// Makes a user.
        AddUser(AddUserDoc) = "add_user",
        /// Takes a user into a group, or out of it.
        Membership(MembershipDoc) = "membership",
        /// Gives a policy to a group or user.
        Attach(AttachDoc) = "attach",
        /// Takes a policy from a group or user.
        Detach(AttachDoc) = "detach",
        /// Changes a user.
        ChangeUser(ChangeUserDoc) = "change_user",
        /// Bounds what can be granted in an account, from above.
        Bounds(BoundsDoc) = "bounds",
        /// Makes, edits or deletes the agency of the service.
        Agency(AgencyDoc) = "agency",
        /// Asks for a token.
        GetToken(GetTokenDoc) = "get_token",
        /// Has a token checked with another.
        CheckToken(CheckTokenDoc) = "check_token",
        /// Asks whether somebody may do something, and says what the answer must be.
        Permission(PermissionDoc) = "permission",
        /// Makes an organisation.
        CreateOrganisation(CreateOrganisationDoc) = "create_organisation",
        /// Adds a department.
        AddDepartment(DepartmentDoc) = "add_department",
        /// Gives a department another code.
        EditDepartment(DepartmentDoc) = "edit_department",
        /// Deletes a department.
        RemoveDepartment(DepartmentDoc) = "remove_department",
        /// Adds a member with a password for the first login.
        AddMember(AddMemberDoc) = "add_member",
        /// Gives a member a password for the next login.
        SetMemberPassword(MemberPasswordDoc) = "set_member_password",
        /// Takes a member out of its organisation.
        RemoveMember(MemberDoc) = "remove_member",
        /// A member logs in to the client.
        LogIn(LogInDoc) = "log_in",
        /// A member logs out.
        LogOut(DeviceDoc) = "log_out",
        /// A member enters a phone.
        Enter(EnterDoc) = "enter",
        /// A member leaves the phone that its device is in.
        Leave(DeviceDoc) = "leave",
        /// A member consents to pasting from a device.
        Consent(ConsentDoc) = "consent",
        /// A member tries to do something in a phone.
        Try(TryDoc) = "try",
        /// Switches security control of phones on or off.
        Control(ControlDoc) = "control",
        /// Makes a list of apps, or says anew what is on it.
        AppList(AppListDoc) = "app_list",
        /// Attaches a list of apps to phones, or takes it off.
        AttachList(AttachListDoc) = "attach_list",
        /// Lets a list of apps count, or not.
        EnableList(EnableListDoc) = "enable_list",
        /// Deletes lists of apps.
        RemoveLists(RemoveListsDoc) = "remove_lists",
        /// Puts an app into the library, or a newer version of it.
        UploadApp(UploadAppDoc) = "upload_app",
        /// Installs an app of the library in phones, or removes it.
        DistributeApp(DistributeAppDoc) = "distribute_app",
        /// Prepares phones for a streaming session each.
        Prepare(PrepareDoc) = "prepare",
        /// Asks for the token of a stream.
        Authorise(AuthoriseDoc) = "authorise",
        /// A device begins the stream that was authorised, and controls it.
        StartStream(ViewerDoc) = "start_stream",
        /// One more device watches a stream.
        JoinStream(ViewerDoc) = "join_stream",
        /// A device does not watch a stream any more.
        LeaveStream(ViewerDoc) = "leave_stream",
        /// Lets a device that watches control from now on.
        GiveControl(ViewerDoc) = "give_control",
        /// Stops a stream; its session stays for a while.
        StopStream(PhoneDoc) = "stop_stream",
        /// Ends the sessions of phones.
        ReleaseSession(ReleaseSessionDoc) = "release_session",
        /// The network between a phone and its client is gone.
        LoseConnection(PhoneDoc) = "lose_connection",
        /// The client reaches its phone again.
        Reconnect(PhoneDoc) = "reconnect",
        /// Whoever holds a device permits the use of its calls or short messages, or does so no more.
        Permit(PermitDoc) = "permit",
        /// Somebody at a device wants the phone to call somebody.
        Dial(DialDoc) = "dial",
        /// Takes the call of a phone.
        AnswerCall(ViewerDoc) = "answer_call",
        /// Ends the call of a phone, or does not take it.
        HangUp(ViewerDoc) = "hang_up",
        /// Lets the other wait.
        HoldCall(ViewerDoc) = "hold_call",
        /// Goes on with a call that waits.
        ResumeCall(ViewerDoc) = "resume_call",
        /// Somebody calls a device.
        IncomingCall(IncomingCallDoc) = "incoming_call",
        /// The call of a phone stands otherwise at its device.
        CallNews(CallNewsDoc) = "call_news",
        /// Somebody at a device writes a short message in the phone.
        SendMessage(MessageDoc) = "send_message",
        /// The device knows what became of a short message.
        MessageResult(MessageResultDoc) = "message_result",
        /// A short message comes to a device.
        IncomingMessage(MessageDoc) = "incoming_message",
        /// Says what links are from now on.
        Links(LinksDoc) = "links",
        /// Starts the pictures of a phone.
        StartFlow(FlowDoc) = "start_flow",
        /// Ends a flow.
        StopFlow(FlowNameDoc) = "stop_flow",
        /// Lets a flow send no pictures.
        PauseFlow(FlowNameDoc) = "pause_flow",
        /// Lets a flow send pictures again.
        ResumeFlow(FlowNameDoc) = "resume_flow",
        /// Moves a viewer of a flow to another network.
        ChangeNetwork(ChangeNetworkDoc) = "change_network",
        /// Begins to measure a flow anew.
        Measure(FlowNameDoc) = "measure",
        /// Starts traffic beside the flows.
        StartTraffic(TrafficDoc) = "start_traffic",
        /// Ends such traffic.
        StopTraffic(TrafficNameDoc) = "stop_traffic",
        /// Says what must be seen at the end of this instant.
        Expect(ExpectDoc) = "expect",
    }
}

/// What a step comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// A length of time after the step before.
    Length(Length),
    /// The next event of this kind.
    Event(EventKind),
}

impl FromText for After {
    const WHAT: &'static str = "a length of time or a kind of event";
    const PART: &'static str = "after";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            return Length::from_text(text).map(Self::Length);
        }
        EventKind::from_text(text).map(Self::Event)
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "A length of time after the step before, or a kind of event.",
            "anyOf": [EventKind::part(), Length::part()],
        })
    }
}
