//! From a configuration to a server that listens, and from a signal to one that has gone quietly.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::{Keys, Services, Settings, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use web_push::HttpService;
use wire::live::close;

use crate::config::Config;
use crate::state::AppState;
use crate::wording::CatalogueWords;
use crate::{accept, connections, routes};

/// How long requests and sockets may take to end after a signal.
const DRAIN: Duration = Duration::from_secs(6);

/// Connects, applies the migrations that are missing, and starts the writer and the worker.
///
/// # Errors
/// A database that cannot be used, or a data folder that cannot be written, as a sentence.
pub async fn services(config: &Config) -> Result<Arc<Services>> {
    let secret = secret(config)?;
    let store = connect(config).await?;
    store.migrate_up().await.map_err(database_fault)?;
    let keys = Keys::derive(secret.as_bytes());
    let rules = Settings {
        pushes: Some(Arc::new(pushes(config, &keys)?)),
        wording: Arc::new(CatalogueWords),
        ..config.rules.clone()
    };
    Ok(Services::start(store, keys, rules))
}

/// Pushes are signed with the configured key, or with one made of the secret: the same on every node.
fn pushes(config: &Config, keys: &Keys) -> Result<HttpService> {
    let key = config.vapid_key.clone().or_else(|| keys.vapid());
    let key = key.context("VAPID_PRIVATE_KEY: no key can be made of the secret; set one")?;
    // Where the people of a push service can ask.
    let subject =
        if config.is_https() { &config.public_url } else { "mailto:spherespace@localhost" };
    HttpService::new(key, subject, config.push_reach)
        .map_err(|error| anyhow::anyhow!("pushes cannot be sent from here: {error}"))
}

/// With a bus this is one node of several; a Redis that does not answer yet is waited for.
fn join_other_nodes(config: &Config, services: &Arc<Services>) -> Result<()> {
    let Some(url) = &config.redis_url else { return Ok(()) };
    let (bus, arrivals) = realtime::redis::connect(url).context("REDIS_URL")?;
    let ledger = realtime::redis::open_ledger(url).context("REDIS_URL")?;
    domain::nodes::join(services, Arc::new(bus), arrivals, ledger);
    Ok(())
}

/// # Errors
/// A database that does not answer. The address is not repeated: it may hold a password.
pub async fn connect(config: &Config) -> Result<Store> {
    Store::connect(&config.database_url).await.map_err(database_fault)
}

/// The sentence that names the variable.
pub fn database_fault(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Unavailable(cause) => {
            anyhow::anyhow!("DATABASE_URL: cannot reach the database: {cause}")
        }
        other => anyhow::anyhow!("DATABASE_URL: {other}"),
    }
}

/// The configured secret, or the one that this installation made for itself.
fn secret(config: &Config) -> Result<String> {
    if let Some(secret) = &config.secret_key {
        return Ok(secret.clone());
    }
    let path = config.data_dir.join("secret_key");
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("DATA_DIR: cannot make {}", config.data_dir.display()))?;
    match std::fs::read_to_string(&path) {
        Ok(secret) if secret.trim().len() >= domain::SECRET_MIN_BYTES => {
            Ok(secret.trim().to_owned())
        }
        Ok(_) => bail!("DATA_DIR: {} is too short to be a secret", path.display()),
        Err(error) if error.kind() == ErrorKind::NotFound => make_secret(&path),
        Err(error) => bail!("DATA_DIR: cannot read {}: {error}", path.display()),
    }
}

/// Readable by its owner alone from the first byte on.
fn make_secret(path: &Path) -> Result<String> {
    use std::io::Write;
    let bytes: [u8; 48] = rand::random();
    let secret = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, bytes);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file =
        options.open(path).with_context(|| format!("DATA_DIR: cannot write {}", path.display()))?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    tracing::info!(path = %path.display(), "made a secret for this installation; keep it with your backups");
    Ok(secret)
}

/// A server that answers, until it is told to stop.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<Result<()>>,
}

/// Listens and serves in the background.
///
/// # Errors
/// A port in use or another address that cannot be had, as a sentence that names `BIND_ADDR`.
pub async fn start(config: Config) -> Result<Running> {
    // The address first: somebody who starts a second server by mistake should not wait for a database.
    let listener = listen(config.bind)?;
    let address = listener.local_addr()?;
    // Pages spawn their tasks through it; a second start in one process (tests) finds it made.
    let _made_before = any_spawner::Executor::init_tokio();
    let services = services(&config).await?;
    join_other_nodes(&config, &services)?;
    domain::jobs::start(&services);
    domain::search::start(&services);
    let state = AppState::new(Arc::new(config), services);
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(serve(listener, state, stopped));
    Ok(Running { address, stop, done })
}

impl Running {
    /// Waits until the server has ended by itself or by a fault.
    ///
    /// # Errors
    /// What ended it.
    pub async fn wait(self) -> Result<()> {
        let _keep = self.stop;
        self.done.await?
    }

    /// Ends it: no new work, what was begun is finished, sockets are asked to come back.
    ///
    /// # Errors
    /// What went wrong on the way.
    pub async fn stop(self) -> Result<()> {
        // A server that has ended already cannot hear it.
        let _ended = self.stop.send(());
        self.done.await?
    }
}

fn listen(bind: SocketAddr) -> Result<TcpListener> {
    accept::listen(bind).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "BIND_ADDR: {bind} is in use; stop the other program or choose another port"
        ),
        ErrorKind::PermissionDenied => {
            anyhow::anyhow!("BIND_ADDR: {bind} needs more rights; ports below 1024 do")
        }
        _ => anyhow::anyhow!("BIND_ADDR: cannot listen on {bind}: {error}"),
    })
}

async fn serve(
    listener: TcpListener,
    state: AppState,
    stopped: oneshot::Receiver<()>,
) -> Result<()> {
    let service = routes::service(state.clone());
    let (quiet, be_quiet) = oneshot::channel();
    let patience = state.config.header_timeout;
    let accepted = accept::connections(listener, be_quiet)?;
    let mut serving = tokio::spawn(connections::serve(accepted, service, patience));
    tokio::select! {
        ended = &mut serving => return Ok(ended?),
        _ = stopped => {}
    }
    let _told = quiet.send(());
    drain(&state).await;
    // Requests that are still running are given up: their clients have a client id and will ask again.
    let _late = tokio::time::timeout(Duration::from_secs(1), serving).await;
    state.services.shut_down().await;
    Ok(())
}

/// A quiet end forgets upgraded connections, so sockets are told here.
async fn drain(state: &AppState) {
    tracing::info!("stopping: sockets are asked to come back");
    state.sockets.start_draining();
    state.services.hub.close_all(close::RESTARTING);
    if tokio::time::timeout(DRAIN, state.sockets.all_closed()).await.is_err() {
        tracing::warn!("some sockets did not close in time");
    }
}
