//! One node: the product's own program.

use std::net::SocketAddr;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval};

/// Longest that a node may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// It signs for this machine alone and for as long as this program runs.
const SECRET: &str = "a secret of three nodes on one machine";

/// What all nodes share.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) database: String,
    pub(crate) redis: String,
    /// The balancer's port, which is how browsers reach all of them.
    pub(crate) door: u16,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) port: u16,
    process: Child,
    pid: u32,
}

impl Node {
    /// # Errors
    /// A program that is not there.
    pub(crate) fn start(port: u16, place: &Place) -> Result<Self> {
        let program =
            std::env::var("SPHERESPACE_BIN").context("SPHERESPACE_BIN names no program")?;
        let process = Command::new(&program)
            .arg("serve")
            .env("BIND_ADDR", format!("127.0.0.1:{port}"))
            .env("PUBLIC_URL", format!("http://localhost:{}", place.door))
            .env("DATABASE_URL", &place.database)
            .env("REDIS_URL", &place.redis)
            .env("SECRET_KEY", SECRET)
            .env("TRUSTED_PROXIES", "127.0.0.1")
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        let pid = process.id().context("a process that has just begun")?;
        Ok(Self { port, process, pid })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends it, if it still runs.
    ///
    /// # Errors
    /// A process that cannot be waited for.
    pub(crate) async fn stop(&mut self) -> Result<ExitStatus> {
        // Somebody may have killed it: that is what it is here for.
        let _gone = self.process.start_kill();
        Ok(self.process.wait().await?)
    }
}

/// Waits until somebody listens there.
///
/// # Errors
/// Nobody does for [`PATIENCE`].
pub(crate) async fn answers(address: SocketAddr) -> Result<()> {
    let begun = Instant::now();
    let mut looks = interval(LOOK_EVERY);
    while TcpStream::connect(address).await.is_err() {
        if begun.elapsed() > PATIENCE {
            bail!("no node answers at {address}; what it printed above says why");
        }
        looks.tick().await;
    }
    Ok(())
}
