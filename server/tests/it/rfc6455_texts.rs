//! Conversations about what is text and what is not, and about their end.

use crate::rfc6455::{Case, Cut, Reply, echo};
use crate::rfc6455_cases::{said, text};
use crate::rfc6455_frames::{
    BINARY, CLOSE, CONTINUATION, Frame, NO_CODE, PING, TEXT, close, frame,
};

const NOT_UTF8: &[u16] = &[1007];
const AGAINST_THE_PROTOCOL: &[u16] = &[1002];

/// Words, and the first and last characters of each length.
const GOOD: [&str; 22] = [
    "plain",
    "Hellö-µ@ßöäüàá-UTF-8!!",
    "κόσμε",
    "日本語",
    "👩‍👩‍👧 🏳️‍🌈",
    "e\u{301}",
    "\u{a0}",
    "\u{7ff}",
    "\u{800}",
    "\u{fff}",
    "\u{1000}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10000}",
    "\u{1fffe}",
    "\u{3ffff}",
    "\u{fffff}",
    "\u{100000}",
    "\u{10ffff}",
];

/// Sequences that no UTF-8 contains, in hexadecimal, by what is wrong with them.
const BAD: [(&str, &str); 9] = [
    ("a stray continuation", "80 bf 80bf 80bf80 80bf80bf80bf ce80bf cebae1bdb9cf83cebcceb580"),
    ("a start alone", "c2 c220 df20 e020 ef20 f020 f420 c2c2 e0e0 f0f0"),
    ("the last byte missing", "c2 e0a0 efbf f09080 f48fbf c2e0a0 efbfc2 e0a0f09080"),
    ("a byte that never occurs", "fe ff fefeffff c0 c1 f5 f8 fc 61ff62 cebaff"),
    ("a slash made too long", "c0af e080af f08080af f8808080af fc80808080af"),
    ("the last of what is too long", "c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf"),
    ("a zero made too long", "c080 e08080 f0808080 f880808080 fc8080808080"),
    (
        "a surrogate",
        "eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf eda080edb080 edadbfedbfbf cebaeda080656469",
    ),
    (
        "beyond the last character",
        "f4908080 f48fbfc0 f5808080 f7bfbfbf f888808080 fbbfbfbfbf fc8480808080 fdbfbfbfbfbf",
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A frame for each byte.
fn byte_by_byte(payload: &[u8]) -> Vec<Frame> {
    let last = payload.len() - 1;
    let frames = payload.iter().enumerate().map(|(n, byte)| {
        let part = frame(if n == 0 { TEXT } else { CONTINUATION }, [*byte]);
        if n < last { part.unfinished() } else { part }
    });
    frames.collect()
}

pub(crate) fn texts() -> Vec<Case> {
    let mut cases = Vec::new();
    for word in GOOD {
        let whole = echo(word, 0);
        let case = |how: &str, sent| Case::new(format!("{}, {how}", word.escape_unicode()), sent);
        for case in [
            case("whole", vec![frame(TEXT, &whole)]),
            case("whole", vec![frame(TEXT, &whole)]).cut(Cut::Every(1)),
            case("a frame for each byte", byte_by_byte(&whole)),
        ] {
            cases.push(case.answered([said(word)]));
        }
    }
    for (fault, sequences) in BAD {
        cases.extend(sequences.split(' ').flat_map(|hex| not_text(fault, hex)));
    }
    cases.extend(never_finished());
    cases
}

/// The same bad bytes in the middle of a message, at its end, spread over frames, and as binary,
/// where they are no fault.
fn not_text(fault: &str, hex: &str) -> [Case; 4] {
    let bad = bytes(hex);
    let within = [b"{\"type\":\"", bad.as_slice(), b"\"}"].concat();
    let case = |how: &str, sent| Case::new(format!("{fault}: {hex}, {how}"), sent).closed(NOT_UTF8);
    [
        case("within", vec![frame(TEXT, &within)]),
        case("at the end", vec![text("a"), frame(TEXT, &bad)])
            .answered([said("a")])
            .cut(Cut::Every(1)),
        case("a frame for each byte", byte_by_byte(&within)),
        Case::new(format!("{hex} as binary"), vec![frame(BINARY, &bad)]).answered([Reply::Taken]),
    ]
}

/// A fault shows at the end of its frame, however much is still to come.
fn never_finished() -> Vec<Case> {
    let start = |payload: &[u8]| frame(TEXT, payload).unfinished();
    let more = |payload: &[u8]| frame(CONTINUATION, payload).unfinished();
    vec![
        Case::new("a bad start", vec![start(b"a\xffb")]).closed(NOT_UTF8),
        Case::new("a bad middle", vec![start(b"a"), more(b"\xed\xa0\x80")]).closed(NOT_UTF8),
        Case::new("bad over two frames", vec![start(b"\xf4"), more(b"\x90")]).closed(NOT_UTF8),
        Case::new("good until now", vec![start(b"\xf4"), more(b"\x8f")]),
    ]
}

pub(crate) fn closing() -> Vec<Case> {
    let mut cases = codes();
    cases.extend(reasons());
    for cut in [Cut::No, Cut::Frames, Cut::Every(1)] {
        cases.extend(after_the_close().into_iter().map(|case| case.cut(cut)));
    }
    cases
}

/// What a client may give as its code, and what it may not (RFC 6455 §7.4).
fn codes() -> Vec<Case> {
    const FORBIDDEN: [u16; 13] =
        [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
    // As slices, for what comes back is the code itself.
    const ALLOWED: [&[u16]; 15] = [
        &[1000],
        &[1001],
        &[1002],
        &[1003],
        &[1007],
        &[1008],
        &[1009],
        &[1010],
        &[1011],
        &[1012],
        &[1013],
        &[3000],
        &[3999],
        &[4000],
        &[4999],
    ];
    let allowed = ALLOWED.into_iter().map(|answer| (answer[0], answer));
    let all = allowed.chain(FORBIDDEN.map(|code| (code, AGAINST_THE_PROTOCOL)));
    let cases = all.flat_map(|(code, answer)| {
        ["", "a reason"].map(|reason| {
            Case::new(format!("close {code} {reason}"), vec![close(code, reason)])
                .close_answered(answer)
        })
    });
    cases.collect()
}

fn reasons() -> Vec<Case> {
    let long = "x".repeat(124);
    let case = |name: &str, sent| Case::new(format!("close with {name}"), vec![sent]);
    vec![
        case("nothing", frame(CLOSE, "")).close_answered(&[NO_CODE]),
        case("half a code", frame(CLOSE, [3])).closed(AGAINST_THE_PROTOCOL),
        case("the longest reason", close(1000, &long[1..])).close_answered(&[1000]),
        case("too long a reason", close(1000, &long)).closed(AGAINST_THE_PROTOCOL),
        case("a reason in Greek", close(1000, "κόσμε")).close_answered(&[1000]),
        case("a surrogate", close(1000, b"a\xed\xa0\x80b")).closed(NOT_UTF8),
        case("half a character", close(1000, b"a\xf0\x9f")).closed(NOT_UTF8),
        case("a reason that is no text", close(4000, b"\xff\xfe")).closed(NOT_UTF8),
    ]
}

fn after_the_close() -> Vec<Case> {
    let case = |name: &str, sent| Case::new(name, sent).close_answered(&[1000]);
    let end = || close(1000, "bye");
    let start = || frame(TEXT, "{").unfinished();
    vec![
        case("a message, then the close", vec![text("a"), end()]).answered([said("a")]),
        case("two closes", vec![end(), close(1001, "")]),
        case("a ping after the close", vec![end(), frame(PING, "too late")]),
        case("a message after the close", vec![end(), text("too late")]),
        case("nonsense after the close", vec![end(), frame(15, "").reserved(7).masked(None)]),
        case("a long message after the close", vec![end(), frame(TEXT, vec![b' '; 2000])]),
        case("a close within a message", vec![start(), end()]),
        case(
            "a close within a message, then its end",
            vec![start(), end(), frame(CONTINUATION, "}")],
        ),
    ]
}
