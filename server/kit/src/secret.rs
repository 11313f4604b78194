//! Random tokens, what is stored of them, hashes in writing, and texts that must not be shown.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

/// A new random token of 256 bits: 43 characters that need no escaping in a URL.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>())
}

/// The SHA-256 of some bytes: what is stored of a token, so that a reader of the data base cannot use it.
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(bytes.as_ref()).into()
}

/// Bytes as they are written down, in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two secrets are the same. Only their hashes meet, so the time taken tells nothing about either.
pub fn same(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>) -> bool {
    sha256(left) == sha256(right)
}

/// A URL that may hold a password; shown and logged without it.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked(String);

impl Masked {
    pub fn new(url: impl Into<String>) -> Masked {
        Masked(url.into())
    }

    /// The whole URL, to connect with.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (main, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        // The last `@` before the path ends the user and password, whatever characters they hold.
        match main.split_once("://") {
            Some((scheme, rest)) => {
                let authority = rest.find('/').map_or(rest, |slash| &rest[..slash]);
                match rest.rfind('@').filter(|_| authority.contains(':')) {
                    Some(at) => {
                        let user = rest[..at].split(':').next().unwrap_or_default();
                        write!(f, "{scheme}://{user}:***{}", &rest[at..])?;
                    }
                    None => f.write_str(main)?,
                }
            }
            None => f.write_str("***")?,
        }
        for (n, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            f.write_str(if n == 0 { "?" } else { "&" })?;
            match pair.split_once('=') {
                Some((name, _)) if name.contains("pass") => write!(f, "{name}=***")?,
                _ => f.write_str(pair)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_plain_and_never_the_same() {
        let (one, two) = (token(), token());
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{one}");
        assert_ne!(one, two);
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd"));
        assert!(!same("abc", "abcd"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let shown = |url: &str| format!("{0} {0:?}", Masked::new(url));
        let twice = |text: &str| format!("{text} {text}");
        assert_eq!(shown("postgres://u:p%40ss@db:5432/x"), twice("postgres://u:***@db:5432/x"));
        assert_eq!(shown("postgres://u:p@/s/w@db/x"), twice("postgres://u:***@db/x"));
        assert_eq!(shown("postgres:///x?host=/run&password=secret"), twice("postgres:///x?host=/run&password=***"));
        assert_eq!(shown("postgres://u@db/x?a=1"), twice("postgres://u@db/x?a=1"));
        assert_eq!(shown("u:secret@db"), twice("***"));
    }
}
