//! The catalogue against real Postgres: what is found, what is shown, and what a stranger cannot do.

mod found;
mod hostile;
mod live;
mod near;
mod shown;
mod version;
mod world;
