//! An offer's page: the draft to the left, where it stands and what happened to it to the right.

use super::{
    actions::{Actions, Steps},
    changes::Filled,
    fields::OfferFields,
    history::History,
    preview::Preview,
    publish_form::KeptWindow,
    words::{merchant_notice, publication_badge, revision_badge, shown},
};
use crate::{
    edit_form::{Back, EditForm, times_done},
    frame::viewer,
    late_page::LatePage,
    picture::PictureCard,
    shared::{Returned, loaded, renew, returned, time, title_of},
};
use api::offers::SaveOffer;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError, OfferId,
    access::Permission,
    catalogue::url_escaped,
    conflict::Edited,
    offers::{FormOptions, Offer, OfferForm, PublicationState, PublishForm, with_unit},
    pictures::{PictureOf, RefusedUpload},
};
use serde::{Deserialize, Serialize};
use ui::{Alert, Card, DescriptionList, Detail, PageHead, RecordColumns, Tone};

/// A form of this page that came back: a picture, the draft, or when to publish.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Picture(RefusedUpload),
    Draft(Box<Edited<OfferForm>>),
    Window(PublishForm),
}

type Loaded = (Offer, FormOptions, Option<Returned<Kept>>);

pub struct RecordPage {
    steps: Steps,
    save: ServerAction<SaveOffer>,
    /// The offer with its draft, loaded once: what was typed since stands only in the form.
    draft: Resource<Result<Loaded, AppError>>,
    /// The offer as it stands after the last save or step.
    offer: Resource<Result<Offer, AppError>>,
}

impl LatePage for RecordPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|map| map.get("offer").and_then(|id| id.parse::<OfferId>().ok())));
        let (steps, save) = (Steps::new(), ServerAction::<SaveOffer>::new());
        let returned = returned();
        let saved = times_done(save);
        let draft = Resource::new_blocking(
            move || id.get(),
            move |id| async move {
                let offer = api::offers::load_offer(id.ok_or(AppError::NotFound)?).await?;
                let options = api::offers::load_form_options(offer.merchant).await?;
                Ok((offer, options, returned.await))
            },
        );
        let offer = Resource::new_blocking(
            move || (id.get(), saved.get() + steps.taken()),
            move |(id, times)| async move {
                let id = id.ok_or(AppError::NotFound)?;
                // At first it was just loaded with its draft.
                if times == 0
                    && let Ok((offer, ..)) = draft.await
                    && offer.id == id
                {
                    return Ok(offer);
                }
                api::offers::load_offer(id).await
            },
        );
        Self { steps, save, draft, offer }
    }

    fn view(this: Self) -> AnyView {
        let RecordPage { steps, save, draft, offer } = this;
        steps.tell();
        loaded(draft, move |(first, options, kept)| {
            view! { <Record first=first options=options kept=kept offer=offer steps=steps save=save/> }
        })
        .into_any()
    }
}

#[component]
fn Record(
    /// The offer as its draft was loaded.
    first: Offer,
    options: FormOptions,
    kept: Option<Returned<Kept>>,
    offer: Resource<Result<Offer, AppError>>,
    steps: Steps,
    save: ServerAction<SaveOffer>,
) -> impl IntoView {
    let crumbs = vec![
        ("/desk/offers".to_owned(), "Offers".to_owned()),
        (format!("/desk/merchants/{}", first.merchant), first.merchant_name.clone()),
    ];
    let notice = merchant_notice(first.merchant_status);
    let (draft_back, window_back, upload_back) = parted(kept);
    let head = ArcRwSignal::new(Head::of(&first));
    let title = title_of(&head, |head| head.headline.clone());
    let (value, state) = (head.clone(), head.clone());
    let state = Memo::new(move |_| state.with(|head| head.state));
    let options = StoredValue::new(options);
    let (id, picture) = (first.id, first.picture.clone());
    let may_write = viewer().may(Permission::WriteOffers);
    let editable = Memo::new(move |_| may_write && state.get() != PublicationState::Archived);
    let upload = move || {
        let (picture, refused) = (picture.clone(), upload_back.clone());
        editable.get().then(|| view! { <PictureCard of=PictureOf::Offer id=id.to_string() picture=picture refused=refused/> })
    };
    let aside = move || {
        let record = loaded(offer, move |offer| {
            renew(&head, Head::of(&offer));
            let done = untrack(|| steps.taken()) > 0;
            provide_context(KeptWindow(window_back.clone().filter(|_| !done)));
            let zone = options.with_value(|options| options.zone_of(&offer.draft));
            view! {
                <Actions offer=offer.clone() zone=zone save=save steps=steps/>
                <Facts offer=offer.clone()/>
                <Preview preview=offer.preview.clone()/>
                <History offer=offer steps=steps/>
            }
        });
        view! {
            {record}
            {upload}
        }
    };
    let form = move || {
        if editable.get() {
            view! { <Draft offer=first.clone() options=options.get_value() save=save returned=draft_back.clone()/> }.into_any()
        } else {
            let filled = move |offer: Offer| view! { <Filled form=offer.draft options=options.get_value() title="Draft"/> };
            loaded(offer, filled).into_any()
        }
    };
    view! {
        <Title text=title.clone()/>
        <PageHead
            title=title
            crumbs=crumbs
            badge=move || move || publication_badge(state.get())
            lead=move || move || value.with(|head| head.value.clone())
        />
        {notice.map(|notice| view! { <Alert tone=Tone::Caution title=notice/> })}
        <RecordColumns aside=aside>{form}</RecordColumns>
    }
}

/// What the head of the page says.
#[derive(Clone, PartialEq)]
struct Head {
    headline: String,
    value: String,
    state: PublicationState,
}

impl Head {
    fn of(offer: &Offer) -> Self {
        Self { headline: offer.draft.headline.clone(), value: offer.value.clone(), state: offer.publication }
    }
}

type Parted = (Back<OfferForm>, Option<Returned<PublishForm>>, Option<Returned<RefusedUpload>>);

/// What came back, each to its form.
fn parted(kept: Option<Returned<Kept>>) -> Parted {
    match kept {
        Some(Returned { form: Kept::Draft(form), error }) => (Some(Returned { form: *form, error }), None, None),
        Some(Returned { form: Kept::Window(form), error }) => (None, Some(Returned { form, error }), None),
        Some(Returned { form: Kept::Picture(form), error }) => (None, None, Some(Returned { form, error })),
        None => (None, None, None),
    }
}

#[component]
fn Draft(offer: Offer, options: FormOptions, save: ServerAction<SaveOffer>, returned: Back<OfferForm>) -> impl IntoView {
    let sent_before = returned.as_ref().is_some_and(|back| back.form.sends);
    let (id, currency) = (offer.id, StoredValue::new(offer.draft.currency.clone()));
    let edit = EditForm::new(
        save,
        offer.draft,
        offer.version,
        returned,
        |sent| sent.form.parse().err().unwrap_or_default(),
        |sent| sent.form,
        |sent| if sends(sent) { "Sent for review" } else { "Saved" },
    );
    let (live, options, picture) = (edit.live, StoredValue::new(options), StoredValue::new(offer.picture));
    let refused = Signal::derive(move || match save.value().read().is_some() {
        true => live.sent().as_ref().is_some_and(sends),
        false => sent_before,
    });
    let words = move |field: &str, raw: &str| {
        options.with_value(|options| currency.with_value(|currency| shown(field, raw, currency, options)))
    };
    let fields = move |form| {
        view! { <OfferFields form=form options=options.get_value() picture=picture.get_value() sent_for_review=refused/> }
            .into_any()
    };
    view! {
        <ActionForm action=save node_ref=live.node attr:class="choices" attr:novalidate=true attr:id="draft"
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            <input type="hidden" name="id" value=id.to_string()/>
            {edit.body("Save draft", format!("/desk/offers/{id}"), words, fields)}
        </ActionForm>
    }
}

/// A save that settles a conflict sends nothing.
fn sends(sent: &SaveOffer) -> bool {
    sent.send && !sent.choices.settle()
}

#[component]
fn Facts(offer: Offer) -> impl IntoView {
    let newest = offer.revisions.first().map(|r| (r.number, r.state));
    let by = offer.updated_by.clone();
    let is_live = offer.publication == PublicationState::Live;
    let page = is_live.then(|| format!("/offers/{}", url_escaped(&offer.address())));
    let until = with_unit("valid_until", &offer.draft.valid_until, "");
    view! {
        <Card title="Where it stands">
            <DescriptionList>
                <Detail label="Member sites">
                    {publication_badge(offer.publication)}
                    {page.map(|page| view! { " "<a class="link" href=page rel="external">"See it there"</a> })}
                </Detail>
                <Detail label="Newest revision">
                    {match newest {
                        Some((number, state)) => view! { {format!("{number} ")} {revision_badge(state)} }.into_any(),
                        None => "None yet".into_any(),
                    }}
                </Detail>
                <Detail label="Draft">{if offer.draft_ahead { "Has changes that were not sent for review" } else { "Same as the newest revision" }}</Detail>
                {(!until.is_empty()).then(|| view! { <Detail label="Valid until">{until}</Detail> })}
                <Detail label="Changed">
                    {time(offer.updated_at)}
                    {(!by.is_empty()).then(|| format!(" by {by}"))}
                </Detail>
            </DescriptionList>
        </Card>
    }
}
