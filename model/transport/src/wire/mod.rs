//! Byte formats, exact both ways: what is read is written back the same, what is malformed is refused with
//! the place. Nothing here knows an instant, a stream's history or a socket.
//!
//! Every format is a type that is [`Read`] from borrowed bytes and is [`Write`], with its exact length told
//! first ([`Write::wire_len`]), so that a simulator can send sizes without bytes. Where a format leaves the
//! sender a choice, the writer always makes the same one; a reader takes the others too and can name the
//! first that it met ([`Freedom`]). `parse(write(x)) == x` for every value that can be written, and
//! `write(parse(bytes)) == bytes` unless a freedom is named.
//!
//! ```
//! use koosim_transport::wire::{Read, Rtp, Write};
//!
//! let bytes = [0x80, 96, 0, 7, 0, 0, 0, 90, 0, 0, 0, 1, b'h', b'i'];
//! let packet = Rtp::parse(&bytes)?;
//! assert_eq!((packet.sequence, packet.payload), (7, &b"hi"[..]));
//! let mut again = Vec::new();
//! packet.write(&mut again)?;
//! assert_eq!(again, bytes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cursor;
mod error;
mod extension;
mod fec;
mod h264;
mod h265;
mod list;
mod ntp;
mod opus;
pub mod rtcp;
mod rtp;
mod rtx;

pub use cursor::{Cursor, Read, Write};
pub use error::{Format, Found, Freedom, Malformed, Unwritable};
pub use extension::{AbsSendTime, Element, Extensions, OneByte, TwoByte};
pub use fec::{
    FLEXFEC03_SPAN, FlexFec03, FlexMask, Recovered, Sums, ULPFEC_SPAN, UlpFec, Unprotectable,
    Unrecoverable, protect_flexfec03, protect_ulpfec,
};
pub use h264::{H264, H264_AGGREGATE, H264_FRAGMENT, H264Nal, Part};
pub use h265::{H265, H265_AGGREGATE, H265_FRAGMENT, H265_PACI, H265Header, H265Nal};
pub use list::{Entries, Entry, Item, List};
pub use ntp::NtpTime;
pub use opus::{OPUS_CLOCK, OPUS_PACKET_TICKS_MAX, Opus};
pub use rtp::{CSRCS_MAX, RTP_HEADER_LEN, Rtp};
pub use rtx::{MediaStream, Rtx, restore, wrap};
