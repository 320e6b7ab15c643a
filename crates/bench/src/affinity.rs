//! Which processor somebody runs on.

use anyhow::Result;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processor of the program under test, and of every floor that takes its place.
pub(crate) const TESTED: usize = 0;
/// The processor of the generator.
pub(crate) const GENERATOR: usize = 1;

/// This thread, kept on one processor until it is dropped. A process started meanwhile stays there.
#[derive(Debug)]
pub(crate) struct Pinned {
    before: CpuSet,
}

/// Keeps this thread on `cpu`, if there is such a one.
pub(crate) fn pin(cpu: usize) -> Result<Pinned> {
    let before = sched_getaffinity(None)?;
    let mut only = CpuSet::new();
    only.set(cpu);
    if sched_setaffinity(None, &only).is_err() {
        eprintln!("no processor {cpu} to pin to; the generator and the server share one");
    }
    Ok(Pinned { before })
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Err(error) = sched_setaffinity(None, &self.before) {
            eprintln!("cannot leave the processor: {error}");
        }
    }
}
