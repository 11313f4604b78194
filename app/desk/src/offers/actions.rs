//! What can be done with an offer now, by who is looking: each step a plain form of its own.

use crate::{frame::viewer, shared::messages};
use api::offers::{ArchiveOffer, EndOffer, PauseOffer, PublishOffer, ResumeOffer, SendForReview};
use leptos::{form::ActionForm, prelude::*};
use model::{
    AppError,
    access::Permission,
    offers::{Offer, PublicationState, Revision},
    time::COMMON_ZONES,
};
use ui::{Alert, Button, ButtonKind, Card, ComboField, ConfirmDialog, DateTimeField, Tone};

/// The steps of an offer's life, one server action each.
#[derive(Clone, Copy)]
pub struct Steps {
    send: ServerAction<SendForReview>,
    publish: ServerAction<PublishOffer>,
    pause: ServerAction<PauseOffer>,
    resume: ServerAction<ResumeOffer>,
    end: ServerAction<EndOffer>,
    archive: ServerAction<ArchiveOffer>,
}

impl Steps {
    pub fn new() -> Self {
        Self {
            send: ServerAction::new(),
            publish: ServerAction::new(),
            pause: ServerAction::new(),
            resume: ServerAction::new(),
            end: ServerAction::new(),
            archive: ServerAction::new(),
        }
    }

    /// Grows whenever a step was answered, so that the page loads again.
    pub fn taken(self) -> usize {
        self.send.version().get()
            + self.publish.version().get()
            + self.pause.version().get()
            + self.resume.version().get()
            + self.end.version().get()
            + self.archive.version().get()
    }

    /// Why the last step was refused.
    fn refusals(self) -> Vec<AppError> {
        [
            self.send.value().get().and_then(Result::err),
            self.publish.value().get().and_then(Result::err),
            self.pause.value().get().and_then(Result::err),
            self.resume.value().get().and_then(Result::err),
            self.end.value().get().and_then(Result::err),
            self.archive.value().get().and_then(Result::err),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[component]
pub fn Actions(offer: Offer, steps: Steps) -> impl IntoView {
    let viewer = viewer();
    let (writes, publishes) = (viewer.may(Permission::WriteOffers), viewer.may(Permission::PublishOffers));
    let id = StoredValue::new(offer.id.to_string());
    let hidden_id = move || view! { <input type="hidden" name="id" value=id.get_value()/> };
    let state = offer.publication;
    let can_send = writes && offer.draft_ahead && !offer.archived;
    let approved = offer.approved().cloned().filter(|_| publishes && !offer.archived);
    let live = offer.live_revision();
    let review = offer.in_review().cloned();
    let idle = matches!(state, PublicationState::Unpublished | PublicationState::Ended);
    let version = offer.version.to_string();
    view! {
        {move || steps.refusals().into_iter().map(|error| view! { <Refused error=error/> }).collect_view()}
        <Card title="Next">
            <div class="stack">
                {review.map(|revision| view! { <ReviewLink offer=id.get_value() revision=revision may_review=viewer.may(Permission::ReviewOffers)/> })}
                {can_send.then(|| view! {
                    <ActionForm action=steps.send>
                        {hidden_id()}
                        <input type="hidden" name="seen" value=version/>
                        <Button kind=ButtonKind::Primary submit=true disabled=steps.send.pending()>"Send for review"</Button>
                    </ActionForm>
                })}
                {approved.map(|revision| view! { <Publish offer=id.get_value() is_live=live == Some(revision.number) revision=revision steps=steps/> })}
                {(publishes && state == PublicationState::Live).then(|| view! {
                    <ActionForm action=steps.pause>
                        {hidden_id()}
                        <Button submit=true disabled=steps.pause.pending()>"Pause"</Button>
                    </ActionForm>
                })}
                {(publishes && state == PublicationState::Paused).then(|| view! {
                    <ActionForm action=steps.resume>
                        {hidden_id()}
                        <Button submit=true disabled=steps.resume.pending()>"Resume"</Button>
                    </ActionForm>
                })}
                {(publishes && !idle && !offer.archived).then(|| view! {
                    <ActionForm action=steps.end>
                        {hidden_id()}
                        <Button submit=true disabled=steps.end.pending()>{if state == PublicationState::Scheduled { "Cancel the schedule" } else { "End" }}</Button>
                    </ActionForm>
                })}
                {(writes && idle).then(|| view! {
                    <Button kind=ButtonKind::Quiet opens="archive">"Archive…"</Button>
                    <ConfirmDialog id="archive" title="Archive this offer?" text="It can still be read with all its history, but never be changed or published again.">
                        <ActionForm action=steps.archive>
                            {hidden_id()}
                            <Button kind=ButtonKind::Danger submit=true disabled=steps.archive.pending()>"Archive"</Button>
                        </ActionForm>
                    </ConfirmDialog>
                })}
            </div>
        </Card>
    }
}

/// A refusal, with the messages of its fields.
#[component]
pub fn Refused(error: AppError) -> impl IntoView {
    let lines = match &error {
        AppError::Invalid(_) => messages(&error).into_iter().map(|(_, message)| view! { <li>{message}</li> }).collect_view(),
        _ => Vec::new(),
    };
    let title = match &error {
        AppError::Invalid(_) => "Please correct this first".to_owned(),
        AppError::Conflict(conflict) => format!("{} changed the draft meanwhile. Look at it again, then go on.", conflict.by),
        other => other.to_string(),
    };
    view! { <Alert tone=Tone::Negative title=title><ul class="plain-list">{lines}</ul></Alert> }
}

#[component]
fn ReviewLink(offer: String, revision: Revision, may_review: bool) -> impl IntoView {
    let href = format!("/desk/offers/{offer}/revisions/{}", revision.id);
    let (kind, words) = match may_review {
        true => (ButtonKind::Primary, format!("Review revision {}", revision.number)),
        false => (ButtonKind::Secondary, format!("See revision {} in review", revision.number)),
    };
    view! { <Button kind=kind href=href>{words}</Button> }
}

/// What is live already cannot be published now, but for another stretch of time.
#[component]
fn Publish(offer: String, revision: Revision, is_live: bool, steps: Steps) -> impl IntoView {
    let zones = COMMON_ZONES.iter().map(|zone| ((*zone).to_owned(), zone.replace('_', " "))).collect();
    let (id, for_schedule) = (revision.id.to_string(), offer.clone());
    let at_once = id.clone();
    view! {
        {(!is_live).then(|| view! {
            <ActionForm action=steps.publish>
                <input type="hidden" name="id" value=offer/>
                <input type="hidden" name="revision" value=at_once/>
                <Button kind=ButtonKind::Primary submit=true disabled=steps.publish.pending()>{format!("Publish revision {} now", revision.number)}</Button>
            </ActionForm>
        })}
        <details class="disclosure">
            <summary>"Publish at another time"</summary>
            <ActionForm action=steps.publish attr:novalidate=true>
                <input type="hidden" name="id" value=for_schedule/>
                <input type="hidden" name="revision" value=id/>
                <DateTimeField name="window[from]" label="From" value="" help="Empty for now."/>
                <DateTimeField name="window[until]" label="Until" value="" help="Empty for no end."/>
                <ComboField name="window[zone]" label="Time zone" options=zones value="" help="Empty for UTC."/>
                <Button submit=true disabled=steps.publish.pending()>"Schedule"</Button>
            </ActionForm>
        </details>
    }
}
