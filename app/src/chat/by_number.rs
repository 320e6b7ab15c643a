//! Messages by their number, without gaps to be filled: a sorted list.
//!
//! A tree would be the shorter word for it, and the longer download for every browser. What comes is nearly always
//! the newest, so a list takes it at its end.

use wire::chat::Message;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ByNumber(Vec<Message>);

impl ByNumber {
    pub(super) fn as_slice(&self) -> &[Message] {
        &self.0
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Message> {
        self.0.iter_mut()
    }

    pub(super) fn get_mut(&mut self, seq: i64) -> Option<&mut Message> {
        let at = self.place(seq).ok()?;
        self.0.get_mut(at)
    }

    /// Those after a number.
    pub(super) fn after(&self, seq: i64) -> &[Message] {
        let from = self.place(seq).map_or_else(|at| at, |at| at + 1);
        &self.0[from..]
    }

    /// Takes a message in; one that is here already stays as it is.
    pub(super) fn insert(&mut self, message: Message) {
        if let Err(at) = self.place(message.seq) {
            self.0.insert(at, message);
        }
    }

    /// Takes in what comes before all others.
    pub(super) fn insert_before(&mut self, mut older: Vec<Message>) {
        let oldest = self.0.first().map_or(i64::MAX, |message| message.seq);
        older.retain(|message| message.seq < oldest);
        older.append(&mut self.0);
        self.0 = older;
    }

    /// Forgets all but the newest; whether there were more.
    pub(super) fn keep_newest(&mut self, count: usize) -> bool {
        let more = self.0.len().saturating_sub(count);
        self.0.drain(..more);
        more > 0
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Where a number is, or where it belongs.
    fn place(&self, seq: i64) -> Result<usize, usize> {
        match self.0.last() {
            Some(newest) if newest.seq < seq => Err(self.0.len()),
            _ => self.0.binary_search_by_key(&seq, |message| message.seq),
        }
    }
}
