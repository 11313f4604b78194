//! Publishing an approved revision: now, or for a stretch of time of its own.

use super::actions::Steps;
use crate::{
    live_form::LiveForm,
    shared::{Returned, messages},
};
use api::offers::PublishOffer;
use leptos::{form::ActionForm, prelude::*};
use model::{
    offers::{PublishForm, Revision},
    time::COMMON_ZONES,
};
use ui::{Alert, Button, ButtonKind, ComboField, DateTimeField, Tone};

/// The window that was refused without scripts; the page gives it as context.
#[derive(Clone)]
pub struct KeptWindow(pub Option<Returned<PublishForm>>);

/// What is live already cannot be published now, but for another stretch of time.
#[component]
pub fn Publish(
    offer: String,
    revision: Revision,
    is_live: bool,
    /// In which the times are read at first.
    zone: String,
    /// The one accent of the page, unless something else is.
    kind: ButtonKind,
    steps: Steps,
) -> impl IntoView {
    let action = steps.publish;
    let (window, first) = match use_context::<KeptWindow>().and_then(|kept| kept.0) {
        Some(back) => (back.form, messages(&back.error)),
        None => (PublishForm::default(), Vec::new()),
    };
    // A window that came back stands open, so that its messages are seen.
    let open = window != PublishForm::default();
    let in_zone = if open { window.zone } else { zone.clone() };
    let zone_help = match zone.as_str() {
        "" => "Both times are read in it.".to_owned(),
        zone => format!("Both times are read in it; where this offer is used it is {zone}."),
    };
    let live = LiveForm::<PublishOffer>::new(first, |sent| sent.window.parse().err().unwrap_or_default());
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    let zones = COMMON_ZONES.iter().map(|zone| ((*zone).to_owned(), zone.replace('_', " "))).collect();
    let (id, for_schedule) = (revision.id.to_string(), offer.clone());
    let at_once = id.clone();
    // What is wrong with none of the fields stands above both forms.
    let elsewhere = move || {
        let messages = live.errors().0.get().into_iter();
        messages.filter(|(field, _)| !matches!(field.as_str(), "from" | "until" | "zone"))
    };
    view! {
        {move || elsewhere().map(|(_, message)| view! { <Alert tone=Tone::Negative title=message/> }).collect_view()}
        {(!is_live).then(|| view! {
            <ActionForm action=action on:submit:capture=move |_| steps.take_as("Published")>
                <input type="hidden" name="id" value=offer/>
                <input type="hidden" name="revision" value=at_once/>
                <Button kind=kind submit=true disabled=action.pending()>{format!("Publish revision {} now", revision.number)}</Button>
            </ActionForm>
        })}
        <details class="disclosure" open=open>
            <summary>"Publish at another time"</summary>
            <ActionForm action=action node_ref=live.node attr:novalidate=true
                on:change=move |event| live.changed(&event)
                on:input=move |_| live.typed()
                on:submit:capture=move |event| {
                    live.submitted(&event);
                    steps.take_as("Publication planned");
                }
            >
                <input type="hidden" name="id" value=for_schedule/>
                <input type="hidden" name="revision" value=id/>
                <input type="hidden" name="window[scheduled]" value="true"/>
                <DateTimeField name="window[from]" label="From" value=window.from help="Empty to start now; then fill in Until."/>
                <DateTimeField name="window[until]" label="Until" value=window.until help="Empty for no end."/>
                <ComboField name="window[zone]" label="Time zone" options=zones value=in_zone help=zone_help required=true/>
                <Button submit=true disabled=action.pending()>"Schedule"</Button>
            </ActionForm>
        </details>
    }
}
