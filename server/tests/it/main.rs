//! HTTP tests: the real site on a port of its own, over real Postgres.

mod plumbing;
mod support;
