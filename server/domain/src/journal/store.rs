//! The SQL of `audit_log` and `outbox`.

pub(crate) mod bulk;

use super::{Entry, Event, Filter};
use crate::Result;
use model::{Timestamp, audit::AuditRow};
use sqlx::{PgConnection, QueryBuilder, Row};
use uuid::Uuid;

pub(super) async fn insert_audit(conn: &mut PgConnection, entry: &Entry) -> Result<()> {
    let (kind, id) = entry.subject.map(|s| s.parts()).unzip();
    sqlx::query!(
        "insert into audit_log (at, actor, who, action, subject_kind, subject_id, detail, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entry.at,
        entry.actor.map(|a| a.0),
        entry.who,
        entry.action,
        kind,
        id,
        entry.detail,
        entry.request_id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn insert_event(
    conn: &mut PgConnection,
    at: Timestamp,
    topic: &str,
    subject: Uuid,
    body: &serde_json::Value,
) -> Result<()> {
    sqlx::query!("insert into outbox (at, topic, subject_id, body) values ($1, $2, $3, $4)", at, topic, subject, body)
        .execute(conn)
        .await?;
    Ok(())
}

/// The actions that begin so. There are few of them and many rows of each: the index is asked for one after the other.
async fn actions(conn: &mut PgConnection, beginning: &str) -> Result<Vec<String>> {
    let actions = sqlx::query_scalar!(
        r#"with recursive found (action) as (
               (select action from audit_log where action ~>=~ $1 order by action using ~<~ limit 1)
               union all
               select (select l.action from audit_log l where l.action ~>~ f.action order by l.action using ~<~ limit 1)
               from found f where f.action ^@ $1
           )
           select action as "action!" from found where action ^@ $1"#,
        beginning
    )
    .fetch_all(conn)
    .await?;
    Ok(actions)
}

/// The rows are found first, of each action by itself: every index of the table goes on with the time within an action and an actor.
pub(super) async fn search(conn: &mut PgConnection, filter: &Filter, limit: i64) -> Result<Vec<AuditRow>> {
    let mut sql = QueryBuilder::new(
        "select l.id, l.at, l.actor, l.who, p.name, l.action, l.subject_kind, l.subject_id, l.detail, l.request_id from ",
    );
    if let Some(beginning) = &filter.action {
        sql.push("unnest(").push_bind(actions(conn, beginning).await?).push("::text[]) as wanted (action) cross join ");
    }
    sql.push("lateral (select * from audit_log l where true");
    if filter.action.is_some() {
        sql.push(" and l.action = wanted.action");
    }
    if let Some(actor) = &filter.actor {
        sql.push(" and l.actor = (select account_id from account_profiles where email = ").push_bind(actor).push(")");
    }
    if let Some(subject) = filter.subject {
        sql.push(" and l.subject_id = ").push_bind(subject);
    }
    if let Some(from) = filter.from {
        sql.push(" and l.at >= ").push_bind(from);
    }
    if let Some(until) = filter.until {
        sql.push(" and l.at < ").push_bind(until);
    }
    if let Some((at, id)) = filter.before {
        sql.push(" and (l.at, l.id) < (").push_bind(at).push(", ").push_bind(id).push(")");
    }
    let ordered = format!(" order by l.at desc, l.id desc limit {limit}");
    sql.push(&ordered).push(") l left join account_profiles p on p.account_id = l.actor").push(&ordered);
    let rows = sql.build().fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let actor: Option<Uuid> = row.try_get("actor")?;
            let who: String = row.try_get("who")?;
            let name: Option<String> = row.try_get("name")?;
            Ok(AuditRow {
                id: row.try_get("id")?,
                at: row.try_get("at")?,
                actor: actor.map(Into::into),
                actor_name: name.unwrap_or_else(|| stand_in(&who).to_owned()),
                action: row.try_get("action")?,
                subject_kind: row.try_get("subject_kind")?,
                subject_id: row.try_get::<Option<Uuid>, _>("subject_id")?.map(|id| id.to_string()),
                detail: row.try_get("detail")?,
                request_id: row.try_get("request_id")?,
            })
        })
        .collect()
}

/// What stands in the list where no account acted.
fn stand_in(who: &str) -> &'static str {
    match who {
        "nobody" => "Somebody not signed in",
        "server" => "The server",
        "command_line" => "The command line",
        _ => "A removed account",
    }
}

pub(super) async fn ensure_partitions(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select ensure_month_partitions('audit_log', 3), ensure_month_partitions('outbox', 3)").execute(conn).await?;
    Ok(())
}

/// A place in the outbox: the transaction, as text, and the row.
#[derive(Clone, Debug)]
pub(super) struct Place {
    transaction: String,
    id: i64,
}

impl Place {
    /// Before every event.
    pub fn first() -> Self {
        Self { transaction: "0".to_owned(), id: 0 }
    }
}

/// How far a reader has come; its row is held until the operation ends.
pub(super) async fn place_of(conn: &mut PgConnection, reader: &str) -> Result<Place> {
    sqlx::query!("insert into outbox_readers (name, transaction, id) values ($1, '0', 0) on conflict do nothing", reader)
        .execute(&mut *conn)
        .await?;
    let place = sqlx::query_as!(
        Place,
        r#"select transaction::text as "transaction!", id from outbox_readers where name = $1 for update"#,
        reader
    )
    .fetch_one(conn)
    .await?;
    Ok(place)
}

/// Events behind a place, as far as every transaction before them has ended.
///
/// A place ahead of all transactions is another cluster's, as is what stands behind it: a dump keeps the numbers, but a new cluster begins
/// to count anew. Nothing can be overtaken there. The statement must begin after the reader's row is held, or a place that another
/// operation has just moved to would look like one.
pub(super) async fn events_after(conn: &mut PgConnection, place: &Place, limit: i64) -> Result<Vec<Event>> {
    let rows = sqlx::query!(
        r#"select id, transaction::text as "transaction!", topic, subject_id, body from outbox
           where (transaction, id) > (cast($1::text as xid8), $2)
             and transaction < case when cast($1::text as xid8) >= pg_snapshot_xmax(pg_current_snapshot())
                                    then '18446744073709551615' else pg_snapshot_xmin(pg_current_snapshot()) end
           order by transaction, id limit $3"#,
        place.transaction,
        place.id,
        limit
    )
    .fetch_all(conn)
    .await?;
    let event = |topic, subject, body, place| Event { topic, subject, body, place };
    Ok(rows
        .into_iter()
        .map(|row| event(row.topic, row.subject_id, row.body, Place { transaction: row.transaction, id: row.id }))
        .collect())
}

/// Puts a reader whose place is another cluster's before everything that stands there. Says whether it was so.
pub(super) async fn begin_again(conn: &mut PgConnection, reader: &str) -> Result<bool> {
    let done = sqlx::query!(
        "update outbox_readers set transaction = '0', id = 0
         where name = $1 and transaction >= pg_snapshot_xmax(pg_current_snapshot())",
        reader
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn move_to(conn: &mut PgConnection, reader: &str, place: &Place) -> Result<()> {
    sqlx::query!(
        "update outbox_readers set transaction = cast($2::text as xid8), id = $3 where name = $1",
        reader,
        place.transaction,
        place.id
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn move_to_end(conn: &mut PgConnection, reader: &str) -> Result<()> {
    sqlx::query!(
        "update outbox_readers r set transaction = last.transaction, id = last.id
         from (select transaction, id from outbox order by transaction desc, id desc limit 1) last where r.name = $1",
        reader
    )
    .execute(conn)
    .await?;
    Ok(())
}
