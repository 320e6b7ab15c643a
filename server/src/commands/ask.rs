//! Asking whoever sits at the terminal.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, Result, bail};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// A line of answer.
///
/// # Errors
/// Nobody to ask, or nothing said.
pub(super) fn ask(what: &str) -> Result<String> {
    let mut out = std::io::stderr();
    write!(out, "{what}: ")?;
    out.flush()?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    if read == 0 {
        bail!("{what} is needed; give --username and SUPERUSER_PASSWORD where nobody can be asked");
    }
    let line = line.trim_end_matches(['\r', '\n']);
    (!line.is_empty()).then(|| line.to_owned()).with_context(|| format!("{what} is empty"))
}

/// As [`ask`], and whoever looks over the shoulder sees nothing.
///
/// # Errors
/// As [`ask`].
pub(super) fn ask_secretly(what: &str) -> Result<String> {
    let silence = Silence::begin();
    let answer = ask(what);
    if silence.is_some() {
        // The reader's own line end was not shown either.
        writeln!(std::io::stderr())?;
    }
    answer
}

/// A terminal that does not repeat what is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    /// None where nobody types: a pipe repeats nothing.
    fn begin() -> Option<Self> {
        let terminal = std::io::stdin();
        if !terminal.is_terminal() {
            return None;
        }
        let before = tcgetattr(&terminal).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &silent).ok()?;
        Some(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing given back.
        let _gone = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}
