//! Pages of communities. They are complete as the server renders them: everything is a form.

mod about;
mod card;
mod community;
mod discover;
mod form;
mod invitation;
mod manage;
mod members;

use leptos::prelude::*;
use wire::activity::{CommunityPulse, Pulse};
use wire::communities::{
    Communities, Community, CommunityActs, CommunityMembers, CommunityRole, Invitation,
};
use wire::posts::{PostCard, PostStep};

pub(crate) use self::card::{CommunityCard, CommunityIcon};
use self::community::CommunityPanel;
use self::discover::DiscoverPanel;
use self::form::NewPanel;
use self::invitation::InvitationPanel;
use self::manage::ManagePanel;
use self::members::MembersPanel;
use crate::content::{Content, content};
use crate::not_found::NotFoundPage;
use crate::text::Texts;

/// What one of these pages is rendered from.
#[derive(Debug, Clone)]
pub enum CommunityContent {
    Discover(Discover),
    New,
    Community(Box<Inside>),
    Members {
        community: Community,
        members: CommunityMembers,
        waiting: usize,
    },
    Manage(Box<Manage>),
    Invitation {
        community: Community,
        /// As safe HTML.
        description: String,
        token: String,
    },
}

/// `/c/<slug>`.
#[derive(Debug, Clone)]
pub struct Inside {
    pub community: Community,
    /// Both as safe HTML; empty where there are none, or they are not the reader's to see.
    pub description: String,
    pub rules: String,
    /// Those who wait to be let in, where the reader may answer.
    pub waiting: usize,
    /// The one post above the others; it is not among them.
    pub pinned: Option<PostCard>,
    pub posts: PostStep,
    /// What went on in it, for those who may look in.
    pub pulse: Option<CommunityPulse>,
    /// The page's own address, to come back to.
    pub here: String,
}

/// `/communities`.
#[derive(Debug, Clone, Default)]
pub struct Discover {
    /// The reader's own, on the first page.
    pub own: Vec<Community>,
    pub found: Communities,
    /// What is searched for; empty where nothing is.
    pub query: String,
    /// Why nothing was searched, in words.
    pub refused: Option<String>,
    /// Whether this is the first step through all of them.
    pub is_first: bool,
    /// How much is going on everywhere.
    pub pulse: Pulse,
}

/// `/c/<slug>/manage`.
#[derive(Debug, Clone)]
pub struct Manage {
    pub community: Community,
    /// The reader's.
    pub role: CommunityRole,
    pub requests: CommunityMembers,
    pub banned: CommunityMembers,
    pub invitations: Vec<Invitation>,
    pub acts: CommunityActs,
    /// How many wait to be let in, on this page and the others.
    pub waiting: usize,
    /// Where in each of its lists the reader is, as the page's address says it.
    pub steps: Steps,
    /// Whether settings have just been saved.
    pub is_saved: bool,
}

/// Where in the lists of one page somebody is: the values of its address, empty at the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steps {
    pub requests: String,
    pub banned: String,
    pub acts: String,
}

/// Every page of communities.
#[component]
pub(crate) fn CommunitiesPage() -> impl IntoView {
    let Content::Communities(content) = Content::clone(&content()) else {
        return view! { <NotFoundPage/> }.into_any();
    };
    match *content {
        CommunityContent::Discover(discover) => view! { <DiscoverPanel discover/> }.into_any(),
        CommunityContent::New => view! { <NewPanel/> }.into_any(),
        CommunityContent::Community(inside) => {
            view! { <CommunityPanel inside=*inside/> }.into_any()
        }
        CommunityContent::Members { community, members, waiting } => {
            view! { <MembersPanel community members waiting/> }.into_any()
        }
        CommunityContent::Manage(manage) => view! { <ManagePanel manage=*manage/> }.into_any(),
        CommunityContent::Invitation { community, description, token } => {
            view! { <InvitationPanel community description token/> }.into_any()
        }
    }
}

/// The page of a community.
fn address(community: &Community) -> String {
    format!("/c/{}", community.slug)
}

/// Where one of its forms goes.
fn action(community: &Community, verb: &str) -> String {
    format!("/c/{}/{verb}", community.slug)
}

fn role_name(texts: Texts, role: CommunityRole) -> &'static str {
    match role {
        CommunityRole::Member => texts.communities_role_member(),
        CommunityRole::Moderator => texts.communities_role_moderator(),
        CommunityRole::Admin => texts.communities_role_admin(),
        CommunityRole::Owner => texts.communities_role_owner(),
    }
}

/// A number for a plural text.
fn whole(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}
