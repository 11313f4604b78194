//! What stands beside a location's form: whether it is in use, and what its postal code tells.

use crate::{
    edit_form::times_done,
    frame::viewer,
    live_form::Wait,
    shared::{now, time},
};
use api::merchants::{ArchiveLocation, RestoreLocation};
use leptos::{
    form::ActionForm,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Event, FormData, HtmlElement},
};
use model::{
    access::Permission,
    merchants::{Location, NewLocation, PlaceState},
};
use ui::{Button, Card, DescriptionList, Detail, StateBadge, Tone};

/// Takes a location out of use and back.
#[derive(Clone, Copy)]
pub struct Moves {
    pub archive: ServerAction<ArchiveLocation>,
    pub restore: ServerAction<RestoreLocation>,
}

impl Moves {
    pub fn new() -> Self {
        Self { archive: ServerAction::new(), restore: ServerAction::new() }
    }

    /// Counts what was done, so that a page can load again.
    pub fn done(self) -> Memo<usize> {
        let (archived, restored) = (times_done(self.archive), times_done(self.restore));
        Memo::new(move |_| archived.get() + restored.get())
    }
}

/// A location's state today in a tone and words. The day is that of UTC: near midnight it may be the one beside the location's.
pub fn badge(location: &Location) -> impl IntoView + use<> {
    let (tone, words) = match (location.archived_at, location.place.state_on(now().date_naive())) {
        (Some(_), _) => (Tone::Neutral, "Archived".to_owned()),
        (None, PlaceState::Closed) => (Tone::Caution, "Closed for a time".to_owned()),
        (None, PlaceState::ClosesFrom(day)) => (Tone::Info, format!("Closes from {day}")),
        (None, PlaceState::Open) => (Tone::Positive, "In use".to_owned()),
    };
    view! { <StateBadge tone=tone label=words/> }
}

#[component]
pub fn State(location: Location, moves: Moves) -> impl IntoView {
    let may_write = viewer().may(Permission::WriteMerchants);
    let (merchant, id) = (location.merchant, location.id);
    let ids = move || {
        view! {
            <input type="hidden" name="merchant" value=merchant.to_string()/>
            <input type="hidden" name="id" value=id.to_string()/>
        }
    };
    let wait = Wait::new();
    let archived = location.archived_at;
    let closed = closure(&location.place);
    let (state, updated_at) = (badge(&location), location.updated_at);
    let meaning = match archived {
        Some(_) => "No offer applies here.",
        None => "Offers for all of the merchant’s locations apply here.",
    };
    let action = move || match archived {
        Some(_) => view! {
            <ActionForm action=moves.restore attr:class="mt-4">{ids()}<Button submit=true>"Restore"</Button></ActionForm>
        }
        .into_any(),
        None => view! {
            <ActionForm action=moves.archive attr:class="stack mt-4" on:submit:capture=move |event| wait.for_save(&event)>
                {wait.notice()}
                {ids()}
                <div><Button submit=true>"Archive"</Button></div>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <Card title="Where it stands">
            <DescriptionList>
                <Detail label="State">{state}" "{meaning}</Detail>
                {closed.map(|words| view! { <Detail label="Closed">{words}</Detail> })}
                {archived.map(|at| view! { <Detail label="Archived">{time(at)}</Detail> })}
                <Detail label="Changed">{time(updated_at)}</Detail>
            </DescriptionList>
            {may_write.then(action)}
        </Card>
    }
}

/// The days of a closure in words.
fn closure(place: &NewLocation) -> Option<String> {
    place.closed.map(|(from, until)| match until {
        Some(until) => format!("{from} to {until}"),
        None => format!("From {from} until further notice"),
    })
}

/// Says where the typed postal code lies, as soon as it is left.
#[derive(Clone, Copy)]
pub struct PostalHint {
    asked: Action<(String, String), String>,
}

impl PostalHint {
    pub fn new() -> Self {
        let asked = Action::new(|(country, code): &(String, String)| {
            let (country, code) = (country.clone(), code.clone());
            async move {
                match api::places::find_postal_code(country, code).await {
                    Ok(Some(found)) => {
                        format!("{} is {}, {}; time zone {}.", found.code, found.city, found.region, found.time_zone)
                    }
                    Ok(None) => "This postal code is not known here: fill in the point and the time zone yourself.".to_owned(),
                    // It only helps: a save says what is wrong.
                    Err(_) => String::new(),
                }
            }
        });
        Self { asked }
    }

    pub fn words(self) -> Signal<String> {
        Signal::derive(move || self.asked.value().get().unwrap_or_default())
    }

    /// A field of the form was left.
    pub fn changed(self, event: &Event) {
        let Some(field) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
        let name = field.get_attribute("name").unwrap_or_default();
        if !matches!(name.as_str(), "form[postal_code]" | "form[country]") {
            return;
        }
        let form = field.closest("form").ok().flatten().and_then(|form| form.dyn_into().ok());
        let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
        let text = |name: &str| data.get(name).as_string().unwrap_or_default().trim().to_owned();
        let (country, code) = (text("form[country]"), text("form[postal_code]"));
        if !code.is_empty() && country.len() == 2 {
            self.asked.dispatch((country, code));
        }
    }
}
