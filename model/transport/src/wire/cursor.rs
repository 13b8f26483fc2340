//! How all formats are read and written: one walk over borrowed bytes, and one append.

use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};

/// A format that is read from bytes, which it borrows.
pub trait Read<'a>: Sized {
    /// The format that errors name.
    const FORMAT: Format;

    /// Reads the value from the front of what is left. All of it must be used.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed>;

    /// Reads a whole value.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(Self::FORMAT, bytes);
        let value = Self::read(&mut cursor)?;
        cursor.end().map(|()| value)
    }

    /// Reads a whole value and names the first freedom that its writer took. Without one, writing the value
    /// gives the same bytes.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    fn parse_strictly(bytes: &'a [u8]) -> Result<(Self, Option<Freedom>), Malformed> {
        let mut cursor = Cursor { strict: true, ..Cursor::new(Self::FORMAT, bytes) };
        let value = Self::read(&mut cursor)?;
        cursor.end().map(|()| (value, cursor.freedom))
    }
}

/// A format that is written.
pub trait Write {
    /// Whether every field can hold its value.
    ///
    /// # Errors
    /// The first field that cannot.
    fn check(&self) -> Result<(), Unwritable>;

    /// How many bytes are written, without writing them. Exact for values that pass [`Write::check`].
    fn wire_len(&self) -> usize;

    /// Appends the bytes of a value that passes [`Write::check`].
    fn put(&self, out: &mut Vec<u8>);

    /// Appends the bytes, or nothing.
    ///
    /// # Errors
    /// The first field that cannot hold its value.
    fn write(&self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.check()?;
        out.reserve(self.wire_len());
        self.put(out);
        Ok(())
    }
}

/// A place in borrowed bytes.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    format: Format,
    left: &'a [u8],
    at: usize,
    strict: bool,
    freedom: Option<Freedom>,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(format: Format, bytes: &'a [u8]) -> Self {
        Self { format, left: bytes, at: 0, strict: false, freedom: None }
    }
    /// The same place, with errors in the name of another format.
    pub(crate) const fn name(&mut self, format: Format) {
        self.format = format;
    }
    /// The first `len` bytes as a cursor of their own, for `format`. Give it back with [`Self::close`].
    pub(crate) fn split(&mut self, format: Format, len: usize) -> Result<Self, Malformed> {
        let (at, strict) = (self.at, self.strict);
        let left = self.take(len)?;
        Ok(Self { format, left, at, strict, freedom: None })
    }
    /// Ends a part that was split off: all of it was used, and its freedoms are ours.
    pub(crate) fn close(&mut self, part: &Self) -> Result<(), Malformed> {
        part.end()?;
        self.freedom = self.freedom.or(part.freedom);
        Ok(())
    }
    /// Notes a freedom.
    pub(crate) fn note(&mut self, freedom: Freedom) {
        self.freedom.get_or_insert(freedom);
    }
    /// Notes a freedom if it was taken.
    pub(crate) fn note_if(&mut self, taken: bool, freedom: Freedom) {
        if taken {
            self.note(freedom);
        }
    }
    /// Whether freedoms are asked for, so that costly ones are worth looking for.
    pub(crate) const fn is_strict(&self) -> bool {
        self.strict
    }
    /// The error at this place.
    pub(crate) const fn fail(&self, found: Found) -> Malformed {
        Malformed { format: self.format, at: self.at, found }
    }
    /// The error `back` bytes before this place.
    pub(crate) const fn fail_before(&self, back: usize, found: Found) -> Malformed {
        Malformed { format: self.format, at: self.at.saturating_sub(back), found }
    }
    /// Bytes that are left.
    pub(crate) const fn left(&self) -> &'a [u8] {
        self.left
    }
    /// That nothing is left.
    pub(crate) const fn end(&self) -> Result<(), Malformed> {
        match self.left.len() {
            0 => Ok(()),
            more => Err(self.fail(Found::Trailing(more))),
        }
    }
    /// The next `len` bytes.
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let Some((taken, left)) = self.left.split_at_checked(len) else {
            let left = self.left.len();
            return Err(self.fail(Found::Short { needed: len, left }));
        };
        (self.left, self.at) = (left, self.at + len);
        Ok(taken)
    }
    /// All that is left.
    pub(crate) const fn rest(&mut self) -> &'a [u8] {
        let left = self.left;
        self.at += left.len();
        self.left = &[];
        left
    }
    /// The next `count` pieces of `N` bytes.
    pub(crate) fn pieces<const N: usize>(
        &mut self,
        count: usize,
    ) -> Result<&'a [[u8; N]], Malformed> {
        Ok(self.take(count.saturating_mul(N))?.as_chunks().0)
    }
    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let Some((taken, left)) = self.left.split_first_chunk() else {
            let left = self.left.len();
            return Err(self.fail(Found::Short { needed: N, left }));
        };
        (self.left, self.at) = (left, self.at + N);
        Ok(*taken)
    }
    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }
    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }
    pub(crate) fn u24(&mut self) -> Result<u32, Malformed> {
        self.array().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }
    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }
    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }
    /// `len` bytes of padding, which should be zeros.
    pub(crate) fn padding(&mut self, len: usize) -> Result<(), Malformed> {
        let zeros = self.take(len)?.iter().all(|byte| *byte == 0);
        self.note_if(!zeros, Freedom::PaddingNotZero);
        Ok(())
    }
}

/// The 32-bit words of `bytes`.
pub(crate) fn words<const W: usize>(bytes: &[u8]) -> [u32; W] {
    let mut words = [0; W];
    for (word, chunk) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*chunk);
    }
    words
}

/// Bytes up to the next multiple of four.
pub(crate) const fn padding_to_word(len: usize) -> usize {
    len.next_multiple_of(4) - len
}

/// Appends zeros.
pub(crate) fn zeros(out: &mut Vec<u8>, count: usize) {
    out.resize(out.len() + count, 0);
}

/// The number in sixteen bits. `check` has made sure that it fits.
pub(crate) fn low16(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// The number in eight bits. `check` has made sure that it fits.
pub(crate) fn low8(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// The lower three bytes.
pub(crate) const fn low24(number: u32) -> [u8; 3] {
    let [_, a, b, c] = number.to_be_bytes();
    [a, b, c]
}
