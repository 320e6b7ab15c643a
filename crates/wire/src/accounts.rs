//! Accounts: forms, their validation (run in the browser and on the server), and shapes.

use serde::{Deserialize, Serialize};

use crate::{MediaId, SessionId, UnixMillis, UserId, from_json, from_word};

pub const USERNAME_MIN: usize = 2;
pub const USERNAME_MAX: usize = 64;
pub const PASSWORD_MIN: usize = 8;
pub const PASSWORD_MAX: usize = 256;
pub const EMAIL_MAX: usize = 254;
pub const NAME_MAX: usize = 150;
pub const BIO_MAX: usize = 1000;

/// Who is looking at a page; only what the page frame needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub id: UserId,
    pub username: String,
    pub is_staff: bool,
}

from_json!(Viewer { id, username, is_staff });

/// One signed-in device, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub id: SessionId,
    pub created_at: UnixMillis,
    pub last_seen: UnixMillis,
    pub user_agent: String,
    pub is_current: bool,
}

/// A field of an account form. The names are the form's and the API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Username,
    Email,
    Password,
    PasswordConfirm,
    CurrentPassword,
    NewPassword,
    /// What a mail carries that lets somebody set a new password.
    Token,
    FirstName,
    LastName,
    Bio,
}

from_word!(Field {
    "username" => Username,
    "email" => Email,
    "password" => Password,
    "password_confirm" => PasswordConfirm,
    "current_password" => CurrentPassword,
    "new_password" => NewPassword,
    "token" => Token,
    "first_name" => FirstName,
    "last_name" => LastName,
    "bio" => Bio,
});

impl Field {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::Password => "password",
            Self::PasswordConfirm => "password_confirm",
            Self::CurrentPassword => "current_password",
            Self::NewPassword => "new_password",
            Self::Token => "token",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Bio => "bio",
        }
    }
}

/// What is wrong with a field. The words for it come from the language's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldIssue {
    Required,
    UsernameTooShort,
    UsernameTooLong,
    UsernameCharacters,
    UsernameReserved,
    UsernameTaken,
    /// Nobody may carry an address that could be somebody else's.
    UsernameLikeEmail,
    EmailInvalid,
    EmailTaken,
    PasswordTooShort,
    PasswordTooLong,
    PasswordTooCommon,
    PasswordLikeUsername,
    PasswordsDiffer,
    /// Unknown account or wrong password: which one is never told.
    CredentialsWrong,
    /// Too many tries.
    TryLater,
    /// The password that was to be replaced is another one.
    PasswordWrong,
    /// Used before, replaced by a newer one, expired, or never given out: which is not told.
    TokenSpent,
    NameTooLong,
    BioTooLong,
    /// Control characters have no business in it.
    TextCharacters,
}

from_word!(FieldIssue {
    "required" => Required,
    "username_too_short" => UsernameTooShort,
    "username_too_long" => UsernameTooLong,
    "username_characters" => UsernameCharacters,
    "username_reserved" => UsernameReserved,
    "username_taken" => UsernameTaken,
    "username_like_email" => UsernameLikeEmail,
    "email_invalid" => EmailInvalid,
    "email_taken" => EmailTaken,
    "password_too_short" => PasswordTooShort,
    "password_too_long" => PasswordTooLong,
    "password_too_common" => PasswordTooCommon,
    "password_like_username" => PasswordLikeUsername,
    "passwords_differ" => PasswordsDiffer,
    "credentials_wrong" => CredentialsWrong,
    "try_later" => TryLater,
    "password_wrong" => PasswordWrong,
    "token_spent" => TokenSpent,
    "name_too_long" => NameTooLong,
    "bio_too_long" => BioTooLong,
    "text_characters" => TextCharacters,
});

impl FieldIssue {
    /// For programs and their authors; people read the words of their language's catalogue.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Required => "This field is required.".into(),
            Self::UsernameTooShort => format!("Use at least {USERNAME_MIN} characters."),
            Self::UsernameTooLong => format!("Use at most {USERNAME_MAX} characters."),
            Self::UsernameCharacters => "Use letters, digits and @ . + - _ only.".into(),
            Self::UsernameReserved => "This name is reserved.".into(),
            Self::UsernameTaken => "This name is taken.".into(),
            Self::UsernameLikeEmail => "A username cannot be an e-mail address.".into(),
            Self::EmailInvalid => "This is not an e-mail address.".into(),
            Self::EmailTaken => "This address is in use.".into(),
            Self::PasswordTooShort => format!("Use at least {PASSWORD_MIN} characters."),
            Self::PasswordTooLong => format!("Use at most {PASSWORD_MAX} characters."),
            Self::PasswordTooCommon => "This password is among the first that are guessed.".into(),
            Self::PasswordLikeUsername => "The password must not be the username.".into(),
            Self::PasswordsDiffer => "The two passwords differ.".into(),
            Self::CredentialsWrong => "Wrong username or password.".into(),
            Self::TryLater => "Too many tries. Wait a moment.".into(),
            Self::PasswordWrong => "This is not your password.".into(),
            Self::TokenSpent => "This link has been used or has expired.".into(),
            Self::NameTooLong => format!("Use at most {NAME_MAX} characters."),
            Self::BioTooLong => format!("Use at most {BIO_MAX} characters."),
            Self::TextCharacters => "Control characters are not possible here.".into(),
        }
    }
}

pub type Issues = Vec<(Field, FieldIssue)>;

/// The sign-up form. `email` may be empty.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUpForm {
    pub username: String,
    #[serde(default)]
    pub email: String,
    pub password: String,
    /// Compared only where the client sends it.
    #[serde(default)]
    pub password_confirm: Option<String>,
    #[serde(default)]
    pub next: String,
}

/// The sign-in form. `username` may be the account's e-mail address.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInForm {
    pub username: String,
    pub password: String,
    #[serde(default)]
    pub next: String,
}

impl SignUpForm {
    /// Everything that can be told without the database, in the order of the fields.
    #[must_use]
    pub fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        let mut note = |field, issue: Option<FieldIssue>| {
            issues.extend(issue.map(|issue| (field, issue)));
        };
        note(Field::Username, username_issue(&self.username));
        note(Field::Email, email_issue(&self.email));
        note(Field::Password, password_issue(&self.password, &self.username));
        let differs = matches!(&self.password_confirm, Some(again) if *again != self.password);
        note(Field::PasswordConfirm, differs.then_some(FieldIssue::PasswordsDiffer));
        issues
    }
}

impl SignInForm {
    #[must_use]
    pub fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        if self.username.trim().is_empty() {
            issues.push((Field::Username, FieldIssue::Required));
        }
        if self.password.is_empty() {
            issues.push((Field::Password, FieldIssue::Required));
        }
        issues
    }
}

/// What somebody sees of their own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAccount {
    pub id: UserId,
    pub username: String,
    /// Empty where there is none.
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub bio: String,
    pub avatar: Option<MediaId>,
    pub banner: Option<MediaId>,
    pub created_at: UnixMillis,
    /// When the account will be taken away, where its owner has given it up.
    pub delete_at: Option<UnixMillis>,
}

/// What somebody changes about their own account; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnChanges {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub bio: Option<String>,
    /// Asked for where the address becomes another one.
    pub current_password: Option<String>,
}

impl OwnChanges {
    /// Everything that can be told without the database.
    #[must_use]
    pub fn issues(&self) -> Issues {
        let email = self.email.as_deref().and_then(email_issue);
        let name = |text: &Option<String>| text.as_deref().and_then(name_issue);
        let found = [
            (Field::Email, email),
            (Field::FirstName, name(&self.first_name)),
            (Field::LastName, name(&self.last_name)),
            (Field::Bio, self.bio.as_deref().and_then(bio_issue)),
        ];
        found.into_iter().filter_map(|(field, issue)| Some((field, issue?))).collect()
    }
}

fn name_issue(name: &str) -> Option<FieldIssue> {
    if name.chars().count() > NAME_MAX {
        return Some(FieldIssue::NameTooLong);
    }
    name.chars().any(char::is_control).then_some(FieldIssue::TextCharacters)
}

/// Lines may end and tabs may stand in it.
fn bio_issue(bio: &str) -> Option<FieldIssue> {
    if bio.chars().count() > BIO_MAX {
        return Some(FieldIssue::BioTooLong);
    }
    let foreign = |c: char| c.is_control() && !"\n\r\t".contains(c);
    bio.chars().any(foreign).then_some(FieldIssue::TextCharacters)
}

/// Somebody in a list of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    pub id: UserId,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub is_online: bool,
    pub created_at: UnixMillis,
    pub last_seen: Option<UnixMillis>,
}

/// Names that would be mistaken for the house itself or for a path of it.
const RESERVED: [&str; 28] = [
    "admin",
    "administrator",
    "api",
    "chat",
    "everyone",
    "feed",
    "following",
    "global",
    "healthz",
    "help",
    "here",
    "login",
    "logout",
    "me",
    "moderator",
    "null",
    "official",
    "register",
    "root",
    "security",
    "settings",
    "signup",
    "spherespace",
    "staff",
    "support",
    "system",
    "undefined",
    "verified",
];

/// 2 to 64 of letters, digits and `@ . + - _`, at least one letter or digit, not reserved.
#[must_use]
pub fn username_issue(username: &str) -> Option<FieldIssue> {
    let length = username.chars().count();
    let allowed = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
    match length {
        0 => Some(FieldIssue::Required),
        n if n < USERNAME_MIN => Some(FieldIssue::UsernameTooShort),
        n if n > USERNAME_MAX => Some(FieldIssue::UsernameTooLong),
        _ if !username.chars().all(allowed) => Some(FieldIssue::UsernameCharacters),
        _ if !username.chars().any(char::is_alphanumeric) => Some(FieldIssue::UsernameCharacters),
        _ if username.contains('@') && email_issue(username).is_none() => {
            Some(FieldIssue::UsernameLikeEmail)
        }
        _ if RESERVED.contains(&username_key(username).as_str()) => {
            Some(FieldIssue::UsernameReserved)
        }
        _ => None,
    }
}

/// What two usernames must not share: case is folded and the common look-alikes of Latin
/// letters (Cyrillic, Greek, full-width forms, digits 0 and 1) become the letter they resemble.
/// The table is the part of Unicode TS 39's confusables that people really type.
#[must_use]
pub fn username_key(username: &str) -> String {
    username.chars().flat_map(|c| look_alike(c).to_lowercase()).map(look_alike).collect()
}

fn look_alike(c: char) -> char {
    match c {
        // No column can hold it and no name has it: it must match nothing.
        '\0' => '\u{FFFD}',
        'а' | 'А' | 'α' | 'Α' => 'a',
        'в' | 'В' | 'Β' => 'b',
        'с' | 'С' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' | 'Ε' | 'ё' => 'e',
        'һ' | 'Н' | 'Η' => 'h',
        'і' | 'І' | 'ι' | 'Ι' | 'ı' | 'l' | '1' | '|' | 'Ӏ' | 'ӏ' | 'I' => 'i',
        'ј' | 'Ј' => 'j',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'м' | 'М' | 'Μ' => 'm',
        'ո' | 'Ν' => 'n',
        'о' | 'О' | 'ο' | 'Ο' | '0' | 'օ' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' | 'Ѕ' => 's',
        'т' | 'Т' | 'τ' | 'Τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ѡ' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'γ' | 'Υ' => 'y',
        'Ζ' => 'z',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// An empty address is fine; otherwise it needs one `@` with something that can be a host after it.
#[must_use]
pub fn email_issue(email: &str) -> Option<FieldIssue> {
    let email = email.trim();
    if email.is_empty() {
        return None;
    }
    let host_is_plausible = |host: &str| {
        host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains("..")
    };
    let valid = email.len() <= EMAIL_MAX
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.contains('@') && host_is_plausible(host)
        });
    (!valid).then_some(FieldIssue::EmailInvalid)
}

/// Length and likeness only; the list of common passwords is the server's.
#[must_use]
pub fn password_issue(password: &str, username: &str) -> Option<FieldIssue> {
    let length = password.chars().count();
    let like_username = !username.is_empty() && password.to_lowercase() == username.to_lowercase();
    match length {
        0 => Some(FieldIssue::Required),
        n if n < PASSWORD_MIN => Some(FieldIssue::PasswordTooShort),
        n if n > PASSWORD_MAX => Some(FieldIssue::PasswordTooLong),
        _ if like_username => Some(FieldIssue::PasswordLikeUsername),
        _ => None,
    }
}

/// Where to go after signing in: a path of this site, or the fallback.
/// `//host`, `/\host`, schemes, control characters and encoded variants never leave the site.
#[must_use]
pub fn safe_next<'a>(next: &'a str, fallback: &'a str) -> &'a str {
    let inside = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if inside { next } else { fallback }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(username: &str, password: &str) -> SignUpForm {
        SignUpForm { username: username.into(), password: password.into(), ..SignUpForm::default() }
    }

    #[test]
    fn usernames() {
        assert_eq!(username_issue("ada"), None);
        assert_eq!(username_issue("Адa.b+c-d_e@f"), None);
        assert_eq!(username_issue(""), Some(FieldIssue::Required));
        assert_eq!(username_issue("a"), Some(FieldIssue::UsernameTooShort));
        assert_eq!(username_issue(&"a".repeat(65)), Some(FieldIssue::UsernameTooLong));
        for bad in ["a b", "a<b>", "a\0b", "a\u{200b}b", "@@", "a/b", "a\u{202e}b"] {
            assert_eq!(username_issue(bad), Some(FieldIssue::UsernameCharacters), "{bad:?}");
        }
        assert_eq!(username_issue("ada@example.org"), Some(FieldIssue::UsernameLikeEmail));
        for reserved in ["admin", "ADMIN", "аdmin", "Root", "r00t"] {
            assert_eq!(username_issue(reserved), Some(FieldIssue::UsernameReserved), "{reserved}");
        }
    }

    #[test]
    fn look_alikes_share_a_key() {
        for twin in ["PAYPAL", "рaypal", "paypa1", "ｐａｙｐａｌ", "paypaI"] {
            assert_eq!(username_key(twin), username_key("paypal"), "{twin}");
        }
        assert_ne!(username_key("ada"), username_key("eda"));
    }

    #[test]
    fn emails() {
        for good in ["", "a@b.co", "first.last+tag@sub.example.org"] {
            assert_eq!(email_issue(good), None, "{good}");
        }
        for bad in ["a", "a@", "@b.co", "a@b", "a@b@c.co", "a b@c.co", "a@.co", "a@b..co"] {
            assert_eq!(email_issue(bad), Some(FieldIssue::EmailInvalid), "{bad}");
        }
    }

    #[test]
    fn issues_come_in_the_order_of_the_fields() {
        let mut bad = form("", "short");
        bad.email = "nope".into();
        bad.password_confirm = Some("other".into());
        let fields: Vec<_> = bad.issues().into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            fields,
            [Field::Username, Field::Email, Field::Password, Field::PasswordConfirm]
        );
        assert!(form("ada", "correct horse").issues().is_empty());
    }

    #[test]
    fn a_password_is_not_the_username() {
        let same = form("adalovelace", "AdaLovelace").issues();
        assert_eq!(same, [(Field::Password, FieldIssue::PasswordLikeUsername)]);
    }

    #[test]
    fn next_never_leaves_the_site() {
        assert_eq!(safe_next("/chat/global?x=1#y", "/"), "/chat/global?x=1#y");
        for hostile in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "\\\\evil.example",
            "/a\nb",
            "chat",
            "/\t/evil",
        ] {
            assert_eq!(safe_next(hostile, "/"), "/", "{hostile:?}");
        }
    }
}
