//! The search and its results.

use super::{asked, cards::Cards, icons::icon, loaded, search_address, zip_field::ZipField};
use crate::frame::{Head, Site};
use leptos::prelude::*;
use model::{
    catalogue::{OfferResults, OfferSearch, UNKNOWN_ZIP},
    categories::Category,
};
use ui::{Alert, Button, Chip, Chips, EmptyState, Facets, Icon, Tone};

#[component]
pub fn ListPage() -> impl IntoView {
    let search = OfferSearch { q: asked("q"), category: asked("category"), near: asked("near"), after: asked("after") };
    let typed = search.clone();
    loaded(api::catalogue::find_offers(search), "This page is not here", move |results| {
        view! { <Results results=results typed=typed.clone()/> }
    })
}

/// The page of a search, once its results are there.
#[component]
pub fn Results(
    results: OfferResults,
    /// The search as it stands in the address, mistakes included.
    typed: OfferSearch,
) -> impl IntoView {
    let OfferResults { cards, next, search, near, notices, category, categories } = results;
    let first = OfferSearch { after: String::new(), ..search.clone() };
    let heading = heading(&search, category.as_ref(), near.as_deref());
    let listed = search.q.is_empty() && search.near.is_empty() && typed.after.is_empty() && notices.is_empty();
    let path = search_address(&OfferSearch { category: search.category.clone(), ..OfferSearch::default() });
    let next = next.map(|next| search_address(&OfferSearch { after: next.0, ..first.clone() })).unwrap_or_default();
    let start = if typed.after.is_empty() { String::new() } else { search_address(&first) };
    let in_force = [!search.category.is_empty(), !search.near.is_empty()].into_iter().filter(|on| *on).count();
    let (rail_first, chips_first, none_first) = (first.clone(), first.clone(), first.clone());
    let (rail_category, chip_category) = (category.clone(), category.clone());
    let count = count_words(cards.len(), typed.after.is_empty(), next.is_empty());
    let empty = cards.is_empty();
    // That a ZIP code is none is said at its field.
    let (of_zip, notices): (Vec<_>, Vec<_>) = notices.into_iter().partition(|notice| notice == UNKNOWN_ZIP);
    let of_zip = of_zip.into_iter().next();
    let zip_error = of_zip.clone();
    view! {
        <Head
            title=heading.clone()
            description=format!("{heading}: what you get, where, and until when.")
            path=path
            unlisted=!listed
        />
        <Site searched=typed.q.clone() category=category>
            <div class="mb-6 flex flex-wrap items-baseline gap-x-4 gap-y-1">
                <h1 class="text-xl font-bold">{heading}</h1>
                {(!count.is_empty()).then(|| view! { <p class="text-muted">{count}</p> })}
            </div>
            <Facets
                count=in_force
                rail=move || view! { <Rail search=rail_first zip=typed.near zip_error=zip_error categories=categories chosen=rail_category/> }
            >
                <div class="flex flex-col gap-4">
                    // On a narrow screen the field is in a drawer, which is shut.
                    {of_zip.map(|error| view! { <div class="lg:hidden"><Alert tone=Tone::Caution title=error/></div> })}
                    {notices.into_iter().map(|notice| view! { <Alert tone=Tone::Info title=notice/> }).collect_view()}
                    <InForce search=chips_first category=chip_category near=near/>
                    {if empty {
                        view! { <Nothing search=none_first/> }.into_any()
                    } else {
                        view! {
                            <Cards cards=cards near=search.near level=2/>
                            <Pages start=start next=next/>
                        }
                            .into_any()
                    }}
                </div>
            </Facets>
        </Site>
    }
}

/// How many results there are, as far as one page tells: nobody counts those behind it.
fn count_words(shown: usize, first: bool, last: bool) -> String {
    match (shown, first, last) {
        (0, ..) | (_, false, _) => String::new(),
        (1, _, true) => "One offer".to_owned(),
        (shown, _, true) => format!("{shown} offers"),
        (shown, _, false) => format!("More than {shown} offers"),
    }
}

/// On to more results, and back to the first ones.
#[component]
fn Pages(start: String, next: String) -> impl IntoView {
    (!next.is_empty() || !start.is_empty()).then(|| {
        view! {
            <nav class="flex flex-wrap justify-center gap-3 pt-4" aria-label="Pages">
                {(!start.is_empty()).then(|| view! { <Button href=start icon=Icon::ChevronLeft>"First page"</Button> })}
                {(!next.is_empty()).then(|| view! { <Button href=next>"More offers"</Button> })}
            </nav>
        }
    })
}

/// What is on show, in the words of the search: `Pizza offers near New York, NY`.
fn heading(search: &OfferSearch, category: Option<&Category>, near: Option<&str>) -> String {
    let mut heading = match category {
        Some(category) => format!("{} offers", category.name),
        None => "All offers".to_owned(),
    };
    if !search.q.is_empty() {
        heading = match category {
            Some(category) => format!("“{}” in {}", search.q, category.name),
            None => format!("“{}”", search.q),
        };
    }
    match near {
        Some(near) => format!("{heading} near {near}"),
        None => heading,
    }
}

/// Ways to narrow the results: a ZIP code, and links to categories.
#[component]
fn Rail(
    search: OfferSearch,
    /// The ZIP code as it was typed.
    zip: String,
    zip_error: Option<String>,
    categories: Vec<Category>,
    chosen: Option<Category>,
) -> impl IntoView {
    let hidden = [("q", search.q.clone()), ("category", search.category.clone())]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    view! {
        <div class="flex flex-col gap-6">
            <form method="get" action="/offers" aria-label="Near a ZIP code">
                {hidden}
                <ZipField label="Near a ZIP code" value=zip error=zip_error/>
                <Button submit=true icon=Icon::MapPin>"Show nearest"</Button>
            </form>
            <CategoryLinks search=search categories=categories chosen=chosen/>
        </div>
    }
}

/// The categories at the top of the tree; inside a chosen one its children, with the way back.
#[component]
fn CategoryLinks(search: OfferSearch, categories: Vec<Category>, chosen: Option<Category>) -> impl IntoView {
    let to = move |slug: &str| search_address(&OfferSearch { category: slug.to_owned(), ..search.clone() });
    let parent = chosen.as_ref().and_then(|c| c.parent).and_then(|id| categories.iter().find(|c| c.id == id)).cloned();
    // A category without children is shown among its siblings.
    let has_children = chosen.as_ref().is_some_and(|c| categories.iter().any(|child| child.parent == Some(c.id)));
    let open = if has_children { chosen.clone() } else { parent.clone() };
    let above = open.as_ref().map(|open| {
        let up = categories.iter().find(|c| Some(c.id) == open.parent);
        (to(up.map_or("", |up| up.slug.as_str())), up.map_or("All categories".to_owned(), |up| up.name.clone()))
    });
    let shown: Vec<Category> = categories.into_iter().filter(|c| c.parent == open.as_ref().map(|open| open.id)).collect();
    let current = chosen.map(|c| c.id);
    view! {
        <nav aria-labelledby="by-category">
            <h3 class="mb-2 font-semibold" id="by-category">
                {open.as_ref().map_or("Categories".to_owned(), |open| open.name.clone())}
            </h3>
            <ul class="flex flex-col">
                {above.map(|(href, words)| view! { <RailLink href=href words=words icon=Icon::ChevronLeft/> })}
                {open
                    .filter(|_| has_children)
                    .map(|open| view! { <RailLink href=to(&open.slug) words=format!("All of {}", open.name) current=true icon=icon(&open.icon)/> })}
                {shown
                    .into_iter()
                    .map(|c| view! { <RailLink href=to(&c.slug) current=current == Some(c.id) words=c.name icon=icon(&c.icon)/> })
                    .collect_view()}
            </ul>
        </nav>
    }
}

#[component]
fn RailLink(href: String, words: String, icon: Icon, #[prop(optional)] current: bool) -> impl IntoView {
    view! {
        <li>
            <a
                class="flex min-h-11 items-center gap-3 rounded-field px-2 py-1 hover:bg-base-200 aria-[current]:bg-chosen aria-[current]:font-semibold"
                href=href
                aria-current=current.then_some("true")
            >
                <ui::IconSvg icon=icon class="text-muted"/>
                {words}
            </a>
        </li>
    }
}

/// The filters in force, each a link that takes it away.
#[component]
fn InForce(search: OfferSearch, category: Option<Category>, near: Option<String>) -> impl IntoView {
    let mut chips = Vec::new();
    if !search.q.is_empty() {
        chips.push((format!("“{}”", search.q), search_address(&OfferSearch { q: String::new(), ..search.clone() })));
    }
    if let Some(category) = category {
        chips.push((category.name, search_address(&OfferSearch { category: String::new(), ..search.clone() })));
    }
    if let Some(near) = near {
        chips.push((format!("Near {near}"), search_address(&OfferSearch { near: String::new(), ..search })));
    }
    (!chips.is_empty()).then(|| {
        view! {
            <Chips label="Filters in force">
                {chips.into_iter().map(|(label, href)| view! { <Chip label=label href=href removes=true/> }).collect_view()}
            </Chips>
        }
    })
}

/// What stands where no offer matches, with the nearest way out.
#[component]
fn Nothing(search: OfferSearch) -> impl IntoView {
    let narrowed = !search.q.is_empty() || !search.category.is_empty() || !search.near.is_empty();
    let text = match narrowed {
        true => "Search for fewer words, or take a filter away.",
        false => "Offers appear here as soon as they are published.",
    };
    view! {
        <EmptyState
            icon=Icon::Search
            title="No offers were found"
            text=text
            action=move || narrowed.then(|| view! { <Button href="/offers">"Show all offers"</Button> })
        />
    }
}

#[cfg(test)]
mod tests {
    use super::count_words;

    #[test]
    fn results_are_counted_where_they_all_stand_on_one_page() {
        for (shown, first, last, words) in [
            (0, true, true, ""),
            (1, true, true, "One offer"),
            (7, true, true, "7 offers"),
            (24, true, false, "More than 24 offers"),
            (24, false, false, ""),
            (3, false, true, ""),
        ] {
            assert_eq!(count_words(shown, first, last), words);
        }
    }
}
