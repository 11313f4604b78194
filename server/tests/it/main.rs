//! HTTP tests: the real site on a port of its own, over real Postgres.

mod access;
mod attack;
mod backup;
mod forms;
mod jobs;
mod kills;
mod mail;
mod member;
mod page_cache;
mod pictures;
mod plumbing;
mod program;
mod sign_in;
mod support;
