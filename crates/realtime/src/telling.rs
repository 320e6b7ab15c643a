//! What one subscriber is told in one go.

use bytes::{Bytes, BytesMut};

use crate::Frame;

/// Frames in order, and whether the subscriber is over after them.
#[derive(Debug, Clone, Default)]
pub struct Telling {
    pub(crate) frames: Vec<Frame>,
    /// All of them, one after the other: what a subscriber that keeps up gets in one write.
    pub(crate) whole: Bytes,
    pub(crate) close: Option<u16>,
}

impl Telling {
    #[must_use]
    pub fn new(frames: Vec<Frame>, close: Option<u16>) -> Self {
        let whole = match frames.as_slice() {
            [one] => one.wire().clone(),
            many => concatenated(many),
        };
        Self { frames, whole, close }
    }
}

impl From<Frame> for Telling {
    fn from(frame: Frame) -> Self {
        Self::new(vec![frame], None)
    }
}

fn concatenated(frames: &[Frame]) -> Bytes {
    let length = frames.iter().map(|frame| frame.wire().len()).sum();
    let mut whole = BytesMut::with_capacity(length);
    for frame in frames {
        whole.extend_from_slice(frame.wire());
    }
    whole.freeze()
}
