//! Fields that several messages have: texts with their length in front, and instants.

use crate::wire::{Cursor, Found, Malformed};
use koosim_time::SimTime;

pub(crate) fn read_text<'a>(cursor: &mut Cursor<'a>, most: usize) -> Result<&'a str, Malformed> {
    let len = usize::try_from(cursor.u32()?).unwrap_or(usize::MAX);
    if len > most {
        let found = Found::TooMany { what: "bytes of text", count: len, most };
        return Err(cursor.fail_before(4, found));
    }
    let bytes = cursor.take(len)?;
    std::str::from_utf8(bytes).map_err(|_| cursor.fail_before(len, Found::Text))
}

pub(crate) fn put_text(text: &str, out: &mut Vec<u8>) {
    // Messages are far below 4 GiB.
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn read_time(cursor: &mut Cursor<'_>) -> Result<SimTime, Malformed> {
    cursor.u64().map(|ns| SimTime::from_nanos(ns.cast_signed()))
}

pub(crate) fn put_time(at: SimTime, out: &mut Vec<u8>) {
    out.extend_from_slice(&at.as_nanos().to_be_bytes());
}
