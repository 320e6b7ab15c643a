//! For tests: what was pushed, in order, and what the push service answers.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::{Push, PushError, PushService, Sending, Subscription};

/// Takes everything, unless it was told what to answer.
#[derive(Debug, Default)]
pub struct Memory {
    sent: Mutex<Vec<(String, Push)>>,
    answers: Mutex<VecDeque<PushError>>,
}

impl Memory {
    /// What arrived since one looked last: where, and what.
    pub fn take(&self) -> Vec<(String, Push)> {
        std::mem::take(&mut self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers the next push with this.
    pub fn refuse(&self, error: PushError) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }
}

impl PushService for Memory {
    fn public_key(&self) -> String {
        "BNoKey".into()
    }

    fn push<'a>(&'a self, to: &'a Subscription, push: &'a Push) -> Sending<'a> {
        let refused = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let answer = match refused {
            Some(error) => Err(error),
            None => {
                let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
                sent.push((to.endpoint.clone(), push.clone()));
                Ok(())
            }
        };
        Box::pin(async move { answer })
    }
}
