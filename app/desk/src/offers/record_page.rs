//! An offer's page: the draft to the left, where it stands and what happened to it to the right.

use super::{
    actions::{Actions, Steps},
    fields::OfferFields,
    history::History,
    words::{merchant_notice, publication_badge, revision_badge, shown},
};
use crate::{
    edit_form::{Back, EditForm, times_saved},
    frame::viewer,
    shared::{loaded, now, returned, tell_done},
};
use api::offers::SaveOffer;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    AppError, OfferId,
    access::Permission,
    offers::{FormOptions, Offer, OfferForm},
    time::{exact, relative},
};
use ui::{Alert, Card, DescriptionList, Detail, PageHead, RecordColumns, RelativeTime, Tone};

pub struct RecordPage {
    steps: Steps,
    save: ServerAction<SaveOffer>,
    offer: Resource<Result<(Offer, FormOptions, Back<OfferForm>), AppError>>,
}

#[lazy_route]
impl LazyRoute for RecordPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = move || params.with(|map| map.get("offer").unwrap_or_default());
        let (steps, save) = (Steps::new(), ServerAction::<SaveOffer>::new());
        let returned = returned();
        let saved = times_saved(save);
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
        tell_done(save, "Saved");
        loaded(offer, move |(offer, options, returned)| {
            view! { <Record offer=offer options=options steps=steps save=save returned=returned/> }
        })
        .into_any()
    }
}

#[component]
fn Record(
    offer: Offer,
    options: FormOptions,
    steps: Steps,
    save: ServerAction<SaveOffer>,
    returned: Back<OfferForm>,
) -> impl IntoView {
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
fn Draft(offer: Offer, options: FormOptions, save: ServerAction<SaveOffer>, returned: Back<OfferForm>) -> impl IntoView {
    let id = offer.id;
    let edit = EditForm::new(
        save,
        offer.draft,
        offer.version,
        returned,
        |sent| sent.form.parse().err().unwrap_or_default(),
        |sent| sent.form,
    );
    let (live, options) = (edit.live, StoredValue::new(options));
    let words = move |field: &str, raw: &str| options.with_value(|options| shown(field, raw, options));
    let fields = move |form| view! { <OfferFields form=form options=options.get_value()/> }.into_any();
    view! {
        <ActionForm action=save node_ref=live.node attr:class="choices" attr:novalidate=true attr:id="draft"
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |_| live.submitted()
        >
            <input type="hidden" name="id" value=id.to_string()/>
            {edit.body("Save draft", format!("/desk/offers/{id}"), words, fields)}
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
