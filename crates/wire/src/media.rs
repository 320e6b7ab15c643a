//! Pictures: what each is for, in which sizes it is kept, and where it is had.

use serde::{Deserialize, Serialize};

use crate::MediaId;

/// Most bytes of a picture that somebody sends.
pub const PICTURE_MAX_BYTES: usize = 10 * 1024 * 1024;
/// Most pixels, and most of them in a row or a column.
pub const PICTURE_MAX_PIXELS: u64 = 40_000_000;
pub const PICTURE_MAX_SIDE: u32 = 12_000;
/// Most characters of what is said instead of a picture.
pub const ALT_MAX: usize = 1500;
/// What can be sent, for the `accept` of a file field.
pub const PICTURE_TYPES: &str = "image/jpeg,image/png,image/webp,image/gif";

/// What a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// Of a person.
    Avatar,
    /// Over a profile.
    Banner,
    /// Of a community.
    Icon,
    /// Over a post or a community.
    Cover,
    /// In a text.
    Picture,
}

impl PictureKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Avatar => "avatar",
            Self::Banner => "banner",
            Self::Icon => "icon",
            Self::Cover => "cover",
            Self::Picture => "picture",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Avatar, Self::Banner, Self::Icon, Self::Cover, Self::Picture];
        all.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The widths in which it is kept, in pixels, the smallest first. A picture that is smaller than one
    /// of them is not blown up to it.
    #[must_use]
    pub fn sizes(self) -> &'static [u32] {
        match self {
            Self::Avatar | Self::Icon => &[64, 128, 256],
            Self::Banner => &[640, 1500],
            Self::Cover => &[640, 1200],
            Self::Picture => &[640, 1600],
        }
    }

    /// Width and height of what is cut out; `None` where nothing is.
    #[must_use]
    pub fn shape(self) -> Option<(u32, u32)> {
        match self {
            Self::Avatar | Self::Icon => Some((1, 1)),
            Self::Banner => Some((3, 1)),
            Self::Cover => Some((40, 21)),
            Self::Picture => None,
        }
    }
}

/// What the addresses of pictures begin with.
pub const PICTURES: &str = "/media/";

/// Where a picture is had in one of its kind's [`PictureKind::sizes`]: a path of this site.
#[must_use]
pub fn picture_address(id: MediaId, size: u32) -> String {
    format!("{PICTURES}{id}/{size}.webp")
}

/// The same for whoever chooses a size: each address with its width in pixels.
#[must_use]
pub fn picture_addresses(id: MediaId, kind: PictureKind) -> String {
    let each = kind.sizes().iter().map(|size| format!("{} {size}w", picture_address(id, *size)));
    each.collect::<Vec<_>>().join(", ")
}

/// Where the picture of a person is had, in the size that lists and messages show.
#[must_use]
pub fn avatar_address(id: MediaId) -> String {
    picture_address(id, 128)
}
