//! Finding offers: the start page, the search, and the pages of one offer and one merchant.

mod cards;
mod home_page;
mod icons;
mod list_page;
mod merchant_page;
mod offer_page;
mod places;
mod share;
mod zip_field;

pub use home_page::HomePage;
pub use list_page::{ListPage, Results};
pub use merchant_page::MerchantPage;
pub use offer_page::OfferPage;

use crate::frame::{Failure, Missing, Site};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{AppError, catalogue::OfferSearch, pictures::ShownPicture};
use serde::{Serialize, de::DeserializeOwned};

/// Shows what was loaded, inside the site's frame; what is not there is told with a search to go on from.
fn loaded<T, V>(
    load: impl Future<Output = Result<T, AppError>> + Send + 'static,
    missing: &'static str,
    view: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let resource = OnceResource::new_blocking(load);
    let view = StoredValue::new(view);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match resource.await {
                    Ok(value) => view.with_value(|view| view(value)).into_any(),
                    Err(AppError::NotFound) => {
                        view! {
                            <Site own_search=true>
                                <Missing title=missing text="It may have ended, or the address is mistyped. Search for what you want."/>
                            </Site>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <Site><Failure error=error/></Site> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// What the kit needs to show a picture.
fn on_cover(picture: ShownPicture) -> ui::Picture {
    ui::Picture {
        folder: picture.folder(),
        fallback: picture.fallback(),
        widths: picture.widths,
        width: picture.width,
        height: picture.height,
        focus: (picture.focus.x, picture.focus.y),
        alt: picture.alt,
        whole: picture.logo,
    }
}

/// The `slug-shortid` in the page's address.
fn address() -> String {
    use_params_map().with_untracked(|params| params.get("address")).unwrap_or_default()
}

/// All that pages read of their query. The server keeps pages by these names: one that read another would be shown to whom it does
/// not belong.
pub const QUERY: [&str; 4] = ["q", "category", "near", "after"];

/// The value of a name in the page's query; the only way to it.
pub(crate) fn asked(name: &str) -> String {
    debug_assert!(QUERY.contains(&name), "`{name}` is not one of the names that kept pages are told apart by");
    use_query_map().with_untracked(|query| query.get(name)).unwrap_or_default()
}

/// Sends whoever came by an old or mistyped slug to the canonical address, with the query they came with.
fn keep_canonical(folder: &str, asked: &str, canonical: &str) {
    #[cfg(feature = "ssr")]
    if asked != canonical {
        let query = leptos_router::hooks::use_url().with_untracked(|url| url.search().to_owned());
        let query = if query.is_empty() { query } else { format!("?{query}") };
        api::catalogue::move_to(&format!("{}{query}", path_of(folder, canonical)));
    }
    #[cfg(not(feature = "ssr"))]
    let _ = (folder, asked, canonical);
}

/// The path of a record's page, escaped.
fn path_of(folder: &str, address: &str) -> String {
    format!("/{folder}/{}", model::catalogue::url_escaped(address))
}

/// The address of a list with this search; empty fields are left out.
fn search_address(search: &OfferSearch) -> String {
    let mut map = leptos_router::params::ParamsMap::new();
    for (name, value) in [("q", &search.q), ("category", &search.category), ("near", &search.near), ("after", &search.after)] {
        if !value.is_empty() {
            map.insert(name, value.clone());
        }
    }
    format!("/offers{}", map.to_query_string())
}
