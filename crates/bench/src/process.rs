//! A process that ends with its owner, and what the kernel knows of it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};

#[derive(Debug)]
pub(crate) struct Process(Child);

/// Resident memory, in KiB: all of it, and with shared pages divided among those that share them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) rss: f64,
    pub(crate) pss: f64,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        child.map(Self).with_context(|| format!("starting {}", command.get_program().display()))
    }

    /// This program again, as one of its floors.
    pub(crate) fn spawn_floor(arguments: &[String]) -> Result<Self> {
        let program = std::env::current_exe()?;
        Self::spawn(Command::new(program).args(arguments).stdin(Stdio::piped()))
    }

    /// Where to write what a floor shall do.
    pub(crate) fn stdin(&mut self) -> Result<&mut ChildStdin> {
        self.0.stdin.as_mut().context("the process has no standard input")
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        let path = format!("/proc/{}/smaps_rollup", self.0.id());
        let rollup = fs::read_to_string(path)?;
        let kib = |name| memory_line(&rollup, name).with_context(|| format!("no {name}"));
        Ok(Memory { rss: kib("Rss:")?, pss: kib("Pss:")? })
    }

    /// Seconds of processor that it used so far, of the user's and of the kernel's.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds_of(&self.0.id().to_string())
    }
}

/// The same of this very process.
pub(crate) fn own_cpu_seconds() -> Result<f64> {
    cpu_seconds_of("self")
}

fn cpu_seconds_of(process: &str) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let ticks = ticks_used(&stat).context("an unreadable /proc/…/stat")?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

impl Drop for Process {
    /// By its own id and no other: this machine runs other people's servers too.
    fn drop(&mut self) {
        if self.0.kill().and_then(|()| self.0.wait()).is_err() {
            eprintln!("process {} could not be ended", self.0.id());
        }
    }
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn memory_line(rollup: &str, name: &str) -> Option<f64> {
    let line = rollup.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// `utime` and `stime`, counted from behind the name, which may hold anything.
fn ticks_used(stat: &str) -> Option<u64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (user, kernel) = (fields.get(11)?, fields.get(12)?);
    Some(user.parse::<u64>().ok()? + kernel.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 120 34 0 0 20 0 3 0 9";
        assert_eq!(ticks_used(stat), Some(154));
        assert_eq!(ticks_used("42 (a) S 1"), None);
    }

    #[test]
    fn a_line_of_the_rollup_is_found_by_its_whole_name() {
        let rollup = "Rss:    2048 kB\nPss_Dirty:  7 kB\nPss:   1024 kB\n";
        assert_eq!(memory_line(rollup, "Pss:"), Some(1024.0));
    }
}
