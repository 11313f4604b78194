//! A merchant's page: the record to the left; state, locations and versions to the right.

use super::{
    fields::MerchantFields,
    history::History,
    places::Places,
    words::{meaning, shown, status_badge, time},
};
use crate::{
    conflict::{ConflictChoice, Shown},
    frame::viewer,
    live_form::LiveForm,
    shared::{Returned, loaded, messages, now, query, returned},
};
use api::merchants::SaveMerchant;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    AppError, Conflict, MerchantId, Page,
    access::Permission,
    categories::Category,
    conflict::{Edited, differences},
    merchants::{Location, LocationQuery, Merchant, MerchantForm, SavedVersion},
};
use ui::{Button, ButtonKind, Card, DescriptionList, Detail, Icon, PageHead, RecordColumns, SaveBar, Tone, use_toasts};

/// A form that came back, with the version that it was made from.
type Back = Option<Returned<Edited<MerchantForm>>>;

/// Everything about the merchant but its locations.
type Loaded = (Merchant, Vec<Category>, Vec<SavedVersion>, Back);

pub struct RecordPage {
    save: ServerAction<SaveMerchant>,
    record: Resource<Result<Loaded, AppError>>,
    places: Resource<Result<Page<Location>, AppError>>,
    query: Memo<LocationQuery>,
}

#[lazy_route]
impl LazyRoute for RecordPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|map| map.get("merchant").and_then(|id| id.parse::<MerchantId>().ok())));
        let (save, query, returned) = (ServerAction::<SaveMerchant>::new(), query::<LocationQuery>(), returned());
        // Loaded again only when a save went through: a refused one must not take away what was typed.
        let saved = Memo::new(move |before: Option<&usize>| match save.value().get() {
            Some(Ok(_)) => save.version().get(),
            _ => before.copied().unwrap_or_default(),
        });
        let record = Resource::new_blocking(
            move || (id.get(), saved.get()),
            move |(id, saved)| async move {
                let id = id.ok_or(AppError::NotFound)?;
                let merchant = api::merchants::load_merchant(id).await?;
                let categories = api::categories::list_categories().await?;
                let history = api::merchants::merchant_history(id).await?;
                Ok((merchant, categories, history, if saved == 0 { returned.await } else { None }))
            },
        );
        let places = Resource::new_blocking(
            move || (id.get(), query.get()),
            |(id, query)| async move { api::merchants::list_locations(id.ok_or(AppError::NotFound)?, query).await },
        );
        Self { save, record, places, query }
    }

    fn view(this: Self) -> AnyView {
        let RecordPage { save, record, places, query } = this;
        let toasts = use_toasts();
        Effect::new(move |_| {
            if let (Some(Ok(_)), Some(toasts)) = (save.value().get(), toasts) {
                toasts.show(Tone::Positive, "Saved");
            }
        });
        loaded(record, move |loaded| view! { <Record loaded=loaded save=save places=places query=query/> }).into_any()
    }
}

#[component]
fn Record(
    loaded: Loaded,
    save: ServerAction<SaveMerchant>,
    places: Resource<Result<Page<Location>, AppError>>,
    query: Memo<LocationQuery>,
) -> impl IntoView {
    let (merchant, categories, history, returned) = loaded;
    let (id, status, title) = (merchant.id, merchant.status, merchant.name.clone());
    let crumbs = vec![("/desk/merchants".to_owned(), "Merchants".to_owned())];
    let brand = merchant.brand.clone().map(|brand| brand.name);
    let new_offer = viewer().may(Permission::WriteOffers);
    let may_write = viewer().may(Permission::WriteMerchants);
    let aside = {
        let (merchant, categories) = (merchant.clone(), categories.clone());
        move || {
            view! {
                <State merchant=merchant/>
                <Places merchant=id places=places query=query/>
                <History versions=history shown=move |field, raw| shown(field, raw, &categories)/>
            }
        }
    };
    view! {
        <Title text=title.clone()/>
        <PageHead
            title=title
            crumbs=crumbs
            badge=move || status_badge(status)
            lead=move || brand
            action=move || new_offer.then(|| view! {
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

#[component]
fn Draft(merchant: Merchant, categories: Vec<Category>, save: ServerAction<SaveMerchant>, returned: Back) -> impl IntoView {
    let (id, status) = (merchant.id, merchant.status);
    let (mut form, mut seen, mut first, mut kept_conflict) =
        (MerchantForm::of(&(&merchant).into()), merchant.version, Vec::new(), None);
    if let Some(Returned { form: edited, error }) = returned {
        (form, seen) = (edited.form, edited.seen);
        match error {
            AppError::Conflict(conflict) => kept_conflict = Some(*conflict),
            other => first = messages(&other),
        }
    }
    let live = LiveForm::<SaveMerchant>::new(first, |sent| sent.form.parse().err().unwrap_or_default());
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
    let (typed, categories) = (StoredValue::new(form), StoredValue::new(categories));
    let choose = move |conflict: Conflict| {
        let mine = live.sent().map_or_else(|| typed.get_value(), |sent| sent.form);
        let words = Shown::new(move |field, raw| categories.with_value(|categories| shown(field, raw, categories)));
        view! { <ConflictChoice conflict=conflict form=mine back=format!("/desk/merchants/{id}") now=now() shown=words/> }
    };
    let fields = move || {
        view! {
            <input type="hidden" name="seen" value=seen.to_string()/>
            <MerchantFields form=typed.get_value() categories=categories.get_value() status=status/>
            <SaveBar>
                <Button kind=ButtonKind::Primary submit=true disabled=save.pending()>"Save"</Button>
            </SaveBar>
        }
    };
    view! {
        <ActionForm action=save node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true
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
fn State(merchant: Merchant) -> impl IntoView {
    let offers = format!("/desk/offers?merchant={}", merchant.id);
    view! {
        <Card title="Where it stands">
            <DescriptionList>
                <Detail label="Status">{status_badge(merchant.status)}" "{meaning(merchant.status)}</Detail>
                <Detail label="Offers"><a class="link" href=offers>"Offers of this merchant"</a></Detail>
                <Detail label="Added">{time(merchant.created_at)}</Detail>
                <Detail label="Changed">{time(merchant.updated_at)}</Detail>
            </DescriptionList>
        </Card>
    }
}
