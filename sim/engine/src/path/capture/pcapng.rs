//! Three blocks of pcapng (draft-ietf-opsawg-pcapng): the head of a section, an interface, a packet.

use crate::path::tap::Passage;
use koosim_model::time::SimTime;
use std::io;
use std::net::Ipv4Addr;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// Packets begin with their IP header.
const LINK_RAW: u16 = 101;
/// Nanoseconds: the negative power of ten.
const RESOLUTION: u8 = 9;

const END_OF_OPTIONS: u16 = 0;
const SECTION_PROGRAM: u16 = 4;
const INTERFACE_NAME: u16 = 2;
const INTERFACE_ADDRESS: u16 = 4;
const INTERFACE_RESOLUTION: u16 = 9;
const PACKET_FLAGS: u16 = 2;
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// A file that is being written, in little-endian words.
pub(super) struct Pcapng<W> {
    file: W,
    block: Vec<u8>,
}

impl<W: io::Write> Pcapng<W> {
    /// Begins a section whose length is not said.
    pub(super) fn begin(file: W) -> io::Result<Self> {
        let mut new = Self { file, block: Vec::new() };
        new.open(SECTION);
        new.block.extend_from_slice(&BYTE_ORDER.to_le_bytes());
        new.block.extend_from_slice(&[1, 0, 0, 0]);
        new.block.extend_from_slice(&u64::MAX.to_le_bytes());
        new.option(SECTION_PROGRAM, b"koosim");
        new.option(END_OF_OPTIONS, &[]);
        new.close()?;
        Ok(new)
    }
    /// Adds an interface, which has the next number from 0 on.
    pub(super) fn interface(&mut self, name: &str, address: Ipv4Addr) -> io::Result<()> {
        self.open(INTERFACE);
        self.block.extend_from_slice(&LINK_RAW.to_le_bytes());
        // Reserved, and no limit to how much of a packet is kept.
        self.block.extend_from_slice(&[0; 6]);
        // An option is no longer than 16 bits can say.
        let name = name.as_bytes();
        self.option(INTERFACE_NAME, name.get(..usize::from(u16::MAX)).unwrap_or(name));
        let [a, b, c, d] = address.octets();
        self.option(INTERFACE_ADDRESS, &[a, b, c, d, 255, 0, 0, 0]);
        self.option(INTERFACE_RESOLUTION, &[RESOLUTION]);
        self.option(END_OF_OPTIONS, &[]);
        self.close()
    }
    /// Adds a packet. Instants before 1970 cannot be written and are refused.
    pub(super) fn packet(
        &mut self,
        interface: u32,
        at: SimTime,
        passage: Passage,
        bytes: &[u8],
    ) -> io::Result<()> {
        let at = u64::try_from(at.as_nanos()).map_err(io::Error::other)?;
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let [a, b, c, d, e, f, g, h] = at.to_le_bytes();
        self.open(PACKET);
        self.block.extend_from_slice(&interface.to_le_bytes());
        self.block.extend_from_slice(&[e, f, g, h, a, b, c, d]);
        self.block.extend_from_slice(&len.to_le_bytes());
        self.block.extend_from_slice(&len.to_le_bytes());
        self.block.extend_from_slice(bytes);
        self.fill();
        let direction = match passage {
            Passage::Sent => OUTBOUND,
            Passage::Received => INBOUND,
        };
        self.option(PACKET_FLAGS, &direction.to_le_bytes());
        self.option(END_OF_OPTIONS, &[]);
        self.close()
    }
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    fn open(&mut self, kind: u32) {
        self.block.clear();
        self.block.extend_from_slice(&kind.to_le_bytes());
        self.block.extend_from_slice(&[0; 4]);
    }
    /// Fills the word.
    fn fill(&mut self) {
        self.block.resize(self.block.len().next_multiple_of(4), 0);
    }
    fn option(&mut self, kind: u16, value: &[u8]) {
        self.block.extend_from_slice(&kind.to_le_bytes());
        let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.block.extend_from_slice(&len.to_le_bytes());
        self.block.extend_from_slice(value);
        self.fill();
    }
    /// Writes the block, whose length stands at its beginning and at its end.
    fn close(&mut self) -> io::Result<()> {
        let len = u32::try_from(self.block.len() + 4).map_err(io::Error::other)?;
        if let Some(place) = self.block.get_mut(4..8) {
            place.copy_from_slice(&len.to_le_bytes());
        }
        self.block.extend_from_slice(&len.to_le_bytes());
        self.file.write_all(&self.block)
    }
}
