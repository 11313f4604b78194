//! One offer: what, where, when and how, in one screen.

use super::{address, asked, icons::icon, keep_canonical, loaded, on_cover, path_of, places::PlaceList, share::Share};
use crate::frame::{Head, JsonLd, Site, absolute};
use leptos::prelude::*;
use model::{
    catalogue::{OfferPage as Page, Places, miles},
    categories::Category,
};
use ui::{
    Alert, Breadcrumbs, Button, ButtonKind, Cover, CoverSize, DescriptionList, Detail, Icon, IconSvg, KeyFact, KeyFacts,
    LONG_VALUE, Prose, Tone,
};

#[component]
pub fn OfferPage() -> impl IntoView {
    let (asked_for, near) = (address(), asked("near"));
    let page = api::catalogue::offer_at(asked_for.clone(), near.clone());
    loaded(page, "This offer is not here", move |page: Page| {
        keep_canonical("offers", &asked_for, &page.card.address);
        view! { <Offer page=page near=near.clone()/> }
    })
}

#[component]
fn Offer(page: Page, near: String) -> impl IntoView {
    let path = path_of("offers", &page.card.address);
    let title = format!("{} at {}", page.card.title(), page.card.merchant);
    let headline = page.card.headline_beside_value().map(str::to_owned);
    let size = match page.card.value.chars().count() {
        ..=LONG_VALUE => "text-2xl font-bold tracking-tight",
        _ => "text-xl font-bold tracking-tight",
    };
    let description = description(&page);
    let facts = answers(&page);
    let Page { card, summary, terms, exclusions, how_to_redeem, redemption, merchant_address, .. } = page;
    let merchant_path = path_of("merchants", &merchant_address);
    let shared = absolute(&path);
    let picture = card.picture.clone();
    let cover_class = match picture.as_ref().is_some_and(|picture| !picture.logo) {
        true => "offer-cover offer-cover-pictured flex flex-col gap-3",
        false => "offer-cover flex flex-col gap-3",
    };
    let texts = [("Not included", exclusions), ("Terms", terms)];
    view! {
        <Head title=title.clone() description=description path=path.clone() picture=picture/>
        <JsonLd json=page.json_ld/>
        <Site>
            <article class="flex flex-col gap-10">
                <div class="grid items-start gap-4 lg:grid-cols-2 lg:gap-10">
                    <div class=cover_class>
                        <Trail categories=page.categories/>
                        <Cover hue=card.hue icon=icon(&card.icon) picture=card.picture.map(on_cover) size=CoverSize::Page eager=true/>
                    </div>
                    <div class="flex flex-col gap-4 lg:gap-5">
                        <header class="flex flex-col gap-2">
                            <p>
                                <a class="link font-medium" dir="auto" href=merchant_path>{card.merchant.clone()}</a>
                            </p>
                            <h1 class="flex flex-col gap-1">
                                <span class=size dir="auto">{card.value}</span>
                                {headline.map(|headline| view! { " " <span class="text-lg" dir="auto">{headline}</span> })}
                            </h1>
                        </header>
                        {page.not_now.map(|why| view! { <Alert tone=Tone::Info title="Not valid right now"><p>{why}</p></Alert> })}
                        <KeyFacts facts=facts/>
                        <div class="flex flex-wrap gap-3">
                            <NextStep online=page.online_url merchant=card.merchant/>
                            <Share url=shared title=title/>
                        </div>
                    </div>
                </div>
                <div class="grid items-start gap-10 lg:grid-cols-2">
                    <div class="flex flex-col gap-8">
                        {(!summary.is_empty()).then(|| view! { <p class="max-w-2xl whitespace-pre-line" dir="auto">{summary}</p> })}
                        <section class="flex flex-col gap-3" aria-labelledby="redeem">
                            <h2 class="text-lg font-semibold" id="redeem">"How to redeem"</h2>
                            <p>{redemption}</p>
                            {(!how_to_redeem.is_empty()).then(|| view! { <Prose html=how_to_redeem/> })}
                        </section>
                    </div>
                    <section class="flex flex-col gap-3" aria-labelledby="good-to-know">
                        <h2 class="text-lg font-semibold" id="good-to-know">"Good to know"</h2>
                        <DescriptionList>
                            {page.facts.into_iter().map(|(label, value)| view! { <Detail label=label>{value}</Detail> }).collect_view()}
                        </DescriptionList>
                    </section>
                </div>
                {texts
                    .into_iter()
                    .filter(|(_, html)| !html.is_empty())
                    .map(|(title, html)| {
                        view! {
                            <section class="flex flex-col gap-3">
                                <h2 class="text-lg font-semibold">{title}</h2>
                                <Prose html=html/>
                            </section>
                        }
                    })
                    .collect_view()}
                <PlaceList places=page.places typed=near action=path/>
            </article>
        </Site>
    }
}

/// The way from the top of the tree to the offer's category.
#[component]
fn Trail(categories: Vec<Category>) -> impl IntoView {
    let crumbs = categories.into_iter().map(|c| (format!("/offers?category={}", c.slug), c.name)).collect();
    view! { <Breadcrumbs crumbs=crumbs/> }
}

/// What, where, when, how.
fn answers(page: &Page) -> Vec<KeyFact> {
    let mut facts = Vec::new();
    if page.card.online {
        let regions =
            if page.online_regions.is_empty() { String::new() } else { format!(", in {}", page.online_regions.join(", ")) };
        facts.push(KeyFact::new(Icon::Globe, "Where", format!("Online{regions}")));
    } else if let Some(place) = place_words(&page.places) {
        facts.push(KeyFact::new(Icon::MapPin, "Where", place));
    }
    facts.push(KeyFact::new(Icon::Calendar, "When", page.when.join(", ")));
    facts.push(KeyFact::new(Icon::Receipt, "How", page.redemption.clone()));
    facts
}

/// The places in a few words: the one there is, the nearest one, the towns, or how many there are.
fn place_words(places: &Places) -> Option<String> {
    let first = places.shown.first()?;
    if places.near.is_none() && places.count > 1 {
        let mut towns: Vec<&str> = places.shown.iter().map(|place| place.town.as_str()).collect();
        towns.dedup();
        let all = places.count == places.shown.len() as i64;
        return Some(match (all, towns.as_slice()) {
            (true, [one]) => format!("{} places in {one}", places.count),
            (true, [one, two]) => format!("{} places in {one} and {two}", places.count),
            _ => format!("{} places", places.count),
        });
    }
    let distance = first.distance_km.map(|km| format!(" ({})", miles(km))).unwrap_or_default();
    let more = match places.count - 1 {
        0 => String::new(),
        1 => " and one more place".to_owned(),
        more => format!(" and {more} more places"),
    };
    Some(format!("{}{distance}{more}", first.address))
}

/// One sentence for search engines and shared links.
fn description(page: &Page) -> String {
    let place = if page.card.online { Some("online".to_owned()) } else { place_words(&page.places) };
    let start = format!("{} at {}", page.card.value, page.card.merchant);
    let parts: Vec<String> = [Some(start), place, page.when.first().cloned()].into_iter().flatten().collect();
    let parts = parts.join(" · ");
    match page.summary.is_empty() {
        true => format!("{parts}."),
        false => format!("{parts}. {}", page.summary.chars().take(200).collect::<String>()),
    }
}

/// The one thing to do next: to the shop of an online offer, else to how it is redeemed.
#[component]
fn NextStep(online: Option<String>, merchant: String) -> impl IntoView {
    match online {
        Some(url) => view! {
            <a class="btn btn-primary" href=url rel="nofollow noopener noreferrer external">
                <span>"Go to " <bdi>{merchant}</bdi></span>
                <IconSvg icon=Icon::ExternalLink/>
            </a>
        }
        .into_any(),
        None => view! { <Button kind=ButtonKind::Primary href="#redeem">"See how to redeem"</Button> }.into_any(),
    }
}
