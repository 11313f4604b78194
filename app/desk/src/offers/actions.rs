//! What can be done with an offer now, by who is looking: each step a plain form of its own.

use super::publish_form::Publish;
use crate::{
    edit_form::times_done,
    frame::viewer,
    live_form::{Unsaved, Wait},
    shared::{messages, tell_done},
};
use api::offers::{ArchiveOffer, EndOffer, PauseOffer, PublishOffer, ResumeOffer, SaveOffer};
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use model::{
    AppError, OfferId,
    access::Permission,
    offers::{Offer, Publication, PublicationState, Revision},
};
use ui::{Alert, Button, ButtonKind, Card, ConfirmDialog, Tone, use_toasts};

/// The steps of an offer's life, one server action each.
#[derive(Clone, Copy)]
pub struct Steps {
    pub(super) publish: ServerAction<PublishOffer>,
    pause: ServerAction<PauseOffer>,
    resume: ServerAction<ResumeOffer>,
    end: ServerAction<EndOffer>,
    archive: ServerAction<ArchiveOffer>,
    taken: Memo<usize>,
    /// What the step under way is called when it is done, where one action is several steps to people.
    words: StoredValue<&'static str>,
}

impl Steps {
    pub fn new() -> Self {
        let (publish, pause, resume) = (ServerAction::new(), ServerAction::new(), ServerAction::new());
        let (end, archive) = (ServerAction::new(), ServerAction::new());
        let times = [times_done(publish), times_done(pause), times_done(resume), times_done(end), times_done(archive)];
        let taken = Memo::new(move |_| times.iter().map(|times| times.get()).sum());
        Self { publish, pause, resume, end, archive, taken, words: StoredValue::new("Done") }
    }

    /// Says in passing which step was taken, each time.
    pub fn tell(self) {
        tell_done(self.pause, "Paused");
        tell_done(self.resume, "Resumed");
        tell_done(self.archive, "Archived");
        self.tell_words(self.publish);
        self.tell_words(self.end);
    }

    fn tell_words<S>(self, action: ServerAction<S>)
    where
        S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
        S::Output: Clone + Send + Sync + 'static,
    {
        let toasts = use_toasts();
        Effect::new(move |_| {
            if let (Some(Ok(_)), Some(toasts)) = (action.value().get(), toasts) {
                toasts.show(Tone::Positive, self.words.get_value());
            }
        });
    }

    /// Names the step that is being sent.
    pub(super) fn take_as(self, words: &'static str) {
        self.words.set_value(words);
    }

    /// Grows with every step that was taken, so that the page loads again; a refused one leaves it as it stands.
    pub fn taken(self) -> usize {
        self.taken.get()
    }

    /// Why the last step was refused; publishing says so at its own form.
    fn refusals(self) -> Vec<AppError> {
        [
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

/// Ends a publication that is on the member sites, or cancels one that is to come.
#[component]
pub fn EndPublication(offer: OfferId, publication: Publication, steps: Steps) -> impl IntoView {
    let (verb, done) =
        if publication.state == PublicationState::Scheduled { ("Cancel", "Publication cancelled") } else { ("End", "Ended") };
    view! {
        <ActionForm action=steps.end on:submit:capture=move |_| steps.take_as(done)>
            <input type="hidden" name="id" value=offer.to_string()/>
            <input type="hidden" name="publication" value=publication.id.to_string()/>
            <Button small=true submit=true disabled=steps.end.pending()>
                {verb} <span class="sr-only">{format!(" revision {}", publication.revision_number)}</span>
            </Button>
        </ActionForm>
    }
}

#[component]
pub fn Actions(
    offer: Offer,
    /// In which the times of a publication are read at first.
    zone: String,
    save: ServerAction<SaveOffer>,
    steps: Steps,
) -> impl IntoView {
    let viewer = viewer();
    let (writes, publishes) = (viewer.may(Permission::WriteOffers), viewer.may(Permission::PublishOffers));
    let id = StoredValue::new(offer.id.to_string());
    let hidden_id = move || view! { <input type="hidden" name="id" value=id.get_value()/> };
    let state = offer.publication;
    let (can_write, ahead, unsaved) = (writes && !offer.archived, offer.draft_ahead, Unsaved::of_page());
    // Also while something is typed that is not saved: sending saves it.
    let can_send = Memo::new(move |_| can_write && (ahead || unsaved.get() || save.pending().get()));
    let approved = offer.approved().cloned().filter(|_| publishes && !offer.archived);
    let live = offer.live_revision();
    let review = offer.in_review().cloned();
    let asked_for = offer.asked_for().filter(|_| !offer.archived).map(str::to_owned);
    let idle = matches!(state, PublicationState::Unpublished | PublicationState::Ended);
    let (can_pause, can_resume) = (publishes && state == PublicationState::Live, publishes && state == PublicationState::Paused);
    let can_archive = writes && idle;
    let other_steps = can_pause || can_resume || can_archive || approved.is_some() || review.is_some() || asked_for.is_some();
    // Whoever may write has the draft's own button as the one accent of the page.
    let accent = if can_write { ButtonKind::Secondary } else { ButtonKind::Primary };
    let wait = Wait::new();
    view! {
        <div class="next-steps">
            {move || steps.refusals().into_iter().map(|error| view! { <Refused error=error/> }).collect_view()}
            <Card title="Next">
                <div class="next-actions">
                    {move || (!other_steps && !can_send.get()).then(|| view! { <p class="text-muted">"Nothing to do here now."</p> })}
                    {asked_for.map(|note| view! {
                        <Alert tone=Tone::Caution title="The reviewer asks for changes"><p class="multiline">{note}</p></Alert>
                    })}
                    {review.map(|revision| view! {
                        <ReviewLink offer=id.get_value() revision=revision may_review=viewer.may(Permission::ReviewOffers) accent=accent/>
                    })}
                    {move || can_send.get().then(|| view! {
                        // A button of the draft's own form: what is typed is saved and sent in one.
                        <Button kind=accent submit=true form="draft" name="send" value="true" disabled=save.pending()>
                            "Send for review"
                        </Button>
                    })}
                    {approved.map(|revision| view! {
                        <Publish offer=id.get_value() is_live=live == Some(revision.number) revision=revision zone=zone kind=accent steps=steps/>
                    })}
                    {can_pause.then(|| view! {
                        <ActionForm action=steps.pause>
                            {hidden_id()}
                            <Button submit=true disabled=steps.pause.pending()>"Pause"</Button>
                        </ActionForm>
                    })}
                    {can_resume.then(|| view! {
                        <ActionForm action=steps.resume>
                            {hidden_id()}
                            <Button submit=true disabled=steps.resume.pending()>"Resume"</Button>
                        </ActionForm>
                    })}
                    {can_archive.then(|| view! {
                        <Button kind=ButtonKind::Quiet opens="archive">"Archive…"</Button>
                        <ConfirmDialog id="archive" title="Archive this offer?" text="It can still be read with all its history, but never be changed or published again.">
                            <ActionForm action=steps.archive on:submit:capture=move |event| wait.for_save(&event)>
                                {wait.notice()}
                                {hidden_id()}
                                <Button kind=ButtonKind::Danger submit=true disabled=steps.archive.pending()>"Archive"</Button>
                            </ActionForm>
                        </ConfirmDialog>
                    })}
                </div>
            </Card>
        </div>
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
        other => other.to_string(),
    };
    view! { <Alert tone=Tone::Negative title=title><ul class="plain-list">{lines}</ul></Alert> }
}

#[component]
fn ReviewLink(offer: String, revision: Revision, may_review: bool, accent: ButtonKind) -> impl IntoView {
    let href = format!("/desk/offers/{offer}/revisions/{}", revision.id);
    let (kind, words) = match may_review {
        true => (accent, format!("Review revision {}", revision.number)),
        false => (ButtonKind::Secondary, format!("See revision {} in review", revision.number)),
    };
    view! { <Button kind=kind href=href>{words}</Button> }
}
