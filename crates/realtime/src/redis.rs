//! The bus over Redis: one channel that every node publishes to and listens on.
//!
//! Redis keeps nothing for us. It may be killed, paused or emptied: parcels are lost meanwhile, and
//! the numbers of their events show which.

mod ledger;

use std::time::Duration;

use bytes::Bytes;
use fred::clients::SubscriberClient;
use fred::prelude::{
    Builder, Client, ClientLike, Config, EventInterface, PubsubInterface, ReconnectPolicy, Server,
    Value,
};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::interval;

use crate::bus::BACKLOG;
use crate::{Arrivals, Bus};

pub use ledger::{RedisLedger, connect as open_ledger};

const CHANNEL: &str = "spherespace:parcels";
/// A command that takes longer is lost: whoever waits for it has a slower way of their own.
const COMMAND: Duration = Duration::from_secs(1);
/// A connection on which nothing comes back for so long is made anew.
const SILENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(1);
/// Between two tries to connect, in milliseconds, growing from the first to the second.
const RECONNECT_MS: (u32, u32) = (50, 2_000);
/// Parcels that leave together.
const TOGETHER: usize = 128;

/// An address that is none.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadAddress(String);

/// A Redis server, connected or about to be.
#[derive(Debug)]
pub struct RedisBus {
    outgoing: mpsc::Sender<Vec<u8>>,
}

/// Whether the address can be understood.
///
/// # Errors
/// What is wrong with it, without repeating it: it may hold a password.
pub fn check(url: &str) -> Result<(), BadAddress> {
    Config::from_url(url).map(drop).map_err(bad)
}

/// Connects in the background, and again after every loss. A runtime must be running.
///
/// # Errors
/// An address that cannot be understood; a server that does not answer is none.
pub fn connect(url: &str) -> Result<(RedisBus, Arrivals), BadAddress> {
    let builder = builder(url)?;
    let client = builder.build().map_err(bad)?;
    let subscriber = builder.build_subscriber_client().map_err(bad)?;
    let (outgoing, waiting) = mpsc::channel(BACKLOG);
    let (arrived, arrivals) = mpsc::channel(BACKLOG);
    tokio::spawn(watch(client.error_rx()));
    tokio::spawn(send(client, waiting));
    tokio::spawn(listen(subscriber, arrived));
    Ok((RedisBus { outgoing }, arrivals))
}

fn bad(error: fred::error::Error) -> BadAddress {
    BadAddress(error.details().to_owned())
}

fn builder(url: &str) -> Result<Builder, BadAddress> {
    let mut config = Config::from_url(url).map_err(bad)?;
    config.fail_fast = false;
    let mut builder = Builder::from_config(config);
    let (first, last) = RECONNECT_MS;
    builder
        .set_policy(ReconnectPolicy::new_exponential(0, first, last, 2))
        .with_performance_config(|performance| {
            performance.default_command_timeout = COMMAND;
            performance.broadcast_channel_capacity = BACKLOG;
        })
        .with_connection_config(|connection| {
            connection.connection_timeout = COMMAND;
            connection.internal_command_timeout = COMMAND;
            // A parcel that was on its way when the connection broke is not sent twice.
            connection.max_command_attempts = 1;
            connection.unresponsive.max_timeout = Some(SILENCE);
            connection.unresponsive.interval = LOOK;
        });
    Ok(builder)
}

impl Bus for RedisBus {
    fn send(&self, parcel: Vec<u8>) {
        if self.outgoing.try_send(parcel).is_err() {
            tracing::debug!("a parcel was lost: the bus is full");
        }
    }
}

async fn watch(mut errors: broadcast::Receiver<(fred::error::Error, Option<Server>)>) {
    while let Ok((error, _)) = errors.recv().await {
        tracing::warn!(%error, "REDIS_URL: the connection was lost; other nodes hear late");
    }
}

async fn send(client: Client, mut waiting: mpsc::Receiver<Vec<u8>>) {
    let connection = client.connect();
    let mut parcels = Vec::new();
    while waiting.recv_many(&mut parcels, TOGETHER).await > 0 {
        let pipeline = client.pipeline();
        for parcel in parcels.drain(..) {
            // Only queued here.
            let _queued: Result<(), _> = pipeline.publish(CHANNEL, Bytes::from(parcel)).await;
        }
        if let Err(error) = pipeline.all::<()>().await {
            tracing::debug!(%error, "parcels were lost on the way");
        }
    }
    let _gone = client.quit().await;
    let _ended = connection.await;
}

/// Until nobody wants the parcels any more.
async fn listen(subscriber: SubscriberClient, arrived: mpsc::Sender<Vec<u8>>) {
    let connection = subscriber.connect();
    let mut messages = subscriber.message_rx();
    let mut reconnected = subscriber.reconnect_rx();
    let mut look = interval(LOOK);
    let mut listens = false;
    loop {
        tokio::select! {
            message = messages.recv() => match message {
                Ok(message) => pass_on(message.value, &arrived),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            // A new connection has no subscriptions.
            _ = reconnected.recv() => listens = subscribes(&subscriber).await,
            _ = look.tick() => listens = still_listens(&subscriber, listens).await,
            () = arrived.closed() => break,
        }
    }
    let _gone = subscriber.quit().await;
    let _ended = connection.await;
}

/// Nothing may come for a long time: only a question shows that the line is dead.
async fn still_listens(subscriber: &SubscriberClient, listens: bool) -> bool {
    if listens {
        subscriber.ping::<Value>(None).await.is_ok()
    } else {
        subscribes(subscriber).await
    }
}

async fn subscribes(subscriber: &SubscriberClient) -> bool {
    subscriber.subscribe(CHANNEL).await.is_ok()
}

fn pass_on(parcel: Value, arrived: &mpsc::Sender<Vec<u8>>) {
    if let Some(parcel) = parcel.into_bytes()
        && arrived.try_send(parcel.to_vec()).is_err()
    {
        tracing::debug!("a parcel was lost: this node is behind");
    }
}
