//! The little statistics that the table needs.

/// The middle of some figures and how far they reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        Some(Self { min, median: median_of_sorted(&sorted), max })
    }
}

fn median_of_sorted(sorted: &[f64]) -> f64 {
    let upper = sorted.len() / 2;
    let lower = (sorted.len() - 1) / 2;
    f64::midpoint(sorted[lower], sorted[upper])
}

/// The value that `share` of the figures do not exceed (nearest rank).
pub(crate) fn percentile(figures: &[f64], share: f64) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// A straight line through points, and how well it describes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    pub(crate) slope: f64,
    pub(crate) r_squared: f64,
}

/// Least squares. `None` where all points stand above one another.
pub(crate) fn line_through(points: &[(f64, f64)]) -> Option<Line> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        points.iter().map(|(x, y)| f(x - mean_x, y - mean_y)).sum()
    };
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    if xx.is_nan() || xx <= 0.0 {
        return None;
    }
    let r_squared = if yy > 0.0 { xy * xy / (xx * yy) } else { 1.0 };
    Some(Line { slope: xy / xx, r_squared })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_middles() {
        let odd = Spread::of([9.0, 1.0, 4.0]).unwrap();
        assert_eq!(odd, Spread { min: 1.0, median: 4.0, max: 9.0 });
        assert_eq!(Spread::of([1.0, 2.0, 4.0, 100.0]).unwrap().median, 3.0);
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn percentiles_are_figures_that_occurred() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&hundred, 0.5), Some(50.0));
        assert_eq!(percentile(&hundred, 0.99), Some(99.0));
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn a_line_is_found_and_so_is_how_straight_it_was() {
        let straight = line_through(&[(0.0, 100.0), (500.0, 1100.0), (3000.0, 6100.0)]).unwrap();
        assert!((straight.slope - 2.0).abs() < 1e-12);
        assert!((straight.r_squared - 1.0).abs() < 1e-12);
        let bent = line_through(&[(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]).unwrap();
        assert!(bent.slope.abs() < 1e-12 && bent.r_squared < 0.01);
        assert_eq!(line_through(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(line_through(&[]), None);
    }
}
