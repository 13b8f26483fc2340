//! All designs on the same work.

use crate::designs::{
    Calendar, Ladder, PackedHeap, Quaternary, RadixHeap, Slabbed, StdHeap, TickBatch, Tree,
};
use crate::hold::{EventQueue, Hold, Payload, Work};
use koosim_engine::queue::Queue;

/// One design in the middle of the work.
pub trait Contestant {
    /// Goes on for so many holds.
    fn run(&mut self, holds: u64);
    /// All that was popped so far, in one number: equal for designs that keep the same order.
    fn checksum(&self) -> u64;
}

impl<Q: EventQueue> Contestant for Hold<Q> {
    fn run(&mut self, holds: u64) {
        Self::run(self, holds);
    }
    fn checksum(&self) -> u64 {
        Self::checksum(self)
    }
}

/// A design: its name, and how to bring it to the steady state of some work.
#[derive(Clone, Copy, Debug)]
pub struct Design {
    /// The name in tables.
    pub name: &'static str,
    /// Begins the work with so many pending entries.
    pub begin: fn(Work, u32) -> Box<dyn Contestant>,
}

const fn design<Q: EventQueue + 'static>() -> Design {
    Design { name: Q::NAME, begin: |work, pending| Box::new(Hold::<Q>::new(work, pending)) }
}

/// What the others are compared with.
pub const BASELINE: Design = design::<Slabbed<StdHeap>>();

/// All designs, the baseline first and the engine's last.
pub const DESIGNS: [Design; 9] = [
    BASELINE,
    design::<Slabbed<PackedHeap>>(),
    design::<Slabbed<Quaternary>>(),
    design::<Slabbed<Tree>>(),
    design::<Slabbed<TickBatch>>(),
    design::<Slabbed<RadixHeap>>(),
    design::<Slabbed<Calendar>>(),
    design::<Slabbed<Ladder>>(),
    design::<Queue<Payload>>(),
];

/// The numbers of pending entries in tables.
pub const SIZES: [u32; 3] = [100, 10_000, 1_000_000];
