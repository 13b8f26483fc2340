//! What the benchmarks share: workloads that every peer runs in the same order.
