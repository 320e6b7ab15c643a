//! One connection that asks for the same page again and again, with little work of its own: what it
//! does takes time from nobody but the generator, but it takes it there.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD_END: &[u8] = b"\r\n\r\n";
/// The chunk that ends a body of chunks (RFC 9112 §7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
const READ: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Asker {
    stream: TcpStream,
    request: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asker {
    /// For somebody who is signed in, or a stranger.
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        access: Option<&str>,
    ) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n");
        if let Some(access) = access {
            request.push_str(&format!("Authorization: Bearer {access}\r\n"));
        }
        request.push_str("\r\n");
        Ok(Self { stream, request: request.into() })
    }

    /// Asks once, and reads the whole answer.
    ///
    /// # Errors
    /// Any answer but a 200.
    pub(crate) async fn ask(&mut self) -> Result<Answer> {
        self.stream.write_all(&self.request).await?;
        let mut bytes = Vec::with_capacity(2 * READ);
        loop {
            ensure!(self.stream.read_buf(&mut bytes).await? > 0, "the server hung up");
            if let Some(answer) = whole(&bytes)? {
                ensure!(answer.head.starts_with("HTTP/1.1 200 "), "answered {}", answer.head);
                return Ok(answer);
            }
        }
    }
}

impl Answer {
    /// Name and value of each header.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().skip(1).filter_map(|line| line.split_once(": "))
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let mut headers = self.headers();
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

/// The answer that `bytes` are, where they are all of it.
fn whole(bytes: &[u8]) -> Result<Option<Answer>> {
    let Some(end) = memchr::memmem::find(bytes, HEAD_END) else { return Ok(None) };
    let head = str::from_utf8(&bytes[..end])?.to_owned();
    let mut answer = Answer { head, body: Vec::new() };
    let rest = &bytes[end + HEAD_END.len()..];
    let length = answer.header("content-length").map(str::parse::<usize>).transpose()?;
    match length {
        Some(length) if rest.len() < length => return Ok(None),
        Some(_) => answer.body = rest.to_vec(),
        None if rest.ends_with(LAST_CHUNK) => answer.body = joined(rest)?,
        None => return Ok(None),
    }
    Ok(Some(answer))
}

/// A body without the marks between its chunks.
fn joined(mut chunks: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(chunks.len());
    loop {
        let line = memchr::memmem::find(chunks, b"\r\n").context("a chunk without a length")?;
        let length = usize::from_str_radix(str::from_utf8(&chunks[..line])?, 16)?;
        if length == 0 {
            return Ok(body);
        }
        let start = line + 2;
        body.extend(chunks.get(start..start + length).context("a torn chunk")?);
        chunks = chunks.get(start + length + 2..).context("a torn chunk")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: &[u8]) -> Option<String> {
        let answer = whole(bytes).unwrap()?;
        assert_eq!(answer.headers().count(), 1);
        Some(String::from_utf8(answer.body).unwrap())
    }

    #[test]
    fn an_answer_ends_where_its_head_says() {
        let counted = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        let chunked =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        for answer in [&counted[..], &chunked[..]] {
            assert_eq!(body(answer).as_deref(), Some("hello"));
            assert!((0..answer.len()).all(|cut| body(&answer[..cut]).is_none()));
        }
    }
}
