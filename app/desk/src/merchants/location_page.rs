//! A location's page: the record to the left, its state and versions to the right.

use super::{
    fields::LocationFields,
    history::History,
    location_state::{Moves, PostalHint, State, badge},
};
use crate::{
    conflict::ConflictChoice,
    frame::viewer,
    live_form::LiveForm,
    shared::{Returned, loaded, messages, now, returned},
};
use api::merchants::SaveLocation;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    AppError, Conflict, LocationId, MerchantId,
    access::Permission,
    conflict::{Edited, differences},
    merchants::{Location, LocationForm, Merchant, SavedVersion},
};
use ui::{Button, ButtonKind, Card, DescriptionList, Detail, PageHead, RecordColumns, SaveBar, Tone, use_toasts};

/// A form that came back, with the version that it was made from.
type Back = Option<Returned<Edited<LocationForm>>>;

type Loaded = (Merchant, Location, Vec<SavedVersion>, Back);

pub struct LocationPage {
    save: ServerAction<SaveLocation>,
    moves: Moves,
    record: Resource<Result<Loaded, AppError>>,
}

#[lazy_route]
impl LazyRoute for LocationPage {
    fn data() -> Self {
        let params = use_params_map();
        let ids = Memo::new(move |_| {
            params.with(|map| {
                let merchant = map.get("merchant")?.parse::<MerchantId>().ok()?;
                Some((merchant, map.get("location")?.parse::<LocationId>().ok()?))
            })
        });
        let (save, moves, returned) = (ServerAction::<SaveLocation>::new(), Moves::new(), returned());
        // Loaded again only when a save went through: a refused one must not take away what was typed.
        let saved = Memo::new(move |before: Option<&usize>| match save.value().get() {
            Some(Ok(_)) => save.version().get(),
            _ => before.copied().unwrap_or_default(),
        });
        let record = Resource::new_blocking(
            move || (ids.get(), saved.get() + moves.done()),
            move |(ids, times)| async move {
                let (merchant, id) = ids.ok_or(AppError::NotFound)?;
                let location = api::merchants::load_location(merchant, id).await?;
                let history = api::merchants::location_history(merchant, id).await?;
                let merchant = api::merchants::load_merchant(merchant).await?;
                Ok((merchant, location, history, if times == 0 { returned.await } else { None }))
            },
        );
        Self { save, moves, record }
    }

    fn view(this: Self) -> AnyView {
        let LocationPage { save, moves, record } = this;
        let toasts = use_toasts();
        let told = move |done: bool, words: &'static str| {
            if let (true, Some(toasts)) = (done, toasts) {
                toasts.show(Tone::Positive, words);
            }
        };
        Effect::new(move |_| told(matches!(save.value().get(), Some(Ok(_))), "Saved"));
        Effect::new(move |_| told(matches!(moves.archive.value().get(), Some(Ok(()))), "Archived"));
        Effect::new(move |_| told(matches!(moves.restore.value().get(), Some(Ok(()))), "Restored"));
        loaded(record, move |loaded| view! { <Record loaded=loaded save=save moves=moves/> }).into_any()
    }
}

#[component]
fn Record(loaded: Loaded, save: ServerAction<SaveLocation>, moves: Moves) -> impl IntoView {
    let (merchant, location, history, returned) = loaded;
    let crumbs =
        vec![("/desk/merchants".to_owned(), "Merchants".to_owned()), (format!("/desk/merchants/{}", merchant.id), merchant.name)];
    let title = location.place.name.clone().unwrap_or_else(|| location.place.street.clone());
    let (address, state) = (location.place.address(), badge(&location));
    let may_write = viewer().may(Permission::WriteMerchants) && location.archived_at.is_none();
    let aside = {
        let location = location.clone();
        move || {
            view! {
                <State location=location moves=moves/>
                <History versions=history shown=|_, raw| raw.to_owned()/>
            }
        }
    };
    view! {
        <Title text=title.clone()/>
        <PageHead title=title crumbs=crumbs badge=move || state lead=move || address/>
        <RecordColumns aside=aside>
            {if may_write {
                view! { <Draft location=location save=save returned=returned/> }.into_any()
            } else {
                view! { <ReadOnly location=location/> }.into_any()
            }}
        </RecordColumns>
    }
}

#[component]
fn Draft(location: Location, save: ServerAction<SaveLocation>, returned: Back) -> impl IntoView {
    let (merchant, id) = (location.merchant, location.id);
    let (mut form, mut seen, mut first, mut kept_conflict) =
        (LocationForm::of(&location.place, &location.external_ids), location.version, Vec::new(), None);
    if let Some(Returned { form: edited, error }) = returned {
        (form, seen) = (edited.form, edited.seen);
        match error {
            AppError::Conflict(conflict) => kept_conflict = Some(*conflict),
            other => first = messages(&other),
        }
    }
    let live = LiveForm::<SaveLocation>::new(first, |sent| sent.form.parse().err().unwrap_or_default());
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
    let (typed, hint) = (StoredValue::new(form), PostalHint::new());
    let choose = move |conflict: Conflict| {
        let mine = live.sent().map_or_else(|| typed.get_value(), |sent| sent.form);
        view! { <ConflictChoice conflict=conflict form=mine back=format!("/desk/merchants/{merchant}/locations/{id}") now=now()/> }
    };
    let fields = move || {
        view! {
            <input type="hidden" name="seen" value=seen.to_string()/>
            <LocationFields form=typed.get_value() postal_hint=hint.words()/>
            <SaveBar>
                <Button kind=ButtonKind::Primary submit=true disabled=save.pending()>"Save"</Button>
            </SaveBar>
        }
    };
    view! {
        <ActionForm action=save node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true
            on:change=move |event| {
                live.changed(&event);
                hint.changed(&event);
            }
            on:input=move |_| live.typed()
            on:submit:capture=move |_| live.submitted()
        >
            <input type="hidden" name="merchant" value=merchant.to_string()/>
            <input type="hidden" name="id" value=id.to_string()/>
            {move || match conflict.get() {
                Some(conflict) => choose(conflict).into_any(),
                None => fields().into_any(),
            }}
        </ActionForm>
    }
}

/// The record for those who may not write, and of an archived location: every field that is filled.
#[component]
fn ReadOnly(location: Location) -> impl IntoView {
    let form = LocationForm::of(&location.place, &location.external_ids);
    let details = differences(&form, &LocationForm::default(), None, LocationForm::FIELDS)
        .into_iter()
        .map(|field| view! { <Detail label=field.label><span class="multiline">{field.mine}</span></Detail> })
        .collect_view();
    view! { <Card title="Location"><DescriptionList>{details}</DescriptionList></Card> }
}
