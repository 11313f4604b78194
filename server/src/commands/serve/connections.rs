//! The connections of the site: how many there may be, how long one may say nothing, and how they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use kit::shutdown::Shutdown;
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Layer as _;

/// How long the head of a request may take from the moment it could begin, so also how long an idle connection is kept.
const HEAD: Duration = Duration::from_secs(10);
/// The most connections where the system does not say how many files a process may open.
const MANY: u64 = 8192;
/// Files that are neither connections to clients nor to Postgres.
const OTHER_FILES: u64 = 64;

/// What clients may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub head: Duration,
    pub connections: usize,
}

impl Bounds {
    /// Leaves the process enough files for its connections to Postgres: clients that hold all of them stop nothing else.
    pub fn beside(pool_size: u32) -> Bounds {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(MANY);
        let connections = files.saturating_sub(OTHER_FILES + u64::from(pool_size)).clamp(64, MANY);
        Bounds { head: HEAD, connections: usize::try_from(connections).unwrap_or(usize::MAX) }
    }
}

/// Serves until the word to stop, then until every request in flight is answered. The address of the client is in each
/// request's extensions. Only HTTP/1.1 is spoken: HTTP/2 comes from browsers over HTTPS alone, and ends at the proxy.
pub async fn serve(mut listener: TcpListener, app: Router, bounds: Bounds, stop: &Shutdown) {
    let mut http = Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(bounds.head);
    let places = Arc::new(Semaphore::new(bounds.connections));
    let open = GracefulShutdown::new();
    while let Some((stream, client, place)) = next_client(&mut listener, &places, stop).await {
        // A page comes in pieces; each must leave at once.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(Extension(ConnectInfo(client)).layer(app.clone()));
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(place);
        });
    }
    // Whoever knocks now is refused at once.
    drop(listener);
    open.shutdown().await;
}

/// The next client, when there is a place for one; none after the word to stop.
async fn next_client(
    listener: &mut TcpListener,
    places: &Arc<Semaphore>,
    stop: &Shutdown,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let arrival = async {
        let place = places.clone().acquire_owned().await.ok()?;
        // The trait's way to accept outlasts errors such as a lack of files.
        let (stream, client) = Listener::accept(listener).await;
        Some((stream, client, place))
    };
    tokio::select! {
        client = arrival => client,
        () = stop.requested() => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::JoinHandle;
    use tokio::time::{sleep, timeout};

    use super::*;

    const SOON: Duration = Duration::from_secs(10);
    const LONG: Duration = Duration::from_secs(60);
    const LAST: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    struct Site {
        address: SocketAddr,
        stop: Shutdown,
        served: JoinHandle<()>,
    }

    /// A site that takes a while to tell its clients their address.
    async fn start(head: Duration, connections: usize) -> Site {
        let tell = |ConnectInfo(client): ConnectInfo<SocketAddr>| async move {
            sleep(Duration::from_millis(300)).await;
            client.to_string()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (address, stop) = (listener.local_addr().expect("an address"), Shutdown::new());
        let (app, said) = (Router::new().route("/", get(tell)), stop.clone());
        let served = tokio::spawn(async move { serve(listener, app, Bounds { head, connections }, &said).await });
        Site { address, stop, served }
    }

    impl Site {
        async fn send(&self, text: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.expect("connect");
            stream.write_all(text.as_bytes()).await.expect("send");
            stream
        }
    }

    /// All that comes until the connection is closed.
    async fn read(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        let closed = timeout(SOON, stream.read_to_string(&mut text)).await.expect("it is closed in time");
        closed.expect("read");
        text
    }

    #[tokio::test]
    async fn a_client_that_does_not_finish_its_head_is_cut_off() {
        let site = start(Duration::from_millis(200), 9).await;
        for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\n", "PRI * HTTP/2.0\r\n"] {
            let mut stream = site.send(begun).await;
            assert!(!read(&mut stream).await.contains(" 200 "), "{begun:?}");
        }
        let mut whole = site.send(LAST).await;
        assert!(read(&mut whole).await.contains(" 200 "), "an answer may take longer than a head");
    }

    #[tokio::test]
    async fn a_handler_learns_the_address_of_its_client() {
        let site = start(LONG, 9).await;
        let mut stream = site.send(LAST).await;
        let address = stream.local_addr().expect("an address").to_string();
        assert!(read(&mut stream).await.ends_with(&address));
    }

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_waits_for_one() {
        let site = start(LONG, 1).await;
        let first = site.send("").await;
        sleep(Duration::from_millis(100)).await;
        let mut second = site.send(LAST).await;
        assert!(timeout(Duration::from_millis(700), second.readable()).await.is_err(), "there is no place yet");
        drop(first);
        assert!(read(&mut second).await.contains(" 200 "));
    }

    #[tokio::test]
    async fn at_the_word_to_stop_requests_in_flight_are_answered_and_idle_connections_closed() {
        let site = start(LONG, 9).await;
        let mut silent = site.send("").await;
        let mut kept = site.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        kept.readable().await.expect("an answer");
        let mut busy = site.send(LAST).await;
        sleep(Duration::from_millis(100)).await;

        let begun = Instant::now();
        site.stop.request();
        assert!(read(&mut busy).await.contains(" 200 "));
        assert!(read(&mut kept).await.contains(" 200 "), "it was answered before");
        assert_eq!(read(&mut silent).await, "");
        timeout(SOON, site.served).await.expect("it ends in time").expect("it ends well");
        assert!(begun.elapsed() < SOON);
        assert!(TcpStream::connect(site.address).await.is_err(), "nobody listens any more");
    }

    #[test]
    fn postgres_keeps_its_files() {
        let (few, many) = (Bounds::beside(4).connections, Bounds::beside(1000).connections);
        assert!(many >= 64 && many <= few && few <= 8192, "{few} {many}");
    }
}
