//! A mail server that keeps what it is given, for tests: enough of SMTP (RFC 5321) for one client at a time.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it answers; the usual yes unless said.
#[derive(Debug, Clone, Copy)]
pub struct Replies {
    pub to_sender: &'static str,
    pub to_recipient: &'static str,
    pub to_data: &'static str,
}

impl Default for Replies {
    fn default() -> Self {
        Self { to_sender: "250 Ok", to_recipient: "250 Ok", to_data: "250 Ok" }
    }
}

/// A message that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub from: String,
    pub to: String,
    /// Head and body as they came.
    pub data: String,
}

/// The server. It listens as long as somebody holds it.
#[derive(Debug)]
pub struct MailSink {
    port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
    listening: tokio::task::JoinHandle<()>,
}

impl Drop for MailSink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl MailSink {
    pub async fn start(replies: Replies) -> MailSink {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = taken.clone();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A client that leaves in the middle is its own affair.
                let _ = converse(client, replies, &kept).await;
            }
        });
        MailSink { port, taken, listening }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What it took so far, oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().expect("a list").clone()
    }
}

async fn converse(client: TcpStream, replies: Replies, kept: &Mutex<Vec<Taken>>) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut taken = Taken { from: String::new(), to: String::new(), data: String::new() };
    say(&mut client, "220 sink").await?;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split([' ', '\r']).next().unwrap_or_default().to_uppercase();
        match word.as_str() {
            "EHLO" | "HELO" => say(&mut client, "250-sink\r\n250 8BITMIME").await?,
            "MAIL" => {
                taken.from = in_brackets(&line);
                say(&mut client, replies.to_sender).await?;
            }
            "RCPT" => {
                taken.to = in_brackets(&line);
                say(&mut client, replies.to_recipient).await?;
            }
            "DATA" => {
                say(&mut client, "354 Go on").await?;
                taken.data = read_data(&mut client).await?;
                if replies.to_data.starts_with('2') {
                    kept.lock().expect("a list").push(taken.clone());
                }
                say(&mut client, replies.to_data).await?;
            }
            "QUIT" => return say(&mut client, "221 Bye").await,
            _ => say(&mut client, "250 Ok").await?,
        }
    }
}

async fn say(client: &mut BufReader<TcpStream>, words: &str) -> std::io::Result<()> {
    client.write_all(format!("{words}\r\n").as_bytes()).await
}

async fn read_data(client: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn in_brackets(line: &str) -> String {
    let rest = line.split_once('<').map_or("", |(_, rest)| rest);
    rest.split('>').next().unwrap_or_default().to_owned()
}
