//! The use cases of merchants against real Postgres.
