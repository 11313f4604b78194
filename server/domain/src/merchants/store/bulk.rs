//! Merchants and locations that are loaded at once.

use crate::Result;
use kit::copy::Rows;
use model::{
    AccountId, BrandId, LocationId, MerchantId, Timestamp, Version,
    merchants::{Location, NewMerchant},
};
use sqlx::PgConnection;

/// Rows of the module's tables.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    merchants: Rows,
    categories: Rows,
    locations: Rows,
    merchant_revisions: Rows,
    location_revisions: Rows,
}

/// A merchant as it stands in the end.
pub(crate) struct MerchantRow<'a> {
    pub id: MerchantId,
    pub short_id: &'a str,
    pub version: Version,
    pub brand: Option<BrandId>,
    pub merchant: &'a NewMerchant,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Tables {
    pub(crate) const TABLES: [&str; 5] =
        ["merchants", "merchant_categories", "locations", "merchant_revisions", "location_revisions"];

    pub(crate) fn merchant(&mut self, row: &MerchantRow) {
        let m = row.merchant;
        self.merchants
            .row()
            .put(row.id)
            .text(row.short_id)
            .put(row.version.0)
            .maybe(row.brand)
            .text(&m.name)
            .maybe_text(m.website.as_deref())
            .text(m.status.word())
            .time(row.created_at)
            .time(row.updated_at);
        for category in &m.categories {
            self.categories.row().put(row.id).put(category);
        }
    }

    pub(crate) fn location(&mut self, location: &Location) -> Result<()> {
        let place = &location.place;
        let hours = serde_json::to_string(&place.hours)?;
        self.locations
            .row()
            .put(location.id)
            .put(location.merchant)
            .maybe_text(place.name.as_deref())
            .text(&place.street)
            .text(&place.city)
            .text(&place.region)
            .text(&place.postal_code)
            .text(&place.country)
            .maybe(place.point.map(|(latitude, _)| latitude))
            .maybe(place.point.map(|(_, longitude)| longitude))
            .maybe_text(place.phone.as_deref())
            .text(&hours)
            .text(&place.time_zone)
            .maybe(place.closed.map(|(from, _)| from))
            .maybe(place.closed.and_then(|(_, until)| until))
            .time(location.updated_at)
            .time(location.updated_at);
        Ok(())
    }

    pub(crate) fn merchant_revision(
        &mut self,
        id: MerchantId,
        version: Version,
        snapshot: &str,
        (by, at): (Option<AccountId>, Timestamp),
    ) {
        self.merchant_revisions.row().put(id).put(version.0).text(snapshot).maybe(by).time(at);
    }

    pub(crate) fn location_revision(
        &mut self,
        id: LocationId,
        version: Version,
        snapshot: &str,
        (by, at): (Option<AccountId>, Timestamp),
    ) {
        self.location_revisions.row().put(id).put(version.0).text(snapshot).maybe(by).time(at);
    }

    pub(crate) async fn write(&mut self, conn: &mut PgConnection) -> Result<()> {
        let merchants =
            "copy merchants (id, short_id, version, brand_id, name, website, status, created_at, updated_at) from stdin";
        self.merchants.send(conn, merchants).await?;
        self.categories.send(conn, "copy merchant_categories (merchant_id, category_id) from stdin").await?;
        let locations = "copy locations (id, merchant_id, name, street, city, region, postal_code, country, latitude, longitude,
                             phone, hours, time_zone, closed_from, closed_until, created_at, updated_at) from stdin";
        self.locations.send(conn, locations).await?;
        let revisions = "copy merchant_revisions (merchant_id, version, snapshot, account_id, at) from stdin";
        self.merchant_revisions.send(conn, revisions).await?;
        let revisions = "copy location_revisions (location_id, version, snapshot, account_id, at) from stdin";
        self.location_revisions.send(conn, revisions).await?;
        Ok(())
    }
}
