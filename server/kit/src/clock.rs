//! The one place where the time is read; everybody else is told it.

use chrono::{DateTime, SubsecRound, Utc};

/// The time now, in whole microseconds, which is what Postgres keeps: a value read back equals the one written.
#[allow(clippy::disallowed_methods)]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    #[test]
    fn time_has_no_more_digits_than_postgres_keeps() {
        let now = super::now();
        assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0);
        assert!(now.timestamp() > 1_700_000_000);
    }
}
