//! The lists of merchants and of a merchant's locations.

use super::{cursor::Paging, store};
use crate::{Op, Result, categories};
use model::{
    AppError, FieldErrors, MerchantId, Page,
    access::Permission,
    merchants::{Location, LocationQuery, MerchantQuery, MerchantRow, MerchantStatus},
};
use uuid::Uuid;

/// A checked [`MerchantQuery`].
pub(super) struct Filter {
    pub text: Option<String>,
    pub status: Option<MerchantStatus>,
    /// A category with everything below it.
    pub categories: Option<Vec<Uuid>>,
    pub order: Order,
    pub paging: Paging,
}

/// What the list of merchants is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub by: By,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Name,
    Update,
}

/// One page of merchants.
pub async fn list(op: &mut Op, query: &MerchantQuery) -> Result<Page<MerchantRow>> {
    op.demand(Permission::ReadCatalogue)?;
    let filter = parse(op, query).await?;
    store::list::merchants(op.conn(), &filter).await
}

async fn parse(op: &mut Op, query: &MerchantQuery) -> Result<Filter> {
    let status = match query.status.trim() {
        "" => None,
        word => Some(word.parse().map_err(|()| FieldErrors::of("status", "Status: choose one of the list."))?),
    };
    let categories = match query.category.trim() {
        "" => None,
        slug => Some(categories::with_descendants(op, slug).await?.into_iter().map(|id| id.0).collect()),
    };
    let order = match query.sort.trim() {
        "updated" => Order { by: By::Update, descending: true },
        "-updated" => Order { by: By::Update, descending: false },
        "-name" => Order { by: By::Name, descending: true },
        _ => Order { by: By::Name, descending: false },
    };
    Ok(Filter { text: some(&query.q), status, categories, order, paging: Paging::parse(&query.after, &query.before)? })
}

/// One page of a merchant's locations, by city.
pub async fn locations(op: &mut Op, merchant: MerchantId, query: &LocationQuery) -> Result<Page<Location>> {
    op.demand(Permission::ReadCatalogue)?;
    store::merchants::summary(op.conn(), Some(merchant), None).await?.ok_or(AppError::NotFound)?;
    let paging = Paging::parse(&query.after, &query.before)?;
    store::list::locations(op.conn(), merchant, some(&query.q).as_deref(), !query.archived.is_empty(), &paging).await
}

fn some(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
