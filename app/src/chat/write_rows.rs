//! The rows of a conversation as HTML: by the server for the page, by the browser for what is new.
//!
//! As views they were brought to life row by row, and were fifteen kilobytes of what a browser had to load; see
//! docs/adr/0017.

use wire::UnixMillis;
use wire::conversations::{Quote, Reaction};
use wire::profiles::{Piece, pieces};
use wire::time::Day;

use super::rows::{MessageRow, Row};
use super::timeline::Sending;
use crate::text::texts;
use crate::ui::{Markup, write_avatar};

/// What the look of a row depends on beside itself.
pub struct Looks {
    /// The address of the conversation.
    pub path: String,
    /// Whether the reader may react and answer.
    pub may_act: bool,
    /// Whether addresses in what is said are links: not in words of somebody who has not been let in.
    pub has_links: bool,
    /// The oldest message of the list: answers to it are a step away, to older ones a page.
    pub oldest: Option<i64>,
    /// Today, by the reader's clock; `None` where days and times are the server's, in UTC.
    pub today: Option<Day>,
}

/// All rows, one after the other.
#[must_use]
pub fn write_rows(rows: &[Row], looks: &Looks) -> String {
    let mut html = Markup::default();
    for row in rows {
        write_row(&mut html, row, looks);
    }
    html.into_html()
}

fn write_row(to: &mut Markup, row: &Row, looks: &Looks) {
    match row {
        Row::Day(day) => write_day(to, *day, looks),
        Row::Unread => {
            to.raw("<div class=\"unread-line\"><span>").text(texts().room_unread_line());
            to.raw("</span></div>");
        }
        Row::Message(row) => write_message(to, row, looks),
    }
}

/// What the `<time>` of a row says; the line of what is unread has none.
#[must_use]
pub fn time_in_words(row: &Row, looks: &Looks) -> Option<String> {
    match row {
        Row::Day(day) => Some(day_in_words(*day, looks)),
        Row::Unread => None,
        Row::Message(row) => Some(clock(row.at, looks)),
    }
}

fn write_day(to: &mut Markup, day: Day, looks: &Looks) {
    let date = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
    to.raw("<div class=\"day-separator\"><time").attr("datetime", &date).raw(">");
    to.text(&day_in_words(day, looks)).raw("</time></div>");
}

/// Today and yesterday are words only the reader's own clock can say.
fn day_in_words(day: Day, looks: &Looks) -> String {
    let texts = texts();
    match looks.today.map(|today| today.number() - day.number()) {
        Some(0) => texts.room_today().to_owned(),
        Some(1) => texts.room_yesterday().to_owned(),
        _ => texts.date_long_of(day),
    }
}

/// Hours and minutes: UTC from the server, the reader's own once the page is alive.
fn clock(at: UnixMillis, looks: &Looks) -> String {
    let offset = if looks.today.is_some() { crate::ui::offset_minutes(at) } else { 0 };
    let (hour, minute) = at.shifted(offset).hour_minute();
    format!("{hour:02}:{minute:02}")
}

fn write_message(to: &mut Markup, row: &MessageRow, looks: &Looks) {
    open_message(to, row);
    if row.first {
        write_head(to, row, looks);
    } else {
        to.raw("<time class=\"message__time\"");
        write_clock(to, row.at, looks);
    }
    if let Some(quote) = &row.quote {
        write_quote(to, quote, looks);
    }
    write_line(to, row, looks);
    if row.is_edited {
        to.raw("<span class=\"message__edited\">").text(texts().chat_edited()).raw("</span>");
    }
    if let Some(sending) = &row.state {
        write_progress(to, sending, row.is_held);
    }
    if let Some(seen) = row.seen {
        write_tick(to, seen);
    }
    if !row.reactions.is_empty() {
        write_reactions(to, &row.reactions, looks);
    }
    to.raw("</article>");
}

fn open_message(to: &mut Markup, row: &MessageRow) {
    let failed = matches!(row.state, Some(Sending::Failed(_)));
    let classes = [
        (row.own, " message--own"),
        (row.first, " message--first"),
        (row.state.is_some() && !failed, " message--pending"),
        (failed, " message--failed"),
        (row.is_unsent, " message--unsent"),
        (row.names_me, " message--mention"),
    ];
    to.raw("<article class=\"message");
    for (_, class) in classes.into_iter().filter(|(applies, _)| *applies) {
        to.raw(class);
    }
    to.raw("\"").attr("id", &row.mark());
    if let Some(seq) = row.seq {
        to.raw(" data-seq=\"").number(seq).raw("\"");
    }
    to.raw(">");
}

/// Face, name and time of a group.
fn write_head(to: &mut Markup, row: &MessageRow, looks: &Looks) {
    to.raw("<span class=\"message__avatar\">");
    write_avatar(to, &row.author, row.image.as_deref());
    to.raw("</span><div class=\"message__meta\"><span class=\"message__author\">")
        .text(&row.author);
    to.raw("</span><time");
    write_clock(to, row.at, looks);
    to.raw("</div>");
}

/// The end of a `<time` that is open, and what it says.
fn write_clock(to: &mut Markup, at: UnixMillis, looks: &Looks) {
    to.attr("datetime", &at.to_string()).raw(">").text(&clock(at, looks)).raw("</time>");
}

/// What the message answers, and the way there.
fn write_quote(to: &mut Markup, quote: &Quote, looks: &Looks) {
    let words = if quote.is_unsent { texts().chat_unsent() } else { &quote.content };
    let address =
        quote_address(quote.seq, looks.oldest.is_some_and(|oldest| oldest <= quote.seq), looks);
    to.raw("<a class=\"quote\"")
        .attr("href", &address)
        .raw(" rel=\"external\"><span class=\"quote__author\">");
    to.text(&quote.sender.username)
        .raw("</span><span class=\"quote__text\" dir=\"auto\">")
        .text(words);
    to.raw("</span></a>");
}

/// In the list it is a step; further back it is another page.
#[must_use]
pub fn quote_address(seq: i64, is_here: bool, looks: &Looks) -> String {
    match is_here {
        true => format!("#m{seq}"),
        false => format!("{}?at={seq}#m{seq}", looks.path),
    }
}

/// What was said, and the way to what can be done with it: a menu, or without script a page.
fn write_line(to: &mut Markup, row: &MessageRow, looks: &Looks) {
    to.raw("<div class=\"message__line\"><div class=\"message__bubble");
    to.raw(if row.large { " message__bubble--emoji\" dir=\"auto\">" } else { "\" dir=\"auto\">" });
    if row.is_unsent {
        to.text(texts().chat_unsent());
    } else {
        write_words(to, &row.content, looks);
    }
    to.raw("</div>");
    if looks.may_act && row.seq.is_some() && !row.is_unsent {
        let label = texts().chat_message_menu(&row.author);
        to.raw("<a class=\"message__more\"").attr("href", &message_address(&looks.path, row));
        to.raw(" rel=\"external\" aria-haspopup=\"dialog\"")
            .attr("aria-label", &label)
            .raw(">⋯</a>");
    }
    to.raw("</div>");
}

/// Where a message has a page of its own.
pub(super) fn message_address(path: &str, row: &MessageRow) -> String {
    let id = row.id.map(|id| id.to_string()).unwrap_or_default();
    [path, "/messages/", &id].concat()
}

fn write_words(to: &mut Markup, words: &str, looks: &Looks) {
    if !looks.has_links || !words.contains("://") {
        to.text(words);
        return;
    }
    for piece in pieces(words) {
        match piece {
            Piece::Text(text) => to.text(text),
            Piece::Url(url) => to
                .raw("<a target=\"_blank\" rel=\"nofollow ugc noopener noreferrer\"")
                .attr("href", url)
                .raw(">")
                .text(url)
                .raw("</a>"),
        };
    }
}

/// What became of one's own message, and what can be done about it.
fn write_progress(to: &mut Markup, sending: &Sending, is_held: bool) {
    let texts = texts();
    to.raw("<div class=\"message__actions\">");
    match sending {
        Sending::Waiting if is_held => to.text(texts.room_waiting()),
        Sending::Waiting | Sending::Sent => to.text(texts.room_pending()),
        Sending::Failed(problem) => to
            .raw("<span role=\"alert\">")
            .text(texts.room_failed())
            .raw(". ")
            .text(texts.problem(problem.code))
            .raw("</span><button type=\"button\" data-remedy=\"retry\">")
            .text(texts.room_retry())
            .raw("</button><button type=\"button\" data-remedy=\"discard\">")
            .text(texts.room_delete())
            .raw("</button>"),
    };
    to.raw("</div>");
}

/// One tick for stored, two for read by the other.
fn write_tick(to: &mut Markup, seen: bool) {
    let words = if seen { texts().chat_seen() } else { texts().chat_sent() };
    to.raw(if seen { "<span class=\"tick\" data-seen=\"\"" } else { "<span class=\"tick\"" });
    to.attr("title", words)
        .raw("><span class=\"visually-hidden\">")
        .text(words)
        .raw("</span></span>");
}

fn write_reactions(to: &mut Markup, reactions: &[Reaction], looks: &Looks) {
    to.raw("<div class=\"message__reactions\">");
    for Reaction { emoji, count, mine } in reactions {
        let label = texts().chat_reaction_count(usize::try_from(*count).unwrap_or(0), emoji);
        to.raw("<button type=\"button\" class=\"reaction\"");
        to.attr("aria-pressed", if *mine { "true" } else { "false" })
            .attr("aria-label", &label)
            .attr("data-emoji", emoji);
        to.raw(if looks.may_act { ">" } else { " disabled>" });
        to.text(emoji).raw(" ").number(*count).raw("</button>");
    }
    to.raw("</div>");
}

#[cfg(test)]
mod tests {
    use wire::chat::Author;
    use wire::{ClientId, ErrorCode, MessageId, Problem, UserId};

    use super::*;

    const HOSTILE: &str = "</div><script>alert(1)</script>\" onload=\"x";

    fn looks() -> Looks {
        let path = "/chat/global".to_owned();
        Looks { path, may_act: true, has_links: true, oldest: Some(1), today: None }
    }

    fn row(content: &str) -> MessageRow {
        MessageRow {
            client_id: ClientId::new().to_string(),
            seq: Some(7),
            id: Some(MessageId::new()),
            author: "ada".into(),
            author_id: Some(UserId::new()),
            image: None,
            own: true,
            first: true,
            content: content.into(),
            names_me: false,
            large: false,
            at: UnixMillis(0),
            state: None,
            is_held: false,
            seen: None,
            is_edited: false,
            is_unsent: false,
            quote: None,
            reactions: Vec::new(),
        }
    }

    fn written(row: MessageRow, looks: &Looks) -> String {
        write_rows(&[Row::Message(Box::new(row))], looks)
    }

    #[test]
    fn what_people_wrote_never_becomes_markup() {
        let quote = Quote {
            id: MessageId::new(),
            seq: 3,
            sender: Author::new(UserId::new(), HOSTILE.into()),
            content: HOSTILE.into(),
            is_unsent: false,
        };
        let reaction = Reaction { emoji: HOSTILE.into(), count: 2, mine: true };
        let html = written(
            MessageRow {
                author: HOSTILE.into(),
                image: Some(HOSTILE.into()),
                quote: Some(quote),
                reactions: vec![reaction],
                ..row(&format!("see https://example.org/{HOSTILE} {HOSTILE}"))
            },
            &looks(),
        );
        assert!(!html.contains("<script") && !html.contains("\" onload"), "{html}");
        // Author, picture, quoted author and words, what was said twice, the reaction's name and its face;
        // its label and that of the menu.
        assert_eq!(html.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count(), 10, "{html}");
        assert_eq!(html.matches("<div").count(), html.matches("</div>").count(), "{html}");
    }

    #[test]
    fn addresses_are_links_only_for_those_who_let_the_author_in() {
        let said = row("look: https://example.org/a?b=1&c=2.");
        let link =
            "href=\"https://example.org/a?b=1&amp;c=2\">https://example.org/a?b=1&amp;c=2</a>.";
        assert!(written(said.clone(), &looks()).contains(link));
        let stranger = written(said, &Looks { has_links: false, ..looks() });
        assert!(!stranger.contains("<a target") && stranger.contains("https://example.org"));
    }

    #[test]
    fn an_answer_leads_a_step_or_a_page_away() {
        assert_eq!(quote_address(3, true, &looks()), "#m3");
        assert_eq!(quote_address(3, false, &looks()), "/chat/global?at=3#m3");
    }

    #[test]
    fn what_was_refused_can_be_sent_again_or_deleted() {
        let problem = Problem::new(ErrorCode::RateLimited, "");
        let on_its_way = MessageRow { seq: None, id: None, ..row("hello") };
        let failed = MessageRow { state: Some(Sending::Failed(problem)), ..on_its_way.clone() };
        let html = written(failed, &looks());
        for part in [
            "message--failed",
            "role=\"alert\"",
            "data-remedy=\"retry\"",
            "data-remedy=\"discard\"",
        ] {
            assert!(html.contains(part), "{part} is missing: {html}");
        }
        let waiting =
            |is_held| MessageRow { state: Some(Sending::Waiting), is_held, ..on_its_way.clone() };
        assert_ne!(written(waiting(true), &looks()), written(waiting(false), &looks()));
        assert!(!written(on_its_way, &looks()).contains("message__more"), "it has no page yet");
    }
}
