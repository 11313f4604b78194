//! Indexes, constraints and row triggers of tables, taken off for a load and put back behind it: to build an index once over
//! all rows costs a fraction of keeping it row by row, and a foreign key checked once is one join.
//!
//! All of it is one transaction's: if that fails, everything stands as before. Meanwhile the tables are closed to everybody
//! else, so it is for tables that nobody uses yet.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

/// What was taken off, as the statements that put it back.
#[derive(Debug)]
#[must_use = "what was taken off must be put back"]
pub struct Shelf {
    back: Vec<String>,
}

/// Foreign keys of the tables and to them, their other constraints with an index, their other indexes, and what runs for each
/// new row; in the order in which they can be taken off. The partitions of a table follow it.
const PARTS: &str = "
    with t as (select unnest($1::text[])::regclass::oid as oid)
    select off, back from (
        select 1 as step, c.conname as name,
               format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as off,
               format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as back
        from pg_constraint c
        where c.contype = 'f' and c.conparentid = 0 and (c.conrelid in (select oid from t) or c.confrelid in (select oid from t))
        union all
        select 2, c.conname,
               format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname),
               format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
        from pg_constraint c
        where c.contype in ('p', 'u', 'x') and c.conparentid = 0 and c.conrelid in (select oid from t)
        union all
        select 3, i.indexrelid::regclass::text, format('drop index %s', i.indexrelid::regclass),
               -- That of a partitioned table would leave its partitions out.
               regexp_replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
        from pg_index i
        where i.indrelid in (select oid from t)
          and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
          and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))
        union all
        select 4, g.tgname,
               format('alter table %s disable trigger %I', g.tgrelid::regclass, g.tgname),
               format('alter table %s enable trigger %I', g.tgrelid::regclass, g.tgname)
        from pg_trigger g
        where g.tgrelid in (select oid from t) and not g.tgisinternal and g.tgparentid = 0 and g.tgenabled = 'O'
          -- For each row, at an insert.
          and g.tgtype & 5 = 5) part
    order by step, name";

impl Shelf {
    /// Takes off what stands in the way of a load into these tables. Only their owner may.
    pub async fn take_off(connection: &mut PgConnection, tables: &[&str]) -> Result<Shelf, sqlx::Error> {
        let parts: Vec<(String, String)> = sqlx::query_as(PARTS).bind(tables).fetch_all(&mut *connection).await?;
        let mut back = Vec::with_capacity(parts.len());
        for (off, on) in parts {
            sqlx::query(AssertSqlSafe(off)).execute(&mut *connection).await?;
            back.push(on);
        }
        Ok(Shelf { back })
    }

    /// How many parts there are to put back.
    pub fn len(&self) -> usize {
        self.back.len()
    }

    pub fn is_empty(&self) -> bool {
        self.back.is_empty()
    }

    /// Puts everything back, the last first: foreign keys need the indexes. Rows that break a constraint are an error. `each`
    /// is told of every part that stands again.
    pub async fn put_back(self, connection: &mut PgConnection, mut each: impl FnMut()) -> Result<(), sqlx::Error> {
        for statement in self.back.into_iter().rev() {
            let begun = std::time::Instant::now();
            sqlx::query(AssertSqlSafe(statement.as_str())).execute(&mut *connection).await?;
            tracing::debug!(seconds = begun.elapsed().as_secs_f32(), statement, "put back");
            each();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection as _, PgPool};

    const SCHEMA: &str = "
        create table parents (id integer primary key, name text unique, span int4range, exclude using gist (span with &&));
        create index parents_by_lower_name on parents (lower(name)) where name <> '';
        create table children (id integer primary key, parent integer not null references parents on delete cascade) partition by range (id);
        create index on children (parent);
        create table children_1 partition of children for values from (0) to (10);
        create function touch() returns trigger language plpgsql as 'begin new.name := upper(new.name); return new; end';
        create trigger touch before insert on parents for each row execute function touch();";

    /// Everything that could be lost, in words.
    async fn state(connection: &mut PgConnection) -> Vec<String> {
        let all = "select pg_get_indexdef(indexrelid) from pg_index where indrelid::regclass::text ~ '^(parents|children)'
             union all select conname || pg_get_constraintdef(oid) from pg_constraint where conrelid::regclass::text ~ '^(parents|children)'
             union all select tgname || tgenabled::text from pg_trigger where not tgisinternal order by 1";
        sqlx::query_scalar(all).fetch_all(connection).await.expect("the catalogue")
    }

    #[sqlx::test(migrations = false)]
    async fn what_was_taken_off_stands_again_as_it_was(pool: PgPool) {
        let mut connection = pool.acquire().await.expect("a connection");
        sqlx::raw_sql(SCHEMA).execute(&mut *connection).await.expect("tables");
        let before = state(&mut connection).await;
        let mut transaction = connection.begin().await.expect("a transaction");
        let shelf = Shelf::take_off(&mut transaction, &["parents", "children"]).await.expect("taken off");
        assert!(!shelf.is_empty());
        assert_eq!(state(&mut transaction).await, ["touchD"]);
        sqlx::raw_sql("insert into children values (1, 7); insert into parents values (7, 'a', '[1,2)')")
            .execute(&mut *transaction)
            .await
            .expect("rows in any order");
        let (parts, mut told) = (shelf.len(), 0);
        shelf.put_back(&mut transaction, || told += 1).await.expect("put back");
        assert_eq!(told, parts);
        transaction.commit().await.expect("committed");
        assert_eq!(state(&mut connection).await, before);
        let name: String = sqlx::query_scalar("select name from parents").fetch_one(&mut *connection).await.expect("a name");
        assert_eq!(name, "a", "no trigger ran");
    }

    #[sqlx::test(migrations = false)]
    async fn rows_that_break_a_constraint_are_refused(pool: PgPool) {
        let mut connection = pool.acquire().await.expect("a connection");
        sqlx::raw_sql(SCHEMA).execute(&mut *connection).await.expect("tables");
        let before = state(&mut connection).await;
        let mut transaction = connection.begin().await.expect("a transaction");
        let shelf = Shelf::take_off(&mut transaction, &["parents", "children"]).await.expect("taken off");
        sqlx::query("insert into children values (1, 7)").execute(&mut *transaction).await.expect("an orphan");
        let refused = shelf.put_back(&mut transaction, || {}).await.expect_err("an orphan");
        assert!(refused.to_string().contains("children_parent_fkey"), "{refused}");
        transaction.rollback().await.expect("rolled back");
        assert_eq!(state(&mut connection).await, before);
    }
}
