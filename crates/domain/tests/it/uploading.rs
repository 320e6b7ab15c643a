//! Files in pieces, and the end of what nothing shows.

use domain::Caller;
use domain::jobs::work_once;
use domain::media::{open_picture, store_picture};
use domain::posts::{Intent, PostForm, delete_post, post, write_post};
use domain::uploads::{Upload, UploadError, abandon, append, begin, upload};
use test_support::{World, on_both};
use wire::media::{PictureKind, picture_address};
use wire::{ErrorCode, MediaId};

use crate::pictures::png;
use crate::{code, count};

async fn start(world: &World, who: &Caller, length: usize) -> Upload {
    let begun = begin(&world.services, who, PictureKind::Picture, "cup.png", length as u64).await;
    begun.unwrap()
}

/// The whole of it in two pieces.
async fn send(world: &World, who: &Caller, bytes: &[u8]) -> Result<Upload, UploadError> {
    let id = start(world, who, bytes.len()).await.id;
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let half = append(&world.services, who, id, 0, first.to_vec().into()).await?;
    append(&world.services, who, id, half.received, rest.to_vec().into()).await
}

async fn work(world: &World) {
    world.execute("UPDATE job SET run_at = 1").await;
    while work_once(&world.services).await.unwrap() {}
}

/// Begins the round that a worker plans when it starts, and does everything that is due.
async fn sweep(world: &World) {
    plan_sweep(world).await;
    while work_once(&world.services).await.unwrap() {}
}

async fn plan_sweep(world: &World) {
    let id = uuid::Uuid::now_v7().simple();
    let id = if world.services.store.is_sqlite() { format!("X'{id}'") } else { format!("'{id}'") };
    world.execute("DELETE FROM job WHERE kind = 'sweep_media'").await;
    world
        .execute(&format!(
            "INSERT INTO job (id, kind, name, payload, state, attempts, run_at, created_at) \
             VALUES ({id}, 'sweep_media', 'sweep_media', '{{}}', 'queued', 0, 1, 0)"
        ))
        .await;
}

async fn is_there(world: &World, id: MediaId) -> bool {
    open_picture(&world.services, id, 640).await.unwrap().is_some()
}

async fn picture(world: &World, who: &Caller, kind: PictureKind) -> MediaId {
    store_picture(&world.services, who, kind, png().into(), None).await.unwrap().id
}

on_both! {
    async fn an_upload_goes_on_where_it_was_and_becomes_a_picture(world: World) {
        let services = &world.services;
        let [ada, bob] = [world.person("ada").await, world.person("bob").await];
        let bytes = png();
        let begun = start(&world, &ada, bytes.len()).await;
        let id = begun.id;
        assert_eq!(upload(services, &ada, id).await.unwrap(), begun);
        for refused in [upload(services, &bob, id).await, append(services, &bob, id, 0, bytes.clone().into()).await] {
            assert_eq!(code(refused), ErrorCode::NotFound);
        }
        assert_eq!(code(abandon(services, &bob, id).await), ErrorCode::NotFound);
        let now = append(services, &ada, id, 0, bytes[..10].to_vec().into()).await.unwrap();
        assert_eq!((now.received, now.picture), (10, None));
        for offset in [0, 9, 11] {
            let refused = append(services, &ada, id, offset, vec![1].into()).await;
            assert!(matches!(refused, Err(UploadError::Elsewhere(10))), "{refused:?}");
        }
        let refused = append(services, &ada, id, 10, vec![0; bytes.len()].into()).await;
        assert_eq!(code(refused), ErrorCode::TooLarge, "more than was said");
        let done = append(services, &ada, id, 10, bytes[10..].to_vec().into()).await.unwrap();
        let picture = done.picture.unwrap();
        assert!(is_there(&world, picture).await);
        assert_eq!(upload(services, &ada, id).await.unwrap().picture, Some(picture));
        let again = append(services, &ada, id, done.received, Vec::new().into()).await.unwrap();
        assert_eq!(again.picture, Some(picture), "asked once more, it is the same");
        work(&world).await;
        assert_eq!(count(&world, "SELECT count(*) FROM upload_part").await, 0);
        abandon(services, &ada, id).await.unwrap();
        assert!(is_there(&world, picture).await);
    }

    async fn of_two_pieces_for_one_place_one_is_kept(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        let bytes = png();
        let id = start(&world, &ada, bytes.len()).await.id;
        let half = |n: usize| bytes[..bytes.len() / n].to_vec();
        let (one, other) = tokio::join!(
            append(services, &ada, id, 0, half(2).into()),
            append(services, &ada, id, 0, half(3).into()),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let refused = one.as_ref().err().or(other.as_ref().err()).unwrap();
        let received = upload(services, &ada, id).await.unwrap().received;
        assert!(matches!(refused, UploadError::Elsewhere(at) if *at == received), "{refused:?}");
        let rest = bytes[usize::try_from(received).unwrap()..].to_vec();
        let (one, other) = tokio::join!(
            append(services, &ada, id, received, rest.clone().into()),
            append(services, &ada, id, received, rest.into()),
        );
        let pictures = [one, other].into_iter().flatten().filter_map(|done| done.picture);
        assert_eq!(pictures.count(), 1);
        assert_eq!(count(&world, "SELECT count(*) FROM media").await, 1);
    }

    async fn s_17_what_arrives_and_is_no_picture_leaves_nothing_behind(world: World) {
        let ada = world.person("ada").await;
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".as_slice();
        let bomb = bomb(50_000);
        for bytes in [svg, b"<html><script>alert(1)</script>", &bomb] {
            let refused = send(&world, &ada, bytes).await;
            assert!(matches!(refused, Err(UploadError::Picture(_))), "{refused:?}");
            assert_eq!(code(refused), ErrorCode::InvalidField);
        }
        work(&world).await;
        for table in ["upload", "upload_part", "media"] {
            assert_eq!(count(&world, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn uploads_have_a_length_a_number_and_an_end(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        let of = async |length| begin(services, &ada, PictureKind::Cover, "x", length).await;
        assert_eq!(code(of(0).await), ErrorCode::BadRequest);
        assert_eq!(code(of(10 * 1024 * 1024 + 1).await), ErrorCode::TooLarge);
        assert_eq!(code(of(u64::MAX).await), ErrorCode::TooLarge);
        let first = of(10 * 1024 * 1024).await.unwrap();
        append(services, &ada, first.id, 0, vec![7; 100].into()).await.unwrap();
        for _ in 1..20 {
            of(1).await.unwrap();
        }
        assert_eq!(code(of(1).await), ErrorCode::RateLimited);
        world.execute("UPDATE upload SET expires_at = 1").await;
        assert_eq!(code(upload(services, &ada, first.id).await), ErrorCode::NotFound);
        let late = append(services, &ada, first.id, 100, vec![7].into()).await;
        assert_eq!(code(late), ErrorCode::NotFound);
        sweep(&world).await;
        for table in ["upload", "upload_part"] {
            assert_eq!(count(&world, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        of(1).await.unwrap();
    }

    async fn what_nothing_shows_goes_after_a_day(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        let mut all = Vec::new();
        for kind in [PictureKind::Picture, PictureKind::Picture, PictureKind::Cover, PictureKind::Cover, PictureKind::Picture] {
            all.push(picture(&world, &ada, kind).await);
        }
        let [shown, earlier, cover, old_cover, loose] = all[..] else { panic!() };
        let form = |text: MediaId, cover: MediaId| PostForm {
            title: "Tea".into(),
            content: format!("![a cup]({})", picture_address(text, 1600)),
            cover: Some(cover.0),
            intent: Intent::Publish,
            ..PostForm::default()
        };
        write_post(services, &ada, None, &form(earlier, old_cover)).await.unwrap();
        write_post(services, &ada, Some("tea"), &form(shown, cover)).await.unwrap();
        let read = post(services, None, "tea").await.unwrap();
        let address = picture_address(shown, 1600);
        assert!(read.html.contains(&format!("<img src=\"{address}\"")), "{}", read.html);
        assert!(read.html.contains("width=\"300\" height=\"200\""), "{}", read.html);
        let draft = PostForm { intent: Intent::Keep, title: "Draft".into(), cover: None, ..form(loose, cover) };
        let draft = write_post(services, &ada, None, &draft).await.unwrap().card.slug;

        sweep(&world).await;
        assert_eq!(count(&world, "SELECT count(*) FROM media").await, 5, "a day is not over");
        world.execute("UPDATE media SET created_at = 1").await;
        sweep(&world).await;
        for (id, stays) in [(shown, true), (earlier, true), (cover, true), (loose, true), (old_cover, false)] {
            assert_eq!(is_there(&world, id).await, stays);
        }
        let emptied = PostForm { content: "No more.".into(), intent: Intent::Keep, cover: None, ..form(loose, cover) };
        write_post(services, &ada, Some(&draft), &emptied).await.unwrap();
        delete_post(services, &ada, "tea").await.unwrap();
        sweep(&world).await;
        assert!(!is_there(&world, loose).await, "a draft has no history");
        assert!(is_there(&world, shown).await, "for thirty days it can be had back");
        world.execute("UPDATE post SET deleted_at = 1 WHERE state = 'deleted'").await;
        world.execute("DELETE FROM post WHERE state = 'deleted'").await;
        sweep(&world).await;
        assert_eq!(count(&world, "SELECT count(*) FROM media").await, 0);
        assert!(!is_there(&world, shown).await && !is_there(&world, earlier).await);
    }

    async fn a_round_goes_on_where_the_step_before_ended(world: World) {
        let ada = world.person("ada").await;
        let kept = picture(&world, &ada, PictureKind::Picture).await;
        let (new_id, series) = match world.backend {
            test_support::Backend::Sqlite => ("randomblob(16)", "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1100) SELECT n FROM s"),
            test_support::Backend::Postgres => ("gen_random_uuid()", "SELECT n FROM generate_series(1, 1100) AS s(n)"),
        };
        world.execute(&format!("INSERT INTO media (id, owner_id, kind, width, height, bytes, created_at) \
             SELECT {new_id}, m.owner_id, 'icon', 1, 1, 1, s.n / 100 FROM media m JOIN ({series}) s ON TRUE")).await;
        plan_sweep(&world).await;
        for left in [601, 101, 1] {
            work_one_step(&world).await;
            assert_eq!(count(&world, "SELECT count(*) FROM media").await, left);
        }
        assert!(is_there(&world, kept).await);
        assert_eq!(count(&world, "SELECT count(*) FROM job WHERE kind = 'sweep_media' AND payload = '{}'").await, 1, "the next round begins anew");
    }
}

/// The next step of the round, as if its time had come, and no other.
async fn work_one_step(world: &World) {
    world.execute("DELETE FROM job WHERE kind = 'remove_files'").await;
    world.execute("UPDATE job SET run_at = 1 WHERE kind = 'sweep_media'").await;
    while count(world, "SELECT count(*) FROM job WHERE kind = 'sweep_media' AND run_at = 1").await
        > 0
    {
        assert!(work_once(&world.services).await.unwrap());
    }
}

/// The head of a PNG of so many pixels on each side.
fn bomb(side: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let mut head = b"IHDR".to_vec();
    for part in [side.to_be_bytes(), side.to_be_bytes()] {
        png.extend(part);
        head.extend(part);
    }
    png.extend([8, 2, 0, 0, 0]);
    head.extend([8, 2, 0, 0, 0]);
    png.extend(crc(&head).to_be_bytes());
    png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    png
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (0_u32.wrapping_sub(crc & 1)))
        })
    })
}
