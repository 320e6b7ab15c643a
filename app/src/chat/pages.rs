//! The pages of conversations, as the server renders them: the list beside the pane that is open.
//!
//! Everything in here works without script. The browser only brings the living part of a room to life
//! ([`super::room`]) and takes the list and the head anew as HTML ([`fragment`]).

mod details;
mod keys;
mod list;
mod mentions;
mod message;
mod new;
mod notice;
mod requests;
mod room_head;
mod switcher;

use leptos::prelude::*;
use wire::ConversationKey;
use wire::chat::Message;
use wire::conversations::{Conversation, ConversationKind, Counts, Member, RequestState, SeenBy};
use wire::people::PersonCard;

use self::details::{DetailsPane, DetailsParts};
use self::keys::Keys;
pub use self::list::Count;
use self::list::ListPane;
pub use self::mentions::{Mentions, MentionsProps};
use self::message::MessagePane;
use self::new::NewPane;
use self::notice::Notice;
pub(crate) use self::requests::ReasonField;
use self::requests::{RequestCards, RequestsPane};
use self::room_head::RoomHead;
use self::switcher::Switcher;
pub use self::switcher::{Choices, ChoicesProps};
use super::RoomStart;
use crate::content::{Content, content};
use crate::not_found::NotFoundPage;
use crate::page::{LIVE_ELEMENT, Live, page, script_json};
use crate::text::{Texts, texts};
use crate::ui::{EmptyState, Glyph, PageMeta};

/// How many messages wait unread, for a page that is not of conversations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waiting(pub usize);

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
    /// Where this step of a long list begins.
    pub after: Option<String>,
    /// Where the next one begins.
    pub next: Option<String>,
}

impl List {
    /// Where the same part of the page is had anew, with what changes `beside` it.
    fn address(&self, is_page: bool, beside: &str) -> String {
        let here = self.here.map(|here| format!("here={here}&")).unwrap_or_default();
        let after = self.after.as_ref().map(|after| format!("after={after}&")).unwrap_or_default();
        let page = if is_page { "page=1" } else { "" };
        format!("/chat/pane?{here}{after}{beside}{page}")
    }
}

/// What stands beside the list.
#[derive(Debug, Clone)]
pub enum Pane {
    Nothing,
    /// The global room, or a conversation.
    Room(Option<Box<Conversation>>),
    Requests(Requests),
    New(Search),
    Details(Box<Details>),
    Message(Box<MessageDetails>),
}

/// Those who want to write, newest first.
#[derive(Debug, Clone)]
pub struct Requests {
    pub conversations: Vec<Conversation>,
    /// Where this step begins.
    pub after: Option<String>,
    /// Where the next one begins.
    pub next: Option<String>,
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
    /// Why nobody was looked for, in words.
    pub refused: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Details {
    pub conversation: Conversation,
    /// The reader first.
    pub members: Vec<Member>,
    /// Whether a report has just arrived.
    pub reported: bool,
}

#[derive(Debug, Clone)]
pub struct MessageDetails {
    pub key: ConversationKey,
    pub message: Message,
    pub seen_by: Vec<SeenBy>,
    /// Whether a report has just arrived.
    pub reported: bool,
}

/// What stands beside the list, as far as it changes while the page stands.
#[derive(Debug, Clone)]
pub enum Beside {
    Nothing,
    /// A conversation, and who has read how far in it.
    Room(Box<Conversation>, Vec<SeenBy>),
    Requests(Requests),
    Details(Box<Details>),
}

impl Pane {
    /// How [`List::address`] names what changes in it; a room is known by where one is.
    fn address(&self) -> String {
        match self {
            Self::Requests(requests) => {
                format!("on=requests&from={}&", requests.after.as_deref().unwrap_or_default())
            }
            Self::Details(_) => "on=details&".to_owned(),
            _ => String::new(),
        }
    }

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

/// Every page under `/chat`.
#[component]
pub fn ChatPage() -> impl IntoView {
    match Content::clone(&content()) {
        Content::Chat(chat) => view! { <Panes chat=*chat/> }.into_any(),
        Content::NotFound => view! { <NotFoundPage/> }.into_any(),
        _ => view! { <Unavailable/> }.into_any(),
    }
}

#[component]
fn Unavailable() -> impl IntoView {
    let texts = texts();
    view! {
        <PageMeta title=texts.room_title()/>
        <EmptyState glyph=Glyph::CALM title=texts.room_failed_title() body=texts.error_unavailable()/>
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
    // Where nothing else comes alive, the list does.
    let is_list_alive = matches!(page().live, Live::List);
    let beside = pane.address();
    view! {
        <PageMeta title indexed=is_public description=description.unwrap_or(texts.site_description())/>
        <div class="chat" data-shows=shows class:chat--alone=!has_list>
            {list.map(|list| view! { <ListPane list is_page=shows == "list" beside/> })}
            {pane_view(pane)}
            {is_list_alive.then(|| view! { <div class="live" id=LIVE_ELEMENT>{super::list_alone()}</div> })}
        </div>
        {has_list.then(|| view! { <Switcher/> <Keys/> })}
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
            <EmptyState glyph=Glyph::CHAT title=texts.chat_choose_title() body=texts.chat_choose_body()>
                <a class="button" href="/chat/new">{texts.chat_new()}</a>
            </EmptyState>
        </section>
    }
    .into_any()
}

#[component]
fn RoomPane(conversation: Option<Box<Conversation>>) -> impl IntoView {
    let Live::Room(start) = page().live.clone() else { return view! { <Unavailable/> }.into_any() };
    let unread = unread_in(&start, conversation.as_deref());
    let key = start.key;
    view! {
        <section class="room" aria-labelledby="room-title">
            {conversation.map(|conversation| view! {
                <RoomHead conversation=(*conversation).clone()/>
                <Notice conversation=*conversation/>
            })}
            {unread.then(|| view! { <MarkRead key/> })}
            <div class="live" id=LIVE_ELEMENT>{super::room(*start)}</div>
            <div class="panel mentions" id="mentions" role="listbox"
                aria-label=texts().chat_mention_list() data-from=format!("/chat/mentions?here={key}")></div>
            <p class="visually-hidden" id="heard" aria-live="polite"></p>
            {spoken()}
        </section>
    }
    .into_any()
}

/// How a message is said as one sentence, for the script to fill in.
fn spoken() -> AnyView {
    let texts = texts();
    view! {
        <template id="spoken" data-message=texts.chat_spoken("{when}", "{who}", "{words}")
            data-answer=texts.chat_replying_to("{who}") data-me=texts.room_you()></template>
    }
    .into_any()
}

/// Whether there is something to be marked as read here.
fn unread_in(start: &RoomStart, conversation: Option<&Conversation>) -> bool {
    let is_free = conversation.is_none_or(|conversation| {
        conversation.request == RequestState::Accepted && !conversation.is_blocked
    });
    let history = &start.room.history;
    is_free && history.last_read_seq.is_some_and(|read| read < history.last_seq)
}

/// What the script does by itself, for those who have none.
#[component]
fn MarkRead(key: ConversationKey) -> impl IntoView {
    view! {
        <noscript>
            <form class="chat-notice" method="post" action=format!("/chat/{key}/read")>
                <button class="button button--quiet">{texts().chat_mark_read()}</button>
            </form>
        </noscript>
    }
    .into_any()
}

/// The parts of a page that change while it stands, for the browser to put in the place of the old
/// ones.
#[component]
pub fn Fragment(
    list: List,
    /// Whether the list is what the page is about.
    is_page: bool,
    beside: Beside,
) -> impl IntoView {
    let beside = match beside {
        Beside::Nothing => ().into_any(),
        Beside::Requests(requests) => view! { <RequestCards requests/> }.into_any(),
        Beside::Details(details) => {
            let title = texts().chat_details_of(name_of(texts(), &details.conversation));
            view! { <h1 id="pane-title">{title}</h1> <DetailsParts details=*details/> }.into_any()
        }
        Beside::Room(conversation, receipts) => view! {
            <RoomHead conversation=(*conversation).clone()/>
            <Notice conversation=*conversation/>
            <script type="application/json" id="chat-receipts" inner_html=script_json(&receipts)></script>
        }
        .into_any(),
    };
    view! {
        <ListPane list is_page beside=String::new()/>
        {beside}
    }
    .into_any()
}
