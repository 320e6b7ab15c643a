//! What happens when: every deed of the play with its moment, in the order of time.

use wire::UnixMillis;
use wire::posts::Visibility;

use super::dice::Dice;
use super::script::{Piece, Place, Talk, VISITOR};

pub(super) const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// How long ago the first post was written, in milliseconds.
const POSTS_SINCE: i64 = 24 * DAY;
/// How long ago the first word in the room was said.
const ROOM_SINCE: i64 = 6 * DAY;
/// Nothing is newer than this, so that all of it has happened.
const NEWEST: i64 = 2 * MINUTE;

/// Whom the visitor follows: those who write to them, and what they like to read.
const VISITOR_FOLLOWS: [&str; 12] = [
    "mara.mensah",
    "tobias_nacht",
    "kofi.asante",
    "lena.brandt",
    "nadia.petrova",
    "mateo.quispe",
    "wanjiru.k",
    "oisin.burke",
    "amina.diallo",
    "ines.caldeira",
    "priya.raman",
    "camille.aubry",
];

/// A place in the lists of the play.
pub(super) type Nth = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Follow { who: &'static str, whom: &'static str },
    Join { who: &'static str, place: Nth },
    Publish { piece: Nth },
    Answer { piece: Nth, answer: Nth },
    Like { who: &'static str, piece: Nth },
    LikeAnswer { who: &'static str, piece: Nth, answer: Nth },
    Keep { who: &'static str, piece: Nth },
    Say { line: Nth },
    Begin { talk: Nth },
    Talk { talk: Nth, line: Nth },
    ReadTalk { talk: Nth },
}

#[derive(Debug)]
pub(super) struct Plan {
    now: i64,
    dice: Dice,
    people: Vec<&'static str>,
    follows: Vec<(&'static str, &'static str)>,
    deeds: Vec<(i64, Deed)>,
}

impl Plan {
    pub(super) fn new(now: UnixMillis, people: Vec<&'static str>) -> Self {
        Self { now: now.0, dice: Dice::new(42), people, follows: Vec::new(), deeds: Vec::new() }
    }

    /// From the first to the last; those of one moment as they were planned.
    pub(super) fn in_order(mut self) -> Vec<(UnixMillis, Deed)> {
        self.deeds.sort_by_key(|(at, _)| *at);
        self.deeds.into_iter().map(|(at, deed)| (UnixMillis(at), deed)).collect()
    }

    fn add(&mut self, at: i64, deed: Deed) {
        self.deeds.push((at.min(self.now - NEWEST), deed));
    }

    /// A span of at least `from` and less than `to`, in milliseconds.
    fn span(&mut self, from: i64, to: i64) -> i64 {
        from + ((to - from) as f64 * f64::from(self.dice.share())) as i64
    }

    pub(super) fn follows(&mut self) {
        for who in self.people.clone() {
            let others: Vec<_> =
                self.people.iter().copied().filter(|other| *other != who).collect();
            let count = 5 + self.dice.below(9);
            let whom = match who {
                VISITOR => VISITOR_FOLLOWS.to_vec(),
                _ => self.dice.some(&others, count),
            };
            for whom in whom {
                self.follows.push((who, whom));
                // Before anything for followers is written; only the visitor has followers of late.
                let (from, to) =
                    if whom == VISITOR { (HOUR, 9 * DAY) } else { (26 * DAY, 52 * DAY) };
                let ago = self.span(from, to);
                self.add(self.now - ago, Deed::Follow { who, whom });
            }
        }
    }

    pub(super) fn joins(&mut self, places: &[Place]) {
        for (nth, place) in places.iter().enumerate() {
            for who in place.members.clone() {
                let at = self.now - self.span(25 * DAY, 29 * DAY);
                self.add(at, Deed::Join { who, place: nth });
            }
        }
    }

    /// Spread over the weeks, with what becomes of each.
    pub(super) fn pieces(&mut self, pieces: &[Piece], places: &[(String, Vec<&'static str>)]) {
        let step = POSTS_SINCE / i64::try_from(pieces.len().max(1)).unwrap_or(1);
        // The longest of them was written first in the file, and not first in time.
        let mut order: Vec<Nth> = (0..pieces.len()).collect();
        order = self.dice.some(&order, pieces.len());
        for (nth, piece) in (0i64..).zip(order) {
            let at = self.now - POSTS_SINCE + nth * step + self.span(0, step);
            self.add(at, Deed::Publish { piece });
            self.answers(piece, &pieces[piece], at);
            self.readers(piece, &pieces[piece], places, at);
        }
    }

    fn answers(&mut self, nth: Nth, piece: &Piece, published: i64) {
        let mut at = published;
        for answer in 0..piece.answers.len() {
            // Those of a new post come quickly, so that each has its moment.
            let left = (self.now - NEWEST - at) / 2;
            at += self.span(MINUTE, 5 * HOUR).min(left.max(1));
            self.add(at, Deed::Answer { piece: nth, answer });
            let count = self.dice.below(5);
            for who in self.dice.some(&self.people.clone(), count) {
                if may_read(piece, who, &[], &self.follows) && who != piece.answers[answer].author {
                    let later = at + self.span(MINUTE, DAY);
                    self.add(later, Deed::LikeAnswer { who, piece: nth, answer });
                }
            }
        }
    }

    fn readers(
        &mut self,
        nth: Nth,
        piece: &Piece,
        places: &[(String, Vec<&'static str>)],
        at: i64,
    ) {
        let members = places.iter().find(|(slug, _)| Some(slug.as_str()) == piece.community);
        let members = members.map_or(&[][..], |(_, members)| members);
        let count = 4 + self.dice.below(13);
        for who in self.dice.some(&self.people.clone(), count) {
            if who == piece.author || !may_read(piece, who, members, &self.follows) {
                continue;
            }
            let later = at + self.span(MINUTE, 2 * DAY);
            self.add(later, Deed::Like { who, piece: nth });
            if self.dice.below(6) == 0 {
                self.add(later + MINUTE, Deed::Keep { who, piece: nth });
            }
        }
        if self.dice.below(4) == 0 && may_read(piece, VISITOR, members, &self.follows) {
            self.add(at + 3 * HOUR, Deed::Keep { who: VISITOR, piece: nth });
        }
    }

    /// Lines come in bursts, with long silences between them.
    pub(super) fn room(&mut self, lines: usize) {
        let gap = |plan: &mut Self| match plan.dice.below(9) {
            0 => plan.span(60, 100),
            _ => plan.span(1, 6),
        };
        let gaps: Vec<i64> = (0..lines).map(|_| gap(self)).collect();
        let whole: i64 = gaps.iter().sum::<i64>().max(1);
        let mut at = self.now - ROOM_SINCE;
        for (line, gap) in gaps.into_iter().enumerate() {
            at += gap * (ROOM_SINCE - NEWEST) / whole;
            self.add(at, Deed::Say { line });
        }
    }

    /// One after the other; what the visitor has not opened yet is the newest.
    pub(super) fn talks(&mut self, talks: &[Talk], unread: &[Nth]) {
        for (nth, talk) in talks.iter().enumerate() {
            let begun = i64::try_from(talks.len() - nth).unwrap_or(1) * 9 * HOUR;
            let mut at = self.now - begun;
            self.add(at, Deed::Begin { talk: nth });
            for line in 0..talk.lines.len() {
                at += self.span(MINUTE, 20 * MINUTE);
                self.add(at, Deed::Talk { talk: nth, line });
            }
            if !unread.contains(&nth) {
                self.add(at + MINUTE, Deed::ReadTalk { talk: nth });
            }
        }
    }
}

fn may_read(piece: &Piece, who: &str, members: &[&str], follows: &[(&str, &str)]) -> bool {
    match piece.visibility {
        Visibility::Public => true,
        Visibility::Followers => follows.contains(&(who, piece.author)),
        Visibility::Community => members.contains(&who),
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::{cast, pieces, places, room, talks};
    use super::*;

    #[test]
    fn everything_has_happened_in_the_order_of_its_causes() {
        let now = UnixMillis(1_800_000_000_000);
        let plan = || {
            let mut plan = Plan::new(now, cast().iter().map(|person| person.username).collect());
            plan.follows();
            plan.joins(&places());
            plan.pieces(&pieces(), &[]);
            plan.room(room().len());
            plan.talks(&talks(), &[0]);
            plan.in_order()
        };
        let deeds = plan();
        assert_eq!(deeds, plan(), "the same each time");
        assert!(deeds.iter().all(|(at, _)| at.0 < now.0 && at.0 > now.0 - 60 * DAY));
        let place = |wanted: Deed| deeds.iter().position(|(_, deed)| *deed == wanted).unwrap();
        for (nth, piece) in pieces().iter().enumerate() {
            let published = place(Deed::Publish { piece: nth });
            let mut last = published;
            for answer in 0..piece.answers.len() {
                let said = place(Deed::Answer { piece: nth, answer });
                assert!(said > last, "{piece:?}");
                last = said;
            }
        }
        for (who, deed) in deeds.iter().enumerate().filter_map(|(at, (_, deed))| match deed {
            Deed::Like { piece, .. } | Deed::Keep { piece, .. } => Some((at, *piece)),
            _ => None,
        }) {
            assert!(who > place(Deed::Publish { piece: deed }));
        }
    }
}
