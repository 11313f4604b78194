//! A merchant's page: the record to the left; state, locations and versions to the right.

use super::{
    fields::MerchantFields,
    history::History,
    places::Places,
    words::{counted, meaning, shown, status_badge},
};
use crate::{
    edit_form::{Back, EditForm, times_done},
    frame::viewer,
    late_page::LatePage,
    live_form::Wait,
    picture::PictureCard,
    shared::{Returned, loaded, query, renew, returned, tell_done, time, title_of},
};
use api::merchants::{CloseMerchant, SaveMerchant};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError, MerchantId, Page,
    access::Permission,
    categories::Category,
    conflict::{Edited, differences},
    merchants::{Location, LocationQuery, Merchant, MerchantForm, MerchantStatus, SavedVersion},
    pictures::{PictureOf, RefusedUpload},
};
use serde::{Deserialize, Serialize};
use ui::{Button, ButtonKind, Card, ConfirmDialog, DescriptionList, Detail, Icon, PageHead, RecordColumns};

/// What the form begins with.
type Start = (Merchant, Vec<Category>, Option<Returned<Kept>>);

/// A form of this page that came back: a picture, or the record.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Picture(RefusedUpload),
    Record(Box<Edited<MerchantForm>>),
}

/// What came back, each to its form.
fn parted(kept: Option<Returned<Kept>>) -> (Back<MerchantForm>, Option<Returned<RefusedUpload>>) {
    match kept {
        Some(Returned { form: Kept::Record(form), error }) => (Some(Returned { form: *form, error }), None),
        Some(Returned { form: Kept::Picture(form), error }) => (None, Some(Returned { form, error })),
        None => (None, None),
    }
}

pub struct RecordPage {
    save: ServerAction<SaveMerchant>,
    close: ServerAction<CloseMerchant>,
    /// The merchant with its form, loaded again only when it was closed: what was typed since stands only in the form.
    start: Resource<Result<Start, AppError>>,
    /// The merchant as it stands after the last save, with its versions.
    record: Resource<Result<(Merchant, Vec<SavedVersion>), AppError>>,
    places: Resource<Result<Page<Location>, AppError>>,
    query: Memo<LocationQuery>,
}

impl LatePage for RecordPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|map| map.get("merchant").and_then(|id| id.parse::<MerchantId>().ok())));
        let (save, close) = (ServerAction::<SaveMerchant>::new(), ServerAction::<CloseMerchant>::new());
        let (query, returned) = (query::<LocationQuery>(), returned());
        let (saved, closed) = (times_done(save), times_done(close));
        let start = Resource::new_blocking(
            move || (id.get(), closed.get()),
            move |(id, times)| async move {
                let merchant = api::merchants::load_merchant(id.ok_or(AppError::NotFound)?).await?;
                let categories = api::categories::list_categories().await?;
                Ok((merchant, categories, if times == 0 { returned.await } else { None }))
            },
        );
        let record = Resource::new_blocking(
            move || (id.get(), saved.get() + closed.get()),
            move |(id, times)| async move {
                let id = id.ok_or(AppError::NotFound)?;
                // At first it was just loaded with its form.
                let merchant = match start.await {
                    Ok((merchant, ..)) if times == 0 && merchant.id == id => merchant,
                    _ => api::merchants::load_merchant(id).await?,
                };
                Ok((merchant, api::merchants::merchant_history(id).await?))
            },
        );
        let places = Resource::new_blocking(
            move || (id.get(), query.get()),
            |(id, query)| async move { api::merchants::list_locations(id.ok_or(AppError::NotFound)?, query).await },
        );
        Self { save, close, start, record, places, query }
    }

    fn view(this: Self) -> AnyView {
        let RecordPage { save, close, start, record, places, query } = this;
        tell_done(close, "Closed");
        loaded(start, move |start| {
            view! { <Record start=start record=record save=save close=close places=places query=query/> }
        })
        .into_any()
    }
}

#[component]
fn Record(
    start: Start,
    record: Resource<Result<(Merchant, Vec<SavedVersion>), AppError>>,
    save: ServerAction<SaveMerchant>,
    close: ServerAction<CloseMerchant>,
    places: Resource<Result<Page<Location>, AppError>>,
    query: Memo<LocationQuery>,
) -> impl IntoView {
    let (merchant, categories, kept) = start;
    let (returned, upload_back) = parted(kept);
    let id = merchant.id;
    let head = ArcRwSignal::new(Head::of(&merchant));
    let title = title_of(&head, |head| head.name.clone());
    let (brand, status) = (head.clone(), head.clone());
    let status = Memo::new(move |_| status.with(|head| head.status));
    let crumbs = vec![("/desk/merchants".to_owned(), "Merchants".to_owned())];
    let may_write_offers = viewer().may(Permission::WriteOffers);
    let new_offer = move || may_write_offers && status.get() != MerchantStatus::Closed;
    let may_write = viewer().may(Permission::WriteMerchants);
    let pictures = {
        let (picture, logo, has_brand) = (merchant.picture.clone(), merchant.logo.clone(), merchant.brand.is_some());
        move || {
            let (picture, logo, refused) = (picture.clone(), logo.clone(), upload_back.clone());
            may_write.then(|| {
                let card =
                    move |of, picture| view! { <PictureCard of=of id=id.to_string() picture=picture refused=refused.clone()/> };
                view! {
                    {card(PictureOf::Merchant, picture)}
                    {has_brand.then(|| card(PictureOf::Brand, logo))}
                }
            })
        }
    };
    let aside = {
        let categories = StoredValue::new(categories.clone());
        let words = move |field: &str, raw: &str| categories.with_value(|categories| shown(field, raw, categories));
        move || {
            view! {
                {loaded(record, move |(merchant, _)| {
                    renew(&head, Head::of(&merchant));
                    view! { <State merchant=merchant close=close/> }
                })}
                {pictures.clone()}
                <Places merchant=id places=places query=query/>
                {loaded(record, move |(_, history)| view! { <History versions=history shown=words/> })}
            }
        }
    };
    view! {
        <Title text=title.clone()/>
        <PageHead
            title=title
            crumbs=crumbs
            badge=move || move || status_badge(status.get())
            lead=move || move || brand.with(|head| head.brand.clone())
            action=move || move || new_offer().then(|| view! {
                <Button href=format!("/desk/offers/new?merchant={id}") icon=Icon::Plus>"New offer"</Button>
            })
        />
        <RecordColumns aside=aside>
            {if may_write {
                view! { <Draft merchant=merchant categories=categories save=save returned=returned/> }.into_any()
            } else {
                view! { <ReadOnly merchant=merchant categories=categories/> }.into_any()
            }}
        </RecordColumns>
    }
}

/// What the head of the page says.
#[derive(Clone, PartialEq)]
struct Head {
    name: String,
    /// Unless it is the name.
    brand: Option<String>,
    status: MerchantStatus,
}

impl Head {
    fn of(merchant: &Merchant) -> Self {
        let brand = merchant.brand.as_ref().map(|brand| brand.name.clone()).filter(|brand| *brand != merchant.name);
        Self { name: merchant.name.clone(), brand, status: merchant.status }
    }
}

#[component]
fn Draft(
    merchant: Merchant,
    categories: Vec<Category>,
    save: ServerAction<SaveMerchant>,
    returned: Back<MerchantForm>,
) -> impl IntoView {
    let (id, closed) = (merchant.id, merchant.status == MerchantStatus::Closed);
    let form = MerchantForm::of(&(&merchant).into());
    let edit = EditForm::new(
        save,
        form,
        merchant.version,
        returned,
        |sent| sent.form.parse().err().unwrap_or_default(),
        |sent| sent.form,
        |_| "Saved",
    );
    let (live, categories, picture) = (edit.live, StoredValue::new(categories), StoredValue::new(merchant.picture));
    let words = move |field: &str, raw: &str| categories.with_value(|categories| shown(field, raw, categories));
    let fields = move |form| {
        view! { <MerchantFields form=form categories=categories.get_value() closed=closed picture=picture.get_value()/> }
            .into_any()
    };
    view! {
        <ActionForm action=save node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            <input type="hidden" name="id" value=id.to_string()/>
            {edit.body("Save", format!("/desk/merchants/{id}"), words, fields)}
        </ActionForm>
    }
}

/// The record for those who may not write: every field that is filled.
#[component]
fn ReadOnly(merchant: Merchant, categories: Vec<Category>) -> impl IntoView {
    let form = MerchantForm::of(&(&merchant).into());
    let details = differences(&form, &MerchantForm::default(), None, MerchantForm::FIELDS)
        .into_iter()
        .map(|field| {
            let words = shown(&field.name, &field.mine, &categories);
            view! { <Detail label=field.label><span class="multiline">{words}</span></Detail> }
        })
        .collect_view();
    view! { <Card title="Merchant"><DescriptionList>{details}</DescriptionList></Card> }
}

#[component]
fn State(merchant: Merchant, close: ServerAction<CloseMerchant>) -> impl IntoView {
    let offers = format!("/desk/offers?merchant={}", merchant.id);
    let may_close = viewer().may(Permission::WriteMerchants) && merchant.status != MerchantStatus::Closed;
    view! {
        <Card title="Where it stands">
            <DescriptionList>
                <Detail label="Status">{status_badge(merchant.status)}" "{meaning(merchant.status)}</Detail>
                <Detail label="Offers"><a class="link" href=offers>{counted(merchant.offers, "offer")}</a></Detail>
                <Detail label="Added">{time(merchant.created_at)}</Detail>
                <Detail label="Changed">{time(merchant.updated_at)}</Detail>
            </DescriptionList>
            {may_close.then(|| view! { <Close merchant=merchant action=close/> })}
        </Card>
    }
}

/// Closing cannot be undone: the question says what it means in numbers.
#[component]
fn Close(merchant: Merchant, action: ServerAction<CloseMerchant>) -> impl IntoView {
    let title = format!("Close {} for good?", merchant.name);
    let text = format!(
        "It has {} and {}. Members see, claim and redeem nothing of it any more, and it cannot be opened again.",
        counted(merchant.locations, "location"),
        counted(merchant.offers, "offer"),
    );
    let wait = Wait::new();
    view! {
        <div class="mt-4"><Button opens="close-merchant">"Close for good"</Button></div>
        <ConfirmDialog id="close-merchant" title=title text=text>
            <ActionForm action=action on:submit:capture=move |event| wait.for_save(&event)>
                {wait.notice()}
                <input type="hidden" name="id" value=merchant.id.to_string()/>
                <Button kind=ButtonKind::Danger submit=true>"Close for good"</Button>
            </ActionForm>
        </ConfirmDialog>
    }
}
