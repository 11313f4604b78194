//! The few words of Postgres' protocol that are needed before sqlx can connect: is it there, and one plain query.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Longer than any answer these statements take; `create database` copies some 8 MB.
const PATIENCE: Duration = Duration::from_secs(30);
/// No answer to these statements is larger.
const LARGEST_MESSAGE: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{message} ({code})")]
    Server { code: String, message: String },
}

/// What a try to connect has shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Sessions are accepted.
    Ready,
    /// It starts, recovers, stops or is overloaded: it cannot be used now.
    NotNow,
    /// Nobody listens on the socket.
    Nobody,
}

/// Asks whether somebody answers on the socket.
pub(super) fn ask(socket: &Path, user: &str) -> Answer {
    match Connection::open(socket, user, "postgres") {
        Ok(_) => Answer::Ready,
        Err(error) => answer_of(&error),
    }
}

/// What a try that failed has shown.
fn answer_of(error: &WireError) -> Answer {
    match error {
        WireError::Server { code, .. } if code == "57P03" => Answer::NotNow,
        // Any other refusal, for instance too many connections, comes from a server that runs.
        WireError::Server { .. } => Answer::Ready,
        WireError::Io(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            Answer::Nobody
        }
        // Somebody let us in, but said nothing in time or hung up: a server with too much to do is no dead one.
        WireError::Io(_) => Answer::NotNow,
    }
}

/// A session over the socket.
pub(super) struct Connection {
    stream: UnixStream,
}

impl Connection {
    pub fn open(socket: &Path, user: &str, database: &str) -> Result<Connection, WireError> {
        Connection::open_patient(socket, user, database, PATIENCE)
    }

    /// Like [`Connection::open`], for statements that may take longer than others.
    pub fn open_patient(socket: &Path, user: &str, database: &str, patience: Duration) -> Result<Connection, WireError> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut connection = Connection { stream };
        // Protocol 3.0.
        let mut start = 196_608_u32.to_be_bytes().to_vec();
        for text in ["user", user, "database", database, "application_name", "tessera"] {
            start.extend_from_slice(text.as_bytes());
            start.push(0);
        }
        start.push(0);
        connection.send(None, &start)?;
        connection.read_until_ready()?;
        Ok(connection)
    }

    /// Runs one statement and returns its rows as text.
    pub fn query(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, WireError> {
        let mut body = sql.as_bytes().to_vec();
        body.push(0);
        self.send(Some(b'Q'), &body)?;
        self.read_until_ready()
    }

    fn send(&mut self, kind: Option<u8>, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 4).map_err(|_| bad("a message is too long"))?;
        let mut message: Vec<u8> = kind.into_iter().collect();
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(body);
        self.stream.write_all(&message)
    }

    /// Reads up to the server's word that it waits for the next statement.
    fn read_until_ready(&mut self) -> Result<Vec<Vec<Option<String>>>, WireError> {
        let mut rows = Vec::new();
        let mut failure = None;
        loop {
            let mut head = [0; 5];
            if let Err(closed) = self.stream.read_exact(&mut head) {
                // A refused start-up ends with the connection, not with a word.
                return Err(failure.unwrap_or(WireError::Io(closed)));
            }
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            if !(4..=LARGEST_MESSAGE).contains(&length) {
                return Err(bad("a message has an impossible length").into());
            }
            let mut body = vec![0; length - 4];
            self.stream.read_exact(&mut body)?;
            match head[0] {
                b'R' if body != [0; 4] => return Err(bad("it asks for a password").into()),
                b'D' => rows.push(parse_row(&body).ok_or_else(|| bad("a row is cut short"))?),
                b'E' => failure = Some(parse_failure(&body)),
                b'Z' => return failure.map_or(Ok(rows), Err),
                _ => {}
            }
        }
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn parse_row(mut body: &[u8]) -> Option<Vec<Option<String>>> {
    let columns = u16::from_be_bytes(*body.split_off(..2)?.first_chunk()?);
    (0..columns)
        .map(|_| {
            let length = i32::from_be_bytes(*body.split_off(..4)?.first_chunk()?);
            match usize::try_from(length) {
                Ok(length) => Some(Some(String::from_utf8_lossy(body.split_off(..length)?).into_owned())),
                // Minus one stands for null.
                Err(_) => Some(None),
            }
        })
        .collect()
}

/// Reads the fields of an error, each a letter and a text that ends with a zero.
fn parse_failure(body: &[u8]) -> WireError {
    let field = |wanted: u8| {
        body.split(|byte| *byte == 0)
            .find(|field| field.first() == Some(&wanted))
            .map(|field| String::from_utf8_lossy(&field[1..]).into_owned())
            .unwrap_or_default()
    };
    WireError::Server { code: field(b'C'), message: field(b'M') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_a_closed_door_are_no_proof_that_nobody_is_there() {
        for kind in
            [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut, io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof]
        {
            assert_eq!(answer_of(&io::Error::from(kind).into()), Answer::NotNow, "{kind}");
        }
        for kind in [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused] {
            assert_eq!(answer_of(&io::Error::from(kind).into()), Answer::Nobody, "{kind}");
        }
    }

    #[test]
    fn somebody_who_hangs_up_is_somebody() {
        let socket = std::env::temp_dir().join(format!("kit-wire-{}", std::process::id()));
        let listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
        let hangs_up = std::thread::spawn(move || drop(listener.accept()));
        assert_eq!(ask(&socket, "x"), Answer::NotNow);
        hangs_up.join().expect("the thread");
        assert_eq!(ask(&socket, "x"), Answer::Nobody, "the file is left, but nobody listens");
        std::fs::remove_file(&socket).expect("remove the socket");
        assert_eq!(ask(&socket, "x"), Answer::Nobody);
    }
}
