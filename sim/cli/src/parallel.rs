//! Work on all cores with results in the order of the work: what is written depends on no thread.

use crate::exit::Stop;
use rayon::ThreadPool;
use rayon::prelude::*;

/// Pieces of work for each thread between two times at which results are handed on.
const PIECES_PER_THREAD: usize = 16;

/// A pool of `jobs` threads, or of as many as there are cores.
pub(crate) fn pool(jobs: Option<usize>) -> Result<ThreadPool, Stop> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build();
    pool.map_err(|error| Stop::internal(format!("no threads: {error}")))
}

/// Works on all items and hands on the results, a batch at a time, in the order of the items.
pub(crate) fn in_batches<T: Sync, R: Send>(
    pool: &ThreadPool,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut each: impl FnMut(Vec<R>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let batch = pool.current_num_threads().max(1) * PIECES_PER_THREAD;
    for chunk in items.chunks(batch) {
        each(pool.install(|| chunk.par_iter().map(&work).collect()))?;
    }
    Ok(())
}
