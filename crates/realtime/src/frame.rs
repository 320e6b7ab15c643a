//! What is told, as it stands on the wire.
//!
//! A server's frames are not masked (RFC 6455 §5.1), so one that goes to ten thousand sockets is the
//! same bytes for each of them: header and text are put together once, where the frame is made.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The first byte of an unfragmented text frame (RFC 6455 §5.2).
const FINAL_TEXT: u8 = 0x81;
/// Lengths up to this stand in the second byte itself.
const SHORT: usize = 125;
/// In the second byte: the length follows in two bytes.
const MEDIUM: u8 = 126;
/// In the second byte: the length follows in eight bytes.
const LONG: u8 = 127;
const LONGEST_HEADER: usize = 10;

/// One encoded frame, shared by everybody it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    wire: Bytes,
    droppable: bool,
}

impl Frame {
    /// A frame that must arrive, or the subscriber is told to come back and resume.
    pub fn durable(text: impl AsRef<str>) -> Self {
        Self { wire: on_the_wire(text.as_ref()), droppable: false }
    }

    /// A frame that may be lost for a subscriber that falls behind (typing, presence).
    pub fn droppable(text: impl AsRef<str>) -> Self {
        Self { wire: on_the_wire(text.as_ref()), droppable: true }
    }

    /// The whole frame.
    #[must_use]
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// What it says.
    #[must_use]
    pub fn text(&self) -> &str {
        let header = match self.wire.get(1) {
            Some(&MEDIUM) => 4,
            Some(&LONG) => LONGEST_HEADER,
            _ => 2,
        };
        // Every frame is made from a string: one that is not UTF-8 cannot be.
        self.wire.get(header..).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }

    #[must_use]
    pub fn is_droppable(&self) -> bool {
        self.droppable
    }

    /// The same promise in other words.
    #[must_use]
    pub fn reworded(&self, text: &str) -> Self {
        Self { wire: on_the_wire(text), droppable: self.droppable }
    }
}

/// Between nodes: the text, and whether it may be lost.
impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.text(), self.droppable).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Frame {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (text, droppable) = <(String, bool)>::deserialize(deserializer)?;
        Ok(Self { wire: on_the_wire(&text), droppable })
    }
}

fn on_the_wire(text: &str) -> Bytes {
    let mut wire = Vec::with_capacity(LONGEST_HEADER + text.len());
    wire.push(FINAL_TEXT);
    match u16::try_from(text.len()) {
        Ok(length) if usize::from(length) <= SHORT => wire.push(length.to_be_bytes()[1]),
        Ok(length) => {
            wire.push(MEDIUM);
            wire.extend(length.to_be_bytes());
        }
        Err(_) => {
            wire.push(LONG);
            wire.extend((text.len() as u64).to_be_bytes());
        }
    }
    wire.extend(text.as_bytes());
    wire.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_has_the_header_of_the_protocol() {
        for (length, header) in [
            (0, &[0x81, 0][..]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let text = "x".repeat(length);
            let frame = Frame::durable(&text);
            assert_eq!(&frame.wire()[..header.len()], header);
            assert_eq!(frame.wire().len(), header.len() + length);
            assert_eq!(frame.text(), text);
        }
    }
}
