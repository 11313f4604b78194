//! The demo's own SQL: what stands in the data base, and its statistics.

use crate::Result;
use sqlx::{AssertSqlSafe, PgConnection};

/// Takes the right to load the demo until the transaction ends; false when somebody else has it.
pub(super) async fn be_alone(conn: &mut PgConnection) -> Result<bool> {
    let alone = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtext('demo')) as "alone!""#).fetch_one(conn).await?;
    Ok(alone)
}

/// What the data base holds already, in words; not what every installation begins with.
pub(super) async fn holdings(conn: &mut PgConnection) -> Result<Vec<String>> {
    let holdings = sqlx::query_scalar!(
        r#"select what as "what!" from (values
               (1, 'accounts', exists (select from accounts)),
               (2, 'clients', exists (select from clients)),
               (3, 'brands', exists (select from brands)),
               (4, 'merchants', exists (select from merchants)),
               (5, 'offers', exists (select from offers))) as held (place, what, is_there)
           where is_there order by place"#
    )
    .fetch_all(conn)
    .await?;
    Ok(holdings)
}

/// Has tables read by their indexes until the transaction ends. Statements are planned once, while the tables are small, and
/// such plans would go on reading them whole when they have grown.
pub(super) async fn prefer_indexes(conn: &mut PgConnection) -> Result<()> {
    for setting in ["set local enable_seqscan = off", "set local jit = off"] {
        sqlx::query(setting).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Gives the rest of the transaction what many rows at once need: time, memory for indexes, and a fast compression of long texts
/// where the server has one.
pub(super) async fn load_fast(conn: &mut PgConnection) -> Result<()> {
    sqlx::query(
        "select set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true), set_config('maintenance_work_mem', '512MB', true),
                set_config('work_mem', '256MB', true), set_config('enable_seqscan', 'on', true),
                set_config('default_toast_compression',
                    case when 'lz4' = any(enumvals) then 'lz4' else current_setting('default_toast_compression') end, true)
         from pg_settings where name = 'default_toast_compression'",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The tables that the demo fills.
const FILLED: &str = "postal_codes, categories, brands, merchants, merchant_categories, locations, external_ids,
     merchant_revisions, location_revisions, offers, offer_locations, offer_categories, offer_changes, offer_revisions,
     offer_approvals, publications, listings, listing_places, audit_log, outbox";

/// Gives back the room of rows that a load which was stopped left behind: to step over them would take several times as long
/// as the load. Outside a transaction only.
pub(super) async fn sweep(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("set statement_timeout = 0").execute(&mut *conn).await?;
    let swept = sqlx::query(AssertSqlSafe(format!("vacuum {FILLED}"))).execute(&mut *conn).await;
    sqlx::query("reset statement_timeout").execute(conn).await?;
    swept?;
    Ok(())
}

/// Tells the planner what the tables have become, so that the first to come meet good plans.
pub(super) async fn refresh_statistics(conn: &mut PgConnection) -> Result<()> {
    sqlx::query(AssertSqlSafe(format!("analyze {FILLED}"))).execute(conn).await?;
    Ok(())
}
