//! What stands round every page of the member site, and what its head tells search engines.

use crate::catalogue::asked;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_location;
use model::{AppError, categories::Category, pictures::ShownPicture};
use ui::{Alert, Button, ButtonKind, EmptyState, Icon, SearchField, SiteFrame, Tone};

/// The name of the site.
pub const SITE: &str = "Tessera";

/// The title of the document, as HTML: Leptos writes it as it is, and it may hold what somebody searched for.
pub fn full_title(title: String) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    if title.is_empty() { SITE.to_owned() } else { format!("{title} – {SITE}") }
}

/// Head and foot round a page. `searched` is the text in the search box of the head.
#[component]
pub fn Site(
    #[prop(optional, into)] searched: String,
    /// The category on show; the search in the head stays inside.
    #[prop(default = None)]
    category: Option<Category>,
    /// The page has a search of its own.
    #[prop(optional)]
    own_search: bool,
    children: Children,
) -> impl IntoView {
    let near = asked("near");
    let path = use_location().pathname.get_untracked();
    view! {
        <SiteFrame
            name=SITE
            path=path
            links=vec![("/offers".to_owned(), "All offers".to_owned())]
            search=move || (!own_search).then(|| view! { <SearchForm searched=searched near=near category=category/> })
            footer=|| {
                view! {
                    <p>"Offers are made by the merchants that they name."</p>
                    <a href="/offers">"All offers"</a>
                }
            }
        >
            {children()}
        </SiteFrame>
    }
}

/// One box that searches all offers, or those of a category; where the member said they are stays in force.
///
/// The browser does not fill it: on the way back it would put the newer words over the older results.
#[component]
fn SearchForm(searched: String, near: String, category: Option<Category>) -> impl IntoView {
    let (name, slug) = category.map(|category| (category.name, category.slug)).unzip();
    let inside = name.map(|name| format!("Search in {name}"));
    let (label, placeholder) = match inside {
        Some(inside) => (inside.clone(), inside),
        None => ("Search all offers".to_owned(), "Pizza, shoes, a shop's name".to_owned()),
    };
    let kept = [("near", Some(near)), ("category", slug)];
    view! {
        <form method="get" action="/offers" role="search" aria-label=label autocomplete="off">
            <SearchField label="Search offers" value=searched placeholder=placeholder/>
            {kept
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
                .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
                .collect_view()}
        </form>
    }
}

/// What the head of a page says: its title, one sentence, and its one address.
#[component]
pub fn Head(
    #[prop(into)] title: String,
    #[prop(into)] description: String,
    /// From the root of the site, escaped.
    #[prop(into)]
    path: String,
    /// For people only: results of a search have no end.
    #[prop(optional)]
    unlisted: bool,
    /// What a shared link shows.
    #[prop(default = None)]
    picture: Option<ShownPicture>,
) -> impl IntoView {
    let picture = picture.map(|picture| {
        view! {
            <Meta property="og:image" content=absolute(&picture.address())/>
            <Meta property="og:image:alt" content=picture.alt/>
            <Meta name="twitter:card" content="summary_large_image"/>
        }
    });
    let address = absolute(&path);
    let og_title = if title.is_empty() { SITE.to_owned() } else { title.clone() };
    view! {
        <Title text=title/>
        <Meta name="description" content=description.clone()/>
        <Link rel="canonical" href=address.clone()/>
        <Meta property="og:type" content="website"/>
        <Meta property="og:site_name" content=SITE/>
        <Meta property="og:title" content=og_title/>
        <Meta property="og:description" content=description/>
        <Meta property="og:url" content=address/>
        {picture}
        {unlisted.then(|| view! { <Meta name="robots" content="noindex, follow"/> })}
    }
}

/// A path with the scheme and host of the site, from its settings and never from the request.
pub fn absolute(path: &str) -> String {
    #[cfg(feature = "ssr")]
    return format!("{}{path}", api::server::context().settings.public_url);
    #[cfg(not(feature = "ssr"))]
    path.to_owned()
}

/// A document for search engines; `json` holds no `<`.
#[component]
pub fn JsonLd(json: String) -> impl IntoView {
    view! { <script type="application/ld+json" nonce=use_nonce() inner_html=json></script> }
}

/// An address that leads nowhere.
#[component]
pub fn NothingHere() -> impl IntoView {
    #[cfg(feature = "ssr")]
    api::catalogue::lead_nowhere();
    view! {
        <Site own_search=true>
            <Missing title="This page is not here" text="It may have been moved, or the address is mistyped. Search for what you want."/>
        </Site>
    }
}

/// What stands where a page would be, with a search to go on from.
#[component]
pub fn Missing(#[prop(into)] title: String, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <Title text="Not found"/>
        <Meta name="robots" content="noindex"/>
        <h1 class="sr-only">"Not found"</h1>
        <EmptyState
            icon=Icon::Search
            title=title
            text=text
            action=|| {
                view! {
                    <form class="flex w-full max-w-md flex-col gap-3" method="get" action="/offers" role="search" aria-label="Search all offers">
                        <SearchField label="Search offers" placeholder="Pizza, shoes, a shop's name"/>
                        <Button kind=ButtonKind::Primary submit=true>"Search"</Button>
                    </form>
                }
            }
        />
    }
}

/// One sentence where a page could not be made.
#[component]
pub fn Failure(error: AppError) -> impl IntoView {
    view! {
        <Title text="This did not load"/>
        <Alert tone=Tone::Negative title="This did not load">
            <p>{error.to_string()}</p>
        </Alert>
    }
}

#[cfg(test)]
mod tests {
    use super::full_title;

    #[test]
    fn a_title_cannot_end_itself() {
        assert_eq!(full_title("a </title><script>&".into()), "a &lt;/title>&lt;script>&amp; – Tessera");
        assert_eq!(full_title(String::new()), "Tessera");
    }
}
