//! What goes over the network: a version, then either messages with their numbers or an acknowledgement.

use crate::control::message::{MESSAGE_LEN_MAX, Message, Owned};
use crate::wire::{Cursor, Format, Found, Malformed, Read, Unwritable, Write};

/// The version of the format. A reader refuses others.
pub const VERSION: u8 = 1;
/// Most bytes of a packet: as many as a datagram holds.
pub const PACKET_LEN_MAX: usize = 65_507;
/// Most pieces of a packet.
pub const CHUNKS_MAX: usize = 128;
/// Ordered pieces that may be on their way unacknowledged: as many as an acknowledgement tells apart.
pub const WINDOW: u32 = 64;

const DATA: u8 = 0;
const ACK: u8 = 1;
const WHOLE: u8 = 0;
const PART: u8 = 1;
const LAST_PART: u8 = 2;
const DROPPABLE: u8 = 3;
/// Version and kind.
const HEAD_LEN: usize = 2;
/// Kind, number and length of a piece.
const CHUNK_HEAD_LEN: usize = 7;
const AFTER_LEN: usize = 4;

/// One datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Messages, or pieces of one.
    Data(Vec<Chunk>),
    /// What has arrived.
    Ack(Ack),
}

/// Which ordered pieces have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// All before this number, modulo 2^32.
    pub next: u32,
    /// Bit `i` stands for number `next + 1 + i`.
    pub beyond: u64,
}

/// A message or a piece of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Counts the ordered pieces, and apart from them the droppable ones, modulo 2^32.
    pub number: u32,
    /// What it is.
    pub content: Content,
}

/// What a chunk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A whole ordered message.
    Whole(Owned),
    /// A piece of an ordered message that does not fit into one packet.
    Part {
        /// Whether the message is complete with it.
        is_last: bool,
        /// Its bytes.
        bytes: Box<[u8]>,
    },
    /// A whole message that may be dropped.
    Droppable {
        /// The number that the next ordered piece had when it was sent: what comes before belongs before it.
        after: u32,
        /// The message.
        message: Owned,
    },
}

impl Chunk {
    /// Bytes of it in a packet.
    pub(crate) fn wire_len(&self) -> usize {
        CHUNK_HEAD_LEN
            + match &self.content {
                Content::Whole(message) => message.wire_len(),
                Content::Part { bytes, .. } => bytes.len(),
                Content::Droppable { message, .. } => AFTER_LEN + message.wire_len(),
            }
    }
    /// Most bytes of a piece in a packet of `packet_len`.
    pub(crate) const fn room(packet_len: usize) -> usize {
        packet_len.saturating_sub(HEAD_LEN + CHUNK_HEAD_LEN)
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let (kind, number) = (cursor.u8()?, cursor.u32()?);
        let after = if kind == DROPPABLE { cursor.u32()? } else { 0 };
        let len = usize::from(cursor.u16()?);
        let mut part = cursor.split(Format::Control, len)?;
        let content = match kind {
            WHOLE => Content::Whole(Message::read(&mut part)?.into_owned()),
            PART | LAST_PART => {
                Content::Part { is_last: kind == LAST_PART, bytes: part.rest().into() }
            }
            DROPPABLE => {
                Content::Droppable { after, message: Message::read(&mut part)?.into_owned() }
            }
            kind => {
                let found = Found::Value { what: "kind of piece", value: u64::from(kind) };
                return Err(cursor.fail_before(CHUNK_HEAD_LEN + len, found));
            }
        };
        cursor.close(&part)?;
        Ok(Self { number, content })
    }
    fn check(&self) -> Result<(), Unwritable> {
        match &self.content {
            Content::Whole(message) | Content::Droppable { message, .. } => {
                message.check()?;
                Unwritable::limit("message in a packet", message.wire_len(), PACKET_LEN_MAX)
            }
            Content::Part { bytes, .. } => {
                Unwritable::limit("piece of a message", bytes.len(), PACKET_LEN_MAX)
            }
        }
    }
    fn put(&self, out: &mut Vec<u8>) {
        let kind = match &self.content {
            Content::Whole(_) => WHOLE,
            Content::Part { is_last: false, .. } => PART,
            Content::Part { is_last: true, .. } => LAST_PART,
            Content::Droppable { .. } => DROPPABLE,
        };
        out.push(kind);
        out.extend_from_slice(&self.number.to_be_bytes());
        if let Content::Droppable { after, .. } = &self.content {
            out.extend_from_slice(&after.to_be_bytes());
        }
        let len = match &self.content {
            Content::Whole(message) | Content::Droppable { message, .. } => message.wire_len(),
            Content::Part { bytes, .. } => bytes.len(),
        };
        out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
        match &self.content {
            Content::Whole(message) | Content::Droppable { message, .. } => message.put(out),
            Content::Part { bytes, .. } => out.extend_from_slice(bytes),
        }
    }
}

impl Packet {
    /// Bytes for pieces in a packet of `packet_len`.
    pub(crate) const fn room(packet_len: usize) -> usize {
        packet_len.saturating_sub(HEAD_LEN)
    }
}

impl<'a> Read<'a> for Packet {
    const FORMAT: Format = Format::Control;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let len = cursor.left().len();
        if len > PACKET_LEN_MAX {
            let found = Found::TooMany { what: "bytes", count: len, most: PACKET_LEN_MAX };
            return Err(cursor.fail(found));
        }
        let [version, kind] = cursor.array()?;
        if version != VERSION {
            return Err(cursor.fail_before(HEAD_LEN, Found::Version(version)));
        }
        match kind {
            DATA => {
                let mut chunks = Vec::new();
                while !cursor.left().is_empty() {
                    if chunks.len() == CHUNKS_MAX {
                        let (count, most) = (CHUNKS_MAX + 1, CHUNKS_MAX);
                        return Err(cursor.fail(Found::TooMany { what: "pieces", count, most }));
                    }
                    chunks.push(Chunk::read(cursor)?);
                }
                Ok(Self::Data(chunks))
            }
            ACK => Ok(Self::Ack(Ack { next: cursor.u32()?, beyond: cursor.u64()? })),
            kind => {
                let found = Found::Value { what: "kind of packet", value: u64::from(kind) };
                Err(cursor.fail_before(1, found))
            }
        }
    }
}

impl Write for Packet {
    fn check(&self) -> Result<(), Unwritable> {
        if let Self::Data(chunks) = self {
            Unwritable::limit("pieces", chunks.len(), CHUNKS_MAX)?;
            chunks.iter().try_for_each(Chunk::check)?;
        }
        Unwritable::limit("packet", self.wire_len(), PACKET_LEN_MAX)
    }
    fn wire_len(&self) -> usize {
        HEAD_LEN
            + match self {
                Self::Data(chunks) => chunks.iter().map(Chunk::wire_len).sum(),
                Self::Ack(_) => 12,
            }
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Data(chunks) => {
                out.extend_from_slice(&[VERSION, DATA]);
                for chunk in chunks {
                    chunk.put(out);
                }
            }
            Self::Ack(ack) => {
                out.extend_from_slice(&[VERSION, ACK]);
                out.extend_from_slice(&ack.next.to_be_bytes());
                out.extend_from_slice(&ack.beyond.to_be_bytes());
            }
        }
    }
}

/// Cuts a message that does not fit into one packet into pieces of at most `room` bytes.
pub(crate) fn cut(message: &Owned, room: usize) -> Vec<Content> {
    let mut bytes = Vec::with_capacity(message.wire_len().min(MESSAGE_LEN_MAX));
    message.put(&mut bytes);
    let count = bytes.len().div_ceil(room.max(1));
    let parts = bytes.chunks(room.max(1)).enumerate();
    parts.map(|(at, part)| Content::Part { is_last: at + 1 == count, bytes: part.into() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Rotation;
    use crate::wire::Freedom;

    fn check(packet: &Packet, bytes: &[u8]) {
        let mut out = Vec::new();
        packet.write(&mut out).unwrap();
        assert_eq!((&out[..], out.len()), (bytes, packet.wire_len()));
        assert_eq!(Packet::parse_strictly(bytes), Ok((packet.clone(), None::<Freedom>)));
    }

    fn rotation() -> Owned {
        Message::Rotation(Rotation { width: 1, height: 2 })
    }

    #[test]
    fn a_version_a_kind_and_numbered_pieces() {
        check(
            &Packet::Ack(Ack { next: 5, beyond: 9 }),
            &[1, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9],
        );
        let chunks = vec![
            Chunk { number: 7, content: Content::Whole(rotation()) },
            Chunk { number: 8, content: Content::Part { is_last: true, bytes: [9].into() } },
            Chunk { number: 1, content: Content::Droppable { after: 9, message: rotation() } },
        ];
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 7, 0, 5, 64, 0, 1, 0, 2, 2, 0, 0, 0, 8, 0, 1, 9];
        bytes.extend([3, 0, 0, 0, 1, 0, 0, 0, 9, 0, 5, 64, 0, 1, 0, 2]);
        check(&Packet::Data(chunks), &bytes);
        check(&Packet::Data(vec![]), &[1, 0]);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let refused = |bytes: &[u8]| Packet::parse(bytes).unwrap_err().to_string();
        assert_eq!(refused(&[2, 0]), "control message, byte 0: version 2");
        assert_eq!(refused(&[1, 2]), "control message, byte 1: kind of packet 2");
        let piece = [1, 0, 4, 0, 0, 0, 0, 0, 0];
        assert_eq!(refused(&piece), "control message, byte 2: kind of piece 4");
        let inside = [1, 0, 0, 0, 0, 0, 0, 0, 6, 64, 0, 1, 0, 2, 0];
        assert_eq!(refused(&inside), "control message, byte 14: 1 bytes after the end");
        let many = [&[1, 0][..], &[1, 0, 0, 0, 0, 0, 0].repeat(CHUNKS_MAX + 1)].concat();
        assert_eq!(refused(&many), "control message, byte 898: 129 pieces, at most 128 are read");
        let long = vec![1; PACKET_LEN_MAX + 1];
        assert_eq!(refused(&long), "control message, byte 0: 65508 bytes, at most 65507 are read");
    }

    #[test]
    fn a_message_is_cut_without_loss() {
        let message: Owned = Message::Clipboard("clipboard".into());
        let parts = cut(&message, 5);
        assert_eq!(parts.len(), 3);
        let mut all = Vec::new();
        for part in &parts {
            let Content::Part { bytes, .. } = part else { panic!("{part:?}") };
            all.extend_from_slice(bytes);
        }
        assert_eq!(Message::parse(&all).map(Message::into_owned), Ok(message));
        assert_eq!(
            parts.iter().filter(|p| matches!(p, Content::Part { is_last: true, .. })).count(),
            1
        );
    }
}
