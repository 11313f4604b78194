//! Passwords, kept as Argon2id hashes (19 MiB, 2 passes, 1 lane), worked out off the async threads with a bound on how
//! many at once: each takes a core and its memory.

use std::num::NonZero;
use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::password_hash::{
    Decimal, Ident, Output, ParamsString, PasswordHash, PasswordHasher, PasswordVerifier as _, Result as Hashed, Salt, SaltString,
};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use rand::Rng as _;
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash of a password that nobody has, made with the parameters above: checking against it costs what any check costs.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$0D8bPGHVW3M1cX0hQ2FhLkVuQ2g4RjV3aWZ0cUt5dVE";

/// One hash a core at a time; the others wait in line.
static CORES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)));

/// What hashes are worked out in, used again and again: freed, it would stay with each thread that once worked one out.
static MEMORIES: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Why a password could not be hashed; never a fault of the person who typed it.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

/// Hashes a new password with a salt of its own; the text holds the parameters and the salt.
pub async fn hash(password: &str) -> Result<String, HashError> {
    let password = password.to_owned();
    off_thread(move || {
        let salt = SaltString::encode_b64(&rand::rng().random::<[u8; 16]>()).map_err(failed)?;
        let params = Params::new(MEMORY, PASSES, LANES, None).map_err(failed)?;
        let hash = Argon2id.hash_password_customized(password.as_bytes(), None, None, params, &salt);
        hash.map(|hash| hash.to_string()).map_err(failed)
    })
    .await?
}

/// Whether a password fits a stored hash. Without a hash (nobody has that name) the answer is no and takes as long.
pub async fn verify(password: &str, hash: Option<&str>) -> bool {
    let (password, known) = (password.to_owned(), hash.is_some());
    let hash = hash.unwrap_or(NOBODYS).to_owned();
    let fits = off_thread(move || {
        let hash = PasswordHash::new(&hash).map_err(failed)?;
        Ok::<_, HashError>(Argon2id.verify_password(password.as_bytes(), &hash).is_ok())
    });
    match fits.await.flatten() {
        Ok(fits) => fits && known,
        Err(error) => {
            tracing::error!(%error, "a stored password hash is unusable");
            false
        }
    }
}

/// Whether a stored hash was made with the parameters above; one that was not is renewed when its password is next known.
pub fn is_current(hash: &str) -> bool {
    let current = format!("$argon2id$v={}$m={MEMORY},t={PASSES},p={LANES}$", u32::from(Version::V0x13));
    hash.starts_with(&current)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
    let permit = CORES.acquire().await.map_err(failed)?;
    let done = tokio::task::spawn_blocking(move || {
        // Held until the work is done, even if whoever asked has gone away.
        let _permit = permit;
        work()
    });
    done.await.map_err(failed)
}

/// The algorithm in memory that is used again, which the library's own way takes anew for each hash.
struct Argon2id;

impl PasswordHasher for Argon2id {
    type Params = Params;

    fn hash_password_customized<'a>(
        &self,
        password: &[u8],
        algorithm: Option<Ident<'a>>,
        version: Option<Decimal>,
        params: Params,
        salt: impl Into<Salt<'a>>,
    ) -> Hashed<PasswordHash<'a>> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or(Algorithm::Argon2id);
        let version = version.map(Version::try_from).transpose()?.unwrap_or(Version::V0x13);
        let (length, blocks) = (params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN), params.block_count());
        let text = ParamsString::try_from(&params)?;
        let salt = salt.into();
        let mut salt_bytes = [0; Salt::MAX_LENGTH];
        let salt_bytes = salt.decode_b64(&mut salt_bytes)?;

        let memories = || MEMORIES.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = memories().pop().unwrap_or_default();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let argon2 = Argon2::new(algorithm, version, params);
        let hash = Output::init_with(length, |hash| {
            Ok(argon2.hash_password_into_with_memory(password, salt_bytes, hash, &mut memory)?)
        });
        memories().push(memory);
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: text,
            salt: Some(salt),
            hash: Some(hash?),
        })
    }
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let stored = hash("correct horse").await.expect("hash");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(is_current(&stored));
        assert!(!is_current(&stored.replace("t=2", "t=1")));
        assert_ne!(stored, hash("correct horse").await.expect("hash"), "every hash has its own salt");
        assert!(verify("correct horse", Some(&stored)).await);
        assert!(!verify("correct horsf", Some(&stored)).await);
        assert!(!verify("correct horse", Some("no hash at all")).await);
        assert!(!verify("correct horse", None).await);

        // Worked out in memory that was used before, and what the library itself says.
        let again = hash("correct horse").await.expect("hash");
        Argon2::default().verify_password(b"correct horse", &PasswordHash::new(&again).expect("a hash")).expect("it fits");
    }

    #[tokio::test]
    async fn an_unknown_name_takes_as_long_as_a_wrong_password() {
        let stored = hash("correct horse").await.expect("hash");
        let (known, nobodys) = (PasswordHash::new(&stored), PasswordHash::new(NOBODYS));
        let (known, nobodys) = (known.expect("a hash"), nobodys.expect("a hash"));
        assert_eq!(known.params, nobodys.params);
        assert_eq!(known.hash.map(|h| h.len()), nobodys.hash.map(|h| h.len()));

        let begun = Instant::now();
        verify("wrong", Some(&stored)).await;
        let wrong = begun.elapsed();
        let begun = Instant::now();
        verify("wrong", None).await;
        let unknown = begun.elapsed();
        assert!(unknown > wrong / 4, "{unknown:?} against {wrong:?}");
    }
}
