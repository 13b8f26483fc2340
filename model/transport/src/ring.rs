//! A bounded past: slots that are found by a running number and used again a whole turn later.

/// Slots in number a power of two; slot `n` is that of every number equal to `n` modulo their count.
#[derive(Clone, Debug)]
pub(crate) struct Ring<T> {
    // INVARIANT: the length is a power of two.
    slots: Box<[T]>,
}

impl<T: Clone> Ring<T> {
    /// At least `at_least` slots, all filled with `empty`.
    pub(crate) fn new(at_least: u32, empty: T) -> Self {
        let length = usize::try_from(at_least.clamp(1, 1 << 16).next_power_of_two());
        Self { slots: vec![empty; length.unwrap_or(1)].into_boxed_slice() }
    }
    /// How many numbers in a row have slots of their own.
    pub(crate) fn capacity(&self) -> u64 {
        u64::try_from(self.slots.len()).unwrap_or_default()
    }
    #[expect(clippy::as_conversions, reason = "masked to the length, so that nothing is cut off")]
    const fn index(&self, number: u64) -> usize {
        number as usize & (self.slots.len() - 1)
    }
    #[expect(clippy::indexing_slicing, reason = "the index is masked to the length")]
    pub(crate) const fn get(&self, number: u64) -> &T {
        &self.slots[self.index(number)]
    }
    #[expect(clippy::indexing_slicing, reason = "the index is masked to the length")]
    pub(crate) const fn get_mut(&mut self, number: u64) -> &mut T {
        let index = self.index(number);
        &mut self.slots[index]
    }
    /// Where the slot of a number lies.
    pub(crate) const fn place(&self, number: u64) -> *const u8 {
        std::ptr::from_ref(self.get(number)).cast()
    }
    pub(crate) fn fill(&mut self, empty: T) {
        self.slots.fill(empty);
    }
    /// Bytes of the slots.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.slots)
    }
}
