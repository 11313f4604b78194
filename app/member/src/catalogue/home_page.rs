//! The start page: search, categories, what is new and what ends soon.

use super::{cards::Cards, icons::icon, loaded};
use crate::frame::{Head, Site};
use leptos::prelude::*;
use model::{
    catalogue::{Home, OfferCard},
    categories::Category,
};
use ui::{Button, ButtonKind, EmptyState, Hero, Icon, IconSvg, SearchField};

#[component]
pub fn HomePage() -> impl IntoView {
    loaded(api::catalogue::start_page(), "This page is not here", |home| view! { <Start home=home/> })
}

#[component]
fn Start(home: Home) -> impl IntoView {
    let Home { categories, newest, ending_soon } = home;
    let empty = newest.is_empty();
    view! {
        <Head
            title=""
            description="Member offers of shops, restaurants and services near you and online: what you get, where, and until when."
            path="/"
        />
        <Site own_search=true>
            <div class="flex flex-col gap-12">
                <Hero title="Good things, close by" lead="Member offers of shops near you, and online.">
                    <form class="flex flex-col gap-3 sm:flex-row sm:items-end" method="get" action="/offers" role="search" aria-label="Search all offers">
                        <div class="grow">
                            <SearchField label="Search offers" placeholder="Pizza, shoes, a shop's name"/>
                        </div>
                        <NearBox/>
                        <Button kind=ButtonKind::Primary submit=true>"Search"</Button>
                    </form>
                </Hero>
                {empty.then(|| view! { <EmptyState icon=Icon::Tag title="No offers yet" text="Offers appear here as soon as they are published."/> })}
                <Tiles categories=categories/>
                <Section id="new" title="New" cards=newest/>
                <Section id="ending" title="Ending soon" cards=ending_soon/>
            </div>
        </Site>
    }
}

/// A small box for a ZIP code, without a label of its own line.
#[component]
fn NearBox() -> impl IntoView {
    view! {
        <label class="input sm:w-40">
            <IconSvg icon=Icon::MapPin/>
            <span class="sr-only">"ZIP code"</span>
            <input type="text" name="near" inputmode="numeric" autocomplete="postal-code" maxlength="10" placeholder="ZIP code"/>
        </label>
    }
}

#[component]
fn Tiles(categories: Vec<Category>) -> impl IntoView {
    (!categories.is_empty()).then(|| {
        view! {
            <nav aria-labelledby="categories">
                <h2 class="mb-4 text-lg font-semibold" id="categories">"Categories"</h2>
                <ul class="grid grid-cols-2 gap-3 md:grid-cols-4 xl:grid-cols-5">
                    {categories
                        .into_iter()
                        .map(|category| {
                            view! {
                                <li>
                                    <a
                                        class="flex h-full min-h-14 items-start gap-2 rounded-box border border-line px-3 py-4 text-sm font-medium hover:bg-base-200 sm:text-base"
                                        href=format!("/offers?category={}", category.slug)
                                    >
                                        <IconSvg icon=icon(&category.icon) class="text-primary"/>
                                        <span class="min-w-0 hyphens-auto wrap-anywhere">{category.name}</span>
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </nav>
        }
    })
}

#[component]
fn Section(id: &'static str, title: &'static str, cards: Vec<OfferCard>) -> impl IntoView {
    (!cards.is_empty()).then(|| {
        view! {
            <section aria-labelledby=id>
                <h2 class="mb-4 text-lg font-semibold" id=id>{title}</h2>
                <Cards cards=cards/>
            </section>
        }
    })
}
