//! A place that lives: people with pictures, communities, posts and what became of them, rooms and
//! conversations, spread over the last weeks.
//!
//! It is played, not written: each deed is done by the verb that does it for people, at its own moment, so
//! that every count and every notification is what it would be.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use bytes::Bytes;
use sea_orm::{EntityTrait, PaginatorTrait};
use uuid::Uuid;
use wire::accounts::{OwnChanges, SignUpForm};
use wire::communities::{CommunityForm, Joined};
use wire::conversations::Target;
use wire::media::PictureKind;
use wire::{ClientId, CommentId, ConversationId, ConversationKey, UnixMillis};

use super::SeedError;
use super::painter::{Motif, paint};
use super::plan::{DAY, Deed, MINUTE, Plan};
use super::script::{self, Answer, Line, Person, Piece, Place, Talk, VISITOR};
use crate::accounts::{Origin, change_own_account, sign_up};
use crate::chat::{GLOBAL_ROOM, create_group, mark_read, start_direct, write_directly};
use crate::communities::{accept, create, join, show_picture};
use crate::media::store_picture;
use crate::posts::{
    Change, Intent, PostForm, Reaction, keep, react, react_to_comment, write_comment, write_post,
};
use crate::profiles::{follow, set_picture};
use crate::{Caller, Services, clock};

/// The talks that the visitor has not opened yet: the newest of the play, and a stranger's request.
const UNREAD: [usize; 3] = [3, 4, 6];
/// Nobody has a picture whose name comes at such a place: a first letter is a face, too.
const FACELESS: usize = 8;

/// What to play.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The visitor's, whose name is `demo`. Nobody else can sign in.
    pub password: String,
    pub has_pictures: bool,
    /// When it ends.
    pub now: UnixMillis,
}

/// What was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staged {
    pub people: usize,
    pub communities: usize,
    pub posts: usize,
    pub comments: usize,
    pub messages: usize,
}

/// Fills a database in which nobody is yet.
///
/// # Errors
/// [`SeedError::NotEmpty`], or a verb that refuses; what was played until then stays.
pub async fn stage(services: &Services, demo: &Demo) -> Result<Staged, SeedError> {
    if entity::account::Entity::find().count(&services.store.read).await? > 0 {
        return Err(SeedError::NotEmpty);
    }
    let mut stage = Stage::new(services, demo);
    stage.people().await?;
    stage.communities().await?;
    for (at, deed) in stage.plan() {
        clock::at(at, stage.play(deed)).await?;
    }
    stage.draft().await?;
    Ok(stage.staged())
}

struct Stage<'s> {
    services: &'s Services,
    demo: &'s Demo,
    cast: Vec<Person>,
    places: Vec<Place>,
    pieces: Vec<Piece>,
    room: Vec<Line>,
    talks: Vec<Talk>,
    callers: HashMap<&'static str, Caller>,
    slugs: Vec<String>,
    posts: HashMap<usize, String>,
    comments: HashMap<(usize, usize), CommentId>,
    conversations: HashMap<usize, ConversationId>,
}

impl<'s> Stage<'s> {
    fn new(services: &'s Services, demo: &'s Demo) -> Self {
        Self {
            services,
            demo,
            cast: script::cast(),
            places: script::places(),
            pieces: script::pieces(),
            room: script::room(),
            talks: script::talks(),
            callers: HashMap::new(),
            slugs: Vec::new(),
            posts: HashMap::new(),
            comments: HashMap::new(),
            conversations: HashMap::new(),
        }
    }

    fn plan(&self) -> Vec<(UnixMillis, Deed)> {
        let people = self.cast.iter().map(|person| person.username).collect();
        let mut plan = Plan::new(self.demo.now, people);
        plan.follows();
        plan.joins(&self.places);
        let belonging = |(place, slug): (&Place, &String)| {
            let members = place.members.iter().copied().chain([place.owner]);
            (slug.clone(), members.collect())
        };
        let places: Vec<_> = self.places.iter().zip(&self.slugs).map(belonging).collect();
        plan.pieces(&self.pieces, &places);
        plan.room(self.room.len());
        plan.talks(&self.talks, &UNREAD);
        plan.in_order()
    }

    fn staged(&self) -> Staged {
        Staged {
            people: self.callers.len(),
            communities: self.slugs.len(),
            posts: self.posts.len(),
            comments: self.comments.len(),
            messages: self.room.len()
                + self.talks.iter().map(|talk| talk.lines.len()).sum::<usize>(),
        }
    }

    /// Whoever plays the part. Everybody of the play has signed up before it begins.
    fn caller(&self, name: &str) -> Result<&Caller, SeedError> {
        self.callers.get(name).ok_or(SeedError::Missing)
    }

    async fn people(&mut self) -> Result<(), SeedError> {
        for (nth, person) in self.cast.clone().into_iter().enumerate() {
            let at = self.demo.now.0 - 70 * DAY + nth as i64 * (10 * DAY / 25);
            let caller = clock::at(UnixMillis(at), self.arrive(nth, &person)).await?;
            self.callers.insert(person.username, caller);
        }
        Ok(())
    }

    async fn arrive(&self, nth: usize, person: &Person) -> Result<Caller, SeedError> {
        let unknown = || format!("{:032x}", rand::random::<u128>());
        let is_visitor = person.username == VISITOR;
        let form = SignUpForm {
            username: person.username.into(),
            password: if is_visitor { self.demo.password.clone() } else { unknown() },
            ..SignUpForm::default()
        };
        let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
        let caller = sign_up(self.services, &form, &origin, &[]).await?.caller;
        let about = OwnChanges {
            first_name: Some(person.first_name.into()),
            last_name: Some(person.last_name.into()),
            bio: Some(person.bio.into()),
            ..OwnChanges::default()
        };
        change_own_account(self.services, &caller, &about).await?;
        if self.demo.has_pictures && nth % FACELESS != FACELESS - 1 {
            self.faces(nth, &caller).await?;
        }
        Ok(caller)
    }

    async fn faces(&self, nth: usize, caller: &Caller) -> Result<(), SeedError> {
        let seed = nth as u64;
        for (kind, size, motif) in [
            (PictureKind::Avatar, (256, 256), Motif::ALL[(nth + 2) % 4]),
            (PictureKind::Banner, (1200, 400), Motif::ALL[nth % 4]),
        ] {
            let bytes = painted(motif, size, seed * 2 + 11).await?;
            set_picture(self.services, caller, kind, bytes, None).await?;
        }
        Ok(())
    }

    async fn communities(&mut self) -> Result<(), SeedError> {
        for (nth, place) in self.places.clone().into_iter().enumerate() {
            let at = UnixMillis(self.demo.now.0 - 30 * DAY + nth as i64 * 30 * MINUTE);
            let slug = clock::at(at, self.found(nth, &place)).await?;
            self.slugs.push(slug);
        }
        Ok(())
    }

    async fn found(&self, nth: usize, place: &Place) -> Result<String, SeedError> {
        let owner = self.caller(place.owner)?;
        let form = CommunityForm {
            name: place.name.into(),
            description: place.description.into(),
            rules: place.rules.clone(),
            is_private: place.is_private,
            slow_mode_seconds: 0,
        };
        let slug = create(self.services, owner, &form).await?.slug;
        if self.demo.has_pictures {
            self.signs(nth, owner, &slug).await?;
        }
        Ok(slug)
    }

    async fn signs(&self, nth: usize, owner: &Caller, slug: &str) -> Result<(), SeedError> {
        for (kind, size, motif) in [
            (PictureKind::Icon, (256, 256), Motif::ALL[(nth + 3) % 4]),
            (PictureKind::Cover, (1200, 675), Motif::ALL[nth % 4]),
        ] {
            let bytes = painted(motif, size, nth as u64 + 101).await?;
            let picture = store_picture(self.services, owner, kind, bytes, None).await?;
            show_picture(self.services, owner, slug, kind, Some(picture.id)).await?;
        }
        Ok(())
    }

    async fn play(&mut self, deed: Deed) -> Result<(), SeedError> {
        match deed {
            Deed::Publish { piece } => self.publish(piece).await,
            Deed::Answer { piece, answer } => self.answer(piece, answer).await,
            Deed::Begin { talk } => self.begin(talk).await,
            Deed::Say { line } => self.say(GLOBAL_ROOM, self.room[line]).await,
            Deed::Talk { talk, line } => {
                let id = self.conversations.get(&talk).ok_or(SeedError::Missing)?;
                self.say(*id, self.talks[talk].lines[line]).await
            }
            Deed::ReadTalk { talk } => self.read_talk(talk).await,
            other => self.take_part(other).await,
        }
    }

    async fn take_part(&self, deed: Deed) -> Result<(), SeedError> {
        let services = self.services;
        match deed {
            Deed::Follow { who, whom } => {
                follow(services, self.caller(who)?, whom).await?;
            }
            Deed::Join { who, place } => self.join(who, place).await?,
            Deed::Like { who, piece } => {
                let post = self.post(piece)?;
                react(services, self.caller(who)?, post, Reaction::Like, Change::Put).await?;
            }
            Deed::LikeAnswer { who, piece, answer } => {
                let id = self.comments.get(&(piece, answer)).ok_or(SeedError::Missing)?;
                let who = self.caller(who)?;
                react_to_comment(services, who, *id, Reaction::Like, Change::Put).await?;
            }
            Deed::Keep { who, piece } => {
                keep(services, self.caller(who)?, self.post(piece)?, Change::Put).await?;
            }
            _ => {}
        }
        Ok(())
    }

    fn post(&self, piece: usize) -> Result<&str, SeedError> {
        self.posts.get(&piece).map(String::as_str).ok_or(SeedError::Missing)
    }

    async fn join(&self, who: &str, nth: usize) -> Result<(), SeedError> {
        let (place, slug) = (&self.places[nth], &self.slugs[nth]);
        let joined = join(self.services, self.caller(who)?, slug).await?;
        if joined == Joined::Requested {
            accept(self.services, self.caller(place.owner)?, slug, who).await?;
        }
        Ok(())
    }

    async fn publish(&mut self, nth: usize) -> Result<(), SeedError> {
        let piece = self.pieces[nth].clone();
        let author = self.caller(piece.author)?;
        let cover = self.cover(nth, author, &piece).await?;
        let form = PostForm {
            title: piece.title.into(),
            content: piece.content.into(),
            tags: piece.tags.into(),
            visibility: piece.visibility,
            community: piece.community.map(str::to_owned),
            cover: cover.map(|(id, _)| id),
            cover_alt: cover.map(|(_, motif)| motif.in_words().to_owned()),
            intent: Intent::Publish,
            ..PostForm::default()
        };
        let post = write_post(self.services, author, None, &form).await?;
        self.posts.insert(nth, post.card.slug);
        Ok(())
    }

    /// Over every third text that is long enough to want one.
    async fn cover(
        &self,
        nth: usize,
        author: &Caller,
        piece: &Piece,
    ) -> Result<Option<(Uuid, Motif)>, SeedError> {
        let is_long = piece.content.chars().count() > 420;
        if !self.demo.has_pictures || !is_long || nth % 3 == 1 {
            return Ok(None);
        }
        let motif = Motif::ALL[nth % 4];
        let bytes = painted(motif, (1200, 675), nth as u64 + 211).await?;
        let kind = PictureKind::Cover;
        let picture = store_picture(self.services, author, kind, bytes, None).await?;
        Ok(Some((picture.id.0, motif)))
    }

    async fn answer(&mut self, piece: usize, nth: usize) -> Result<(), SeedError> {
        let answers = &self.pieces[piece].answers;
        let Answer { author, depth, content } = answers[nth];
        let above = depth.checked_sub(1);
        let above =
            above.and_then(|above| answers[..nth].iter().rposition(|one| one.depth == above));
        let parent = above.and_then(|above| self.comments.get(&(piece, above)).copied());
        let post = self.post(piece)?;
        let comment = write_comment(self.services, self.caller(author)?, post, parent, content);
        let id = comment.await?.id;
        self.comments.insert((piece, nth), id);
        Ok(())
    }

    async fn say(&self, conversation: ConversationId, line: Line) -> Result<(), SeedError> {
        let author = self.caller(line.author)?.author();
        let words = vec![(author, line.words.to_owned(), ClientId::new())];
        write_directly(self.services, conversation, words).await?;
        Ok(())
    }

    async fn begin(&mut self, nth: usize) -> Result<(), SeedError> {
        let talk = &self.talks[nth];
        let (first, others) = talk.people.split_first().ok_or(SeedError::Missing)?;
        let first = self.caller(first)?;
        let named = |name: &&str| Target::Username((*name).to_owned());
        let targets: Vec<Target> = others.iter().map(named).collect();
        let conversation = match (talk.title, targets.first()) {
            (Some(title), _) => create_group(self.services, first, title, &targets).await?,
            (None, Some(other)) => {
                start_direct(self.services, first, other).await?.into_conversation()
            }
            (None, None) => return Err(SeedError::Missing),
        };
        self.conversations.insert(nth, conversation.id);
        Ok(())
    }

    /// Everybody of it has seen it all.
    async fn read_talk(&self, nth: usize) -> Result<(), SeedError> {
        let id = self.conversations.get(&nth).ok_or(SeedError::Missing)?;
        for name in &self.talks[nth].people {
            mark_read(self.services, self.caller(name)?, ConversationKey::Id(*id), None).await?;
        }
        Ok(())
    }

    /// Something that only the visitor sees.
    async fn draft(&self) -> Result<(), SeedError> {
        let form = PostForm {
            title: "An eighth door".into(),
            content: "It was there all the time, on the inside.".into(),
            tags: "doors".into(),
            ..PostForm::default()
        };
        write_post(self.services, self.caller(VISITOR)?, None, &form).await?;
        let global = ConversationKey::Global;
        mark_read(self.services, self.caller(VISITOR)?, global, None).await?;
        Ok(())
    }
}

/// Away from the threads that answer.
async fn painted(motif: Motif, size: (u32, u32), seed: u64) -> Result<Bytes, SeedError> {
    let work = tokio::task::spawn_blocking(move || paint(motif, size, seed)).await;
    work.ok().flatten().ok_or(SeedError::Missing)
}
