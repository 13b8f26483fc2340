//! Parameters of organisations, clients and controls in the types that the rules use.

use crate::rulebook::BookError;
use crate::rules::p;
use crate::rules::params::Reader;
use crate::time::SimDuration;

/// What sections P2 to P4 leave open about those who use phones, each field named by its rule and
/// parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseParams {
    /// P2.8 `stream_while_expired`.
    pub stream_while_expired: bool,
    /// P3.1 `organisations_max`.
    pub organisations_max: usize,
    /// P3.3 `password_chars_min`.
    pub password_chars_min: usize,
    /// P3.4 `any_member_while_none`.
    pub any_member_while_none: bool,
    /// P3.7 `unbind_while_streaming`.
    pub unbind_while_streaming: bool,
    /// P4.1 `prepare_at_once`; 0 is no limit.
    pub prepare_at_once: usize,
    /// P4.2 `signalling_valid`.
    pub signalling_valid: SimDuration,
    /// P4.2 `token_ends_stream`.
    pub token_ends_stream: bool,
    /// P4.3 `linger`; zero is until it is released.
    pub linger: SimDuration,
    /// P4.5 `devices_max`; 0 is no limit.
    pub devices_max: usize,
    /// P4.6 `reconnect_within`: for the session, and for the ends of its stream.
    pub reconnect_within: SimDuration,
    /// P4.7 `second_connection`: whether the newer one pushes the older out.
    pub second_preempts: bool,
    /// P4.8 `android_major_min`.
    pub android_major_min: u32,
    /// P4.8 `browser_client`.
    pub browser_client: bool,
    /// P4.9 `enterprise_only`.
    pub control_enterprise_only: bool,
    /// P4.10 `task_time`.
    pub task_time: SimDuration,
    /// P4.11 `paste_needs_consent`.
    pub paste_needs_consent: bool,
    /// P5.3 `ids_per_call_max`.
    pub ids_per_call_max: usize,
    /// P4.12 `viewers_max`.
    pub viewers_max: usize,
    /// P4.13 `calls_need_permission`.
    pub calls_need_permission: bool,
    /// P4.13 `browser_telephony`.
    pub browser_telephony: bool,
    /// P4.14 `messages_need_permission`.
    pub messages_need_permission: bool,
    /// P4.14 `text_bytes_max`.
    pub text_bytes_max: usize,
    /// P4.15 `call_on_broken_link`: whether it goes on at the device.
    pub call_goes_on: bool,
    /// P4.15 `messages_waiting_max`.
    pub messages_waiting_max: usize,
}

impl UseParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            stream_while_expired: read.flag(p(2, 8), "stream_while_expired")?,
            organisations_max: read.size(p(3, 1), "organisations_max")?,
            password_chars_min: read.size(p(3, 3), "password_chars_min")?,
            any_member_while_none: read.flag(p(3, 4), "any_member_while_none")?,
            unbind_while_streaming: read.flag(p(3, 7), "unbind_while_streaming")?,
            prepare_at_once: read.size(p(4, 1), "prepare_at_once")?,
            signalling_valid: read.duration(p(4, 2), "signalling_valid")?,
            token_ends_stream: read.flag(p(4, 2), "token_ends_stream")?,
            linger: read.duration(p(4, 3), "linger")?,
            devices_max: read.size(p(4, 5), "devices_max")?,
            reconnect_within: read.duration(p(4, 6), "reconnect_within")?,
            second_preempts: read.is(p(4, 7), "second_connection", "preempts")?,
            android_major_min: read.count(p(4, 8), "android_major_min")?,
            browser_client: read.flag(p(4, 8), "browser_client")?,
            control_enterprise_only: read.flag(p(4, 9), "enterprise_only")?,
            task_time: read.duration(p(4, 10), "task_time")?,
            paste_needs_consent: read.flag(p(4, 11), "paste_needs_consent")?,
            ids_per_call_max: read.size(p(5, 3), "ids_per_call_max")?,
            viewers_max: read.size(p(4, 12), "viewers_max")?,
            calls_need_permission: read.flag(p(4, 13), "calls_need_permission")?,
            browser_telephony: read.flag(p(4, 13), "browser_telephony")?,
            messages_need_permission: read.flag(p(4, 14), "messages_need_permission")?,
            text_bytes_max: read.size(p(4, 14), "text_bytes_max")?,
            call_goes_on: read.is(p(4, 15), "call_on_broken_link", "goes_on")?,
            messages_waiting_max: read.size(p(4, 15), "messages_waiting_max")?,
        })
    }
}
