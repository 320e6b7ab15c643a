//! Points in time as unix milliseconds, spoken as RFC 3339 in UTC.
//!
//! The calendar arithmetic is Howard Hinnant's `days_from_civil` and `civil_from_days`
//! (<https://howardhinnant.github.io/date_algorithms.html>): twenty lines instead of a time
//! library in the browser's download.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::json::{self, FromJson, Json};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnixMillis(pub i64);

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

const MILLIS_PER_DAY: i64 = 86_400_000;

impl Day {
    /// Days since 1970-01-01.
    #[must_use]
    pub fn number(self) -> i64 {
        days_from_civil(self.year, i64::from(self.month), i64::from(self.day))
    }

    /// 0 is Sunday.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (self.number() + 4).rem_euclid(7) as u8
    }
}

impl UnixMillis {
    /// The same moment, shifted so that its UTC fields read as local time
    /// `offset_minutes` east of Greenwich.
    #[must_use]
    pub fn shifted(self, offset_minutes: i32) -> Self {
        Self(self.0 + i64::from(offset_minutes) * 60_000)
    }

    /// The UTC calendar day.
    #[must_use]
    pub fn day(self) -> Day {
        civil_from_days(self.0.div_euclid(MILLIS_PER_DAY))
    }

    /// Hours and minutes of the UTC day.
    #[must_use]
    pub fn hour_minute(self) -> (u8, u8) {
        let minutes = self.0.rem_euclid(MILLIS_PER_DAY) / 60_000;
        ((minutes / 60) as u8, (minutes % 60) as u8)
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Day { year, month, day } = self.day();
        let (hour, minute) = self.hour_minute();
        let millis = self.0.rem_euclid(60_000);
        let (second, milli) = (millis / 1000, millis % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// A text that is not `YYYY-MM-DDThh:mm:ss[.fff]Z`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time in UTC")]
pub struct InvalidTime;

impl FromStr for UnixMillis {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let number = |range: std::ops::Range<usize>| -> Result<i64, InvalidTime> {
            let digits = text.get(range).ok_or(InvalidTime)?;
            digits.parse().map_err(|_| InvalidTime)
        };
        let rest = text.get(19..).ok_or(InvalidTime)?;
        let fraction = rest.strip_suffix('Z').ok_or(InvalidTime)?;
        let days = days_from_civil(number(0..4)?, number(5..7)?, number(8..10)?);
        let seconds = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
        Ok(Self(days * MILLIS_PER_DAY + seconds * 1000 + fraction_millis(fraction)?))
    }
}

/// `""`, `".5"`, `".123"` or `".123456"` as whole milliseconds.
fn fraction_millis(text: &str) -> Result<i64, InvalidTime> {
    let Some(digits) = text.strip_prefix('.') else {
        return if text.is_empty() { Ok(0) } else { Err(InvalidTime) };
    };
    let padded = format!("{digits:0<3}");
    padded.get(..3).ok_or(InvalidTime)?.parse().map_err(|_| InvalidTime)
}

fn civil_from_days(days: i64) -> Day {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u8;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Day { year, month, day }
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl Serialize for UnixMillis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnixMillis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl FromJson for UnixMillis {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json::parsed(json)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments() {
        assert_eq!(UnixMillis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(UnixMillis(951_782_399_999).to_string(), "2000-02-28T23:59:59.999Z");
        assert_eq!(UnixMillis(951_868_799_000).to_string(), "2000-02-29T23:59:59.000Z");
        assert_eq!("2000-02-29T23:59:59.5Z".parse(), Ok(UnixMillis(951_868_799_500)));
        assert_eq!("2000-02-29T23:59:59".parse::<UnixMillis>(), Err(InvalidTime));
        assert_eq!("yesterday".parse::<UnixMillis>(), Err(InvalidTime));
    }

    #[test]
    fn weekdays() {
        assert_eq!(UnixMillis(0).day().weekday(), 4);
        assert_eq!(Day { year: 2026, month: 11, day: 22 }.weekday(), 0);
    }

    #[test]
    fn a_shift_crosses_midnight() {
        let late = UnixMillis(23 * 3_600_000 + 30 * 60_000);
        assert_eq!(late.shifted(60).day().day, 2);
        assert_eq!(late.shifted(60).hour_minute(), (0, 30));
    }

    proptest! {
        #[test]
        fn every_moment_reads_back(millis in 0_i64..253_402_300_799_999) {
            prop_assert_eq!(UnixMillis(millis).to_string().parse(), Ok(UnixMillis(millis)));
        }
    }
}
