//! Where an offer or a merchant is found.

use super::zip_field::ZipField;
use leptos::prelude::*;
use model::catalogue::{Place, Places, miles, open_hours};
use ui::{Button, Icon, IconSvg, StateBadge, Tone};

/// The first places, and a box to say which are near.
#[component]
pub fn PlaceList(
    places: Places,
    /// The ZIP code as it was typed.
    #[prop(into)]
    typed: String,
    /// Address of the page, for the box.
    #[prop(into)]
    action: String,
) -> impl IntoView {
    let Places { shown, count, near, notice } = places;
    if count == 0 {
        return ().into_any();
    }
    let more = count > shown.len() as i64;
    let title = match (&near, count) {
        (_, 1) => "Where".to_owned(),
        (Some(near), _) if more => format!("Nearest to {near}: {} of {count} places", shown.len()),
        (Some(near), _) => format!("{count} places, nearest to {near} first"),
        (None, _) if more => format!("{} of {count} places", shown.len()),
        (None, _) => format!("{count} places"),
    };
    view! {
        <section aria-labelledby="places" class="flex flex-col gap-4">
            <h2 class="text-lg font-semibold" id="places">{title}</h2>
            // One place is the nearest, whatever was typed.
            {(count > 1)
                .then(|| {
                    view! {
                        <form class="flex flex-wrap items-end gap-3" method="get" action=format!("{action}#places") aria-label="Nearest places">
                            <div class="w-40">
                                <ZipField label="Your ZIP code" value=typed error=notice/>
                            </div>
                            <Button submit=true icon=Icon::MapPin>"Show nearest"</Button>
                        </form>
                    }
                })}
            <ul class="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
                {shown.into_iter().map(|place| view! { <PlaceCard place=place/> }).collect_view()}
            </ul>
        </section>
    }
    .into_any()
}

#[component]
fn PlaceCard(place: Place) -> impl IntoView {
    let Place { name, address, phone, hours, point, distance_km, closed, .. } = place;
    let map = point.map(|(latitude, longitude)| {
        format!("https://www.openstreetmap.org/?mlat={latitude:.6}&mlon={longitude:.6}#map=17/{latitude:.6}/{longitude:.6}")
    });
    let place_words = name.clone().unwrap_or_else(|| address.clone());
    view! {
        <li class="flex flex-col gap-1 rounded-box border border-line p-4">
            {name.map(|name| view! { <p class="font-semibold" dir="auto">{name}</p> })}
            <p dir="auto">{address}</p>
            {closed.map(|closed| view! { <p><StateBadge tone=Tone::Caution label=closed/></p> })}
            {hours.into_iter().map(|hours| view! { <p class="text-sm text-muted">{open_hours(&hours)}</p> }).collect_view()}
            <p class="flex flex-wrap items-center gap-x-4 pt-1 text-sm">
                {distance_km
                    .map(|km| {
                        view! {
                            <span class="inline-flex items-center gap-1 text-muted">
                                <IconSvg icon=Icon::MapPin/>
                                {miles(km)}
                            </span>
                        }
                    })}
                {phone
                    .map(|phone| {
                        let href = format!("tel:{}", phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>());
                        view! {
                            <a class="link inline-flex min-h-11 items-center gap-1" href=href>
                                <IconSvg icon=Icon::Phone/>
                                {phone}
                            </a>
                        }
                    })}
                {map
                    .map(|map| {
                        view! {
                            <a class="link inline-flex min-h-11 items-center gap-1" href=map rel="noopener noreferrer external" aria-label=format!("Map of {place_words}")>
                                <IconSvg icon=Icon::Navigation/>
                                "Map"
                            </a>
                        }
                    })}
            </p>
        </li>
    }
}
