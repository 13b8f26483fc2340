//! Retransmission in a stream of its own (T2.12, RFC 4588 section 4).

use crate::wire::cursor::{Cursor, Read, Write};
use crate::wire::error::{Format, Malformed, Unwritable};
use crate::wire::rtp::Rtp;

/// A retransmission payload: the original number in front of the original payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtx<'a> {
    /// Sequence number of the packet that is sent again.
    pub original_sequence: u16,
    /// Its payload.
    pub payload: &'a [u8],
}

impl<'a> Read<'a> for Rtx<'a> {
    const FORMAT: Format = Format::Rtx;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        Ok(Self { original_sequence: cursor.u16()?, payload: cursor.rest() })
    }
}

impl Write for Rtx<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Ok(())
    }
    fn wire_len(&self) -> usize {
        2 + self.payload.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.original_sequence.to_be_bytes());
        out.extend_from_slice(self.payload);
    }
}

/// A stream and its payload type, as signalling tells them of the original and of the retransmissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaStream {
    /// The stream.
    pub ssrc: u32,
    /// Its payload type.
    pub payload_type: u8,
}

/// Appends `original` as a packet of the retransmission stream: stream, payload type and number are given,
/// everything else is the original's, without its padding (RFC 4588 section 4).
///
/// # Errors
/// A field that cannot be written.
pub fn wrap(
    original: &Rtp<'_>,
    sequence: u16,
    stream: MediaStream,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let MediaStream { ssrc, payload_type } = stream;
    let head = Rtp { ssrc, payload_type, sequence, padding: 0, ..*original };
    head.check()?;
    head.put_header(out);
    Rtx { original_sequence: original.sequence, payload: original.payload }.put(out);
    Ok(())
}

/// The original packet out of one of the retransmission stream.
///
/// # Errors
/// A payload without an original number, as senders use to probe for bandwidth.
pub fn restore<'a>(repeated: &Rtp<'a>, original: MediaStream) -> Result<Rtp<'a>, Malformed> {
    let Rtx { original_sequence: sequence, payload } = Rtx::parse(repeated.payload)?;
    let MediaStream { ssrc, payload_type } = original;
    Ok(Rtp { sequence, payload, ssrc, payload_type, padding: 0, ..*repeated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Extensions, Found, List};

    #[test]
    fn a_repeated_packet_is_the_original_again() {
        let csrcs = [5];
        let original = Rtp {
            marker: true,
            payload_type: 96,
            sequence: 0xfffe,
            timestamp: 77,
            ssrc: 1,
            csrcs: List::of(&csrcs),
            extensions: Extensions::None,
            payload: b"picture",
            padding: 0,
        };
        let mut bytes = Vec::new();
        wrap(&original, 3, MediaStream { ssrc: 2, payload_type: 97 }, &mut bytes).unwrap();
        let repeated = Rtp::parse(&bytes).unwrap();
        assert_eq!((repeated.ssrc, repeated.payload_type, repeated.sequence), (2, 97, 3));
        assert_eq!(repeated.payload, b"\xff\xfepicture");
        let lost = MediaStream { ssrc: 1, payload_type: 96 };
        assert_eq!(restore(&repeated, lost), Ok(original));
        let probe = Rtp { payload: &[], ..repeated };
        let refused = restore(&probe, lost).unwrap_err();
        assert_eq!(refused.found, Found::Short { needed: 2, left: 0 });
    }
}
