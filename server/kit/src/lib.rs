//! Plumbing that knows no word of the trade: the private Postgres, and under the feature `server` the pool, sessions,
//! passwords, secrets and their sealing, one-time codes, OpenID Connect, loads in bulk, the job queue, mail, calls to webhooks,
//! pictures, files in a folder or bucket, the clock and the word to stop.

pub mod cluster;

#[cfg(feature = "server")]
pub mod blobs;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod copy;
#[cfg(feature = "server")]
mod crypto;
#[cfg(feature = "server")]
pub mod leader;
#[cfg(feature = "server")]
pub mod mail;
#[cfg(feature = "server")]
pub mod oidc;
#[cfg(feature = "server")]
pub mod password;
#[cfg(feature = "server")]
pub mod pictures;
#[cfg(feature = "server")]
pub mod pool;
#[cfg(feature = "server")]
pub mod queue;
#[cfg(feature = "server")]
pub mod seal;
#[cfg(feature = "server")]
pub mod secret;
#[cfg(feature = "server")]
pub mod sessions;
#[cfg(feature = "server")]
pub mod shelf;
#[cfg(feature = "server")]
pub mod shutdown;
#[cfg(feature = "server")]
pub mod totp;
#[cfg(feature = "server")]
pub mod webhook;
