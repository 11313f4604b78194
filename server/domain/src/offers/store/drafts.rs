//! Drafts: the typed columns of `offers`, and `offer_changes`.

use crate::{
    Result,
    offers::row::{Columns, DraftRow},
};
use model::{AccountId, ClientId, FieldDiff, LocationId, MerchantId, OfferId, Timestamp, offers::OfferContent};
use sqlx::PgConnection;
use uuid::Uuid;

/// Loads a draft; with `lock`, holds its row until the operation ends, so that edits of one offer stand in line.
pub(in crate::offers) async fn draft(conn: &mut PgConnection, id: OfferId, lock: bool) -> Result<Option<DraftRow>> {
    if lock {
        sqlx::query!("select id from offers where id = $1 for update", id.0).fetch_optional(&mut *conn).await?;
    }
    let row = sqlx::query_as!(
        DraftRow,
        r#"select id, short_id, version, merchant_id, client_id, updated_at, archived_at, revision_draft_version,
                  headline, summary, terms, exclusions, how_to_redeem, currency, kind,
                  value_basis_points, value_minor, value_buy, value_get, value_hundredths, value_text,
                  minimum_spend_minor, largest_discount_minor, face_value_minor, estimated_saving_minor,
                  combinable, new_customers_only, minimum_age,
                  place_scope, rule_regions, rule_cities, rule_postal_prefixes, online_url, online_regions, tags,
                  zone, valid_from, valid_until, weekdays, hours_from, hours_until, blackout,
                  redemption, shared_code, redeem_url,
                  limit_member_day, limit_member_week, limit_member_month, limit_member_ever, limit_total, budget_minor,
                  funding, funding_merchant_basis_points, contract_from, contract_until, contract_owner, priority,
                  picture, picture_x, picture_y, picture_alt,
                  array(select location_id from offer_locations where offer_id = o.id order by 1) as "locations!: Vec<Uuid>",
                  array(select category_id from offer_categories where offer_id = o.id order by 1) as "categories!: Vec<Uuid>"
           from offers o where id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// Makes the row of a new offer, version 0; [`write_draft`] fills it.
pub(in crate::offers) async fn insert(
    conn: &mut PgConnection,
    id: OfferId,
    short_id: &str,
    content: &OfferContent,
    now: Timestamp,
) -> Result<()> {
    let c = Columns::of(content);
    sqlx::query!(
        "insert into offers (id, short_id, version, merchant_id, created_at, updated_at, headline, currency, kind, place_scope, online_url,
                             redemption, shared_code, redeem_url, funding, funding_merchant_basis_points)
         values ($1, $2, 0, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        id.0,
        short_id,
        content.merchant.0,
        now,
        content.texts.headline,
        content.currency.code(),
        content.value.kind().word(),
        content.places.scope().word(),
        c.online_url,
        content.redemption.method().word(),
        c.shared_code,
        c.redeem_url,
        content.contract.funding.by().word(),
        c.funding_merchant_basis_points,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the whole draft as its next version.
pub(in crate::offers) async fn write_draft(
    conn: &mut PgConnection,
    id: OfferId,
    content: &OfferContent,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<i64> {
    let c = Columns::of(content);
    let count = |n: Option<u32>| n.map(|n| n as i32);
    let minor = |m: Option<model::Money>| m.map(|m| m.minor);
    let version = sqlx::query_scalar!(
        r#"update offers set version = version + 1, updated_at = $2, updated_by = $3, client_id = $4,
             headline = $5, summary = $6, terms = $7, exclusions = $8, how_to_redeem = $9, currency = $10, kind = $11,
             value_basis_points = $12, value_minor = $13, value_buy = $14, value_get = $15, value_hundredths = $16, value_text = $17,
             minimum_spend_minor = $18, largest_discount_minor = $19, face_value_minor = $20, estimated_saving_minor = $21,
             combinable = $22, new_customers_only = $23, minimum_age = $24,
             place_scope = $25, rule_regions = $26, rule_cities = $27, rule_postal_prefixes = $28, online_url = $29, online_regions = $30,
             tags = $31, zone = $32, valid_from = $33, valid_until = $34, weekdays = $35, hours_from = $36, hours_until = $37, blackout = $38,
             redemption = $39, shared_code = $40, redeem_url = $41,
             limit_member_day = $42, limit_member_week = $43, limit_member_month = $44, limit_member_ever = $45, limit_total = $46,
             budget_minor = $47, funding = $48, funding_merchant_basis_points = $49, contract_from = $50, contract_until = $51,
             contract_owner = $52, priority = $53,
             picture = $54, picture_x = $55, picture_y = $56, picture_alt = $57
           where id = $1 returning version"#,
        id.0,
        now,
        by.map(|id| id.0),
        content.client.map(|id| id.0),
        content.texts.headline,
        content.texts.summary,
        content.texts.terms,
        content.texts.exclusions,
        content.texts.how_to_redeem,
        content.currency.code(),
        content.value.kind().word(),
        c.value_basis_points,
        c.value_minor,
        c.value_buy,
        c.value_get,
        c.value_hundredths,
        c.value_text,
        minor(content.conditions.minimum_spend),
        minor(content.conditions.largest_discount),
        minor(content.conditions.face_value),
        minor(content.conditions.estimated_saving),
        content.conditions.combinable,
        content.conditions.new_customers_only,
        content.conditions.minimum_age.map(i16::from),
        content.places.scope().word(),
        &c.rule_regions,
        &c.rule_cities,
        &c.rule_postal_prefixes,
        c.online_url,
        &c.online_regions,
        &content.tags,
        c.zone,
        content.validity.from,
        content.validity.until,
        i16::from(content.validity.days.0),
        content.validity.hours.map(|(from, _)| from),
        content.validity.hours.map(|(_, until)| until),
        &c.blackout,
        content.redemption.method().word(),
        c.shared_code,
        c.redeem_url,
        count(content.limits.member_day),
        count(content.limits.member_week),
        count(content.limits.member_month),
        count(content.limits.member_ever),
        count(content.limits.total),
        minor(content.limits.budget),
        content.contract.funding.by().word(),
        c.funding_merchant_basis_points,
        content.contract.from,
        content.contract.until,
        content.contract.owner.map(|id| id.0),
        content.contract.priority,
        content.picture.as_ref().map(|picture| picture.hash.as_str()),
        content.picture.as_ref().map(|picture| picture.focus.x as i16),
        content.picture.as_ref().map(|picture| picture.focus.y as i16),
        content.picture.as_ref().map(|picture| picture.alt.as_str()),
    )
    .fetch_one(&mut *conn)
    .await?;
    write_sets(conn, id, &c.locations, &content.categories.iter().map(|id| id.0).collect::<Vec<_>>()).await?;
    Ok(version)
}

async fn write_sets(conn: &mut PgConnection, id: OfferId, locations: &[Uuid], categories: &[Uuid]) -> Result<()> {
    sqlx::query!("delete from offer_locations where offer_id = $1 and location_id <> all($2)", id.0, locations)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into offer_locations (offer_id, location_id) select $1, unnest($2::uuid[]) on conflict do nothing",
        id.0,
        locations
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from offer_categories where offer_id = $1 and category_id <> all($2)", id.0, categories)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("insert into offer_categories select $1, unnest($2::uuid[]) on conflict do nothing", id.0, categories)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes who changed which field in this version.
pub(in crate::offers) async fn insert_change(
    conn: &mut PgConnection,
    id: OfferId,
    version: i64,
    by: Option<AccountId>,
    at: Timestamp,
    changes: &[FieldDiff],
) -> Result<()> {
    sqlx::query!(
        "insert into offer_changes (offer_id, version, account_id, at, changes) values ($1, $2, $3, $4, $5)",
        id.0,
        version,
        by.map(|id| id.0),
        at,
        changed(changes),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What changed as `offer_changes` keeps it.
pub(super) fn changed(changes: &[FieldDiff]) -> serde_json::Value {
    serde_json::Value::Object(changes.iter().map(|d| (d.name.clone(), serde_json::json!([d.theirs, d.mine]))).collect())
}

/// A save of a draft by somebody: which fields, with what stood there before.
pub(in crate::offers) struct Change {
    pub at: Timestamp,
    pub by: Option<String>,
    pub changes: serde_json::Value,
}

/// The saves after a version, oldest first.
pub(in crate::offers) async fn changes_since(conn: &mut PgConnection, id: OfferId, version: i64) -> Result<Vec<Change>> {
    let changes = sqlx::query_as!(
        Change,
        r#"select c.at, p.name as "by?", c.changes
           from offer_changes c left join account_profiles p using (account_id)
           where c.offer_id = $1 and c.version > $2 order by c.version"#,
        id.0,
        version
    )
    .fetch_all(conn)
    .await?;
    Ok(changes)
}

/// Everybody who changed the draft since the revision that was approved last.
pub(in crate::offers) async fn authors_since_approval(conn: &mut PgConnection, id: OfferId) -> Result<Vec<AccountId>> {
    let authors = sqlx::query_scalar!(
        r#"select distinct account_id as "account_id!" from offer_changes
           where offer_id = $1 and account_id is not null
             and version > coalesce((select max(r.draft_version) from offer_revisions r
                                     join offer_approvals a on a.revision_id = r.id where r.offer_id = $1), 0)"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(authors.into_iter().map(Into::into).collect())
}

/// Who saved the draft last.
pub(in crate::offers) async fn last_editor(conn: &mut PgConnection, id: OfferId) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "select p.name from offers o join account_profiles p on p.account_id = o.updated_by where o.id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(name)
}

/// The locations that drafts of the merchant's offers name one by one.
pub(in crate::offers) async fn named_locations(conn: &mut PgConnection, merchant: MerchantId) -> Result<Vec<LocationId>> {
    let locations = sqlx::query_scalar!(
        "select distinct l.location_id from offers o join offer_locations l on l.offer_id = o.id where o.merchant_id = $1",
        merchant.0
    )
    .fetch_all(conn)
    .await?;
    Ok(locations.into_iter().map(Into::into).collect())
}

/// Disabled accounts that own the contract of one of the merchant's offers, with their names.
pub(in crate::offers) async fn disabled_owners(
    conn: &mut PgConnection,
    merchant: MerchantId,
) -> Result<Vec<(AccountId, String)>> {
    let owners = sqlx::query!(
        "select distinct a.id, p.name
         from offers o join accounts a on a.id = o.contract_owner join account_profiles p on p.account_id = a.id
         where o.merchant_id = $1 and a.disabled_at is not null order by p.name, a.id",
        merchant.0
    )
    .fetch_all(conn)
    .await?;
    Ok(owners.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

pub(in crate::offers) async fn archive(conn: &mut PgConnection, id: OfferId, now: Timestamp) -> Result<()> {
    sqlx::query!("update offers set archived_at = $2, updated_at = $2 where id = $1", id.0, now).execute(conn).await?;
    Ok(())
}

/// Whether there is such a client to be exclusive to.
pub(in crate::offers) async fn client_exists(conn: &mut PgConnection, id: ClientId) -> Result<bool> {
    let exists =
        sqlx::query_scalar!(r#"select exists (select from clients where id = $1) as "exists!""#, id.0).fetch_one(conn).await?;
    Ok(exists)
}
