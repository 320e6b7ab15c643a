//! A way to a server that the test can spoil.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Bytes taken at once.
const CHUNK: usize = 4096;
/// A slow way passes something on this many times a second.
const STEPS: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToClient,
}

/// What becomes of the bytes of one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    Pass,
    /// Each chunk waits this long.
    Late(Duration),
    /// Bytes per second.
    Slow(usize),
    /// Nothing passes, and nobody is told: a half-open connection. Not even an end is passed on.
    Hold,
}

/// Listens at an address of its own and passes everything on to the server, as it is told to. What
/// is set holds for the connections that are open and for those to come.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    to_server: Lane,
    to_client: Lane,
    /// How often everything has been cut.
    cuts: watch::Sender<u64>,
}

#[derive(Debug)]
struct Lane {
    conduct: watch::Sender<Conduct>,
    /// How many bytes may pass before the cut, where there is to be one.
    left: Mutex<Option<usize>>,
    passed: AtomicUsize,
}

impl FaultProxy {
    /// One that passes everything.
    ///
    /// # Panics
    /// Where there is no port for it.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let cuts = watch::Sender::new(0);
        let shared = Shared { server, to_server: Lane::new(), to_client: Lane::new(), cuts };
        let shared = Arc::new(shared);
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self { address, shared, accepting }
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Nothing that is sent from now on meets the conduct before.
    pub fn set(&self, way: Way, conduct: Conduct) {
        self.shared.lane(way).conduct.send_replace(conduct);
    }

    /// Resets every connection at both ends. New ones are taken as before.
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// Cuts as soon as `bytes` more have passed that way, whoever sent them; once.
    ///
    /// # Panics
    /// Where a connection of the proxy has panicked.
    pub fn cut_after(&self, way: Way, bytes: usize) {
        if bytes == 0 {
            return self.cut();
        }
        *self.shared.lane(way).left.lock().expect("a lane") = Some(bytes);
    }

    /// How many bytes have passed that way.
    #[must_use]
    pub fn passed(&self, way: Way) -> usize {
        self.shared.lane(way).passed.load(Ordering::Acquire)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Shared {
    fn lane(&self, way: Way) -> &Lane {
        match way {
            Way::ToServer => &self.to_server,
            Way::ToClient => &self.to_client,
        }
    }

    fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    async fn pump(
        &self,
        way: Way,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> io::Result<()> {
        let lane = self.lane(way);
        let mut conduct = lane.conduct.subscribe();
        let mut chunk = vec![0; CHUNK];
        loop {
            permitted(&mut conduct).await;
            let read = tokio::select! {
                biased;
                _ = conduct.changed() => continue,
                read = from.read(&mut chunk) => read?,
            };
            if read == 0 {
                return to.shutdown().await;
            }
            let mut rest = &chunk[..read];
            while !rest.is_empty() {
                let step = lane.wait(rest.len(), &mut conduct).await;
                let (step, is_last) = lane.take(step);
                to.write_all(&rest[..step]).await?;
                lane.passed.fetch_add(step, Ordering::AcqRel);
                if is_last {
                    self.cut();
                    return Ok(());
                }
                rest = &rest[step..];
            }
        }
    }
}

impl Lane {
    fn new() -> Self {
        let conduct = watch::Sender::new(Conduct::Pass);
        Self { conduct, left: Mutex::default(), passed: AtomicUsize::new(0) }
    }

    /// Waits as it is told to; how many of so many bytes are next.
    async fn wait(&self, bytes: usize, conduct: &mut watch::Receiver<Conduct>) -> usize {
        let step = match permitted(conduct).await {
            Conduct::Late(pause) => {
                sleep(pause).await;
                bytes
            }
            Conduct::Slow(rate) => {
                let step = bytes.min((rate / STEPS).max(1));
                sleep(Duration::from_secs_f64(step as f64 / rate.max(1) as f64)).await;
                step
            }
            Conduct::Pass | Conduct::Hold => bytes,
        };
        permitted(conduct).await;
        step
    }

    /// How many of so many bytes may pass, and whether the cut is due behind them.
    fn take(&self, bytes: usize) -> (usize, bool) {
        let mut left = self.left.lock().expect("a lane");
        let Some(allowed) = *left else { return (bytes, false) };
        let taken = bytes.min(allowed);
        *left = Some(allowed - taken).filter(|&left| left > 0);
        (taken, left.is_none())
    }
}

/// The conduct, as soon as it is not to hold everything.
async fn permitted(conduct: &mut watch::Receiver<Conduct>) -> Conduct {
    let permitted = conduct.wait_for(|conduct| *conduct != Conduct::Hold).await;
    permitted.map_or(Conduct::Pass, |conduct| *conduct)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        // From before the first byte, so that no cut is missed.
        let cuts = shared.cuts.subscribe();
        tokio::spawn(connect(client, shared.clone(), cuts));
    }
}

async fn connect(mut client: TcpStream, shared: Arc<Shared>, mut cuts: watch::Receiver<u64>) {
    let Ok(mut server) = TcpStream::connect(shared.server).await else { return };
    for end in [&client, &server] {
        end.set_nodelay(true).expect("a socket option");
    }
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let there = shared.pump(Way::ToServer, from_client, to_server);
    let back = shared.pump(Way::ToClient, from_server, to_client);
    let was_cut = tokio::select! {
        biased;
        _ = cuts.changed() => true,
        // An end that is reset takes the other with it.
        ended = async { tokio::try_join!(there, back) } => ended.is_err() || cuts.has_changed().unwrap_or(true),
    };
    if was_cut {
        for end in [&client, &server] {
            // Fails where that end is gone already.
            let _gone = end.set_zero_linger();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;
    use crate::PATIENCE;

    /// A client, the server's end of its connection, and what is between them.
    struct Line {
        proxy: FaultProxy,
        listener: TcpListener,
        here: TcpStream,
        there: TcpStream,
    }

    impl Line {
        async fn new() -> Self {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let proxy = FaultProxy::before(listener.local_addr().unwrap()).await;
            let (here, there) = connected(&proxy, &listener).await;
            Self { proxy, listener, here, there }
        }
    }

    async fn connected(proxy: &FaultProxy, listener: &TcpListener) -> (TcpStream, TcpStream) {
        let here = TcpStream::connect(proxy.address()).await.unwrap();
        (here, listener.accept().await.unwrap().0)
    }

    async fn hears(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
        let mut heard = vec![0; bytes];
        timeout(PATIENCE, stream.read_exact(&mut heard)).await.expect("in time").expect("all");
        heard
    }

    /// What still comes, and whether it ends as it should.
    async fn ends(stream: &mut TcpStream) -> (Vec<u8>, bool) {
        let mut heard = Vec::new();
        let end = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("in time");
        (heard, end.is_ok())
    }

    async fn is_open(here: &mut TcpStream, there: &mut TcpStream) {
        here.write_all(b"there").await.unwrap();
        assert_eq!(hears(there, 5).await, b"there");
        there.write_all(b"and back").await.unwrap();
        assert_eq!(hears(here, 8).await, b"and back");
    }

    #[tokio::test]
    async fn everything_passes_and_so_does_the_end() {
        let Line { proxy, mut here, mut there, .. } = Line::new().await;
        is_open(&mut here, &mut there).await;
        assert_eq!((proxy.passed(Way::ToServer), proxy.passed(Way::ToClient)), (5, 8));
        here.shutdown().await.unwrap();
        assert_eq!(ends(&mut there).await, (vec![], true));
        there.write_all(b"a last word").await.unwrap();
        drop(there);
        assert_eq!(ends(&mut here).await, (b"a last word".to_vec(), true));
    }

    #[tokio::test]
    async fn a_cut_resets_both_ends_and_the_next_connection_is_whole() {
        let Line { proxy, listener, mut here, mut there } = Line::new().await;
        is_open(&mut here, &mut there).await;
        proxy.cut();
        assert_eq!(ends(&mut here).await, (vec![], false));
        assert_eq!(ends(&mut there).await, (vec![], false));
        let (mut here, mut there) = connected(&proxy, &listener).await;
        is_open(&mut here, &mut there).await;
    }

    #[tokio::test]
    async fn a_cut_can_be_placed_to_the_byte() {
        let Line { proxy, listener, mut here, mut there } = Line::new().await;
        proxy.cut_after(Way::ToServer, 4);
        here.write_all(b"123").await.unwrap();
        assert_eq!(hears(&mut there, 3).await, b"123");
        here.write_all(b"456").await.unwrap();
        assert_eq!(ends(&mut there).await, (b"4".to_vec(), false));
        assert!(!ends(&mut here).await.1);
        let (mut here, mut there) = connected(&proxy, &listener).await;
        is_open(&mut here, &mut there).await;
        proxy.cut_after(Way::ToClient, 0);
        assert!(!ends(&mut here).await.1);
    }

    #[tokio::test]
    async fn a_held_way_is_silent_and_the_other_is_not() {
        let Line { proxy, mut here, mut there, .. } = Line::new().await;
        proxy.set(Way::ToClient, Conduct::Hold);
        there.write_all(b"held").await.unwrap();
        here.write_all(b"there").await.unwrap();
        assert_eq!(hears(&mut there, 5).await, b"there");
        drop(there);
        assert_eq!(proxy.passed(Way::ToClient), 0);
        assert!(here.try_read(&mut [0; 8]).is_err(), "neither a byte nor the end");
        proxy.set(Way::ToClient, Conduct::Pass);
        assert_eq!(ends(&mut here).await, (b"held".to_vec(), true));
    }

    #[tokio::test]
    async fn a_way_can_be_late_or_slow() {
        let Line { proxy, mut here, mut there, .. } = Line::new().await;
        let late = Duration::from_millis(50);
        proxy.set(Way::ToServer, Conduct::Late(late));
        let begun = Instant::now();
        here.write_all(b"late").await.unwrap();
        assert_eq!(hears(&mut there, 4).await, b"late");
        assert!(begun.elapsed() >= late);
        proxy.set(Way::ToServer, Conduct::Slow(10_000));
        let begun = Instant::now();
        here.write_all(&[7; 1000]).await.unwrap();
        assert_eq!(hears(&mut there, 1000).await, [7; 1000]);
        assert!(begun.elapsed() >= Duration::from_millis(100), "{:?}", begun.elapsed());
        proxy.set(Way::ToServer, Conduct::Pass);
        is_open(&mut here, &mut there).await;
    }
}
