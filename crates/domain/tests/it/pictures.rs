//! Pictures: kept as files, shown by whoever names them, and gone with what showed them.

use blob_store::Key;
use domain::Caller;
use domain::accounts::give_up_account;
use domain::communities::{community, delete, join, show_picture};
use domain::jobs::work_once;
use domain::media::{MediaError, open_picture, store_picture};
use domain::posts::{Intent, PostForm, post, write_post};
use domain::profiles::{profile, remove_picture, set_picture};
use image::{DynamicImage, ImageFormat};
use test_support::{PASSWORD, World, on_both};
use wire::media::{PictureKind, avatar_address};
use wire::{ErrorCode, MediaId};

use crate::communities::open;
use crate::{code, count};

pub(crate) fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::new_rgb8(300, 200).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn is_there(world: &World, id: MediaId, size: u32) -> bool {
    open_picture(&world.services, id, size).await.unwrap().is_some()
}

async fn work(world: &World) {
    while work_once(&world.services).await.unwrap() {}
}

async fn shown(world: &World, of: &Caller) -> Option<String> {
    profile(&world.services, None, &of.username).await.unwrap().user.profile_image
}

on_both! {
    async fn a_picture_is_kept_in_its_sizes(world: World) {
        let ada = world.person("ada").await;
        let kept = store_picture(&world.services, &ada, PictureKind::Icon, png().into(), None).await;
        let kept = kept.unwrap();
        assert_eq!((kept.width, kept.height), (200, 200));
        for size in [64, 128, 256] {
            let file = open_picture(&world.services, kept.id, size).await.unwrap().unwrap();
            let length = file.length as usize;
            let bytes = file.whole().await.unwrap();
            assert_eq!(bytes.len(), length);
            assert!(bytes.starts_with(b"RIFF") && bytes[8..].starts_with(b"WEBP"));
        }
        for size in [0, 63, 640, u32::MAX] {
            assert!(!is_there(&world, kept.id, size).await);
        }
        assert!(!is_there(&world, MediaId::new(), 64).await);
        assert_eq!(count(&world, "SELECT count(*) FROM media WHERE kind = 'icon' AND bytes > 0").await, 1);
    }

    async fn s_17_what_is_no_picture_leaves_nothing_behind(world: World) {
        let ada = world.person("ada").await;
        let page = b"<script>alert(1)</script>".as_slice();
        let refused = set_picture(&world.services, &ada, PictureKind::Avatar, page.into(), None).await;
        assert!(matches!(refused, Err(MediaError::NotAPicture)));
        assert_eq!(code(refused), ErrorCode::InvalidField);
        assert_eq!(count(&world, "SELECT count(*) FROM media").await, 0);
        assert_eq!(shown(&world, &ada).await, None);
    }

    async fn a_picture_goes_with_its_files_when_another_takes_its_place(world: World) {
        let ada = world.person("ada").await;
        let set = || set_picture(&world.services, &ada, PictureKind::Avatar, png().into(), None);
        let first = set().await.unwrap();
        assert_eq!(shown(&world, &ada).await, Some(avatar_address(first)));
        let second = set().await.unwrap();
        work(&world).await;
        assert!(!is_there(&world, first, 64).await && is_there(&world, second, 64).await);
        for _ in 0..2 {
            remove_picture(&world.services, &ada, PictureKind::Avatar).await.unwrap();
        }
        work(&world).await;
        assert!(!is_there(&world, second, 256).await);
        assert_eq!(shown(&world, &ada).await, None);
        assert_eq!(count(&world, "SELECT count(*) FROM media").await, 0);
    }

    async fn two_who_change_it_at_once_leave_one(world: World) {
        let ada = world.person("ada").await;
        let set = || set_picture(&world.services, &ada, PictureKind::Banner, png().into(), None);
        let (one, other) = tokio::join!(set(), set());
        let ids = [one.unwrap(), other.unwrap()];
        work(&world).await;
        let shown = profile(&world.services, None, "ada").await.unwrap().banner.unwrap();
        for id in ids {
            assert_eq!(is_there(&world, id, 640).await, id == shown);
        }
        assert_eq!(count(&world, "SELECT count(*) FROM media").await, 1);
    }

    async fn a_community_shows_pictures_of_those_who_may(world: World) {
        let services = &world.services;
        let [ada, bob] = [world.person("ada").await, world.person("bob").await];
        let tea = open(&world, &ada, "Tea").await;
        join(services, &bob, "tea").await.unwrap();
        let of = async |who: &Caller, kind| store_picture(services, who, kind, png().into(), None).await.unwrap().id;
        let [first, second] = [of(&ada, PictureKind::Icon).await, of(&ada, PictureKind::Icon).await];
        let (wrong, theirs) = (of(&ada, PictureKind::Banner).await, of(&bob, PictureKind::Icon).await);
        for refused in [wrong, theirs, MediaId::new()] {
            let shown = show_picture(services, &ada, "tea", PictureKind::Icon, Some(refused)).await;
            assert_eq!(code(shown), ErrorCode::NotFound);
        }
        let refused = show_picture(services, &bob, "tea", PictureKind::Icon, Some(theirs)).await;
        assert_eq!(code(refused), ErrorCode::Forbidden);
        for icon in [first, second, second] {
            show_picture(services, &ada, "tea", PictureKind::Icon, Some(icon)).await.unwrap();
        }
        work(&world).await;
        assert!(!is_there(&world, first, 64).await && is_there(&world, second, 64).await);
        assert_eq!(community(services, None, "tea").await.unwrap().icon, Some(second));
        assert_eq!(tea.icon, None);

        // Its owner goes; what the community shows stays with it.
        give_up_account(services, &ada, PASSWORD).await.unwrap();
        world.execute("UPDATE account SET delete_at = 1 WHERE delete_at IS NOT NULL").await;
        world.execute("UPDATE job SET run_at = 1").await;
        work(&world).await;
        assert!(is_there(&world, second, 64).await && !is_there(&world, wrong, 640).await);
        delete(services, &bob, "tea").await.unwrap();
        work(&world).await;
        assert!(!is_there(&world, second, 64).await && is_there(&world, theirs, 64).await);
    }

    async fn a_cover_is_described_by_whoever_shows_it(world: World) {
        let services = &world.services;
        let [ada, bob] = [world.person("ada").await, world.person("bob").await];
        let cover = store_picture(services, &ada, PictureKind::Cover, png().into(), None).await.unwrap();
        let form = |alt: &str| PostForm {
            title: "Tea".into(),
            content: "x".into(),
            cover: Some(cover.id.0),
            cover_alt: Some(alt.into()),
            intent: Intent::Publish,
            ..PostForm::default()
        };
        write_post(services, &ada, None, &form(" A\ncup\u{7} of  tea ")).await.unwrap();
        assert_eq!(post(services, None, "tea").await.unwrap().card.cover_alt, "A cup of tea");
        let refused = write_post(services, &ada, Some("tea"), &form(&"x".repeat(1501))).await;
        assert_eq!(code(refused), ErrorCode::InvalidField);
        assert_eq!(code(write_post(services, &bob, None, &form("mine")).await), ErrorCode::InvalidField);
        let silent = PostForm { cover_alt: None, ..form("") };
        write_post(services, &ada, Some("tea"), &silent).await.unwrap();
        assert_eq!(post(services, None, "tea").await.unwrap().card.cover_alt, "A cup of tea");
    }

    async fn a_disk_that_is_full_says_so_and_keeps_no_half(world: World) {
        let mut settings = test_support::quick_settings();
        settings.blobs = std::sync::Arc::new(Full::default());
        let world = world.with(settings).await;
        let ada = world.person("ada").await;
        let refused = store_picture(&world.services, &ada, PictureKind::Avatar, png().into(), None).await;
        assert_eq!(code(refused), ErrorCode::StorageFull);
        assert_eq!(count(&world, "SELECT count(*) FROM media").await, 0);
    }
}

/// Has room for one file.
#[derive(Debug, Default)]
struct Full(blob_store::Memory);

impl blob_store::BlobStore for Full {
    fn put<'a>(&'a self, key: &'a Key, bytes: bytes::Bytes) -> blob_store::Working<'a, ()> {
        if self.0.keys().is_empty() {
            return self.0.put(key, bytes);
        }
        Box::pin(async { Err(blob_store::BlobError::Full) })
    }

    fn get<'a>(&'a self, key: &'a Key) -> blob_store::Working<'a, Option<blob_store::Blob>> {
        self.0.get(key)
    }

    fn delete<'a>(&'a self, key: &'a Key) -> blob_store::Working<'a, ()> {
        self.0.delete(key)
    }
}
