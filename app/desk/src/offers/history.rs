//! What happened to an offer: its revisions with their decisions, and when it was live.

use super::{
    actions::{EndPublication, Steps},
    words::revision_tone,
};
use crate::{frame::viewer, shared::time};
use leptos::prelude::*;
use model::{
    OfferId,
    access::Permission,
    offers::{Offer, Publication, Revision},
    time::exact,
};
use ui::{Card, Timeline, TimelineRow, Tone};

#[component]
pub fn History(offer: Offer, steps: Steps) -> impl IntoView {
    let id = offer.id;
    let revisions = offer.revisions.into_iter().map(|r| view! { <RevisionRow offer=id.to_string() revision=r/> }).collect_view();
    let publications =
        offer.publications.into_iter().map(|p| view! { <PublicationRow offer=id publication=p steps=steps/> }).collect_view();
    let (none_sent, none_live) = (revisions.is_empty(), publications.is_empty());
    view! {
        <Card title="Revisions">
            {if none_sent { "Nothing was sent for review yet.".into_any() } else { view! { <Timeline>{revisions}</Timeline> }.into_any() }}
        </Card>
        <Card title="Publications">
            {if none_live { "Never published.".into_any() } else { view! { <Timeline>{publications}</Timeline> }.into_any() }}
        </Card>
    }
}

#[component]
fn RevisionRow(offer: String, revision: Revision) -> impl IntoView {
    let r = revision;
    let sent = r.sent_at;
    let decision = r.decided_by.zip(r.decided_at).map(|(by, at)| format!("{} by {by}, {}", r.state.label(), exact(at)));
    view! {
        <TimelineRow tone=revision_tone(r.state) title=format!("Revision {}: {}", r.number, r.state.label()) time=move || time(sent)>
            <p>{format!("Sent by {}. ", r.sent_by)} <a class="link" href=format!("/desk/offers/{offer}/revisions/{}", r.id)>"Look at it"</a></p>
            {decision.map(|words| view! { <p>{words}</p> })}
            {r.note.map(|note| view! { <blockquote class="multiline">{note}</blockquote> })}
        </TimelineRow>
    }
}

#[component]
fn PublicationRow(offer: OfferId, publication: Publication, steps: Steps) -> impl IntoView {
    use model::offers::PublicationState::{Live, Paused, Scheduled};
    let p = publication;
    let tone = match p.state {
        Live => Tone::Positive,
        Scheduled => Tone::Info,
        Paused => Tone::Caution,
        _ => Tone::Neutral,
    };
    let window = match (p.from, p.until) {
        (Some(from), Some(until)) => format!("{} to {}", exact(from), exact(until)),
        (Some(from), None) => format!("From {}, no end", exact(from)),
        (None, _) => "Cancelled before it started".to_owned(),
    };
    let from = p.from;
    let may_end = p.stands() && viewer().may(Permission::PublishOffers);
    view! {
        <TimelineRow tone=tone title=format!("Revision {}: {}", p.revision_number, p.state.label()) time=move || from.map(time)>
            <p>{window}</p>
            <p>{format!("Published by {}", p.by)}</p>
            {may_end.then(|| view! { <EndPublication offer=offer publication=p.clone() steps=steps/> })}
        </TimelineRow>
    }
}
