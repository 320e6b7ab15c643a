//! Profiles, lists of followers, and the settings of one's own account, as the server renders them.
//!
//! Everything here is complete HTML: nothing of it comes alive in the browser.

mod account;
mod details_form;
mod follow_button;
mod head;
mod hover_card;
mod people;
mod pictures_form;
mod privacy;
mod profile_page;
mod replies;
mod rich_text;
mod settings_page;

use leptos::prelude::*;
use wire::accounts::{Field, OwnAccount};
use wire::activity::Record;
use wire::people::{PersonCard, Privacy};
use wire::posts::{PostStep, ReplyStep};
use wire::profiles::{Follows, Mutuals, Profile, ProfileLink};

pub use self::hover_card::{HoverCard, HoverCardProps};
use self::people::PeoplePane;
pub(crate) use self::people::PersonRow;
use self::profile_page::ProfilePane;
use self::settings_page::SettingsPane;
use crate::content::{Content, content};
use crate::not_found::NotFoundPage;
use crate::page::page;

/// The reader's own picture, for the menu of their account.
#[derive(Debug, Clone, Default)]
pub struct OwnPicture(pub Option<String>);

/// A page of profiles or of one's own settings.
#[derive(Debug, Clone)]
pub enum Profiles {
    Profile(Shown),
    People(Listing),
    Settings(OwnSettings),
}

/// A profile, as the reader sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub profile: Profile,
    pub mutuals: Mutuals,
    pub tab: Tab,
    /// What the tab lists, where it lists posts.
    pub step: PostStep,
    /// What it lists, where it lists answers.
    pub replies: ReplyStep,
    /// What they have done here, where the tab says that.
    pub record: Record,
    /// The page's own address, to come back to.
    pub here: String,
    /// The reader has just reported it.
    pub reported: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Posts,
    /// What they have answered.
    Replies,
    /// What they like: only they see that.
    Likes,
    About,
}

impl Tab {
    /// The tab of a profile that an address names.
    #[must_use]
    pub fn named(word: &str, is_own: bool) -> Self {
        match word {
            "about" => Self::About,
            "replies" => Self::Replies,
            "likes" if is_own => Self::Likes,
            _ => Self::Posts,
        }
    }
}

/// Those at one end of somebody's follows.
#[derive(Debug, Clone)]
pub struct Listing {
    pub profile: Profile,
    pub side: Side,
    pub follows: Follows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Followers,
    Following,
}

impl Side {
    /// The last part of the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Following => "following",
        }
    }
}

/// One's own settings.
#[derive(Debug, Clone)]
pub enum OwnSettings {
    Profile {
        own: OwnAccount,
        links: Vec<ProfileLink>,
        record: Record,
        saved: bool,
    },
    Privacy {
        privacy: Privacy,
        blocked: Vec<PersonCard>,
        muted: Vec<PersonCard>,
        done: Option<&'static str>,
    },
    Account {
        own: OwnAccount,
        saved: bool,
    },
}

/// Where somebody's profile is. A username holds nothing that means something in an address.
#[must_use]
pub fn profile_path(username: &str) -> String {
    format!("/u/{username}")
}

/// Every page of this feature: what it shows, the server has gathered.
#[component]
pub fn ProfilesPage() -> impl IntoView {
    match Content::clone(&content()) {
        Content::Profiles(profiles) => match *profiles {
            Profiles::Profile(shown) => view! { <ProfilePane shown/> }.into_any(),
            Profiles::People(listing) => view! { <PeoplePane listing/> }.into_any(),
            Profiles::Settings(settings) => view! { <SettingsPane settings/> }.into_any(),
        },
        _ => view! { <NotFoundPage/> }.into_any(),
    }
}

/// What is wrong with a field of the form that came back, if it was this form.
fn issue(form: &str, field: Field) -> Option<String> {
    let page = page();
    page.issue(field).filter(|_| page.value("form") == form)
}

/// What a form that came back said in a field, or else what is so now.
fn typed(form: &str, field: &str, now: &str) -> String {
    let page = page();
    if page.value("form") == form { page.value(field) } else { now.to_owned() }
}
