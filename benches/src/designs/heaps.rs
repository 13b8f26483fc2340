//! Comparison-based orders: heaps and a search tree.

use super::{Key, KeyQueue};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// The standard library's binary heap on the plain key: what most simulators begin with.
#[derive(Clone, Debug, Default)]
pub struct StdHeap(BinaryHeap<Reverse<Key>>);

impl KeyQueue for StdHeap {
    const NAME: &'static str = "std BinaryHeap";

    #[inline]
    fn push(&mut self, key: Key) {
        self.0.push(Reverse(key));
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        self.0.pop().map(|Reverse(key)| key)
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        self.0.retain(|Reverse(key)| live(*key));
    }
}

/// The standard library's binary heap on the key packed into one number.
#[derive(Clone, Debug, Default)]
pub struct PackedHeap(BinaryHeap<Reverse<u128>>);

impl KeyQueue for PackedHeap {
    const NAME: &'static str = "std BinaryHeap, packed key";

    #[inline]
    fn push(&mut self, key: Key) {
        self.0.push(Reverse(key.pack()));
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        self.0.pop().map(|Reverse(wide)| Key::unpack(wide))
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        self.0.retain(|Reverse(wide)| live(Key::unpack(*wide)));
    }
}

/// The standard library's B-tree on the packed key.
#[derive(Clone, Debug, Default)]
pub struct Tree(BTreeSet<u128>);

impl KeyQueue for Tree {
    const NAME: &'static str = "std BTreeSet, packed key";

    #[inline]
    fn push(&mut self, key: Key) {
        self.0.insert(key.pack());
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        self.0.pop_first().map(Key::unpack)
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        self.0.retain(|wide| live(Key::unpack(*wide)));
    }
}

/// A heap of four children a node on the packed key: half the depth, one cache line a step.
#[derive(Clone, Debug, Default)]
pub struct Quaternary(Vec<u128>);

const ARITY: usize = 4;

#[expect(clippy::indexing_slicing, reason = "positions are below the length by construction")]
impl Quaternary {
    fn sift_up(&mut self, mut at: usize) {
        let moving = self.0[at];
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.0[parent] <= moving {
                break;
            }
            self.0[at] = self.0[parent];
            at = parent;
        }
        self.0[at] = moving;
    }
    fn sift_down(&mut self, mut at: usize) {
        let moving = self.0[at];
        let len = self.0.len();
        loop {
            let first = at * ARITY + 1;
            if first >= len {
                break;
            }
            let last = (first + ARITY).min(len);
            let mut best = first;
            for child in first + 1..last {
                if self.0[child] < self.0[best] {
                    best = child;
                }
            }
            if moving <= self.0[best] {
                break;
            }
            self.0[at] = self.0[best];
            at = best;
        }
        self.0[at] = moving;
    }
}

impl KeyQueue for Quaternary {
    const NAME: &'static str = "4-ary heap, packed key";

    #[inline]
    fn push(&mut self, key: Key) {
        self.0.push(key.pack());
        self.sift_up(self.0.len() - 1);
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        if self.0.is_empty() {
            return None;
        }
        let first = self.0.swap_remove(0);
        if !self.0.is_empty() {
            self.sift_down(0);
        }
        Some(Key::unpack(first))
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        self.0.retain(|wide| live(Key::unpack(*wide)));
        for at in (0..self.0.len() / ARITY + 1).rev() {
            if at < self.0.len() {
                self.sift_down(at);
            }
        }
    }
}
