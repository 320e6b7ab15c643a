//! The words for what `wire` only names.

use wire::ErrorCode;
use wire::accounts::{
    BIO_MAX, FieldIssue, NAME_MAX, PASSWORD_MAX, PASSWORD_MIN, USERNAME_MAX, USERNAME_MIN,
};
use wire::time::Day;

use super::Texts;

impl Texts {
    /// What a refusal means to the person who got it.
    #[must_use]
    pub fn problem(self, code: ErrorCode) -> &'static str {
        match code {
            ErrorCode::MessageEmpty => self.error_message_empty(),
            ErrorCode::MessageTooLong => self.error_message_too_long(),
            ErrorCode::MessageInvalidCharacter => self.error_message_invalid_character(),
            ErrorCode::NotAuthenticated | ErrorCode::TokenInvalid | ErrorCode::TokenExpired => {
                self.error_not_authenticated()
            }
            ErrorCode::InvalidCredentials => self.error_invalid_credentials(),
            ErrorCode::CsrfFailed => self.error_csrf_failed(),
            ErrorCode::Forbidden => self.error_forbidden(),
            ErrorCode::RequestLimit => self.error_request_limit(),
            ErrorCode::CannotMessage => self.error_cannot_message(),
            ErrorCode::EditTooLate => self.error_edit_too_late(),
            ErrorCode::GroupFull => self.error_group_full(),
            ErrorCode::MessageUnsent => self.error_message_unsent(),
            ErrorCode::TooManyReactions => self.error_too_many_reactions(),
            ErrorCode::NotFound => self.error_not_found(),
            ErrorCode::ClientIdConflict => self.error_client_id_conflict(),
            ErrorCode::TooLarge => self.error_too_large(),
            ErrorCode::EditConflict => self.error_edit_conflict(),
            ErrorCode::RateLimited => self.error_rate_limited(),
            ErrorCode::StorageFull => self.error_storage_full(),
            ErrorCode::Unavailable => self.error_unavailable(),
            ErrorCode::Internal | ErrorCode::Unknown => self.error_internal(),
            ErrorCode::BadRequest
            | ErrorCode::InvalidJson
            | ErrorCode::UnknownType
            | ErrorCode::InvalidField
            | ErrorCode::MethodNotAllowed
            | ErrorCode::UploadConflict
            | ErrorCode::UnsupportedMediaType => self.error_bad_request(),
        }
    }

    /// What is wrong with a field, limits filled in.
    #[must_use]
    pub fn field_issue(self, issue: FieldIssue) -> String {
        let text = match issue {
            FieldIssue::UsernameTooShort => return self.issue_username_too_short(USERNAME_MIN),
            FieldIssue::UsernameTooLong => return self.issue_username_too_long(USERNAME_MAX),
            FieldIssue::PasswordTooShort => return self.issue_password_too_short(PASSWORD_MIN),
            FieldIssue::PasswordTooLong => return self.issue_password_too_long(PASSWORD_MAX),
            FieldIssue::Required => self.issue_required(),
            FieldIssue::UsernameCharacters => self.issue_username_characters(),
            FieldIssue::UsernameReserved => self.issue_username_reserved(),
            FieldIssue::UsernameLikeEmail => self.issue_username_like_email(),
            FieldIssue::UsernameTaken => self.issue_username_taken(),
            FieldIssue::EmailInvalid => self.issue_email_invalid(),
            FieldIssue::EmailTaken => self.issue_email_taken(),
            FieldIssue::PasswordTooCommon => self.issue_password_too_common(),
            FieldIssue::PasswordLikeUsername => self.issue_password_like_username(),
            FieldIssue::PasswordsDiffer => self.issue_passwords_differ(),
            FieldIssue::CredentialsWrong => self.issue_credentials_wrong(),
            FieldIssue::TryLater => self.issue_try_later(),
            FieldIssue::PasswordWrong => self.issue_password_wrong(),
            FieldIssue::TokenSpent => self.issue_token_spent(),
            FieldIssue::NameTooLong => return self.issue_text_too_long(NAME_MAX),
            FieldIssue::BioTooLong => return self.issue_text_too_long(BIO_MAX),
            FieldIssue::TextCharacters => self.issue_text_characters(),
        };
        text.to_owned()
    }

    /// How long to wait before trying again: at least one second, in the unit that fits.
    #[must_use]
    pub fn wait(self, ms: u64) -> String {
        let seconds = ms.div_ceil(1000).max(1);
        let in_units_of = |unit: u64| usize::try_from(seconds.div_ceil(unit)).unwrap_or(usize::MAX);
        match seconds {
            0..=90 => self.wait_seconds(in_units_of(1)),
            91..=5_400 => self.wait_minutes(in_units_of(60)),
            _ => self.wait_hours(in_units_of(3_600)),
        }
    }

    /// The name of a month, 1 to 12.
    #[must_use]
    pub fn month(self, month: u8) -> &'static str {
        match month {
            1 => self.month_1(),
            2 => self.month_2(),
            3 => self.month_3(),
            4 => self.month_4(),
            5 => self.month_5(),
            6 => self.month_6(),
            7 => self.month_7(),
            8 => self.month_8(),
            9 => self.month_9(),
            10 => self.month_10(),
            11 => self.month_11(),
            _ => self.month_12(),
        }
    }

    /// The name of a day of the week, Sunday being 0.
    #[must_use]
    pub fn weekday(self, weekday: u8) -> &'static str {
        match weekday {
            0 => self.weekday_0(),
            1 => self.weekday_1(),
            2 => self.weekday_2(),
            3 => self.weekday_3(),
            4 => self.weekday_4(),
            5 => self.weekday_5(),
            _ => self.weekday_6(),
        }
    }

    /// Weekday, day and month in words. The day takes the form of its number: some say "first".
    #[must_use]
    pub fn date_long_of(self, day: Day) -> String {
        self.date_long(day.day.into(), self.month(day.month), self.weekday(day.weekday()))
    }

    /// Day, month and year in words.
    #[must_use]
    pub fn date(self, day: Day) -> String {
        self.date_full(day.day.into(), self.month(day.month), day.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, texts_in};

    #[test]
    fn limits_stand_in_the_sentence() {
        let texts = texts_in(Language::En);
        let sentence = texts.field_issue(FieldIssue::PasswordTooShort);
        assert_eq!(sentence, "A password has at least 8 characters.");
    }

    #[test]
    fn a_wait_is_told_in_the_unit_that_fits_and_never_too_short() {
        let texts = texts_in(Language::En);
        for (ms, words) in [
            (1, "Try again in 1 second."),
            (89_001, "Try again in 90 seconds."),
            (90_001, "Try again in 2 minutes."),
            (5_400_001, "Try again in 2 hours."),
            (86_400_000, "Try again in 24 hours."),
        ] {
            assert_eq!(texts.wait(ms), words);
        }
    }

    #[test]
    fn dates_are_written_out() {
        let day = Day { year: 2026, month: 11, day: 5 };
        assert_eq!(texts_in(Language::En).date(day), "5 November 2026");
        assert_eq!(texts_in(Language::Fr).date(day), "5 novembre 2026");
        assert_eq!(texts_in(Language::Fr).date_long_of(day), "jeudi 5 novembre");
    }

    #[test]
    fn the_first_day_of_a_month_is_called_so_in_french() {
        let day = Day { year: 2026, month: 11, day: 1 };
        assert_eq!(texts_in(Language::En).date(day), "1 November 2026");
        assert_eq!(texts_in(Language::Fr).date(day), "1er novembre 2026");
        assert_eq!(texts_in(Language::Fr).date_long_of(day), "dimanche 1er novembre");
    }
}
