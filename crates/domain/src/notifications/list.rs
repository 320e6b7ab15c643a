//! The list of what happened, by what it is about.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::activity::Achievement;
use wire::chat::Author;
use wire::communities::{CommunityRight, CommunityRole};
use wire::notifications::{
    About, NAMED, NEWS_PAGE, News, NewsCursor, NewsEvent, NewsKind, NewsStep,
};
use wire::{ConversationId, MediaId, UnixMillis, UserId};

use super::NewsError;
use crate::chat::{READABLE, key_of};
use crate::posts::visible;
use crate::{Caller, Services};

/// One event, with what its reader may see of what it is about.
#[derive(FromQueryResult)]
pub(super) struct Row {
    id: Uuid,
    kind: String,
    topic: Uuid,
    subject_id: Uuid,
    created_at: i64,
    read_at: Option<i64>,
    actor_id: Uuid,
    actor: String,
    avatar_id: Option<Uuid>,
    title: Option<String>,
    post: Option<String>,
    name: Option<String>,
    community: Option<String>,
    role: Option<String>,
    place: Option<String>,
    /// Of a message that its reader may read.
    seq: Option<i64>,
}

impl Row {
    /// What it is about; nothing where that is gone, or not the reader's to see any more.
    fn about(&self, kind: NewsKind) -> Option<About> {
        let community = || {
            let (name, slug) = self.name.clone().zip(self.community.clone())?;
            Some(About::Community { name, slug })
        };
        match kind {
            NewsKind::Follow => Some(About::Oneself),
            NewsKind::Achievement => Achievement::of_topic(self.topic).map(About::Achievement),
            NewsKind::CommunityAccepted | NewsKind::TakenOut => community(),
            NewsKind::CommunityRequest => {
                let role = self.role.as_deref().and_then(CommunityRole::from_word)?;
                role.may(CommunityRight::AnswerRequests).then(community)?
            }
            NewsKind::Mention if self.seq.is_some() => self.conversation(),
            _ => {
                let (title, slug) = self.title.clone().zip(self.post.clone())?;
                Some(About::Post { title, slug })
            }
        }
    }

    fn conversation(&self) -> Option<About> {
        let key = key_of(ConversationId(self.topic));
        Some(About::Conversation { key, name: self.place.clone(), seq: self.seq? })
    }

    /// As an entry of its own.
    pub(super) fn event(self) -> Option<NewsEvent> {
        let kind = NewsKind::from_word(&self.kind)?;
        let about = self.about(kind)?;
        let subject = Some(self.subject_id).filter(|subject| *subject != self.topic);
        Some(NewsEvent {
            id: self.id,
            kind,
            topic: self.topic,
            address: about.address(kind, subject, &self.actor),
            about,
            by: Author::new(UserId(self.actor_id), self.actor)
                .with_avatar(self.avatar_id.map(MediaId)),
            at: UnixMillis(self.created_at),
            is_read: self.read_at.is_some(),
        })
    }
}

/// A step through what happened, the newest first. What was done across a block since, or by somebody muted
/// since, is left out. Of a long story one entry stands in each step that it reaches into.
///
/// # Errors
/// Where the database does not answer.
pub async fn news(
    services: &Services,
    caller: &Caller,
    before: Option<NewsCursor>,
) -> Result<NewsStep, NewsError> {
    let query = news_query(services.store.backend(), caller.user_id, before);
    let mut rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let has_more = rows.len() > NEWS_PAGE as usize;
    rows.truncate(NEWS_PAGE as usize);
    let edge = |last: &Row| NewsCursor { at: UnixMillis(last.created_at), id: last.id };
    let next = rows.last().filter(|_| has_more).map(edge);
    Ok(NewsStep { news: together(rows), next })
}

/// The events of `$1` for which `which` holds, as far as they are to be seen: not what was done across a block, by
/// somebody muted or no longer here, or about what the reader has lost sight of.
pub(super) fn seen(which: &str) -> String {
    let shown = "(n.kind IN ('follow', 'achievement') OR (n.kind IN ('community_accepted', 'taken_out') AND c.id IS NOT NULL) \
         OR (n.kind = 'community_request' AND r.role IN ('moderator', 'admin', 'owner')) \
         OR p.id IS NOT NULL OR t.id IS NOT NULL)";
    told(&format!("{shown} AND {which}"))
}

/// Whether a request of `by` waits at `of`, or was declined: nothing of theirs leaves the site.
pub(super) fn has_not_accepted(of: &str, by: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM membership own JOIN conversation t ON t.id = own.conversation_id \
         JOIN membership other ON other.conversation_id = t.id WHERE own.account_id = {of} \
         AND own.state IN ('requested', 'declined') AND other.account_id = {by} AND t.kind = 'direct')"
    )
}

/// As [`seen`], where those who read the rows leave out what is not shown any more.
fn told(which: &str) -> String {
    let visible = visible("$1");
    format!(
        "SELECT n.id, n.kind, n.topic, n.subject_id, n.created_at, n.read_at, a.id AS actor_id, \
         a.username AS actor, a.avatar_id, p.title, p.slug AS post, c.name, c.slug AS community, r.role, \
         t.title AS place, CASE WHEN t.id IS NOT NULL THEN g.seq END AS seq \
         FROM notification n JOIN account a ON a.id = n.actor_id \
         LEFT JOIN community c ON c.id = n.topic \
         LEFT JOIN community_member r ON r.community_id = c.id AND r.account_id = $1 \
         AND r.state = 'active' LEFT JOIN post p ON p.id = n.topic AND {visible} \
         LEFT JOIN message g ON n.kind = 'mention' AND g.id = n.subject_id AND g.unsent_at IS NULL \
         LEFT JOIN conversation t ON t.id = g.conversation_id AND {READABLE} \
         WHERE n.account_id = $1 AND {which} AND a.is_active AND a.delete_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM block b \
         WHERE (b.blocker_id = $1 AND b.blocked_id = a.id) OR (b.blocker_id = a.id AND b.blocked_id = $1)) \
         AND NOT EXISTS (SELECT 1 FROM mute m WHERE m.muter_id = $1 AND m.muted_id = a.id)"
    )
}

/// What somebody has lost sight of is not told to them by its title.
pub(super) fn news_query(backend: DbBackend, who: UserId, before: Option<NewsCursor>) -> Statement {
    let step = told("n.created_at <= $2 AND (n.created_at < $2 OR n.id < $3)");
    let sql = format!("{step} ORDER BY n.created_at DESC, n.id DESC LIMIT $4");
    let (at, id) = before.map_or((i64::MAX, Uuid::max()), |before| (before.at.0, before.id));
    let limit = NEWS_PAGE as i64 + 1;
    let values: [Value; 4] = [who.0.into(), at.into(), id.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// Those of one kind and topic as one entry, at the place of the newest.
pub(super) fn together(rows: Vec<Row>) -> Vec<News> {
    let mut all: Vec<(News, Vec<Uuid>)> = Vec::new();
    for row in rows {
        let Some(kind) = NewsKind::from_word(&row.kind) else { continue };
        let Some(about) = row.about(kind) else { continue };
        let known = all.iter_mut().find(|(news, _)| (news.kind, news.topic) == (kind, row.topic));
        match known {
            Some((news, actors)) => add(news, actors, row),
            None => {
                let mut news = News {
                    kind,
                    topic: row.topic,
                    about,
                    people: Vec::new(),
                    others: 0,
                    at: UnixMillis(row.created_at),
                    is_unread: false,
                };
                let mut actors = Vec::new();
                add(&mut news, &mut actors, row);
                all.push((news, actors));
            }
        }
    }
    all.into_iter().map(|(news, _)| news).collect()
}

/// One event more; whoever did several of them is one person.
fn add(news: &mut News, actors: &mut Vec<Uuid>, row: Row) {
    news.is_unread |= row.read_at.is_none();
    if actors.contains(&row.actor_id) {
        return;
    }
    actors.push(row.actor_id);
    if news.people.len() < NAMED {
        let author = Author::new(UserId(row.actor_id), row.actor);
        news.people.push(author.with_avatar(row.avatar_id.map(MediaId)));
    } else {
        news.others += 1;
    }
}
