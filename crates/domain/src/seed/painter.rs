//! Pictures of our own: a few shapes over a slope of colours, another one for each number.

use std::io::Cursor;

use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage};

use super::dice::Dice;

/// Sky above, ground below, and what stands out: colours that go together.
const PALETTES: [[[u8; 3]; 4]; 8] = [
    [[255, 214, 165], [244, 132, 95], [116, 62, 98], [43, 30, 62]],
    [[202, 240, 248], [86, 180, 190], [22, 105, 122], [9, 52, 70]],
    [[253, 240, 213], [198, 172, 143], [120, 91, 73], [58, 45, 41]],
    [[225, 220, 250], [158, 134, 226], [89, 66, 170], [38, 26, 84]],
    [[233, 245, 219], [151, 190, 120], [74, 124, 89], [27, 58, 47]],
    [[255, 230, 235], [240, 146, 165], [170, 60, 100], [72, 22, 54]],
    [[230, 240, 255], [120, 160, 230], [50, 84, 170], [18, 32, 84]],
    [[255, 244, 200], [250, 190, 88], [200, 104, 40], [84, 38, 24]],
];

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motif {
    Hills,
    Waves,
    Rings,
    Discs,
}

impl Motif {
    pub(super) const ALL: [Self; 4] = [Self::Hills, Self::Waves, Self::Rings, Self::Discs];

    /// For those who do not see it.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Hills => "Drawn hills, one behind the other, under a low sun.",
            Self::Waves => "Drawn waves in several shades, rolling across the picture.",
            Self::Rings => "Drawn rings that grow from one point, like those of a tree.",
            Self::Discs => "Drawn discs of several sizes that overlap.",
        }
    }
}

/// A picture of `width` by `height` pixels, as PNG; `None` where it cannot be one.
pub(super) fn paint(motif: Motif, (width, height): (u32, u32), seed: u64) -> Option<Bytes> {
    let scene = Scene::new(motif, f32_of(width) / f32_of(height.max(1)), seed);
    let image = RgbImage::from_fn(width, height, |x, y| {
        let at = |value: u32| (f32_of(value) + 0.5) / f32_of(height);
        Rgb(scene.color(at(x), at(y), 1.5 / f32_of(height)))
    });
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png).ok()?;
    Some(file.into_inner().into())
}

/// Lengths are in heights of the picture.
struct Scene {
    motif: Motif,
    palette: [[f32; 3]; 4],
    center: (f32, f32),
    /// Each with a place, a size and a phase of its own.
    shapes: Vec<[f32; 4]>,
}

impl Scene {
    fn new(motif: Motif, wide: f32, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let palette = PALETTES[dice.below(PALETTES.len())];
        let mut part = |from: f32, to: f32| from + (to - from) * dice.share();
        let center = (part(0.2, 0.8) * wide, part(0.25, 0.5));
        let shapes =
            (0..9).map(|_| [part(0.0, wide), part(0.0, 1.0), part(0.08, 0.34), part(0.0, 6.3)]);
        let shapes = shapes.collect();
        Self { motif, palette: palette.map(|color| color.map(f32::from)), center, shapes }
    }

    /// The colour at a point; `soft` is how wide an edge is.
    fn color(&self, x: f32, y: f32, soft: f32) -> [u8; 3] {
        let sky = mix(self.palette[0], self.palette[1], y);
        let color = match self.motif {
            Motif::Hills => self.hills(sky, x, y, soft),
            Motif::Waves => self.waves(sky, x, y, soft),
            Motif::Rings => self.rings(sky, x, y, soft),
            Motif::Discs => self.discs(sky, x, y, soft),
        };
        color.map(|value| value.round().clamp(0.0, 255.0) as u8)
    }

    fn hills(&self, sky: [f32; 3], x: f32, y: f32, soft: f32) -> [f32; 3] {
        let sun = edge(0.16 - self.distance(x, y), soft);
        let mut color = mix(sky, self.palette[0].map(|value| value.mul_add(0.5, 127.0)), sun);
        for (nth, shape) in self.shapes.iter().take(4).enumerate() {
            let depth = f32_of(nth as u32);
            let ridge = (x * (1.6 + depth * 0.7) + shape[3]).sin() * 0.09
                + (x * (4.1 + depth) + shape[3] * 2.0).sin() * 0.03;
            let line = depth.mul_add(0.15, 0.42) + ridge;
            let ground = mix(self.palette[1], self.palette[3], (depth + 1.0) / 4.0);
            color = mix(color, ground, edge(y - line, soft));
        }
        color
    }

    fn waves(&self, sky: [f32; 3], x: f32, y: f32, soft: f32) -> [f32; 3] {
        let mut color = sky;
        for (nth, shape) in self.shapes.iter().take(7).enumerate() {
            let depth = f32_of(nth as u32);
            let crest = (x * (3.0 + shape[2] * 4.0) + shape[3]).sin() * 0.05;
            let water = mix(self.palette[1], self.palette[3], depth / 6.0);
            color = mix(color, water, edge(y - depth.mul_add(0.12, 0.2) - crest, soft));
        }
        color
    }

    fn rings(&self, sky: [f32; 3], x: f32, y: f32, soft: f32) -> [f32; 3] {
        let (dx, dy) = (x - self.center.0, y - self.center.1);
        let bend = (dy.atan2(dx) * 3.0 + self.shapes[0][3]).sin() * 0.03;
        let along = (self.distance(x, y) + bend) * 11.0;
        let (ring, within) = (along.floor(), along.fract());
        let shade = mix(self.palette[1], self.palette[3], (ring / 12.0).min(1.0));
        mix(sky, shade, 0.85 * edge(within - 0.25, soft * 11.0) * edge(0.9 - within, soft * 11.0))
    }

    fn discs(&self, sky: [f32; 3], x: f32, y: f32, soft: f32) -> [f32; 3] {
        let mut color = sky;
        for (nth, [cx, cy, radius, _]) in self.shapes.iter().enumerate() {
            let inside = edge(radius - (x - cx).hypot(y - cy), soft);
            color = mix(color, self.palette[1 + nth % 3], inside * 0.72);
        }
        color
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        (x - self.center.0).hypot(y - self.center.1)
    }
}

/// 0 outside, 1 inside, and in between where `depth` is less than `soft`.
fn edge(depth: f32, soft: f32) -> f32 {
    (depth / soft.max(f32::EPSILON) + 0.5).clamp(0.0, 1.0)
}

fn mix(from: [f32; 3], to: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|at| (to[at] - from[at]).mul_add(share, from[at]))
}

/// Exact for every side that a picture has.
fn f32_of(value: u32) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_always_the_same_picture_and_another_number_another() {
        for motif in Motif::ALL {
            let painted = |seed| paint(motif, (48, 32), seed).unwrap();
            assert_eq!(painted(7), painted(7));
            assert_ne!(painted(7), painted(8));
            let image = image::load_from_memory(&painted(7)).unwrap().to_rgb8();
            assert_eq!(image.dimensions(), (48, 32));
            let colors: std::collections::BTreeSet<_> =
                image.pixels().map(|pixel| pixel.0).collect();
            assert!(colors.len() > 20, "{motif:?}: {}", colors.len());
        }
    }
}
