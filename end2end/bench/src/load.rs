//! The load: connections that each ask for the next thing when they have the last, and a histogram of how long it took.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use hdrhistogram::Histogram;
use http::request::Builder;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How hard and how long.
#[derive(Clone, Copy)]
pub struct Pace {
    pub connections: usize,
    pub time: Duration,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub requests: u64,
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    pub mean: Duration,
    pub bytes: usize,
    /// Answers with a wrong status or body, or none at all.
    pub failures: u64,
    pub first_failure: Option<String>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn holds(&self, text: &str) -> bool {
        self.status == StatusCode::OK && memchr::memmem::find(&self.body, text.as_bytes()).is_some()
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        let told = || format!("{}: {}", self.status, String::from_utf8_lossy(&self.body[..self.body.len().min(300)]));
        serde_json::from_slice(&self.body).with_context(told)
    }
}

/// What is asked: the n-th request, none after the last, and whether its answer is right.
pub trait Work: Send + Sync + 'static {
    fn ask(&self, n: u64) -> Option<Request<Full<Bytes>>>;
    fn is_right(&self, n: u64, answer: &Answer) -> bool;
}

/// Work that has no end: addresses in turn, with text that each answer must hold.
pub struct Pages {
    pub pages: Vec<(String, String)>,
    pub cookie: Option<String>,
}

impl Work for Pages {
    fn ask(&self, n: u64) -> Option<Request<Full<Bytes>>> {
        let (path, _) = &self.pages[n as usize % self.pages.len()];
        Some(get(path, self.cookie.as_deref()).body(Full::default()).expect("a request"))
    }

    fn is_right(&self, n: u64, answer: &Answer) -> bool {
        answer.holds(&self.pages[n as usize % self.pages.len()].1)
    }
}

/// A `GET` as a browser without scripts sends it.
pub fn get(path: &str, cookie: Option<&str>) -> Builder {
    with(Request::get(path).header("accept", "text/html"), cookie)
}

/// A server function's call, with its arguments in the encoding of forms.
pub fn call(path: &str, arguments: String, cookie: Option<&str>) -> Request<Full<Bytes>> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    with(request, cookie).body(Full::from(arguments)).expect("a request")
}

fn with(request: Builder, cookie: Option<&str>) -> Builder {
    let request = request.header("host", "127.0.0.1");
    match cookie {
        Some(cookie) => request.header("cookie", cookie),
        None => request,
    }
}

/// One connection.
pub struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Result<Client> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("nobody listens at {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Client { address, sender })
    }

    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        if self.sender.is_closed() {
            *self = Client::connect(self.address).await?;
        }
        self.sender.ready().await?;
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }
}

/// Warms up for a fifth of the time, then measures until the time is over or the work is done.
pub async fn measure(pace: Pace, address: SocketAddr, work: impl Work) -> Result<Measured> {
    let (work, next) = (Arc::new(work), Arc::new(AtomicU64::new(0)));
    let warm = Instant::now() + pace.time / 5;
    let end = warm + pace.time;
    let mut loops = Vec::new();
    for _ in 0..pace.connections {
        let client = Client::connect(address).await?;
        loops.push(tokio::spawn(ask_on(client, work.clone(), next.clone(), warm, end)));
    }
    let (mut histogram, mut measured) = (histogram()?, Measured::default());
    let mut last = warm;
    for one in loops {
        let (times, part, at) = one.await??;
        histogram.add(&times)?;
        measured.failures += part.failures;
        measured.bytes = measured.bytes.max(part.bytes);
        measured.first_failure = measured.first_failure.or(part.first_failure);
        last = last.max(at);
    }
    if histogram.is_empty() {
        bail!("nothing was measured: {:?}", measured.first_failure);
    }
    let micros = Duration::from_micros;
    measured.requests = histogram.len();
    measured.per_second = histogram.len() as f64 / (last - warm).as_secs_f64();
    measured.p50 = micros(histogram.value_at_quantile(0.5));
    measured.p99 = micros(histogram.value_at_quantile(0.99));
    measured.mean = micros(histogram.mean() as u64);
    Ok(measured)
}

async fn ask_on(
    mut client: Client,
    work: Arc<impl Work>,
    next: Arc<AtomicU64>,
    warm: Instant,
    end: Instant,
) -> Result<(Histogram<u64>, Measured, Instant)> {
    let (mut times, mut part) = (histogram()?, Measured::default());
    let mut now = Instant::now();
    while now < end {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = work.ask(n) else { break };
        let begun = Instant::now();
        let answer = client.send(request).await;
        now = Instant::now();
        let failure = match &answer {
            Ok(answer) if work.is_right(n, answer) => None,
            Ok(answer) => {
                Some(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body[..answer.body.len().min(200)])))
            }
            Err(error) => Some(error.to_string()),
        };
        part.bytes = part.bytes.max(answer.map_or(0, |answer| answer.body.len()));
        if let Some(failure) = failure {
            part.failures += 1;
            part.first_failure.get_or_insert(failure);
        } else if begun >= warm {
            times.record((now - begun).as_micros() as u64)?;
        }
    }
    Ok((times, part, now))
}

fn histogram() -> Result<Histogram<u64>> {
    // Microseconds, to a minute, with three digits.
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}
