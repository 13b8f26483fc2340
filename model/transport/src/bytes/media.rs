//! RTP: pictures, repeats, parity, sound and padding.

use super::payloads::{Payloads, fill, put_picture};
use super::{
    AUDIO, NoBytes, PARITY, PROTECTED_MAX, REPAIR, SEND_TIME_ID, Sent, TRANSPORT_SEQUENCE_ID,
    VIDEO, Writer,
};
use crate::endpoint::Piece;
use crate::number::low16;
use crate::packet::{Audio, Extensions, Fec, Media, Padding, Rtx};
use crate::wire::{
    self, AbsSendTime, Element, Entries, List, MediaStream, OneByte, Rtp, Unprotectable,
    Write as _, protect_ulpfec,
};
use koosim_time::SimTime;

/// Calls `with` with the extensions of a packet.
fn extended<R>(
    extensions: Extensions,
    at: SimTime,
    transport_sequence: u64,
    with: impl FnOnce(wire::Extensions<'_>) -> R,
) -> R {
    let number = low16(transport_sequence).to_be_bytes();
    let time = AbsSendTime::of(at).to_wire();
    let number = OneByte(Element { id: TRANSPORT_SEQUENCE_ID, data: &number });
    let time = OneByte(Element { id: SEND_TIME_ID, data: &time });
    match extensions {
        Extensions::None => with(wire::Extensions::None),
        Extensions::TransportSequence => with(wire::Extensions::OneByte(Entries::of(&[number]))),
        Extensions::SendTime => with(wire::Extensions::OneByte(Entries::of(&[time]))),
        Extensions::Both => with(wire::Extensions::OneByte(Entries::of(&[time, number]))),
    }
}

/// Checks that a piece is that of a packet.
fn placed<'a>(media: &Media, piece: Option<&'a Piece>) -> Result<&'a Piece, NoBytes> {
    let fits = |piece: &&Piece| {
        piece.frame.id == media.frame && piece.payload() == u32::from(media.payload)
    };
    piece.filter(fits).ok_or(NoBytes::Unplaced(media.sequence))
}

/// The packet of a picture around this payload.
fn picture<'a>(media: &Media, extensions: wire::Extensions<'a>, payload: &'a [u8]) -> Rtp<'a> {
    Rtp {
        marker: media.marker(),
        payload_type: VIDEO,
        sequence: low16(media.sequence),
        timestamp: media.timestamp,
        ssrc: media.ssrc,
        csrcs: List::EMPTY,
        extensions,
        payload,
        padding: 0,
    }
}

impl Writer {
    pub(super) fn media(
        &mut self,
        at: SimTime,
        media: &Media,
        piece: Option<&Piece>,
        payloads: &mut dyn Payloads,
        out: &mut Vec<u8>,
    ) -> Result<(), NoBytes> {
        let sent = Sent { at, media: *media, piece: *placed(media, piece)? };
        self.write_sent(&sent, payloads, out)?;
        self.timestamp = media.timestamp;
        if self.protects {
            if self.recent.len() == PROTECTED_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back(sent);
        }
        Ok(())
    }
    fn write_sent(
        &mut self,
        sent: &Sent,
        payloads: &mut dyn Payloads,
        out: &mut Vec<u8>,
    ) -> Result<(), NoBytes> {
        self.payload.clear();
        put_picture(&sent.piece, payloads, &mut self.payload)?;
        let Sent { at, media, .. } = sent;
        extended(media.extensions, *at, media.transport_sequence, |extensions| {
            picture(media, extensions, &self.payload).write(out)
        })?;
        Ok(())
    }

    pub(super) fn repeat(
        &mut self,
        at: SimTime,
        rtx: &Rtx,
        piece: Option<&Piece>,
        payloads: &mut dyn Payloads,
        out: &mut Vec<u8>,
    ) -> Result<(), NoBytes> {
        let media = &rtx.media;
        self.payload.clear();
        put_picture(placed(media, piece)?, payloads, &mut self.payload)?;
        let stream = MediaStream { ssrc: rtx.ssrc, payload_type: REPAIR };
        extended(media.extensions, at, media.transport_sequence, |extensions| {
            let original = picture(media, extensions, &self.payload);
            wire::wrap(&original, low16(rtx.sequence), stream, out)
        })?;
        Ok(())
    }

    /// Parity is summed over the packets as they were first sent, which are written once more for it.
    pub(super) fn parity(
        &mut self,
        at: SimTime,
        fec: &Fec,
        payloads: &mut dyn Payloads,
        out: &mut Vec<u8>,
    ) -> Result<(), NoBytes> {
        let mut group = std::mem::take(&mut self.group);
        group.clear();
        for number in fec.numbers() {
            let sent = self.recent.iter().rev().find(|sent| sent.media.sequence == number);
            let sent = *sent.ok_or(NoBytes::Unknown(number))?;
            let mut bytes = Vec::with_capacity(usize::from(fec.longest));
            self.write_sent(&sent, payloads, &mut bytes)?;
            group.push(bytes);
        }
        let packets: Vec<&[u8]> = group.iter().map(Vec::as_slice).collect();
        self.payload.clear();
        protect_ulpfec(&packets, &mut self.payload).map_err(|refused| unknown(fec, refused))?;
        self.group = group;
        extended(fec.extensions, at, fec.transport_sequence, |extensions| {
            Rtp {
                marker: false,
                payload_type: PARITY,
                sequence: low16(fec.sequence),
                timestamp: self.timestamp,
                ssrc: fec.ssrc,
                csrcs: List::EMPTY,
                extensions,
                payload: &self.payload,
                padding: 0,
            }
            .write(out)
        })?;
        Ok(())
    }

    pub(super) fn audio(
        &mut self,
        at: SimTime,
        audio: &Audio,
        payloads: &mut dyn Payloads,
        out: &mut Vec<u8>,
    ) -> Result<(), NoBytes> {
        self.payload.clear();
        let bytes = u32::from(audio.payload);
        fill(&mut self.payload, bytes, |bytes| payloads.sound(audio.timestamp, bytes));
        extended(audio.extensions, at, audio.transport_sequence, |extensions| {
            Rtp {
                marker: false,
                payload_type: AUDIO,
                sequence: low16(audio.sequence),
                timestamp: audio.timestamp,
                ssrc: audio.ssrc,
                csrcs: List::EMPTY,
                extensions,
                payload: &self.payload,
                padding: 0,
            }
            .write(out)
        })?;
        Ok(())
    }

    pub(super) fn padding(
        &self,
        at: SimTime,
        padding: &Padding,
        out: &mut Vec<u8>,
    ) -> Result<(), NoBytes> {
        extended(padding.extensions, at, padding.transport_sequence, |extensions| {
            Rtp {
                marker: false,
                payload_type: REPAIR,
                sequence: low16(padding.sequence),
                timestamp: self.timestamp,
                ssrc: padding.ssrc,
                csrcs: List::EMPTY,
                extensions,
                payload: &[],
                padding: padding.bytes,
            }
            .write(out)
        })?;
        Ok(())
    }
}

/// The packets of a group are found by their numbers, so that what parity cannot be summed over is one that it
/// does not fit.
const fn unknown(fec: &Fec, _: Unprotectable) -> NoBytes {
    NoBytes::Unknown(fec.base)
}
