//! F3: one page appended and forced to the disk, again and again. Nothing durable is faster.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

/// One page of SQLite.
const PAGE: [u8; 4096] = [b'x'; 4096];

/// Seconds of each flush, for `time` long, on the disk that holds `folder`.
pub(crate) fn flushes(folder: &Path, time: Duration) -> Result<Vec<f64>> {
    let mut file = File::create(folder.join("fdatasync-floor"))?;
    let (started, mut flushes) = (Instant::now(), Vec::new());
    while started.elapsed() < time {
        let begun = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        flushes.push(begun.elapsed().as_secs_f64());
    }
    Ok(flushes)
}
