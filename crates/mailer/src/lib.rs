//! Mail, whoever carries it: an SMTP server, a folder on a machine without one, or a test's memory.

mod folder;
mod memory;
mod smtp;

use std::fmt::Debug;
use std::pin::Pin;

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};

pub use folder::Folder;
pub use memory::Memory;
pub use smtp::Smtp;

/// Plain text to one person. Line ends in `subject` cannot become headers: they are encoded.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Where one request ends mails like this one (RFC 8058), where they can be ended.
    pub unsubscribe: Option<String>,
}

/// The text may hold a secret, and an address is personal: neither reaches a log by accident.
impl Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// No retry will help.
    #[error("not an address mail can be sent to")]
    Address,
    #[error("the mail could not be written: {0}")]
    Folder(#[from] std::io::Error),
    #[error("the mail server: {0}")]
    Server(String),
}

/// What [`Mailer::send`] is still doing.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Whoever carries mail away.
pub trait Mailer: Debug + Send + Sync {
    /// Done when the mail is somebody else's responsibility, or safely in its folder.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// Whether `address` can stand in a `From`.
#[must_use]
pub fn is_sender(address: &str) -> bool {
    address.parse::<Mailbox>().is_ok()
}

fn compose(from: &str, mail: &Mail) -> Result<Message, MailError> {
    let mailbox = |address: &str| address.parse::<Mailbox>().map_err(|_| MailError::Address);
    let message = Message::builder()
        .from(mailbox(from)?)
        .to(mailbox(&mail.to)?)
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN);
    let message = match &mail.unsubscribe {
        Some(address) => with_a_way_out(message, address),
        None => message,
    };
    message.body(mail.text.clone()).map_err(|_| MailError::Address)
}

/// RFC 8058: mail programs show a button, and ask the address with a POST.
fn with_a_way_out(message: MessageBuilder, address: &str) -> MessageBuilder {
    let one_click = "List-Unsubscribe=One-Click".to_owned();
    let header = |name, value| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    message
        .raw_header(header("List-Unsubscribe", format!("<{address}>")))
        .raw_header(header("List-Unsubscribe-Post", one_click))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to: &str, subject: &str) -> Mail {
        Mail { to: to.into(), subject: subject.into(), text: "Grüße\n".into(), unsubscribe: None }
    }

    #[test]
    fn nobody_writes_a_header_through_an_address_or_a_subject() {
        let message = compose("us@sphere.example", &mail("ada@sphere.example", "a\r\nBcc: x@y.zz"));
        let text = String::from_utf8(message.unwrap().formatted()).unwrap();
        assert!(!text.contains("\nBcc:"), "{text}");
        for to in ["", "ada", "ada@sphere.example\r\nBcc: x@y.zz", "a@b.cc, c@d.ee"] {
            let composed = compose("us@sphere.example", &mail(to, "x"));
            assert!(matches!(composed, Err(MailError::Address)), "{to:?}");
        }
    }

    #[test]
    fn a_mail_that_can_be_ended_says_where_in_one_click() {
        let address = "https://sphere.example/unsubscribe/abc-DEF_123";
        let ended =
            Mail { unsubscribe: Some(address.into()), ..mail("ada@sphere.example", "News") };
        let message = compose("us@sphere.example", &ended).unwrap().formatted();
        let text = String::from_utf8(message).unwrap();
        assert!(text.contains(&format!("List-Unsubscribe: <{address}>\r\n")), "{text}");
        assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
        let plain = compose("us@sphere.example", &mail("ada@sphere.example", "Hello")).unwrap();
        assert!(!String::from_utf8(plain.formatted()).unwrap().contains("Unsubscribe"));
    }

    #[test]
    fn what_is_debugged_tells_neither_text_nor_address() {
        let shown = format!("{:?}", mail("ada@sphere.example", "Hello"));
        assert!(shown.contains("Hello") && !shown.contains("ada") && !shown.contains("Gr"));
    }
}
