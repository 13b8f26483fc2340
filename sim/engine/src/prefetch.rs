//! Asks for memory before it is needed. Nothing but speed depends on it.

use prefetch_index::prefetch_index;
use std::collections::VecDeque;
use std::ops::Range;
use std::ptr::from_ref;
use std::slice;

/// Has the line of cache in which this begins brought near, and waits for nothing. Where the processor has
/// no instruction for that, nothing is done.
#[inline(always)]
pub(crate) fn prefetch<T>(what: &T) {
    prefetch_index(slice::from_ref(what), 0);
}

/// As [`prefetch`], for the first of these; where there is none, for the place of one in a list that has
/// been cleared.
#[inline(always)]
pub(crate) fn prefetch_first<T>(of: &VecDeque<T>) {
    let (first, _) = of.as_slices();
    prefetch_index(first, 0);
}

/// Bytes of a line of a cache.
const LINE: usize = 64;

/// As [`prefetch`], for these lines of something that may be many lines long.
#[inline(always)]
pub(crate) fn prefetch_lines<T>(what: &T, lines: Range<usize>) {
    let begin = from_ref(what).cast::<u8>();
    lines.for_each(|line| prefetch_at(begin.wrapping_add(line * LINE)));
}

/// As [`prefetch`], for the line in which this address lies.
#[inline(always)]
pub(crate) fn prefetch_at(place: *const u8) {
    let nowhere: &[u8] = &[];
    prefetch_index(nowhere, place.addr().wrapping_sub(nowhere.as_ptr().addr()));
}
