//! What a scenario may say: every document, each declared once. The words of the service (kinds of
//! events, states, reasons of refusal) are those of the model. Whether a name that the author chose
//! exists, and what a command means, is decided when the file is lowered.

mod account;
mod bill;
mod call;
mod control;
mod coupon;
mod device;
mod event;
mod expect;
mod identity;
mod member;
mod network;
mod scenario;
mod session;
mod step;
mod verbs;

pub use account::{AccountDoc, LineWord, PriceDoc, SettlementWord, Tier};
pub use bill::{BillTypeWord, ExpectBillDoc, MonthWord};
pub use call::{
    CallNewsDoc, CallNewsWord, DialDoc, IncomingCallDoc, MessageDoc, MessageResultDoc,
    MessageResultWord, PermitDoc, PermitWord, Tel,
};
pub use control::{
    AppListDoc, AttachListDoc, ControlDoc, ControlWord, DistributeAppDoc, EnableListDoc, ListWord,
    RemoveListsDoc, TaskWord, UploadAppDoc,
};
pub use coupon::{CouponDoc, CouponKind, GrantDoc, OrderWord};
pub use device::{
    BindDoc, ConnectDoc, Edition, FreezeDoc, Freezer, MoveDoc, NetworkWord, PhoneDoc, PromotionDoc,
    SystemWord, Verification, VerifyDoc, Via, Way,
};
pub use event::{ABOUT, EventDoc, EventKind, FieldsDoc, ValueDoc};
pub use expect::{
    BillKeyDoc, CallStateWord, ChargingWord, DataState, ExceptDoc, ExpectAccountDoc,
    ExpectCouponDoc, ExpectDoc, ExpectOrderDoc, ExpectPhoneDoc, ExpectRefusedDoc, FreezeWord,
    NetworkName, OrderState, PhoneState, PowerState, RefusalReason, SessionState, SystemName,
    UNSAID,
};
pub use identity::{
    AddGroupDoc, AddUserDoc, AgencyDoc, AnswerWord, AttachDoc, BoundsDoc, ChangeUserDoc,
    CheckTokenDoc, ExpectTokenDoc, ExpectUserDoc, GetTokenDoc, GroupDoc, HoldDoc, MembershipDoc,
    PermissionDoc, PolicyDoc, ReachWord, TrustWord, UserChangeWord, UserDoc, WritePolicyDoc,
};
pub use member::{
    AddMemberDoc, ClientWord, ConsentDoc, CreateOrganisationDoc, DeedWord, DepartmentDoc,
    DeviceDoc, EnterDoc, ExpectMemberDoc, LogInDoc, MemberDoc, MemberPasswordDoc, TryDoc, Version,
};
pub use network::{
    BucketDoc, BurstsDoc, ChangeNetworkDoc, ChannelWord, CodecWord, CongestionWord, ContentWord,
    DefinitionWord, DisciplineWord, ExpectFlowDoc, ExpectShareDoc, FeedbackWord, FlowDoc,
    FlowNameDoc, FlowViewerDoc, JitterWord, LinkDoc, LinksDoc, LossWord, MachineWord, PartWord,
    PresetWord, RadioDoc, RepairWord, SettingWord, TapsDoc, TcpWord, TrafficDoc, TrafficNameDoc,
    TransfersDoc,
};
pub use scenario::{CurrencyWord, Draws, MatrixDoc, RulebookName, ScenarioDoc};
pub use session::{AuthoriseDoc, PrepareDoc, ReleaseSessionDoc, StreamWord, ViewerDoc};
pub use step::{After, StepDoc, VerbDoc};
pub use verbs::{
    AlertDoc, ApprovalDoc, AtExpiryDoc, AutoRenewDoc, BuyDoc, BuyTogetherDoc, ChangeSizeDoc,
    CreateDoc, DeductionDayDoc, DeleteDoc, DiscountDoc, FailDoc, ItemDoc, MarkDoc, MarkWord,
    OfferDoc, OnOff, PartnerFreezeDoc, PayDoc, PolicyWord, PowerDoc, RenewDoc, RenewalPolicyWord,
    ReviewDoc, ReviewWord, SettlementDoc, SubscribeDoc, ToOnDemandDoc, TopUpDoc, UnifiedDayDoc,
    UnpaidOrderDoc, UnsubscribeDoc, UnsubscribeWhat, VoidDoc, WithdrawDoc,
};
