//! One of several processes does something, and the others let it.

use sqlx::postgres::PgPool;

/// Does some work while no other process does work of the same key; does nothing if one does. The lock is the connection's: it is
/// gone with a process that dies.
pub async fn alone(pool: &PgPool, key: i64, work: impl Future<Output = ()>) -> sqlx::Result<bool> {
    // A connection that is dropped half way, and with it the lock, must not go back to the pool.
    let mut connection = pool.acquire().await?.detach();
    let got: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(key).fetch_one(&mut connection).await?;
    if got {
        work.await;
    }
    sqlx::Connection::close(connection).await?;
    Ok(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[sqlx::test(migrations = false)]
    async fn of_several_one_works_and_the_next_works_when_it_is_done(pool: PgPool) {
        let inner = async {
            let second = alone(&pool, 7, async { panic!("two work at once") }).await.expect("ask");
            assert!(!second);
            assert!(alone(&pool, 8, async {}).await.expect("ask"), "another key is another work");
        };
        assert!(alone(&pool, 7, inner).await.expect("ask"));
        assert!(alone(&pool, 7, async {}).await.expect("ask"));
    }
}
