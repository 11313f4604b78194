//! One merchant: its live offers and its places.

use super::{address, asked, cards::Cards, icons::icon, keep_canonical, loaded, on_cover, path_of, places::PlaceList};
use crate::frame::{Head, JsonLd, Site};
use leptos::prelude::*;
use model::catalogue::MerchantPage as Page;
use ui::{Chip, Chips, Cover, CoverSize, EmptyState, Icon, IconSvg};

#[component]
pub fn MerchantPage() -> impl IntoView {
    let (asked_for, near) = (address(), asked("near"));
    let page = api::catalogue::merchant_at(asked_for.clone(), near.clone());
    loaded(page, "This merchant is not here", move |page: Page| {
        keep_canonical("merchants", &asked_for, &page.address);
        view! { <Merchant page=page near=near.clone()/> }
    })
}

#[component]
fn Merchant(page: Page, near: String) -> impl IntoView {
    let path = path_of("merchants", &page.address);
    let Page { name, brand, website, categories, icon: cover, hue, picture, offers, places, json_ld, .. } = page;
    let place_words = match places.count {
        0 => "online".to_owned(),
        1 => places.shown.first().map(|place| place.address.clone()).unwrap_or_default(),
        count => format!("at {count} places"),
    };
    let offer_words = match offers.len() {
        1 => "One offer".to_owned(),
        count => format!("{count} offers"),
    };
    let (none, near_cards) = (offers.is_empty(), near.clone());
    view! {
        <Head title=name.clone() description=format!("{offer_words} of {name} for members, {place_words}.") path=path.clone() picture=picture.clone()/>
        <JsonLd json=json_ld/>
        <Site>
            <div class="flex flex-col gap-10">
                <header class="flex items-center gap-5">
                    <div class="w-24 shrink-0 md:w-40">
                        <Cover hue=hue icon=icon(&cover) picture=picture.map(on_cover) size=CoverSize::Small eager=true/>
                    </div>
                    <div class="flex min-w-0 flex-col gap-2">
                        <h1 class="text-xl font-bold" dir="auto">{name}</h1>
                        {brand.map(|brand| view! { <p class="text-muted">"A place of " <bdi>{brand}</bdi></p> })}
                        {website
                            .map(|website| {
                                view! {
                                    <p>
                                        <a class="link inline-flex min-h-11 items-center gap-1" href=website rel="nofollow noopener noreferrer external">
                                            "Website"
                                            <IconSvg icon=Icon::ExternalLink/>
                                        </a>
                                    </p>
                                }
                            })}
                        {(!categories.is_empty())
                            .then(|| {
                                view! {
                                    <Chips label="Categories">
                                        {categories
                                            .into_iter()
                                            .map(|c| {
                                                view! { <Chip label=c.name href=format!("/offers?category={}", c.slug) icon=icon(&c.icon)/> }
                                            })
                                            .collect_view()}
                                    </Chips>
                                }
                            })}
                    </div>
                </header>
                <section aria-labelledby="offers">
                    <h2 class="mb-4 text-lg font-semibold" id="offers">"Offers"</h2>
                    {if none {
                        view! { <EmptyState icon=Icon::Tag title="No offers right now" text="Look again soon, or see what others offer."/> }.into_any()
                    } else {
                        view! { <Cards cards=offers near=near_cards/> }.into_any()
                    }}
                </section>
                <PlaceList places=places typed=near action=path/>
            </div>
        </Site>
    }
}
