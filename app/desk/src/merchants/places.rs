//! The locations on a merchant's page.

use crate::{
    frame::viewer,
    shared::{address, loaded},
};
use leptos::prelude::*;
use model::{
    AppError, MerchantId, Page,
    access::Permission,
    merchants::{Location, LocationQuery},
};
use ui::{Button, Card, CursorPager, FilterBar, Icon, SearchField};

#[component]
pub fn Places(
    merchant: MerchantId,
    places: Resource<Result<Page<Location>, AppError>>,
    query: Memo<LocationQuery>,
) -> impl IntoView {
    let may_write = viewer().may(Permission::WriteMerchants);
    let add = move || {
        may_write.then(|| view! {
            <Button small=true icon=Icon::Plus href=format!("/desk/merchants/{merchant}/locations/new")>"Add location"</Button>
        })
    };
    view! {
        <Card title="Locations" actions=add>
            {loaded(places, move |page| view! { <Listed merchant=merchant page=page query=query.get()/> })}
        </Card>
    }
}

#[component]
fn Listed(merchant: MerchantId, page: Page<Location>, query: LocationQuery) -> impl IntoView {
    let path = format!("/desk/merchants/{merchant}");
    let at = |after: String, before: String| address(&path, &LocationQuery { after, before, ..query.clone() });
    let next = page.next.map(|c| at(c.0, String::new())).unwrap_or_default();
    let previous = page.previous.map(|c| at(String::new(), c.0)).unwrap_or_default();
    let (archived, paged) = (!query.archived.is_empty(), !next.is_empty() || !previous.is_empty());
    let asked = !query.q.is_empty() || archived;
    let (other, other_words) = if archived {
        (path.clone(), "Show those in use")
    } else {
        (address(&path, &LocationQuery { archived: "yes".into(), ..Default::default() }), "Show archived ones")
    };
    let nothing = match (page.items.is_empty(), archived, query.q.is_empty()) {
        (false, ..) => None,
        (true, false, true) => Some("None yet. An offer that is not online needs one."),
        (true, true, true) => Some("None is archived."),
        (true, _, false) => Some("None matches."),
    };
    let rows = page.items.into_iter().map(|location| view! { <Row location=location/> }).collect_view();
    view! {
        {(paged || asked).then(|| view! {
            <FilterBar action=path.clone() label="Search the locations">
                <SearchField label="Search the locations" value=query.q.clone() placeholder="Street, city or postal code"/>
                {archived.then(|| view! { <input type="hidden" name="archived" value="yes"/> })}
            </FilterBar>
        })}
        {nothing.map(|words| view! { <p class="text-muted">{words}</p> })}
        <ul class="plain-list">{rows}</ul>
        {paged.then(|| view! { <CursorPager previous=previous next=next/> })}
        <p class="mt-3"><a class="link" href=other>{other_words}</a></p>
    }
}

#[component]
fn Row(location: Location) -> impl IntoView {
    let href = format!("/desk/merchants/{}/locations/{}", location.merchant, location.id);
    let place = location.place;
    let street = place.name.clone().unwrap_or_else(|| place.street.clone());
    let address = place.address();
    view! {
        <li>
            <a class="link" href=href><bdi>{street}</bdi></a>
            <p class="text-muted"><bdi>{address}</bdi></p>
        </li>
    }
}
