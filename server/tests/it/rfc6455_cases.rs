//! Conversations about frames: their lengths, their bits, and how they make up messages.

use crate::rfc6455::{Case, Cut, Reply, echo};
use crate::rfc6455_frames::{BINARY, CLOSE, CONTINUATION, Frame, PING, PONG, TEXT, close, frame};

/// The largest message that is read.
const LIMIT: usize = 64 * 1024;
const AGAINST_THE_PROTOCOL: &[u16] = &[1002];
const TOO_LARGE: &[u16] = &[1009];
/// Just below, at and above every length whose header looks different.
const LENGTHS: [usize; 7] = [125, 126, 127, 128, 1000, LIMIT - 1, LIMIT];

pub(crate) fn said(word: &str) -> Reply {
    Reply::Echo(word.to_owned())
}

pub(crate) fn text(word: &str) -> Frame {
    frame(TEXT, echo(word, 0))
}

/// A message in frames of `size` bytes.
fn in_parts(opcode: u8, payload: &[u8], size: usize) -> Vec<Frame> {
    let count = payload.len().div_ceil(size);
    let parts = payload.chunks(size).enumerate().map(|(n, part)| {
        let part = frame(if n == 0 { opcode } else { CONTINUATION }, part);
        if n + 1 < count { part.unfinished() } else { part }
    });
    parts.collect()
}

/// Small pieces, but not thousands of them.
fn small(length: usize) -> Cut {
    Cut::Every(if length > 1000 { 997 } else { 1 })
}

pub(crate) fn framing() -> Vec<Case> {
    let mut cases = Vec::new();
    for cut in [|_| Cut::No, small] {
        for (kind, opcode) in [("text", TEXT), ("binary", BINARY)] {
            let case = Case::new(format!("empty {kind}"), vec![frame(opcode, "")]);
            cases.push(case.answered([Reply::Taken]).cut(cut(0)));
        }
        for length in LENGTHS {
            let case = Case::new(format!("text of {length}"), vec![frame(TEXT, echo("a", length))]);
            cases.push(case.answered([said("a")]).cut(cut(length)));
            let binary = vec![frame(BINARY, vec![0xfe; length])];
            let case = Case::new(format!("binary of {length}"), binary);
            cases.push(case.answered([Reply::Taken]).cut(cut(length)));
        }
    }
    for after in 1..=14 {
        let case = Case::new("a header in two", vec![frame(TEXT, echo("a", LIMIT))]);
        cases.push(case.answered([said("a")]).cut(Cut::After(after)));
    }
    for mask in [[0; 4], [0xff; 4], [0, 0, 0, 1]] {
        let case = Case::new(format!("mask {mask:?}"), vec![text("a").masked(Some(mask))]);
        cases.push(case.answered([said("a")]));
    }
    cases
}

pub(crate) fn unmasked() -> Vec<Case> {
    let plain = [text("b"), frame(BINARY, "b"), frame(PING, "b"), frame(PONG, ""), close(1000, "")];
    let cases = plain.into_iter().enumerate().flat_map(|(n, plain)| {
        [Cut::No, Cut::Every(1)].map(|cut| {
            let sent = vec![text("a"), plain.clone().masked(None)];
            let case = Case::new(format!("unmasked {n}"), sent).cut(cut);
            case.answered([said("a")]).closed(AGAINST_THE_PROTOCOL)
        })
    });
    cases.collect()
}

pub(crate) fn pings() -> Vec<Case> {
    let payloads: [&[u8]; 4] = [b"", b"hello", &[0, 0xff, 0xfe, 0xc0, 0], &[0xfe; 125]];
    let mut cases = Vec::new();
    for cut in [Cut::No, Cut::Frames, Cut::Every(1)] {
        for payload in payloads {
            let length = payload.len();
            let case = Case::new(format!("ping of {length}"), vec![frame(PING, payload)]);
            cases.push(case.answered([Reply::Pong(payload.into())]).cut(cut));
            let case = Case::new(format!("stray pong of {length}"), vec![frame(PONG, payload)]);
            cases.push(case.cut(cut));
        }
        for (kind, opcode) in [("ping", PING), ("pong", PONG), ("close", CLOSE)] {
            for length in [126, 127, 65_536] {
                let cut = if length > 1000 { Cut::No } else { cut };
                let case =
                    Case::new(format!("{kind} of {length}"), vec![frame(opcode, vec![3; length])]);
                cases.push(case.closed(AGAINST_THE_PROTOCOL).cut(cut));
            }
        }
        let ten: Vec<_> = (0..10).map(|n| vec![n; 10]).collect();
        let case = Case::new("ten pings", ten.iter().map(|each| frame(PING, each)).collect());
        cases.push(case.answered(ten.into_iter().map(Reply::Pong).collect::<Vec<_>>()).cut(cut));
        let sent = vec![frame(PONG, "x"), frame(PING, "y"), text("a"), frame(PONG, "z"), text("b")];
        let case = Case::new("pings between messages", sent);
        cases.push(case.answered([Reply::Pong(b"y".into()), said("a"), said("b")]).cut(cut));
    }
    cases
}

/// A frame that is wrong by itself, behind others that are not.
fn wrong(name: &str, wrong: Frame) -> [Case; 3] {
    let case = |name: String, sent| Case::new(name, sent).closed(AGAINST_THE_PROTOCOL);
    let behind = || vec![text("a"), wrong.clone(), text("b"), frame(PING, "")];
    [
        case(format!("{name}, first"), vec![wrong.clone()]),
        case(format!("{name}, second"), behind()).answered([said("a")]),
        case(format!("{name}, second"), behind()).answered([said("a")]).cut(Cut::Every(1)),
    ]
}

pub(crate) fn reserved_bits() -> Vec<Case> {
    let frames = [text("c"), frame(BINARY, ""), frame(PING, "c"), close(1000, "")];
    let cases = (1..8).flat_map(|bits| {
        let frames = frames.clone().map(|frame| frame.reserved(bits));
        let name = move |n: usize| format!("reserved bits {bits:03b} on frame {n}");
        frames.into_iter().enumerate().flat_map(move |(n, frame)| wrong(&name(n), frame))
    });
    cases.collect()
}

pub(crate) fn opcodes() -> Vec<Case> {
    let reserved = (3..8).chain(11..16);
    let cases = reserved.flat_map(|opcode| {
        let start = frame(TEXT, "a").unfinished();
        let within = Case::new(format!("opcode {opcode} within"), vec![start, frame(opcode, "")]);
        let empty = wrong(&format!("opcode {opcode}, empty"), frame(opcode, ""));
        let full = wrong(&format!("opcode {opcode}, with data"), frame(opcode, "data"));
        empty.into_iter().chain(full).chain([within.closed(AGAINST_THE_PROTOCOL)])
    });
    cases.collect()
}

pub(crate) fn fragments() -> Vec<Case> {
    let cuts = [Cut::No, Cut::Frames, Cut::Every(1)];
    let each =
        |cut| good_fragments().into_iter().chain(bad_fragments()).map(move |case| case.cut(cut));
    cuts.into_iter().flat_map(each).collect()
}

fn start(payload: impl AsRef<[u8]>) -> Frame {
    frame(TEXT, payload).unfinished()
}

fn more(payload: impl AsRef<[u8]>) -> Frame {
    frame(CONTINUATION, payload).unfinished()
}

fn last(payload: impl AsRef<[u8]>) -> Frame {
    frame(CONTINUATION, payload)
}

fn good_fragments() -> Vec<Case> {
    let whole = echo("parts", 0);
    let (head, tail) = whole.split_at(20);
    let (ping, pong) = (|| frame(PING, "p"), || Reply::Pong(b"p".into()));
    let case =
        |name: &str, sent: Vec<Frame>, replies: &[Reply]| Case::new(name, sent).answered(replies);
    let with_pings = |count| {
        let pings = std::iter::repeat_with(ping).take(count);
        [start(head)].into_iter().chain(pings).chain([last(tail)]).collect()
    };
    let pongs = |count| {
        let pongs = std::iter::repeat_with(pong).take(count);
        pongs.chain([said("parts")]).collect::<Vec<_>>()
    };
    let one = [said("parts")];
    vec![
        case("two parts", vec![start(head), last(tail)], &one),
        case("a part for each byte", in_parts(TEXT, &whole, 1), &one),
        case("two binary parts", in_parts(BINARY, &whole, 20), &[Reply::Taken]),
        case("empty parts only", vec![start(""), more(""), last("")], &[Reply::Taken]),
        case("an empty start", vec![start(""), more(head), last(tail)], &one),
        case("an empty middle", vec![start(head), more(""), last(tail)], &one),
        case("an empty end", vec![start(head), more(tail), last("")], &one),
        case("a ping between", with_pings(1), &pongs(1)),
        case("ten pings between", with_pings(10), &pongs(10)),
        case("a pong between", vec![start(head), frame(PONG, ""), last(tail)], &one),
        case(
            "two messages in parts",
            vec![start(head), last(tail), start(head), more(""), last(tail)],
            &[said("parts"), said("parts")],
        ),
        case("never finished", vec![start(head), more(tail)], &[]),
    ]
}

fn bad_fragments() -> Vec<Case> {
    let whole = echo("parts", 0);
    let (head, tail) = whole.split_at(20);
    let case = |name: &str, sent: Vec<Frame>, replies: &[Reply]| {
        Case::new(name, sent).answered(replies).closed(AGAINST_THE_PROTOCOL)
    };
    let one = [said("parts")];
    vec![
        case("a ping in parts", vec![frame(PING, "").unfinished(), last("")], &[]),
        case("a pong in parts", vec![frame(PONG, "").unfinished(), last("")], &[]),
        case("a close in parts", vec![close(1000, "").unfinished(), last("")], &[]),
        case("an end without a start", vec![last(&whole)], &[]),
        case("a middle without a start", vec![more(head), last(tail)], &[]),
        case("an empty end without a start", vec![last("")], &[]),
        case("an end after a whole message", vec![text("parts"), last("")], &one),
        case("a middle after a whole message", vec![text("parts"), more(""), last("")], &one),
        case("an end after the end", vec![start(head), last(tail), last(tail)], &one),
        case("a whole message between", vec![start(head), text("b"), last(tail)], &[]),
        case("a start after a start", vec![start(head), start(tail), last(tail)], &[]),
        case("binary in a text", vec![start(head), frame(BINARY, tail)], &[]),
        case("text in a binary", vec![frame(BINARY, head).unfinished(), text("b")], &[]),
        case("a part with a reserved bit", vec![start(head), last(tail).reserved(4)], &[]),
    ]
}

/// Long messages, in whatever pieces; and those that are too long.
pub(crate) fn limits() -> Vec<Case> {
    let (texts, binary) = (echo("long", LIMIT), vec![0xa5; LIMIT]);
    let mut cases = Vec::new();
    for size in [64, 256, 1024, 1300, 4096, 16_384, LIMIT] {
        let case = Case::new(format!("64 KiB of text by {size}"), in_parts(TEXT, &texts, size));
        cases.push(case.answered([said("long")]));
        let case =
            Case::new(format!("64 KiB of binary by {size}"), in_parts(BINARY, &binary, size));
        cases.push(case.answered([Reply::Taken]));
    }
    for size in [64, 128, 256, 512, 1024, 2048] {
        let case = Case::new("64 KiB of text", vec![frame(TEXT, &texts)]).cut(Cut::Every(size));
        cases.push(case.answered([said("long")]));
    }
    for length in [LIMIT + 1, 70_000, 2 * LIMIT, 4 * LIMIT, 4 * LIMIT + 1, 16 * LIMIT] {
        let message = vec![b' '; length];
        for (kind, opcode) in [("text", TEXT), ("binary", BINARY)] {
            for size in [length, 4096] {
                let name = format!("{length} bytes of {kind} by {size}");
                let sent = in_parts(opcode, &message, size);
                cases.push(Case::new(name, sent).closed(TOO_LARGE));
            }
        }
    }
    for claimed in [1 << 31, 1 << 32, (1 << 63) - 1] {
        let sent = vec![frame(TEXT, "only this").claiming(claimed)];
        cases.push(Case::new(format!("{claimed} bytes, allegedly"), sent).closed(TOO_LARGE));
    }
    let sent = vec![frame(TEXT, "").claiming(u64::MAX)];
    cases.push(Case::new("a length with its highest bit", sent).closed(&[1002, 1009]));
    cases
}
