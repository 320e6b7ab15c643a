//! The pages of conversations, as the server renders them: the list beside the pane that is open.
//!
//! Everything in here works without script. The browser only brings the living part of a room to life
//! ([`super::room`]) and takes the list and the head anew as HTML ([`fragment`]).

mod details;
mod list;
mod message;
mod new;
mod notice;
mod requests;
mod room_head;

use leptos::prelude::*;
use wire::ConversationKey;
use wire::chat::Message;
use wire::conversations::{Conversation, ConversationKind, Counts, Member, SeenBy};
use wire::people::PersonCard;

use self::details::DetailsPane;
use self::list::ListPane;
use self::message::MessagePane;
use self::new::NewPane;
use self::notice::Notice;
use self::requests::RequestsPane;
use self::room_head::RoomHead;
use crate::not_found::NotFoundPage;
use crate::page::{LIVE_ELEMENT, Live, page};
use crate::text::{Texts, texts};
use crate::ui::{EmptyState, Glyph, PageMeta};

/// What the server has gathered for a page of conversations; the browser never sees it.
#[derive(Debug, Clone, Default)]
pub enum Content {
    /// Another kind of page.
    #[default]
    Nothing,
    /// There is no such conversation, or it is not the reader's to see.
    NotFound,
    Chat(Box<Chat>),
}

/// A page of conversations.
#[derive(Debug, Clone)]
pub struct Chat {
    /// `None` for somebody who is signed out.
    pub list: Option<List>,
    pub pane: Pane,
}

/// The reader's conversations.
#[derive(Debug, Clone)]
pub struct List {
    pub conversations: Vec<Conversation>,
    pub counts: Counts,
    /// The one that is open.
    pub here: Option<ConversationKey>,
    /// Where the next step of a long list begins.
    pub next: Option<String>,
}

/// What stands beside the list.
#[derive(Debug, Clone)]
pub enum Pane {
    Nothing,
    /// The global room, or a conversation.
    Room(Option<Box<Conversation>>),
    Requests(Vec<Conversation>),
    New(Search),
    Details(Box<Details>),
    Message(Box<MessageDetails>),
}

/// Looking for people to write to.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub query: String,
    /// Who has been picked so far, by name.
    pub picked: Vec<String>,
    /// A group's name, as far as it has been typed.
    pub title: String,
    pub found: Vec<PersonCard>,
}

#[derive(Debug, Clone)]
pub struct Details {
    pub conversation: Conversation,
    /// The reader first.
    pub members: Vec<Member>,
}

#[derive(Debug, Clone)]
pub struct MessageDetails {
    pub key: ConversationKey,
    pub message: Message,
    pub seen_by: Vec<SeenBy>,
}

impl Pane {
    fn title(&self, texts: Texts) -> String {
        match self {
            Self::Nothing => texts.chat_title().to_owned(),
            Self::Room(None) => texts.room_title().to_owned(),
            Self::Requests(_) => texts.chat_requests_title().to_owned(),
            Self::New(_) => texts.chat_new_title().to_owned(),
            Self::Message(_) => texts.chat_message_title().to_owned(),
            Self::Details(details) => texts.chat_details_of(name_of(texts, &details.conversation)),
            Self::Room(Some(conversation)) => name_of(texts, conversation),
        }
    }
}

/// What a conversation is called: the other person's name, or the group's.
#[must_use]
pub fn name_of(texts: Texts, conversation: &Conversation) -> String {
    let other = conversation.people.first().map(|member| member.user.username.clone());
    match conversation.kind {
        ConversationKind::Direct => other.unwrap_or_default(),
        ConversationKind::Group => {
            conversation.title.clone().unwrap_or_else(|| texts.chat_group().to_owned())
        }
    }
}

fn content() -> Content {
    use_context::<Content>().unwrap_or_default()
}

/// Every page under `/chat`.
#[component]
pub fn ChatPage() -> impl IntoView {
    match content() {
        Content::Chat(chat) => view! { <Panes chat=*chat/> }.into_any(),
        Content::NotFound => view! { <NotFoundPage/> }.into_any(),
        Content::Nothing => view! { <Unavailable/> }.into_any(),
    }
}

#[component]
fn Unavailable() -> impl IntoView {
    let texts = texts();
    view! {
        <PageMeta title=texts.room_title()/>
        <EmptyState glyph=Glyph::Calm title=texts.room_failed_title() body=texts.error_unavailable()/>
    }
    .into_any()
}

#[component]
fn Panes(chat: Chat) -> impl IntoView {
    let texts = texts();
    let Chat { list, pane } = chat;
    let is_public = matches!(pane, Pane::Room(None));
    let shows = if matches!(pane, Pane::Nothing) { "list" } else { "pane" };
    let unread = list.as_ref().map_or(0, |list| list.counts.unread_count);
    let title = match unread {
        0 => pane.title(texts),
        unread => format!("({unread}) {}", pane.title(texts)),
    };
    let description = is_public.then(|| texts.room_description());
    let has_list = list.is_some();
    view! {
        <PageMeta title indexed=is_public description=description.unwrap_or(texts.site_description())/>
        <div class="chat" data-shows=shows class:chat--alone=!has_list>
            {list.map(|list| view! { <ListPane list is_page=shows == "list"/> })}
            {pane_view(pane)}
            {(shows == "list").then(|| view! { <div class="live" id=LIVE_ELEMENT>{super::list_alone()}</div> })}
        </div>
    }
    .into_any()
}

fn pane_view(pane: Pane) -> AnyView {
    match pane {
        Pane::Nothing => view! { <Nothing/> }.into_any(),
        Pane::Room(conversation) => view! { <RoomPane conversation/> }.into_any(),
        Pane::Requests(requests) => view! { <RequestsPane requests/> }.into_any(),
        Pane::New(search) => view! { <NewPane search/> }.into_any(),
        Pane::Details(details) => view! { <DetailsPane details=*details/> }.into_any(),
        Pane::Message(details) => view! { <MessagePane details=*details/> }.into_any(),
    }
}

/// Beside the list, before anything is chosen; a phone does not show it.
#[component]
fn Nothing() -> impl IntoView {
    let texts = texts();
    view! {
        <section class="chat-pane chat-pane--empty">
            <EmptyState glyph=Glyph::Chat title=texts.chat_choose_title() body=texts.chat_choose_body()>
                <a class="button" href="/chat/new">{texts.chat_new()}</a>
            </EmptyState>
        </section>
    }
    .into_any()
}

#[component]
fn RoomPane(conversation: Option<Box<Conversation>>) -> impl IntoView {
    let Live::Room(start) = page().live else { return view! { <Unavailable/> }.into_any() };
    view! {
        <section class="room" aria-labelledby="room-title">
            {conversation.map(|conversation| view! {
                <RoomHead conversation=(*conversation).clone()/>
                <Notice conversation=*conversation/>
            })}
            <div class="live" id=LIVE_ELEMENT>{super::room(*start)}</div>
        </section>
    }
    .into_any()
}

/// The parts of a page that change while it stands, for the browser to put in the place of the old
/// ones.
#[component]
pub fn Fragment(list: List, conversation: Option<Conversation>) -> impl IntoView {
    view! {
        <ListPane list is_page=false/>
        {conversation.map(|conversation| view! {
            <RoomHead conversation=conversation.clone()/>
            <Notice conversation/>
        })}
    }
    .into_any()
}
