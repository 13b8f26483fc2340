//! Asks for memory before it is needed. Nothing but speed depends on it.

use prefetch_index::prefetch_index;
use std::collections::VecDeque;
use std::slice::from_ref;

/// Has the line of cache in which this begins brought near, and waits for nothing. Where the processor has
/// no instruction for that, nothing is done.
#[inline(always)]
pub(crate) fn prefetch<T>(what: &T) {
    prefetch_index(from_ref(what), 0);
}

/// As [`prefetch`], for the first of these; where there is none, for the place of one in a list that has
/// been cleared.
#[inline(always)]
pub(crate) fn prefetch_first<T>(of: &VecDeque<T>) {
    let (first, _) = of.as_slices();
    prefetch_index(first, 0);
}
