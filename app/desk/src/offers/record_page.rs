//! An offer's page: the draft to the left, where it stands and what happened to it to the right.

use super::{
    actions::{Actions, Steps},
    fields::OfferFields,
    history::History,
    words::{merchant_notice, publication_badge, revision_badge, shown},
};
use crate::{
    conflict::{ConflictChoice, Shown},
    frame::viewer,
    live_form::LiveForm,
    shared::{Returned, loaded, messages, now, returned},
};
use api::offers::SaveOffer;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    AppError, Conflict, OfferId,
    access::Permission,
    conflict::Edited,
    offers::{FormOptions, Offer, OfferForm},
    time::{exact, relative},
};
use ui::{
    Alert, Button, ButtonKind, Card, DescriptionList, Detail, PageHead, RecordColumns, RelativeTime, SaveBar, Tone, use_toasts,
};

pub struct RecordPage {
    steps: Steps,
    save: ServerAction<SaveOffer>,
    offer: Resource<Result<(Offer, FormOptions, Kept), AppError>>,
}

/// A draft that was refused without scripts.
type Kept = Option<Returned<Edited<OfferForm>>>;

#[lazy_route]
impl LazyRoute for RecordPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = move || params.with(|map| map.get("offer").unwrap_or_default());
        let (steps, save) = (Steps::new(), ServerAction::<SaveOffer>::new());
        let returned = returned();
        // Saved again only when a save went through: a refused one must not take away what was typed.
        let saved = Memo::new(move |before: Option<&usize>| match save.value().get() {
            Some(Ok(_)) => save.version().get(),
            _ => before.copied().unwrap_or_default(),
        });
        Self {
            steps,
            save,
            offer: Resource::new_blocking(
                move || (id(), saved.get() + steps.taken()),
                move |(id, times)| async move {
                    let id: OfferId = id.parse().map_err(|_| AppError::NotFound)?;
                    let offer = api::offers::load_offer(id).await?;
                    let options = api::offers::load_form_options(offer.merchant).await?;
                    // Once something was done, what was kept is past.
                    Ok((offer, options, if times == 0 { returned.await } else { None }))
                },
            ),
        }
    }

    fn view(this: Self) -> AnyView {
        let RecordPage { steps, save, offer } = this;
        let toasts = use_toasts();
        Effect::new(move |_| {
            if let (Some(Ok(_)), Some(toasts)) = (save.value().get(), toasts) {
                toasts.show(Tone::Positive, "Saved");
            }
        });
        loaded(offer, move |(offer, options, returned)| {
            view! { <Record offer=offer options=options steps=steps save=save returned=returned/> }
        })
        .into_any()
    }
}

#[component]
fn Record(offer: Offer, options: FormOptions, steps: Steps, save: ServerAction<SaveOffer>, returned: Kept) -> impl IntoView {
    let title = offer.draft.headline.clone();
    let crumbs = vec![
        ("/desk/offers".to_owned(), "Offers".to_owned()),
        (format!("/desk/merchants/{}", offer.merchant), offer.merchant_name.clone()),
    ];
    let may_write = viewer().may(Permission::WriteOffers) && !offer.archived;
    let (state, value) = (offer.publication, offer.value.clone());
    let aside = {
        let offer = offer.clone();
        move || {
            view! {
                <Actions offer=offer.clone() steps=steps/>
                <Facts offer=offer.clone()/>
                <History offer=offer/>
            }
        }
    };
    view! {
        <Title text=title.clone()/>
        <PageHead title=title crumbs=crumbs badge=move || publication_badge(state) lead=move || value/>
        {merchant_notice(offer.merchant_status).map(|notice| view! { <Alert tone=Tone::Caution title=notice/> })}
        <RecordColumns aside=aside>
            {if may_write {
                view! { <Draft offer=offer options=options save=save returned=returned/> }.into_any()
            } else {
                view! { <ReadOnly form=offer.draft options=options/> }.into_any()
            }}
        </RecordColumns>
    }
}

#[component]
fn Draft(offer: Offer, options: FormOptions, save: ServerAction<SaveOffer>, returned: Kept) -> impl IntoView {
    let (id, version) = (offer.id, offer.version);
    let (mut form, mut seen, mut first, mut kept_conflict) = (offer.draft, version, Vec::new(), None);
    if let Some(Returned { form: edited, error }) = returned {
        (form, seen) = (edited.form, edited.seen);
        match error {
            AppError::Conflict(conflict) => kept_conflict = Some(*conflict),
            other => first = messages(&other),
        }
    }
    let live = LiveForm::<SaveOffer>::new(first, |sent| sent.form.parse().err().unwrap_or_default());
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = save.value().get()
            && !matches!(error, AppError::Conflict(_))
        {
            live.answered(&error);
        }
    });
    // Changes only when a conflict comes, so that other refusals leave the fields as they were typed.
    let conflict = Memo::new(move |_| match save.value().get() {
        Some(Err(AppError::Conflict(conflict))) => Some(*conflict),
        Some(Ok(_)) => None,
        _ => kept_conflict.clone(),
    });
    let (typed, options) = (StoredValue::new(form), StoredValue::new(options));
    let choose = move |conflict: Conflict| {
        let mine = live.sent().map_or_else(|| typed.get_value(), |sent| sent.form);
        let words = Shown::new(move |field, raw| options.with_value(|options| shown(field, raw, options)));
        view! { <ConflictChoice conflict=conflict form=mine back=format!("/desk/offers/{id}") now=now() shown=words/> }
    };
    let fields = move || {
        view! {
            <input type="hidden" name="seen" value=seen.to_string()/>
            <OfferFields form=typed.get_value() options=options.get_value()/>
            <SaveBar>
                <Button kind=ButtonKind::Primary submit=true disabled=save.pending()>"Save draft"</Button>
            </SaveBar>
        }
    };
    view! {
        <ActionForm action=save node_ref=live.node attr:class="choices" attr:novalidate=true attr:id="draft"
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |_| live.submitted()
        >
            <input type="hidden" name="id" value=id.to_string()/>
            {move || match conflict.get() {
                Some(conflict) => choose(conflict).into_any(),
                None => fields().into_any(),
            }}
        </ActionForm>
    }
}

/// The draft for those who may not write: every field that is filled.
#[component]
fn ReadOnly(form: OfferForm, options: FormOptions) -> impl IntoView {
    let filled = model::conflict::differences(&form, &OfferForm::default(), None, OfferForm::FIELDS);
    let details = filled
        .into_iter()
        .filter(|field| !matches!(field.name.as_str(), "merchant" | "client"))
        .map(|field| {
            let words = shown(&field.name, &field.mine, &options);
            view! { <Detail label=field.label><span class="multiline">{words}</span></Detail> }
        })
        .collect_view();
    view! { <Card title="Draft"><DescriptionList>{details}</DescriptionList></Card> }
}

#[component]
fn Facts(offer: Offer) -> impl IntoView {
    let newest = offer.revisions.first().map(|r| (r.number, r.state));
    let by = offer.updated_by.clone();
    view! {
        <Card title="Where it stands">
            <DescriptionList>
                <Detail label="Member sites">{publication_badge(offer.publication)}</Detail>
                <Detail label="Newest revision">
                    {match newest {
                        Some((number, state)) => view! { {format!("{number} ")} {revision_badge(state)} }.into_any(),
                        None => "None yet".into_any(),
                    }}
                </Detail>
                <Detail label="Draft">{if offer.draft_ahead { "Has changes that were not sent for review" } else { "Same as the newest revision" }}</Detail>
                <Detail label="Changed">
                    <RelativeTime text=relative(offer.updated_at, now()) exact=exact(offer.updated_at) datetime=offer.updated_at.to_rfc3339()/>
                    {(!by.is_empty()).then(|| format!(" by {by}"))}
                </Detail>
            </DescriptionList>
        </Card>
    }
}
