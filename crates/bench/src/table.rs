//! The table that everything ends in.

#![expect(clippy::print_stdout, reason = "a table is what this program is for")]

use crate::stats::Spread;

const HEADS: [&str; 6] =
    ["measure", "figure", "floor", "ratio: median (min–max)", "rounds", "target"];

/// The rows of one measure.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<[String; 6]>);

/// One line of the table. What a measure has none of stays empty.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) measure: String,
    pub(crate) figure: String,
    pub(crate) floor: String,
    pub(crate) ratio: Option<Spread>,
    pub(crate) rounds: String,
    pub(crate) target: &'static str,
}

impl Table {
    pub(crate) fn push(&mut self, row: Row) {
        let ratio = row.ratio.map_or_else(String::new, |spread| {
            format!("{:.2} ({:.2}–{:.2})", spread.median, spread.min, spread.max)
        });
        self.0.push([row.measure, row.figure, row.floor, ratio, row.rounds, row.target.into()]);
    }

    pub(crate) fn print(&self, name: &str) {
        let heads = HEADS.map(str::to_owned);
        let lines: Vec<&[String; 6]> = std::iter::once(&heads).chain(&self.0).collect();
        let widths: [usize; 6] = std::array::from_fn(|column| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)
        });
        println!("\n## {name}\n");
        for (number, line) in lines.iter().enumerate() {
            println!("{}", padded(line, &widths));
            if number == 0 {
                println!("{}", padded(&widths.map(|width| "-".repeat(width)), &widths));
            }
        }
    }
}

fn padded(line: &[String; 6], widths: &[usize; 6]) -> String {
    let cells = line.iter().zip(widths).map(|(cell, width)| format!("| {cell:width$} "));
    cells.collect::<String>() + "|"
}

/// A run whose answers were wrong has no figures.
pub(crate) fn print_void(name: &str, reason: &anyhow::Error) {
    println!("\n## {name}\n\nvoid: {reason:#}");
}

/// `12.3 (11.9–14.0) unit`
pub(crate) fn shown(spread: Option<Spread>, unit: &str) -> String {
    spread.map_or_else(String::new, |Spread { min, median, max }| {
        format!("{} ({}–{}) {unit}", number(median), number(min), number(max))
    })
}

/// Three digits that matter.
pub(crate) fn number(figure: f64) -> String {
    match figure.abs() {
        100.0.. => format!("{figure:.0}"),
        10.0..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
