//! The real site on a port of its own over a test's data base, and a small browser for it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::{Args as _, FromArgMatches as _};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use kit::queue::Queue;
use kit::seal::Key;
use sqlx::PgPool;
use tessera::config::Settings;
use tessera::router;
use tessera::state::AppState;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower_sessions::{SessionStore as _, session::Record};
use uuid::Uuid;

/// The settings of `tessera serve` with the given flags.
pub fn settings(flags: &[&str]) -> Settings {
    let command = Settings::augment_args(clap::Command::new("tessera"));
    let matches = command.try_get_matches_from(["tessera"].iter().chain(flags)).expect("flags");
    Settings::from_arg_matches(&matches).expect("settings")
}

/// The key of every site of the tests: several stand over one data base.
pub fn key() -> Key {
    Key::from_base64(KEY).expect("a key")
}

/// The same as a setting.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A running site; it ends with the test's runtime.
pub struct Site {
    pub address: SocketAddr,
}

impl Site {
    /// Serves the site with the given flags of `tessera serve`.
    pub async fn start(pool: PgPool, flags: &[&str]) -> Site {
        Site::with(pool, flags, |router| router).await
    }

    /// Serves the site after a test has had its way with the router.
    pub async fn with(pool: PgPool, flags: &[&str], change: impl FnOnce(axum::Router) -> axum::Router) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let listen = address.to_string();
        let settings = settings(&[&["--listen", &listen], flags].concat());
        let queue = Queue::new(pool.clone());
        queue.install().await.expect("the queue's tables");
        let pictures = tessera::pictures::open(&settings).expect("a store for pictures");
        let app = change(router::build(AppState::new(Arc::new(settings), pool, queue, pictures, key())));
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Site { address }
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// A browser in which an account is signed in.
    pub async fn signed_in(&self, pool: &PgPool, account: Uuid, epoch: i64) -> Browser {
        let data = [(kit::sessions::OWNER.to_owned(), serde_json::json!(account)), ("epoch".to_owned(), epoch.into())].into();
        let expiry_date = tower_sessions::cookie::time::OffsetDateTime::now_utc() + std::time::Duration::from_secs(3600);
        let mut record = Record { id: Default::default(), data, expiry_date };
        tessera::session::store(pool.clone()).create(&mut record).await.expect("a session");
        let mut browser = self.browser();
        browser.cookies.insert("tessera-desk".to_owned(), record.id.to_string());
        browser
    }

    /// A browser in which an editor is signed in, the first account of all.
    pub async fn editor(&self, pool: &PgPool) -> Browser {
        let id = Uuid::from_u128(1);
        for sql in [
            "insert into accounts (id, created_at) values ($1, now())",
            "insert into account_profiles (account_id, name, email) values ($1, 'Edith', 'edith@example.com')",
            "insert into account_roles (account_id, role) values ($1, 'editor')",
        ] {
            sqlx::query(sql).bind(id).execute(pool).await.expect(sql);
        }
        self.signed_in(pool, id, 0).await
    }

    /// One `GET` without cookies.
    pub async fn get(&self, path: &str) -> Answer {
        self.browser().send(Ask::get(path)).await
    }

    /// One request without cookies.
    pub async fn send(&self, ask: Ask) -> Answer {
        self.browser().send(ask).await
    }
}

/// A request. It brings no headers that nobody asked for but `Host`.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    pub fn new(method: Method, path: &str) -> Ask {
        Ask { method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(path: &str) -> Ask {
        Ask::new(Method::GET, path)
    }

    /// A form as browsers post it, from a page of this site, without scripts.
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Ask {
        let encoded: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        Ask::new(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(encoded.join("&"))
    }

    /// A form with a file, as browsers post it.
    pub fn upload(path: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Ask {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--part\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        let (name, bytes) = file.map_or(("", &[][..]), |bytes| ("a.jpg", bytes));
        let head = "--part\r\ncontent-disposition: form-data; name=\"upload_file\"; filename=";
        body.extend(format!("{head}\"{name}\"\r\ncontent-type: application/octet-stream\r\n\r\n").into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--part--\r\n");
        Ask::new(Method::POST, path)
            .header("content-type", "multipart/form-data; boundary=part")
            .header("sec-fetch-site", "same-origin")
            .body(body)
    }

    pub fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Ask {
        self.body = body.into();
        self
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header as text, empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A client that keeps cookies.
#[derive(Clone)]
pub struct Browser {
    address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn at(address: SocketAddr) -> Browser {
        Browser { address, cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Ask::get(path)).await
    }

    /// The answer to a `GET`, if anybody listens.
    pub async fn try_get(&mut self, path: &str) -> Option<Answer> {
        let stream = TcpStream::connect(self.address).await.ok()?;
        Some(self.send_on(stream, Ask::get(path)).await)
    }

    /// The answer to a request, if somebody listens and answers to the end. Keeps no cookies.
    pub async fn try_send(&self, ask: Ask) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        stream.write_all(&self.write(&ask)).await.ok()?;
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw).await.ok()?;
        raw.windows(4).position(|part| part == b"\r\n\r\n")?;
        let answer = parse(&raw);
        let length = answer.header("content-length").parse().unwrap_or(answer.body.len());
        (answer.body.len() == length).then_some(answer)
    }

    /// Sends a request on a connection of its own and keeps the cookies of the answer.
    pub async fn send(&mut self, ask: Ask) -> Answer {
        let stream = TcpStream::connect(self.address).await.expect("connect");
        self.send_on(stream, ask).await
    }

    async fn send_on(&mut self, mut stream: TcpStream, ask: Ask) -> Answer {
        stream.write_all(&self.write(&ask)).await.expect("send");
        let mut answer = Vec::new();
        // A site that refuses before it has read everything may reset the connection after its answer.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = parse(&answer);
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie in ASCII");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    fn write(&self, ask: &Ask) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", ask.method, ask.path);
        let is_given = |wanted: &str| ask.headers.iter().any(|(name, _)| name == wanted);
        if !is_given("host") {
            head += &format!("host: {}\r\n", self.address);
        }
        if !is_given("content-length") && !is_given("transfer-encoding") && ask.method != Method::GET {
            head += &format!("content-length: {}\r\n", ask.body.len());
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head += &format!("cookie: {}\r\n", cookies.join("; "));
        }
        for (name, value) in &ask.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        [head.as_bytes(), &ask.body].concat()
    }
}

fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
    let head = std::str::from_utf8(&answer[..end]).expect("a head in ASCII");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status");
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name: HeaderName = name.parse().expect("a header's name");
        headers.append(name, HeaderValue::from_str(value.trim()).expect("a header's value"));
    }
    let raw = &answer[end + 4..];
    let is_chunked = headers.get("transfer-encoding").is_some_and(|encoding| encoding == "chunked");
    Answer { status, headers, body: if is_chunked { join_chunks(raw) } else { raw.to_vec() } }
}

fn join_chunks(mut raw: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = raw.windows(2).position(|part| part == b"\r\n") {
        let length = std::str::from_utf8(&raw[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let length = length.expect("the length of a chunk");
        let chunk = &raw[end + 2..];
        if length == 0 || chunk.len() < length + 2 {
            break;
        }
        body.extend_from_slice(&chunk[..length]);
        raw = &chunk[length + 2..];
    }
    body
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (byte as char).to_string(),
            b' ' => "+".to_owned(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
