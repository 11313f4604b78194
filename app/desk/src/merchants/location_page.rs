//! A location's page: the record to the left, its state and versions to the right.

use super::{
    fields::LocationFields,
    history::History,
    location_state::{Moves, PostalHint, State, badge},
};
use crate::{
    edit_form::{Back, EditForm, times_done},
    frame::viewer,
    late_page::LatePage,
    shared::{loaded, renew, returned, tell_done, title_of},
};
use api::merchants::SaveLocation;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError, LocationId, MerchantId,
    access::Permission,
    conflict::differences,
    merchants::{Location, LocationForm, Merchant, SavedVersion},
};
use ui::{Card, DescriptionList, Detail, PageHead, RecordColumns};

/// What the form begins with.
type Start = (Merchant, Location, Back<LocationForm>);

pub struct LocationPage {
    save: ServerAction<SaveLocation>,
    moves: Moves,
    /// The location with its form, loaded again only when it was archived or restored: what was typed since stands only in
    /// the form.
    start: Resource<Result<Start, AppError>>,
    /// The location as it stands after the last save, with its versions.
    record: Resource<Result<(Location, Vec<SavedVersion>), AppError>>,
}

impl LatePage for LocationPage {
    fn data() -> Self {
        let params = use_params_map();
        let ids = Memo::new(move |_| {
            params.with(|map| {
                let merchant = map.get("merchant")?.parse::<MerchantId>().ok()?;
                Some((merchant, map.get("location")?.parse::<LocationId>().ok()?))
            })
        });
        let (save, moves, returned) = (ServerAction::<SaveLocation>::new(), Moves::new(), returned());
        let (saved, moved) = (times_done(save), moves.done());
        let start = Resource::new_blocking(
            move || (ids.get(), moved.get()),
            move |(ids, times)| async move {
                let (merchant, id) = ids.ok_or(AppError::NotFound)?;
                let location = api::merchants::load_location(merchant, id).await?;
                let merchant = api::merchants::load_merchant(merchant).await?;
                Ok((merchant, location, if times == 0 { returned.await } else { None }))
            },
        );
        let record = Resource::new_blocking(
            move || (ids.get(), saved.get() + moved.get()),
            move |(ids, times)| async move {
                let (merchant, id) = ids.ok_or(AppError::NotFound)?;
                // At first it was just loaded with its form.
                let location = match start.await {
                    Ok((_, location, _)) if times == 0 && location.id == id => location,
                    _ => api::merchants::load_location(merchant, id).await?,
                };
                Ok((location, api::merchants::location_history(merchant, id).await?))
            },
        );
        Self { save, moves, start, record }
    }

    fn view(this: Self) -> AnyView {
        let LocationPage { save, moves, start, record } = this;
        tell_done(moves.archive, "Archived");
        tell_done(moves.restore, "Restored");
        loaded(start, move |start| view! { <Record start=start record=record save=save moves=moves/> }).into_any()
    }
}

#[component]
fn Record(
    start: Start,
    record: Resource<Result<(Location, Vec<SavedVersion>), AppError>>,
    save: ServerAction<SaveLocation>,
    moves: Moves,
) -> impl IntoView {
    let (merchant, location, returned) = start;
    let crumbs =
        vec![("/desk/merchants".to_owned(), "Merchants".to_owned()), (format!("/desk/merchants/{}", merchant.id), merchant.name)];
    let head = ArcRwSignal::new(location.clone());
    let title = title_of(&head, |location| location.place.name.clone().unwrap_or_else(|| location.place.street.clone()));
    let (state, address) = (head.clone(), head.clone());
    let may_write = viewer().may(Permission::WriteMerchants) && location.archived_at.is_none();
    let aside = move || {
        loaded(record, move |(location, history)| {
            renew(&head, location.clone());
            view! {
                <State location=location moves=moves/>
                <History versions=history shown=|_, raw| raw.to_owned()/>
            }
        })
    };
    view! {
        <Title text=title.clone()/>
        <PageHead
            title=title
            crumbs=crumbs
            badge=move || move || state.with(badge)
            lead=move || move || address.with(|location| location.place.address())
        />
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
fn Draft(location: Location, save: ServerAction<SaveLocation>, returned: Back<LocationForm>) -> impl IntoView {
    let (merchant, id) = (location.merchant, location.id);
    let form = LocationForm::of(&location.place, &location.external_ids);
    let edit = EditForm::new(
        save,
        form,
        location.version,
        returned,
        |sent| sent.form.parse().err().unwrap_or_default(),
        |sent| sent.form,
        |_| "Saved",
    );
    let (live, hint) = (edit.live, PostalHint::new());
    let words = |_: &str, raw: &str| raw.to_owned();
    let fields = move |form| view! { <LocationFields form=form postal_hint=hint.words()/> }.into_any();
    view! {
        <ActionForm action=save node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true
            on:change=move |event| {
                live.changed(&event);
                hint.changed(&event);
            }
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            <input type="hidden" name="merchant" value=merchant.to_string()/>
            <input type="hidden" name="id" value=id.to_string()/>
            {edit.body("Save", format!("/desk/merchants/{merchant}/locations/{id}"), words, fields)}
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
