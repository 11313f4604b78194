//! Offers that are loaded at once.

use super::drafts::changed;
use crate::{Result, offers::row::Columns};
use kit::copy::{Rows, instant};
use model::{
    AccountId, FieldDiff, Money, OfferId, PublicationId, RevisionId, Timestamp, Version,
    offers::{OfferContent, PublicationState, RevisionState},
};
use sqlx::PgConnection;

/// Rows of the module's tables.
#[derive(Debug, Default)]
pub(in crate::offers) struct Tables {
    offers: Rows,
    locations: Rows,
    categories: Rows,
    changes: Rows,
    revisions: Rows,
    approvals: Rows,
    publications: Rows,
}

/// An offer with its draft, as it stands in the end.
pub(in crate::offers) struct DraftRow<'a> {
    pub id: OfferId,
    pub short_id: &'a str,
    pub version: Version,
    pub content: &'a OfferContent,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub updated_by: Option<AccountId>,
    pub archived_at: Option<Timestamp>,
    pub revision_state: Option<RevisionState>,
    pub revision_draft_version: Option<Version>,
    pub settled: PublicationState,
}

pub(in crate::offers) struct RevisionRow<'a> {
    pub id: RevisionId,
    pub offer: OfferId,
    pub number: i32,
    pub draft_version: Version,
    pub state: RevisionState,
    pub snapshot: &'a str,
    pub content_hash: &'a [u8],
    pub sent: (AccountId, Timestamp),
    pub decided: Option<(AccountId, Timestamp)>,
    pub note: Option<&'a str>,
}

pub(in crate::offers) struct PublicationRow<'a> {
    pub id: PublicationId,
    pub offer: OfferId,
    pub revision: RevisionId,
    pub content_hash: &'a [u8],
    pub state: PublicationState,
    /// None when it was cancelled before it started.
    pub during: Option<(Timestamp, Option<Timestamp>)>,
    pub planned_until: Option<Timestamp>,
    pub published: (AccountId, Timestamp),
    pub paused_at: Option<Timestamp>,
}

impl Tables {
    pub(in crate::offers) const TABLES: [&str; 7] =
        ["offers", "offer_locations", "offer_categories", "offer_changes", "offer_revisions", "offer_approvals", "publications"];

    pub(in crate::offers) fn draft(&mut self, row: &DraftRow) {
        let (content, columns) = (row.content, Columns::of(row.content));
        let minor = |money: Option<Money>| money.map(|money| money.minor);
        let days = columns.blackout.iter().map(|range| {
            let day = |bound: &std::ops::Bound<chrono::NaiveDate>| match bound {
                std::ops::Bound::Included(day) | std::ops::Bound::Excluded(day) => day.to_string(),
                std::ops::Bound::Unbounded => String::new(),
            };
            format!("[{},{}]", day(&range.start), day(&range.end))
        });
        self.offers
            .row()
            .put(row.id)
            .text(row.short_id)
            .put(row.version.0)
            .put(content.merchant)
            .maybe(content.client)
            .time(row.created_at)
            .time(row.updated_at)
            .maybe(row.updated_by)
            .maybe_time(row.archived_at)
            .maybe(row.revision_state)
            .maybe(row.revision_draft_version.map(|version| version.0))
            .put(row.settled)
            .text(&content.texts.headline)
            .text(&content.texts.summary)
            .text(&content.texts.terms)
            .text(&content.texts.exclusions)
            .text(&content.texts.how_to_redeem)
            .text(content.currency.code())
            .text(content.value.kind().word())
            .maybe(columns.value_basis_points)
            .maybe(columns.value_minor)
            .maybe(columns.value_buy)
            .maybe(columns.value_get)
            .maybe(columns.value_hundredths)
            .maybe_text(columns.value_text.as_deref())
            .maybe(minor(content.conditions.minimum_spend))
            .maybe(minor(content.conditions.largest_discount))
            .maybe(minor(content.conditions.face_value))
            .maybe(minor(content.conditions.estimated_saving))
            .put(content.conditions.combinable)
            .put(content.conditions.new_customers_only)
            .maybe(content.conditions.minimum_age)
            .text(content.places.scope().word())
            .array(&columns.rule_regions)
            .array(&columns.rule_cities)
            .array(&columns.rule_postal_prefixes)
            .maybe_text(columns.online_url.as_deref())
            .array(&columns.online_regions)
            .array(&content.tags)
            .maybe_text(columns.zone.as_deref())
            .maybe(content.validity.from)
            .maybe(content.validity.until)
            .put(content.validity.days.0)
            .maybe(content.validity.hours.map(|(from, _)| from))
            .maybe(content.validity.hours.map(|(_, until)| until))
            .array(days)
            .text(content.redemption.method().word())
            .maybe_text(columns.shared_code.as_deref())
            .maybe_text(columns.redeem_url.as_deref())
            .maybe(content.limits.member_day)
            .maybe(content.limits.member_week)
            .maybe(content.limits.member_month)
            .maybe(content.limits.member_ever)
            .maybe(content.limits.total)
            .maybe(minor(content.limits.budget))
            .text(content.contract.funding.by().word())
            .maybe(columns.funding_merchant_basis_points)
            .maybe(content.contract.from)
            .maybe(content.contract.until)
            .maybe(content.contract.owner)
            .put(content.contract.priority);
        for location in &columns.locations {
            self.locations.row().put(row.id).put(location);
        }
        for category in &content.categories {
            self.categories.row().put(row.id).put(category);
        }
    }

    pub(in crate::offers) fn change(
        &mut self,
        id: OfferId,
        version: Version,
        (by, at): (AccountId, Timestamp),
        changes: &[FieldDiff],
    ) {
        self.changes.row().put(id).put(version.0).put(by).time(at).text(&changed(changes).to_string());
    }

    pub(in crate::offers) fn revision(&mut self, row: &RevisionRow) {
        self.revisions
            .row()
            .put(row.id)
            .put(row.offer)
            .put(row.number)
            .put(row.draft_version.0)
            .put(row.state)
            .text(row.snapshot)
            .bytes(row.content_hash)
            .put(row.sent.0)
            .time(row.sent.1)
            .maybe(row.decided.map(|(by, _)| by))
            .maybe_time(row.decided.map(|(_, at)| at))
            .maybe_text(row.note);
    }

    pub(in crate::offers) fn approval(&mut self, revision: RevisionId, content_hash: &[u8], (by, at): (AccountId, Timestamp)) {
        self.approvals.row().put(revision).bytes(content_hash).put(by).time(at);
    }

    pub(in crate::offers) fn publication(&mut self, row: &PublicationRow) {
        let during = match row.during {
            Some((from, until)) => format!("[\"{}\",{})", instant(from), until.map(instant).unwrap_or_default()),
            None => "empty".to_owned(),
        };
        self.publications
            .row()
            .put(row.id)
            .put(row.offer)
            .put(row.revision)
            .bytes(row.content_hash)
            .put(row.state)
            .text(&during)
            .maybe_time(row.planned_until)
            .put(row.published.0)
            .time(row.published.1)
            .maybe_time(row.paused_at);
    }

    pub(in crate::offers) async fn write(&mut self, conn: &mut PgConnection) -> Result<()> {
        let offers = "copy offers (id, short_id, version, merchant_id, client_id, created_at, updated_at, updated_by, archived_at,
                revision_state, revision_draft_version, settled, headline, summary, terms, exclusions, how_to_redeem, currency, kind,
                value_basis_points, value_minor, value_buy, value_get, value_hundredths, value_text,
                minimum_spend_minor, largest_discount_minor, face_value_minor, estimated_saving_minor,
                combinable, new_customers_only, minimum_age, place_scope, rule_regions, rule_cities, rule_postal_prefixes,
                online_url, online_regions, tags, zone, valid_from, valid_until, weekdays, hours_from, hours_until, blackout,
                redemption, shared_code, redeem_url,
                limit_member_day, limit_member_week, limit_member_month, limit_member_ever, limit_total, budget_minor,
                funding, funding_merchant_basis_points, contract_from, contract_until, contract_owner, priority) from stdin";
        self.offers.send(conn, offers).await?;
        self.locations.send(conn, "copy offer_locations (offer_id, location_id) from stdin").await?;
        self.categories.send(conn, "copy offer_categories (offer_id, category_id) from stdin").await?;
        self.changes.send(conn, "copy offer_changes (offer_id, version, account_id, at, changes) from stdin").await?;
        let revisions =
            "copy offer_revisions (id, offer_id, number, draft_version, state, snapshot, content_hash, sent_by, sent_at,
                             decided_by, decided_at, note) from stdin";
        self.revisions.send(conn, revisions).await?;
        self.approvals.send(conn, "copy offer_approvals (revision_id, content_hash, account_id, at) from stdin").await?;
        let publications =
            "copy publications (id, offer_id, revision_id, content_hash, state, during, planned_until, published_by,
                                published_at, paused_at) from stdin";
        self.publications.send(conn, publications).await?;
        Ok(())
    }
}
