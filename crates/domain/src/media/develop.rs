//! From the bytes that somebody sent to a picture of ours, in a few sizes.

use std::io::Cursor;

use bytes::Bytes;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;
use wire::media::{PICTURE_MAX_BYTES, PICTURE_MAX_PIXELS, PICTURE_MAX_SIDE, PictureKind};

use super::MediaError;

/// What an open picture may take, in bytes: the largest that is accepted, at four bytes a pixel, and
/// what its decoder needs beside it.
const MEMORY: u64 = 256 * 1024 * 1024;
/// Of 100. More is larger and looks the same.
const QUALITY: f32 = 80.0;
/// A coarse and quick step goes first where a picture is this many times as wide as it has to be.
const MUCH_TOO_WIDE: u32 = 4;

/// A part of an upright picture, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// What is kept of a picture.
#[derive(Debug)]
pub(super) struct Developed {
    /// Of the largest size.
    pub(super) width: u32,
    pub(super) height: u32,
    /// The size by which it is asked for, and the file.
    pub(super) prints: Vec<(u32, Bytes)>,
}

/// Where pictures are opened: one at a time, because one may take [`MEMORY`].
#[derive(Debug)]
pub(crate) struct Darkroom(Semaphore);

impl Default for Darkroom {
    fn default() -> Self {
        Self(Semaphore::new(1))
    }
}

impl Darkroom {
    /// Away from the threads that answer.
    pub(super) async fn develop(
        &self,
        kind: PictureKind,
        bytes: Bytes,
        crop: Option<Crop>,
    ) -> Result<Developed, MediaError> {
        let _alone = self.0.acquire().await;
        let work = tokio::task::spawn_blocking(move || develop(kind, &bytes, crop));
        // A decoder that panics has met a broken picture.
        work.await.unwrap_or(Err(MediaError::NotAPicture))
    }
}

pub(super) fn develop(
    kind: PictureKind,
    bytes: &[u8],
    crop: Option<Crop>,
) -> Result<Developed, MediaError> {
    let image = cut(open(bytes)?, kind, crop)?;
    let sizes = kind.sizes();
    let print_in = |size: &u32| print(&scaled(&image, *size)).map(|file| (*size, file));
    let prints = sizes.iter().map(print_in).collect::<Result<Vec<_>, _>>()?;
    let largest = sizes.last().copied().unwrap_or(1);
    let (width, height) = scaled_to(&image, largest);
    Ok(Developed { width, height, prints })
}

/// The picture as a viewer would hold it. What it is, its content says; how large it is, its head, before
/// a pixel is read.
fn open(bytes: &[u8]) -> Result<DynamicImage, MediaError> {
    if bytes.len() > PICTURE_MAX_BYTES {
        return Err(MediaError::TooLarge);
    }
    let format = image::guess_format(bytes).map_err(|_| MediaError::NotAPicture)?;
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    if !known.contains(&format) {
        return Err(MediaError::NotAPicture);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PICTURE_MAX_PIXELS {
        return Err(MediaError::TooLarge);
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(PICTURE_MAX_SIDE);
    limits.max_image_height = Some(PICTURE_MAX_SIDE);
    limits.max_alloc = Some(MEMORY);
    limits
}

fn refused(error: ImageError) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::TooLarge,
        _ => MediaError::NotAPicture,
    }
}

/// The part that was asked for, and of it the middle that has the shape of the kind.
fn cut(
    image: DynamicImage,
    kind: PictureKind,
    crop: Option<Crop>,
) -> Result<DynamicImage, MediaError> {
    let whole = Crop { x: 0, y: 0, width: image.width(), height: image.height() };
    let part = match crop {
        Some(part) if is_inside(part, whole) => part,
        Some(_) => return Err(MediaError::Crop),
        None => whole,
    };
    let part = kind.shape().map_or(part, |shape| middle(part, shape));
    if part == whole {
        return Ok(image);
    }
    Ok(image.crop_imm(part.x, part.y, part.width, part.height))
}

fn is_inside(part: Crop, whole: Crop) -> bool {
    let fits = |start: u32, length: u32, end: u32| {
        length > 0 && start.checked_add(length).is_some_and(|reached| reached <= end)
    };
    fits(part.x, part.width, whole.width) && fits(part.y, part.height, whole.height)
}

/// The largest part of this shape in the middle.
fn middle(part: Crop, (across, down): (u32, u32)) -> Crop {
    let fitting = |length: u32, of: u32, to: u32| {
        let fitting = u64::from(length) * u64::from(of) / u64::from(to);
        u32::try_from(fitting).unwrap_or(u32::MAX).max(1)
    };
    let width = part.width.min(fitting(part.height, across, down));
    let height = part.height.min(fitting(part.width, down, across));
    let x = part.x + (part.width - width) / 2;
    let y = part.y + (part.height - height) / 2;
    Crop { x, y, width, height }
}

/// Width and height that the picture has when it is `size` wide, or its own where it is smaller.
fn scaled_to(image: &DynamicImage, size: u32) -> (u32, u32) {
    let (width, height) = (image.width(), image.height());
    if width <= size {
        return (width, height);
    }
    let height = (u64::from(height) * u64::from(size)).div_ceil(u64::from(width));
    (size, u32::try_from(height).unwrap_or(u32::MAX).max(1))
}

fn scaled(image: &DynamicImage, size: u32) -> DynamicImage {
    let (width, height) = scaled_to(image, size);
    if (width, height) == (image.width(), image.height()) {
        return image.clone();
    }
    if image.width() / width < MUCH_TOO_WIDE {
        return image.resize_exact(width, height, FilterType::CatmullRom);
    }
    let coarse = image.thumbnail_exact(width * 2, height * 2);
    coarse.resize_exact(width, height, FilterType::CatmullRom)
}

/// Only what can be seen.
fn print(image: &DynamicImage) -> Result<Bytes, MediaError> {
    let (width, height) = (image.width(), image.height());
    let printed = if image.color().has_alpha() {
        let pixels = image.to_rgba8();
        webp::Encoder::from_rgba(&pixels, width, height).encode_simple(false, QUALITY)
    } else {
        let pixels = image.to_rgb8();
        webp::Encoder::from_rgb(&pixels, width, height).encode_simple(false, QUALITY)
    };
    // Over 16383 pixels on a side there is no WebP, and there is none left here.
    let printed = printed.map_err(|_| MediaError::TooLarge)?;
    Ok(Bytes::copy_from_slice(&printed))
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Rgb, Rgba};

    use super::*;

    /// The left half red, the right half blue.
    fn halves(width: u32, height: u32) -> DynamicImage {
        let pixel = |x, _| Rgb(if x < width / 2 { [220_u8, 0, 0] } else { [0, 0, 220] });
        ImageBuffer::from_fn(width, height, pixel).into()
    }

    fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn seen(developed: &Developed, size: u32) -> DynamicImage {
        let (_, print) = developed.prints.iter().find(|(own, _)| *own == size).unwrap();
        image::load_from_memory_with_format(print, ImageFormat::WebP).unwrap()
    }

    fn is_red(image: &DynamicImage, x: u32, y: u32) -> bool {
        let Rgb([red, _, blue]) = *image.to_rgb8().get_pixel(x, y);
        red > blue
    }

    fn refusal(bytes: &[u8]) -> MediaError {
        develop(PictureKind::Avatar, bytes, None).unwrap_err()
    }

    #[test]
    fn each_kind_has_its_sizes_and_its_shape() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let bytes = file(&halves(900, 400), format);
            let avatar = develop(PictureKind::Avatar, &bytes, None).unwrap();
            assert_eq!((avatar.width, avatar.height), (256, 256), "{format:?}");
            for size in [64, 128, 256] {
                let image = seen(&avatar, size);
                assert_eq!((image.width(), image.height()), (size, size));
                assert!(is_red(&image, 1, size / 2) && !is_red(&image, size - 2, size / 2));
            }
        }
        let bytes = file(&halves(2000, 1000), ImageFormat::Png);
        let banner = develop(PictureKind::Banner, &bytes, None).unwrap();
        assert_eq!((banner.width, banner.height), (1500, 500));
        let picture = develop(PictureKind::Picture, &bytes, None).unwrap();
        assert_eq!((picture.width, picture.height), (1600, 800));
        let small = develop(PictureKind::Picture, &file(&halves(30, 20), ImageFormat::Png), None);
        assert_eq!(seen(&small.unwrap(), 640).width(), 30, "nothing is blown up");
    }

    #[test]
    fn s_70_what_can_be_seen_through_stays_so() {
        let glass = ImageBuffer::from_pixel(300, 300, Rgba([10_u8, 20, 30, 0]));
        let bytes = file(&glass.into(), ImageFormat::Png);
        let icon = develop(PictureKind::Icon, &bytes, None).unwrap();
        assert_eq!(seen(&icon, 64).to_rgba8().get_pixel(30, 30).0[3], 0);
    }

    #[test]
    fn a_part_is_cut_out_and_no_other() {
        let bytes = file(&halves(400, 200), ImageFormat::Png);
        let right = Crop { x: 200, y: 0, width: 200, height: 200 };
        let cut = develop(PictureKind::Avatar, &bytes, Some(right)).unwrap();
        assert!(!is_red(&seen(&cut, 64), 2, 32));
        for (x, y, width, height) in [(201, 0, 200, 200), (0, 0, 0, 5), (u32::MAX, 0, 2, 2)] {
            let outside = Crop { x, y, width, height };
            let refused = develop(PictureKind::Avatar, &bytes, Some(outside));
            assert!(matches!(refused, Err(MediaError::Crop)), "{outside:?}");
        }
    }

    /// A photograph that a camera held on its side says which way is up.
    fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let tiff = [
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
            &[orientation, 0, 0, 0, 0, 0, 0, 0],
            b"where it was taken",
        ]
        .concat();
        let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &tiff, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photograph_stands_upright_and_tells_nothing_of_where_it_was_taken() {
        let jpeg = turned(&file(&halves(400, 200), ImageFormat::Jpeg), 6);
        let upright = develop(PictureKind::Picture, &jpeg, None).unwrap();
        assert_eq!((upright.width, upright.height), (200, 400));
        let image = seen(&upright, 640);
        assert!(is_red(&image, 100, 20) && !is_red(&image, 100, 380), "turned by a quarter");
        for (_, print) in &upright.prints {
            let tells = |word: &[u8]| print.windows(word.len()).any(|part| part == word);
            assert!(!tells(b"EXIF") && !tells(b"Exif") && !tells(b"taken"));
        }
    }

    #[test]
    fn s_17_what_is_no_picture_is_not_kept_whatever_it_calls_itself() {
        let gif = file(&halves(20, 20), ImageFormat::Gif);
        let page = b"<html><script>alert(1)</script></html>";
        for bytes in [
            b"".as_slice(),
            page,
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
            b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0",
            b"\x89PNG\r\n\x1a\n",
            b"\xFF\xD8\xFF\xE0garbage",
            &gif[..gif.len() / 2],
        ] {
            assert!(matches!(refusal(bytes), MediaError::NotAPicture), "{bytes:?}");
        }
        // A script that begins like a GIF, and says by that how wide it is.
        assert!(
            develop(PictureKind::Avatar, b"GIF89a=1/*<script>alert(1)</script>*/", None).is_err()
        );
        // What is a picture and a page at once is only a picture afterwards.
        let both = [file(&halves(20, 20), ImageFormat::Jpeg), page.to_vec()].concat();
        let developed = develop(PictureKind::Avatar, &both, None).unwrap();
        for (_, print) in developed.prints {
            assert!(!print.windows(6).any(|part| part == b"script"));
        }
    }

    /// The head of a PNG and nothing behind it.
    fn png_head(width: u32, height: u32) -> Vec<u8> {
        let mut head = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR".to_vec();
        head.extend(width.to_be_bytes());
        head.extend(height.to_be_bytes());
        head.extend([8, 6, 0, 0, 0]);
        let mut crc = !0_u32;
        for byte in &head[12..] {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xEDB8_8320 & (0_u32.wrapping_sub(crc & 1)));
            }
        }
        head.extend((!crc).to_be_bytes());
        head.extend(b"\0\0\0\0IDAT\x35\xAF\x06\x1E");
        head
    }

    #[test]
    fn s_17_a_picture_that_is_too_large_is_refused_by_its_head() {
        for (width, height) in [(50_000, 50_000), (12_001, 10), (10, 12_001), (8_000, 6_000)] {
            let refused = refusal(&png_head(width, height));
            assert!(matches!(refused, MediaError::TooLarge), "{width} × {height}: {refused:?}");
        }
        let broken = refusal(&png_head(100, 100));
        assert!(matches!(broken, MediaError::NotAPicture), "only the head is there");
        assert!(matches!(refusal(&vec![0; PICTURE_MAX_BYTES + 1]), MediaError::TooLarge));
    }
}
