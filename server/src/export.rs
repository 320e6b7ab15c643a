//! Everything that somebody has here, as one file that is written while it is sent.
//!
//! A zip without compression: each file's length and sum follow it, so that nothing has to be kept until
//! the end but the list of files.

use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::export::{Part, begin_export, export};
use domain::{Caller, Services};
use futures_util::stream;
use tokio::sync::mpsc;

use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Pieces that wait for a slow reader.
const AHEAD: usize = 2;

/// `GET /settings/account/export`.
pub(crate) async fn download(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Response, Refusal> {
    let caller = visit.caller()?.clone();
    begin_export(&state.services, &caller).await?;
    let (pieces, mut written) = mpsc::channel(AHEAD);
    tokio::spawn(write(state.services.clone(), caller, pieces));
    let body = stream::poll_fn(move |context| written.poll_recv(context));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"spherespace.zip\""),
        ),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

type Pieces = mpsc::Sender<io::Result<Bytes>>;

async fn write(services: Arc<Services>, caller: Caller, pieces: Pieces) {
    if let Err(error) = write_parts(&services, &caller, &pieces).await {
        // A reader who went away hears nothing of it; anybody else gets a file that is visibly cut off.
        let _gone = pieces.send(Err(error)).await;
    }
}

async fn write_parts(services: &Services, caller: &Caller, pieces: &Pieces) -> io::Result<()> {
    let mut zip = Zip::default();
    for part in Part::ALL {
        send(pieces, zip.begin(part.file_name())).await?;
        let mut after: Option<String> = None;
        let mut opening = "[\n";
        loop {
            let step = export(services, caller, part, after.as_deref()).await;
            let step = step.map_err(io::Error::other)?;
            let mut text = String::new();
            for row in step.rows {
                text += opening;
                text += &row.to_string();
                opening = ",\n";
            }
            send(pieces, zip.add(text.into_bytes())?).await?;
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        let end = if opening == "[\n" { "[]\n" } else { "\n]\n" };
        send(pieces, zip.add(end.into())?).await?;
        send(pieces, zip.end()).await?;
    }
    send(pieces, zip.finish()).await
}

async fn send(pieces: &Pieces, piece: Vec<u8>) -> io::Result<()> {
    let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
    pieces.send(Ok(piece.into())).await.map_err(gone)
}

/// A file of the archive. Places and lengths are in bytes.
struct Entry {
    name: &'static str,
    at: u32,
    length: u32,
    sum: crc32fast::Hasher,
}

#[derive(Default)]
struct Zip {
    entries: Vec<Entry>,
    written: u32,
}

/// Names are UTF-8, and sums and lengths come after the content.
const FLAGS: u16 = 0x0808;
/// The first day that an archive can name: when it was made is told by whoever keeps it.
const DAY: u16 = 0x21;

impl Zip {
    fn begin(&mut self, name: &'static str) -> Vec<u8> {
        self.entries.push(Entry {
            name,
            at: self.written,
            length: 0,
            sum: crc32fast::Hasher::new(),
        });
        let mut head = Vec::new();
        put(&mut head, &[0x4b50, 0x0403, 20, FLAGS, 0, 0, DAY, 0, 0, 0, 0, 0, 0]);
        put(&mut head, &[name.len() as u16, 0]);
        head.extend(name.as_bytes());
        self.count(head)
    }

    /// # Errors
    /// Over 4 GiB, which this kind of archive cannot hold.
    fn add(&mut self, content: Vec<u8>) -> io::Result<Vec<u8>> {
        let length = u32::try_from(content.len()).ok();
        let whole = length.and_then(|length| self.written.checked_add(length));
        if whole.is_none_or(|whole| whole > u32::MAX - 64 * 1024) {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        if let Some(entry) = self.entries.last_mut() {
            entry.sum.update(&content);
            entry.length += content.len() as u32;
        }
        Ok(self.count(content))
    }

    fn end(&mut self) -> Vec<u8> {
        let mut tail = Vec::new();
        put(&mut tail, &[0x4b50, 0x0807]);
        if let Some(entry) = self.entries.last() {
            put_long(&mut tail, &entry.sums());
        }
        self.count(tail)
    }

    /// The list of files.
    fn finish(mut self) -> Vec<u8> {
        let mut list = Vec::new();
        for entry in &self.entries {
            put(&mut list, &[0x4b50, 0x0201, 20, 20, FLAGS, 0, 0, DAY]);
            put_long(&mut list, &entry.sums());
            put(&mut list, &[entry.name.len() as u16, 0, 0, 0, 0, 0, 0]);
            put_long(&mut list, &[entry.at]);
            list.extend(entry.name.as_bytes());
        }
        let (at, length, files) = (self.written, list.len() as u32, self.entries.len() as u16);
        put(&mut list, &[0x4b50, 0x0605, 0, 0, files, files]);
        put_long(&mut list, &[length, at]);
        put(&mut list, &[0]);
        self.count(list)
    }

    fn count(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.written = self.written.saturating_add(bytes.len() as u32);
        bytes
    }
}

impl Entry {
    /// The sum, and the length twice: packed and not.
    fn sums(&self) -> [u32; 3] {
        [self.sum.clone().finalize(), self.length, self.length]
    }
}

fn put(to: &mut Vec<u8>, numbers: &[u16]) {
    numbers.iter().for_each(|number| to.extend(number.to_le_bytes()));
}

fn put_long(to: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| to.extend(number.to_le_bytes()));
}
