//! Over SMTP.

use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::{Mail, MailError, Mailer, Sending, compose};

/// A pool of connections to one mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
}

/// The address of the server holds its password.
impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Smtp(…)")
    }
}

impl Smtp {
    /// `smtps://user:password@host` (TLS), `smtp://…?tls=required` (STARTTLS) or `smtp://…` (none).
    ///
    /// # Errors
    /// An address of another kind. It is not repeated: it may hold a password.
    pub fn new(url: &str, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let transport = transport.map_err(|error| MailError::Server(error.to_string()))?;
        Ok(Self { transport: transport.build(), from: from.to_owned() })
    }

    async fn deliver(&self, mail: &Mail) -> Result<(), MailError> {
        let message = compose(&self.from, mail)?;
        let sent = self.transport.send(message).await;
        sent.map(drop).map_err(|error| MailError::Server(error.to_string()))
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(self.deliver(mail))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// One conversation of a mail server: what the client said after `DATA`. `refuse` answers the
    /// recipient's line.
    async fn converse(stream: TcpStream, rcpt: &str) -> String {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 here\r\n").await.unwrap();
        let (mut data, mut reading) = (String::new(), false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return data;
            }
            let word = line.get(..4).unwrap_or_default().to_uppercase();
            let answer = match word.as_str() {
                _ if reading && line != ".\r\n" => {
                    data += &line;
                    continue;
                }
                "DATA" => "354 go on",
                "RCPT" => rcpt,
                "QUIT" => return data,
                _ => "250 fine",
            };
            reading = word == "DATA";
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    }

    async fn send_to(rcpt: &'static str) -> (Result<(), MailError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            converse(stream, rcpt).await
        });
        let smtp = Smtp::new(&url, "us@sphere.example").unwrap();
        let mail = Mail {
            to: "ada@sphere.example".into(),
            subject: "Hello".into(),
            text: "Come in.\n".into(),
            ..Mail::default()
        };
        let sent = smtp.send(&mail).await;
        drop(smtp);
        (sent, server.await.unwrap())
    }

    #[tokio::test]
    async fn a_mail_server_is_given_the_whole_mail() {
        let (sent, data) = send_to("250 known").await;
        sent.unwrap();
        assert!(data.contains("Subject: Hello\r\n") && data.contains("Come in."), "{data}");
    }

    #[tokio::test]
    async fn a_refusal_is_an_error() {
        let (sent, _) = send_to("550 nobody here").await;
        assert!(matches!(sent, Err(MailError::Server(why)) if why.contains("nobody here")));
    }

    #[test]
    fn another_kind_of_address_is_refused_without_repeating_it() {
        let refused = Smtp::new("http://user:hunter2@host", "us@sphere.example").unwrap_err();
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
}
