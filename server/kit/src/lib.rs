//! Plumbing that knows no word of the trade: the private Postgres, and under the feature `server` the pool, sessions,
//! passwords, secrets, the job queue and the clock.

pub mod cluster;
