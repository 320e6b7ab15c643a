//! A Redis of a test's own, to be killed, paused and emptied.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::PATIENCE;

/// Ends with the pipe from this process, however the process ends.
const SCRIPT: &str = r#"
redis-server --bind 127.0.0.1 --port "$1" --save '' --appendonly no --daemonize no >/dev/null 2>&1 &
echo $!
read -r _ || true
kill -CONT $! 2>/dev/null
kill -KILL $! 2>/dev/null
"#;

#[derive(Debug)]
pub struct Redis {
    port: u16,
    shell: Option<Child>,
    pid: String,
}

impl Redis {
    /// # Panics
    /// Where `redis-server` is not installed.
    #[must_use]
    pub fn start() -> Self {
        let port = free_port();
        let mut redis = Self { port, shell: None, pid: String::new() };
        redis.again();
        redis
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it at the same address, as empty as ever.
    ///
    /// # Panics
    /// Where it does not answer.
    pub fn again(&mut self) {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "redis", &self.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell to start Redis in");
        let mut pid = String::new();
        let answer = shell.stdout.take().expect("a piped output");
        BufReader::new(answer).read_line(&mut pid).expect("the shell's answer");
        self.pid = pid.trim().to_owned();
        self.shell = Some(shell);
        self.wait();
    }

    /// As a crash does.
    pub fn kill(&mut self) {
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            shell.wait().expect("the shell ends");
        }
    }

    /// It takes connections and answers nothing.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid]).status();
        assert!(sent.expect("kill").success(), "Redis runs");
    }

    fn wait(&self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let begun = Instant::now();
        while !answers(address) {
            assert!(
                begun.elapsed() < PATIENCE,
                "These tests need Redis, and redis-server did not start \
                 (Debian: apt-get install redis-server; macOS: brew install redis)"
            );
            std::thread::yield_now();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn answers(address: SocketAddr) -> bool {
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.write_all(b"PING\r\n")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    });
    asked.is_ok_and(|line| line.starts_with("+PONG"))
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}
