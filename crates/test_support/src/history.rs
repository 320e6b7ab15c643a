//! Whether what clients saw and what is stored can both be true: nothing that was acknowledged is
//! lost, nothing is there twice, and everybody heard one order without a hole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use domain::chat::{conversation_of, key_of};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement};
use wire::chat::Message;
use wire::{ClientId, ConversationId, ConversationKey, UserId};

/// A message, as far as it must be the same wherever it is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub conversation: ConversationKey,
    pub seq: i64,
    pub sender: UserId,
    pub client_id: ClientId,
    pub content: String,
}

/// What one client's socket brought, in the order in which it came.
#[derive(Debug, Clone)]
pub enum Seen {
    /// From here on everything behind this number is to be heard.
    From(ConversationKey, i64),
    /// A new connection: until [`Seen::Resumed`] what was missed and what is new may be mixed, and what
    /// came then may come once more.
    Connected,
    Resumed,
    Message(Entry),
    /// Everything up to here was fetched instead.
    Gap(ConversationKey, i64),
}

/// What one client keeps: what it was told is stored, and everything it heard.
#[derive(Debug, Default)]
pub struct Log {
    pub who: String,
    pub acknowledged: Vec<Entry>,
    pub seen: Vec<Seen>,
}

/// Something that must never happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Acknowledged, but not stored, or stored as something else.
    Lost { who: String, seq: i64 },
    /// One client id, two rows.
    Double { client_id: String },
    /// The numbers of a conversation are not 1, 2, 3 …
    Hole { conversation: String, seq: i64 },
    /// Told, but not stored like that.
    Invented { who: String, seq: i64 },
    /// Told again, or after something later.
    OutOfOrder { who: String, seq: i64 },
    /// Never told, although what comes later was, or the log has ended.
    Missed { who: String, seq: i64 },
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { who, seq } => write!(out, "{seq} was acknowledged to {who} and is lost"),
            Self::Double { client_id } => write!(out, "{client_id} is stored twice"),
            Self::Hole { conversation, seq } => write!(out, "{conversation} has no {seq}"),
            Self::Invented { who, seq } => write!(out, "{who} was told {seq}, which is not stored"),
            Self::OutOfOrder { who, seq } => write!(out, "{who} was told {seq} late or twice"),
            Self::Missed { who, seq } => write!(out, "{who} was never told {seq}"),
        }
    }
}

impl From<&Message> for Entry {
    fn from(message: &Message) -> Self {
        Self {
            conversation: message.conversation_id,
            seq: message.seq,
            sender: message.sender.id,
            client_id: message.client_id.clone(),
            content: message.content.clone(),
        }
    }
}

/// Every message in the database.
///
/// # Errors
/// Where it cannot be read.
pub async fn stored(rows: &DatabaseConnection) -> Result<Vec<Entry>, DbErr> {
    stored_since(rows, 0).await
}

/// Every message behind this number, in whichever conversation.
///
/// # Errors
/// As [`stored`].
pub async fn stored_since(rows: &DatabaseConnection, seq: i64) -> Result<Vec<Entry>, DbErr> {
    let sql =
        "SELECT conversation_id, seq, sender_id, client_id, content FROM message WHERE seq > $1";
    let backend = rows.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [seq.into()]);
    rows.query_all_raw(statement).await?.iter().map(entry).collect()
}

/// Every message in the database at this address.
///
/// # Errors
/// As [`stored`].
pub async fn stored_at(url: &str) -> Result<Vec<Entry>, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let rows = sea_orm::Database::connect(options).await?;
    let found = stored(&rows).await;
    rows.close().await?;
    found
}

fn entry(row: &QueryResult) -> Result<Entry, DbErr> {
    let client_id: String = row.try_get_by_index(3)?;
    Ok(Entry {
        conversation: key_of(ConversationId(row.try_get_by_index::<Uuid>(0)?)),
        seq: row.try_get_by_index(1)?,
        sender: UserId(row.try_get_by_index::<Uuid>(2)?),
        client_id: client_id.parse().map_err(|_| DbErr::Type("a client id".into()))?,
        content: row.try_get_by_index(4)?,
    })
}

type Conversations<'a> = BTreeMap<ConversationId, BTreeMap<i64, &'a Entry>>;

/// Everything that is wrong with `stored`, or with a log of it; empty is well. Every log is taken to
/// have gone on until all was told.
#[must_use]
pub fn faults(stored: &[Entry], logs: &[Log]) -> Vec<Fault> {
    let mut faults = doubles(stored);
    let mut conversations = Conversations::new();
    for entry in stored {
        conversations.entry(id(entry.conversation)).or_default().insert(entry.seq, entry);
    }
    for (conversation, messages) in &conversations {
        let missing = (1..).zip(messages.keys()).find(|(wanted, found)| wanted != *found);
        let hole = |(seq, _)| Fault::Hole { conversation: conversation.0.to_string(), seq };
        faults.extend(missing.map(hole));
    }
    for log in logs {
        let lost = log.acknowledged.iter().filter(|entry| !holds(&conversations, entry));
        faults.extend(lost.map(|entry| Fault::Lost { who: log.who.clone(), seq: entry.seq }));
        Reader::of(log, &conversations).read(&mut faults);
    }
    faults
}

fn id(key: ConversationKey) -> ConversationId {
    conversation_of(key)
}

fn holds(conversations: &Conversations<'_>, entry: &Entry) -> bool {
    let row = conversations.get(&id(entry.conversation)).and_then(|rows| rows.get(&entry.seq));
    row.is_some_and(|row| *row == entry)
}

fn doubles(stored: &[Entry]) -> Vec<Fault> {
    let mut once = BTreeSet::new();
    let again =
        stored.iter().filter(|entry| !once.insert((entry.sender.0, entry.client_id.as_str())));
    again.map(|entry| Fault::Double { client_id: entry.client_id.to_string() }).collect()
}

/// Walks through one log.
struct Reader<'a> {
    log: &'a Log,
    conversations: &'a Conversations<'a>,
    /// Up to where each conversation has been heard without a hole.
    reached: BTreeMap<ConversationId, i64>,
    /// What came beyond that while missed and new messages are mixed.
    ahead: BTreeSet<(ConversationId, i64)>,
    mixed: bool,
    /// What the client had when it came, what it heard while they were mixed, and what a gap has named:
    /// what is read back before this node has told it comes once more.
    came_with: BTreeMap<ConversationId, i64>,
    read_back: BTreeSet<(ConversationId, i64)>,
    once_more: BTreeSet<(ConversationId, i64)>,
}

impl<'a> Reader<'a> {
    fn of(log: &'a Log, conversations: &'a Conversations<'a>) -> Self {
        Self {
            log,
            conversations,
            reached: BTreeMap::new(),
            ahead: BTreeSet::new(),
            mixed: false,
            came_with: BTreeMap::new(),
            read_back: BTreeSet::new(),
            once_more: BTreeSet::new(),
        }
    }

    fn read(mut self, faults: &mut Vec<Fault>) {
        for seen in &self.log.seen {
            match seen {
                Seen::From(key, seq) => self.jump(id(*key), *seq),
                Seen::Gap(key, seq) => {
                    self.fetch(id(*key), *seq);
                    self.jump(id(*key), *seq);
                }
                Seen::Connected => {
                    self.mixed = true;
                    self.came_with.clone_from(&self.reached);
                    self.read_back.clear();
                    self.once_more.clear();
                }
                Seen::Resumed => self.settle(faults),
                Seen::Message(entry) => self.hear(entry, faults),
            }
        }
        self.settle(faults);
        let ends = self.reached.iter().filter_map(|(id, reached)| {
            let last = *self.conversations.get(id)?.keys().next_back()?;
            (*reached < last).then(|| self.missed(reached + 1))
        });
        faults.extend(ends.collect::<Vec<_>>());
    }

    /// What a gap names the client reads back by itself.
    fn fetch(&mut self, conversation: ConversationId, to: i64) {
        let reached = self.reached.get(&conversation).copied().unwrap_or_default();
        self.read_back.extend((reached + 1..=to).map(|seq| (conversation, seq)));
    }

    fn jump(&mut self, conversation: ConversationId, seq: i64) {
        let reached = self.reached.entry(conversation).or_insert(seq);
        *reached = seq.max(*reached);
        self.take_up(conversation);
    }

    fn hear(&mut self, entry: &Entry, faults: &mut Vec<Fault>) {
        let who = self.log.who.clone();
        if !holds(self.conversations, entry) {
            return faults.push(Fault::Invented { who, seq: entry.seq });
        }
        let conversation = id(entry.conversation);
        let Some(reached) = self.reached.get(&conversation).copied() else { return };
        let place = (conversation, entry.seq);
        if self.mixed {
            self.read_back.insert(place);
        }
        if entry.seq <= reached {
            if !self.mixed && !self.may_come_once_more(place) {
                faults.push(Fault::OutOfOrder { who, seq: entry.seq });
            }
            return;
        }
        if entry.seq > reached + 1 && !self.mixed {
            faults.push(self.missed(reached + 1));
            self.reached.insert(conversation, entry.seq - 1);
        }
        self.ahead.insert(place);
        self.take_up(conversation);
    }

    fn may_come_once_more(&mut self, place: (ConversationId, i64)) -> bool {
        let had = self.came_with.get(&place.0).is_some_and(|reached| place.1 <= *reached);
        (had || self.read_back.contains(&place)) && self.once_more.insert(place)
    }

    fn take_up(&mut self, conversation: ConversationId) {
        let Some(reached) = self.reached.get_mut(&conversation) else { return };
        while self.ahead.remove(&(conversation, *reached + 1)) {
            *reached += 1;
        }
        let reached = *reached;
        self.ahead.retain(|(id, seq)| *id != conversation || *seq > reached);
    }

    /// What was missed has come: nothing may be lacking any more.
    fn settle(&mut self, faults: &mut Vec<Fault>) {
        self.mixed = false;
        while let Some((conversation, _)) = self.ahead.first().copied() {
            let reached = self.reached.entry(conversation).or_default();
            *reached += 1;
            let missed = *reached;
            faults.push(self.missed(missed));
            self.take_up(conversation);
        }
    }

    fn missed(&self, seq: i64) -> Fault {
        Fault::Missed { who: self.log.who.clone(), seq }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: ConversationKey = ConversationKey::Global;

    fn entry(seq: i64) -> Entry {
        Entry {
            conversation: HERE,
            seq,
            sender: UserId(Uuid::from_u128(1)),
            client_id: format!("id {seq}").parse().unwrap(),
            content: format!("text {seq}"),
        }
    }

    fn entries(seqs: &[i64]) -> Vec<Entry> {
        seqs.iter().copied().map(entry).collect()
    }

    fn message(seq: i64) -> Seen {
        Seen::Message(entry(seq))
    }

    fn log(acknowledged: &[i64], seen: Vec<Seen>) -> Log {
        Log { who: "ada".into(), acknowledged: entries(acknowledged), seen }
    }

    fn found(stored: &[Entry], log: Log) -> Vec<String> {
        faults(stored, &[log]).iter().map(Fault::to_string).collect()
    }

    #[test]
    fn a_log_that_agrees_has_no_fault() {
        let seen = vec![
            Seen::From(HERE, 0),
            message(1),
            Seen::Connected,
            message(4),
            message(2),
            message(3),
            message(4),
            Seen::Resumed,
            message(3),
            message(5),
            Seen::Connected,
            Seen::Gap(HERE, 8),
            Seen::Resumed,
            message(9),
        ];
        let stored = entries(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(found(&stored, log(&[2, 9], seen)), [""; 0]);
    }

    #[test]
    fn what_is_lost_changed_doubled_or_lacking_in_the_table_is_found() {
        assert_eq!(
            found(&entries(&[1]), log(&[1, 2], vec![])),
            ["2 was acknowledged to ada and is lost"]
        );
        let changed = Entry { content: "other".into(), ..entry(1) };
        assert_eq!(found(&[changed], log(&[1], vec![])), ["1 was acknowledged to ada and is lost"]);
        let again = Entry { seq: 2, ..entry(1) };
        assert_eq!(found(&[entry(1), again], Log::default()), ["id 1 is stored twice"]);
        let hole = faults(&entries(&[1, 3]), &[]);
        assert!(matches!(hole[..], [Fault::Hole { seq: 2, .. }]), "{hole:?}");
    }

    #[test]
    fn what_is_told_twice_late_never_or_wrongly_is_found() {
        let stored = entries(&[1, 2, 3]);
        let from = || Seen::From(HERE, 0);
        let twice = vec![from(), message(1), message(2), message(2), message(3)];
        assert_eq!(found(&stored, log(&[], twice)), ["ada was told 2 late or twice"]);
        let thrice =
            vec![from(), Seen::Connected, message(1), Seen::Resumed, message(1), message(1)];
        assert_eq!(found(&entries(&[1]), log(&[], thrice)), ["ada was told 1 late or twice"]);
        let gap = || vec![from(), Seen::Connected, Seen::Gap(HERE, 3), Seen::Resumed, message(2)];
        assert_eq!(found(&stored, log(&[], gap())), [""; 0], "told late, of what was read back");
        let late_twice = [gap(), vec![message(2)]].concat();
        assert_eq!(found(&stored, log(&[], late_twice)), ["ada was told 2 late or twice"]);
        let skipped = vec![from(), message(1), message(3)];
        assert_eq!(found(&stored, log(&[], skipped)), ["ada was never told 2"]);
        let unfinished = vec![from(), message(1), message(2)];
        assert_eq!(found(&stored, log(&[], unfinished)), ["ada was never told 3"]);
        let not_resumed = vec![from(), message(1), Seen::Connected, message(3), Seen::Resumed];
        assert_eq!(found(&stored, log(&[], not_resumed)), ["ada was never told 2"]);
        let invented = vec![from(), message(1), message(2), message(3), message(4)];
        assert_eq!(found(&stored, log(&[], invented)), ["ada was told 4, which is not stored"]);
    }
}
