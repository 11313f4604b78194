//! The program `tessera`: its commands, its settings and its way onto the web. Rules and SQL stand in `domain`, pages in
//! `desk` and `member`; here they are put together.

pub mod alarms;
pub mod assets;
pub mod commands;
pub mod config;
pub mod headers;
pub mod health;
pub mod jobs;
pub mod metrics;
pub mod oidc;
pub mod page_cache;
pub mod pictures;
pub mod request;
pub mod router;
pub mod session;
pub mod shell;
pub mod site;
pub mod state;
pub mod telemetry;
