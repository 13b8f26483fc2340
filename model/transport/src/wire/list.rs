//! Lists inside formats. They stand either in bytes that were read or in values that are to be written, so
//! that neither direction copies.

use crate::wire::cursor::Cursor;
use crate::wire::error::{Format, Malformed};
use std::fmt;

/// Something of fixed length in a [`List`].
pub trait Item<const N: usize>: Copy {
    /// Takes it from its bytes. Bits without meaning are left out.
    fn from_wire(bytes: [u8; N]) -> Self;
    /// Its bytes.
    fn to_wire(self) -> [u8; N];
}

impl Item<4> for u32 {
    fn from_wire(bytes: [u8; 4]) -> Self {
        Self::from_be_bytes(bytes)
    }
    fn to_wire(self) -> [u8; 4] {
        self.to_be_bytes()
    }
}

/// Items of `N` bytes each. Two lists are equal if their items are, wherever they stand.
#[derive(Clone, Copy)]
pub struct List<'a, T, const N: usize> {
    // INVARIANT: one of them is empty.
    wire: &'a [[u8; N]],
    values: &'a [T],
}

impl<'a, T: Item<N>, const N: usize> List<'a, T, N> {
    /// Nothing.
    pub const EMPTY: Self = Self { wire: &[], values: &[] };

    /// A list to be written.
    pub const fn of(values: &'a [T]) -> Self {
        Self { wire: &[], values }
    }
    pub(crate) const fn read(wire: &'a [[u8; N]]) -> Self {
        Self { wire, values: &[] }
    }
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.wire.len() + self.values.len()
    }
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The items in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + Clone + use<'a, T, N> {
        self.wire.iter().map(|bytes| T::from_wire(*bytes)).chain(self.values.iter().copied())
    }
    /// The bytes of a list that was read.
    pub(crate) const fn wire(&self) -> &'a [[u8; N]] {
        self.wire
    }
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        for item in self.iter() {
            out.extend_from_slice(&item.to_wire());
        }
    }
}

impl<T: Item<N> + fmt::Debug, const N: usize> fmt::Debug for List<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Item<N> + PartialEq, const N: usize> PartialEq for List<'_, T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Item<N> + Eq, const N: usize> Eq for List<'_, T, N> {}

/// Something of varying length in [`Entries`].
pub trait Entry<'a>: Copy {
    /// The format that errors name.
    const FORMAT: Format;
    /// Takes the next one; `None` at the end of the list.
    ///
    /// # Errors
    /// What is wrong with it.
    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed>;
    /// Its length in bytes.
    fn wire_len(&self) -> usize;
    /// Appends its bytes.
    fn put(&self, out: &mut Vec<u8>);
}

/// Entries of varying length. Two lists are equal if their entries are, wherever they stand.
#[derive(Clone, Copy)]
pub struct Entries<'a, T> {
    // INVARIANT: one of them is empty, and the bytes were walked once without an error.
    wire: &'a [u8],
    values: &'a [T],
}

impl<'a, T: Entry<'a>> Entries<'a, T> {
    /// Nothing.
    pub const EMPTY: Self = Self { wire: &[], values: &[] };

    /// Entries to be written.
    pub const fn of(values: &'a [T]) -> Self {
        Self { wire: &[], values }
    }
    /// Walks all that is left; how many there are.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<(Self, usize), Malformed> {
        let (wire, mut count) = (cursor.left(), 0);
        while T::take(cursor)?.is_some() {
            count += 1;
        }
        Ok((Self { wire, values: &[] }, count))
    }
    /// The first `count` of what is left.
    pub(crate) fn read_count(cursor: &mut Cursor<'a>, count: usize) -> Result<Self, Malformed> {
        let before = cursor.left();
        for _ in 0..count {
            if T::take(cursor)?.is_none() {
                return Err(cursor.fail(crate::wire::Found::Missing("entry")));
            }
        }
        let used = before.len() - cursor.left().len();
        Ok(Self { wire: before.get(..used).unwrap_or_default(), values: &[] })
    }
    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + Clone + use<'a, T> {
        let mut cursor = Cursor::new(T::FORMAT, self.wire);
        let read = std::iter::from_fn(move || T::take(&mut cursor).ok().flatten());
        read.chain(self.values.iter().copied())
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
    pub(crate) fn wire_len(&self) -> usize {
        self.iter().map(|entry| entry.wire_len()).sum()
    }
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        for entry in self.iter() {
            entry.put(out);
        }
    }
}

impl<'a, T: Entry<'a> + fmt::Debug> fmt::Debug for Entries<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Entry<'a> + PartialEq> PartialEq for Entries<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Entry<'a> + Eq> Eq for Entries<'a, T> {}
