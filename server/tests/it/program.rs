//! The real binary, in a folder and an environment of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use tempfile::TempDir;
use test_support::PATIENCE;

const BINARY: &str = env!("CARGO_BIN_EXE_spherespace");

/// A folder to work in, and the variables that are set there.
pub(crate) struct Program {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    /// SQLite in the folder, any free port, none of this process's environment.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Self { folder, variables: Vec::new() };
        program.set("BIND_ADDR", "127.0.0.1:0").set("PUBLIC_URL", crate::site::OWN_ORIGIN)
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The folder, or a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("data/spherespace.db")
    }

    fn command(&self, launcher: &[&str], arguments: &[&str]) -> Command {
        let mut words = launcher.iter().copied().chain([BINARY]).chain(arguments.iter().copied());
        let mut command = Command::new(words.next().unwrap());
        command.args(words).env_clear().current_dir(self.folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(&[], arguments).spawn().unwrap();
        // A program that asks nothing may be gone already.
        let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
        end(child)
    }

    /// A command that asks whoever sits at `terminal`; `answer` is called once it has asked, with
    /// whether it has.
    pub(crate) fn run_asked(
        &self,
        arguments: &[&str],
        terminal: Stdio,
        prompt: &str,
        answer: impl FnOnce(bool),
    ) -> Ended {
        let mut command = self.command(&[], arguments);
        let mut child = command.stdin(terminal).spawn().unwrap();
        // The other side of the terminal is the child's alone now.
        drop(command);
        let mut errors = child.stderr.take().unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        while !said.ends_with(prompt.as_bytes()) && errors.read(&mut byte).unwrap() == 1 {
            said.push(byte[0]);
        }
        answer(said.ends_with(prompt.as_bytes()));
        child.stderr = Some(errors);
        let mut ended = end(child);
        ended.err.insert_str(0, &String::from_utf8_lossy(&said));
        ended
    }

    /// A command that has to work.
    pub(crate) fn run_well(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
        ended.out
    }

    /// Starts the server and waits until it says that it is ready.
    pub(crate) fn serve(&self) -> Serving {
        self.serve_through(&[]).unwrap_or_else(|err| panic!("it did not start:\n{err}"))
    }

    /// As [`Program::serve`], as the last words of another command; else what that one said.
    pub(crate) fn serve_through(&self, launcher: &[&str]) -> Result<Serving, String> {
        let mut command = self.command(launcher, &["serve"]);
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (tell, told) = mpsc::channel();
        let log = std::thread::spawn(move || {
            let lines = lines.map_while(Result::ok).inspect(|line| drop(tell.send(line.clone())));
            lines.fold(String::new(), |log, line| log + &line + "\n")
        });
        loop {
            match told.recv_timeout(PATIENCE) {
                Ok(line) if line.contains("is ready") => {
                    let (_, rest) = line.split_once("address=").expect(&line);
                    let address = rest.split_whitespace().next().unwrap().parse().expect(&line);
                    return Ok(Serving { child: Some(child), address, log: Some(log) });
                }
                Ok(_) => {}
                Err(_) => {
                    // Not ready in time, or gone already.
                    let _killed = child.kill();
                    end(child);
                    return Err(log.join().unwrap());
                }
            }
        }
    }
}

/// Waits for the end of a process; one that does not end fails the test and is ended.
fn end(child: Child) -> Ended {
    let id = child.id();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    let Ok(output) = told.recv_timeout(PATIENCE) else {
        signal("KILL", id);
        panic!("process {id} did not end");
    };
    let output = output.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Ended { status: output.status, out: text(output.stdout), err: text(output.stderr) }
}

fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([format!("-{name}"), process.to_string()]).status();
    assert!(sent.unwrap().success());
}

/// The real server, until it is dropped.
pub(crate) struct Serving {
    child: Option<Child>,
    pub(crate) address: SocketAddr,
    log: Option<JoinHandle<String>>,
}

impl Serving {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub(crate) fn tell(&self, name: &str) {
        signal(name, self.id());
    }

    /// Waits for its end; how it ended, and everything it logged.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let ended = end(self.child.take().unwrap());
        (ended.status, self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Nothing is left to do about a process that cannot be ended.
            let _killed = child.kill();
            let _reaped = child.wait();
        }
    }
}

/// The mode bits of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
