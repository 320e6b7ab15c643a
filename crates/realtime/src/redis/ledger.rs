//! The ledger over Redis: two scripts, which count by the clock of Redis.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use fred::error::Error;
use fred::interfaces::LuaInterface;
use fred::prelude::{Client, ClientLike, EventInterface};
use fred::types::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use super::{BadAddress, bad, builder};
use crate::{Answer, Balance, Ledger, Spending, Tally, Unavailable};

/// Somebody waits for the answer. Whoever does not get it counts for themselves.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks whether a Redis that was away is back.
const LOOK: Duration = Duration::from_millis(500);
/// Before every key.
const PREFIX: &str = "spherespace:limit:";

/// A leaky bucket (GCRA) for each key, kept as the microsecond at which it will be empty. For each key
/// come its interval and how much may be in it; the answer has for each the wait and the debt.
const SPEND: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer = {}
for i, key in ipairs(KEYS) do
  local interval, room = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local empty = math.max(tonumber(redis.call('GET', key) or '0'), now)
  local wait = math.max(empty - now - room, 0)
  if wait == 0 then
    empty = empty + interval
    redis.call('SET', key, string.format('%.0f', empty), 'PX', math.ceil((empty - now) / 1000))
  end
  answer[2 * i - 1], answer[2 * i] = wait, empty - now
end
return answer
";

/// The microseconds at which something happened, in a sorted set: one more of that name, or how long
/// until fewer than so many of them are young.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window, most = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - window))
if redis.call('ZCARD', KEYS[1]) < most then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
  return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(oldest[2] + window - now, 1)
";

/// It did not count after all.
const GIVE_BACK: &str = "return redis.call('ZREM', KEYS[1], ARGV[1])";

/// A Redis server that counts, connected or about to be.
#[derive(Debug)]
pub struct RedisLedger {
    client: Client,
    /// Whether it answered when it was last asked: nobody waits for one that is known to be away.
    answers: AtomicBool,
    spend: Script,
    take: Script,
    give_back: Script,
}

#[derive(Debug)]
struct Script {
    text: &'static str,
    /// The name under which Redis keeps it; the same for ever.
    hash: OnceLock<String>,
}

/// Connects in the background, and again after every loss. A runtime must be running.
///
/// # Errors
/// An address that cannot be understood; a server that does not answer is none.
pub fn connect(url: &str) -> Result<Arc<RedisLedger>, BadAddress> {
    let mut builder = builder(url)?;
    builder.with_performance_config(|performance| performance.default_command_timeout = PATIENCE);
    let client = builder.build().map_err(bad)?;
    let _connection = client.connect();
    let ledger = Arc::new(RedisLedger {
        client,
        answers: AtomicBool::new(true),
        spend: Script::new(SPEND),
        take: Script::new(TAKE),
        give_back: Script::new(GIVE_BACK),
    });
    tokio::spawn(look_after(Arc::downgrade(&ledger)));
    Ok(ledger)
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self { text, hash: OnceLock::new() }
    }

    /// By its name; a Redis that was started anew has to learn it again.
    async fn run(
        &self,
        client: &Client,
        keys: Vec<String>,
        args: Vec<Value>,
    ) -> Result<Value, Error> {
        if let Some(hash) = self.hash.get() {
            match client.evalsha(hash.as_str(), keys.clone(), args.clone()).await {
                Err(error) if error.details().starts_with("NOSCRIPT") => {}
                answer => return answer,
            }
        }
        let hash: String = client.script_load(self.text).await?;
        let hash = self.hash.get_or_init(|| hash);
        client.evalsha(hash.as_str(), keys, args).await
    }
}

impl RedisLedger {
    async fn ask(
        &self,
        script: &Script,
        keys: Vec<String>,
        args: Vec<Value>,
    ) -> Result<Value, Unavailable> {
        if !self.answers.load(Ordering::Acquire) {
            return Err(Unavailable);
        }
        script.run(&self.client, keys, args).await.map_err(|error| {
            tracing::warn!(%error, "REDIS_URL: limits are counted on each node alone");
            self.answers.store(false, Ordering::Release);
            Unavailable
        })
    }
}

impl Ledger for RedisLedger {
    fn spend(&self, spendings: Vec<Spending>) -> Answer<'_, Vec<Balance>> {
        Box::pin(async move {
            let keys = spendings.iter().map(|one| format!("{PREFIX}{}", one.key)).collect();
            let room = |one: &Spending| one.interval * one.burst.saturating_sub(1);
            let args = spendings.iter().flat_map(|one| [micros(one.interval), micros(room(one))]);
            let answer = self.ask(&self.spend, keys, args.collect()).await?;
            let numbers: Vec<u64> = answer.convert().map_err(|_| Unavailable)?;
            let balances = numbers.chunks_exact(2).map(|pair| Balance {
                wait: Duration::from_micros(pair[0]),
                debt: Duration::from_micros(pair[1]),
            });
            Ok(balances.collect())
        })
    }

    fn take<'a>(&'a self, tally: Tally, name: &'a str) -> Answer<'a, Duration> {
        Box::pin(async move {
            let args = vec![micros(tally.window), i64::from(tally.most).into(), name.into()];
            let keys = vec![format!("{PREFIX}{}", tally.key)];
            let answer = self.ask(&self.take, keys, args).await?;
            let wait: u64 = answer.convert().map_err(|_| Unavailable)?;
            Ok(Duration::from_micros(wait))
        })
    }

    fn give_back<'a>(&'a self, key: &'a str, name: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let keys = vec![format!("{PREFIX}{key}")];
            self.ask(&self.give_back, keys, vec![name.into()]).await.map(drop)
        })
    }
}

fn micros(time: Duration) -> Value {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX).into()
}

/// Until nobody counts any more: a lost connection is noticed at once, and a Redis that is back.
async fn look_after(ledger: Weak<RedisLedger>) {
    let Some(mut errors) = ledger.upgrade().map(|ledger| ledger.client.error_rx()) else { return };
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let was_lost = tokio::select! {
            error = errors.recv() => !matches!(error, Err(RecvError::Closed)),
            _ = ticks.tick() => false,
        };
        let Some(ledger) = ledger.upgrade() else { return };
        if was_lost {
            ledger.answers.store(false, Ordering::Release);
        } else if !ledger.answers.load(Ordering::Acquire) {
            let is_back = ledger.client.ping::<Value>(None).await.is_ok();
            ledger.answers.store(is_back, Ordering::Release);
        }
    }
}

impl Drop for RedisLedger {
    fn drop(&mut self) {
        let client = self.client.clone();
        // Outside of a runtime there is no connection any more.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { client.quit().await });
        }
    }
}
