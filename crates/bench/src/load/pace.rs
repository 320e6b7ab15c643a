//! When each message is due.
//!
//! The runtime's own timers know whole milliseconds, which is as long as what is measured here; the
//! kernel's know nanoseconds.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

#[derive(Debug)]
pub(crate) struct Pace {
    begun: Instant,
    period: Duration,
    timer: AsyncFd<OwnedFd>,
    /// How many were due so far.
    passed: u64,
}

impl Pace {
    pub(crate) fn start(rate: u32) -> Result<Self> {
        let period = Duration::from_secs(1) / rate.max(1);
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let step = Timespec::try_from(period)?;
        let times = Itimerspec { it_interval: step, it_value: step };
        let timer = watched(timer)?;
        timerfd_settime(timer.get_ref(), TimerfdTimerFlags::empty(), &times)?;
        Ok(Self { begun: Instant::now(), period, timer, passed: 0 })
    }

    /// Waits for the next ones, and gives their numbers.
    pub(crate) async fn due(&mut self) -> Result<std::ops::Range<u64>> {
        let expired = self.timer.async_io(Interest::READABLE, read_count).await?;
        let first = self.passed;
        self.passed += expired;
        Ok(first..self.passed)
    }

    /// When the message with this number was due.
    pub(crate) fn moment(&self, number: u64) -> Instant {
        self.begun + self.period.mul_f64((number + 1) as f64)
    }
}

#[expect(deprecated, reason = "its successor is unsafe; an `OwnedFd` is open as long as it lives")]
fn watched(timer: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(timer, Interest::READABLE)
}

fn read_count(timer: &OwnedFd) -> std::io::Result<u64> {
    let mut count = [0; 8];
    rustix::io::read(timer, &mut count)?;
    Ok(u64::from_ne_bytes(count))
}
