//! Asks for memory before it is needed. Nothing but speed depends on it.

use prefetch_index::prefetch_index;
use std::slice::from_ref;

/// Has the line of cache in which this begins brought near, and waits for nothing. Where the processor has
/// no instruction for that, nothing is done.
#[inline(always)]
pub(crate) fn prefetch<T>(what: &T) {
    prefetch_index(from_ref(what), 0);
}
