//! F6: what the kernel's own objects take, which no program's memory shows.

use anyhow::{Context, Result};

const SLABS: &str = "/proc/slabinfo";
/// Lines of heads before the first cache.
const HEADS: usize = 2;

/// KiB of live objects in all of the kernel's caches together.
///
/// # Errors
/// Where it may not be read, which is nearly everywhere but as root.
pub(crate) fn kib() -> Result<f64> {
    let slabs = std::fs::read_to_string(SLABS).context(SLABS)?;
    Ok(bytes(&slabs).context("an unreadable /proc/slabinfo")? / 1024.0)
}

/// `name <active_objs> <num_objs> <objsize> …`
fn bytes(slabs: &str) -> Option<f64> {
    let mut all = 0.0;
    for line in slabs.lines().skip(HEADS) {
        let mut fields = line.split_whitespace().skip(1);
        let active: f64 = fields.next()?.parse().ok()?;
        let size: f64 = fields.nth(1)?.parse().ok()?;
        all += active * size;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_objects_are_counted_with_their_sizes() {
        let slabs = "slabinfo - version: 2.1\n# name ...\n\
                     TCP 10 12 2000 16 8 : tunables\nsock_inode_cache 3 5 100 1 1 : t\n";
        assert_eq!(bytes(slabs), Some(20_300.0));
        assert_eq!(bytes("a\nb\nTCP ten 12 2000"), None);
    }
}
