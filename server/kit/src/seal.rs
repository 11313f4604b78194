//! Secrets that must be read back, sealed for the data base: XChaCha20-Poly1305 under a key that is not in it.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng as _;

use crate::secret::sha256;

/// Bytes of the nonce, which stands before what is sealed. It is random: 24 bytes never come twice.
const NONCE: usize = 24;

/// The key that secrets are sealed under. It is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

/// What was sealed under another key, for another row, or is damaged.
#[derive(Debug, thiserror::Error)]
#[error("a sealed secret does not open: it was sealed under another key or for another row")]
pub struct Unopened;

impl Key {
    /// A new random key.
    pub fn random() -> Key {
        Key(rand::rng().random())
    }

    /// A key of 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Key, String> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Key).ok_or_else(|| "it must be 32 bytes in base64, as `openssl rand -base64 32` makes them".to_owned())
    }

    /// The key in a file, if that is there.
    pub fn read(file: &Path) -> io::Result<Option<Key>> {
        let mut text = String::new();
        match fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)) {
            Ok(_) => Key::from_base64(&text).map(Some).map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the key into a new file that only this user reads.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        file.write_all(format!("{}\n", STANDARD.encode(self.0)).as_bytes())?;
        file.sync_all()
    }

    /// Tells keys apart without telling anything of them.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256([b"fingerprint of a key for secrets".as_slice(), &self.0].concat())
    }

    /// Seals a secret for one row: it opens only with the same `row`, so that nobody moves it to another.
    pub fn seal(&self, row: &str, secret: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::rng().random();
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: row.as_bytes() });
        // It fails for secrets of 256 GB and more alone.
        [nonce.as_slice(), &sealed.unwrap_or_default()].concat()
    }

    /// What was sealed for a row.
    pub fn open(&self, row: &str, sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(Unopened)?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: row.as_bytes() }).map_err(|_| Unopened)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_sealed_opens_under_its_key_for_its_row_alone() {
        let (key, other) = (Key::random(), Key::random());
        let sealed = key.seal("row 1", b"a secret");
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        assert_ne!(sealed, key.seal("row 1", b"a secret"), "each has its own nonce");
        assert_eq!(key.open("row 1", &sealed).expect("it opens"), b"a secret");
        assert!(key.open("row 2", &sealed).is_err() && other.open("row 1", &sealed).is_err());
        let mut damaged = sealed;
        *damaged.last_mut().expect("a byte") ^= 1;
        assert!(key.open("row 1", &damaged).is_err() && key.open("row 1", b"short").is_err());
    }

    #[test]
    fn a_key_is_told_from_others_and_never_shown() {
        let key = Key::random();
        assert_eq!(key.fingerprint(), key.clone().fingerprint());
        assert_ne!(key.fingerprint(), Key::random().fingerprint());
        assert_eq!(format!("{key} {key:?}"), "*** Key(***)");
        assert!(Key::from_base64("c2hvcnQ=").is_err() && Key::from_base64("no base64").is_err());
    }

    #[test]
    fn a_key_file_is_for_its_user_alone_and_never_written_over() {
        let folder = std::env::temp_dir().join(format!("kit-seal-{}", std::process::id()));
        let file = folder.join("deep/secret.key");
        assert_eq!(Key::read(&file).expect("no file"), None);
        let key = Key::random();
        key.write(&file).expect("write");
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(Key::read(&file).expect("read"), Some(key));
        assert!(Key::random().write(&file).is_err());
        fs::write(&file, "nonsense").expect("write");
        assert!(Key::read(&file).is_err());
        fs::remove_dir_all(&folder).expect("clean up");
    }
}
