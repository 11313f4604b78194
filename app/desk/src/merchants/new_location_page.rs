//! A new location of a merchant.

use super::{fields::LocationFields, location_state::PostalHint};
use crate::{
    late_page::LatePage,
    live_form::LiveForm,
    shared::{CountsOnce, Returned, form_only_for, leaving, loaded, messages, returned},
};
use api::merchants::AddLocation;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError, MerchantId,
    access::Permission,
    merchants::{LocationForm, Merchant},
};
use ui::{Button, ButtonKind, PageHead, SaveBar};

/// The merchant, and the form that came back.
type Start = (Merchant, Option<Returned<LocationForm>>);

pub struct NewLocationPage {
    start: Resource<Result<Start, AppError>>,
}

impl LatePage for NewLocationPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|map| map.get("merchant").and_then(|id| id.parse::<MerchantId>().ok())));
        let returned = returned::<LocationForm>();
        let start = Resource::new_blocking(
            move || id.get(),
            move |id| async move {
                let merchant = api::merchants::load_merchant(id.ok_or(AppError::NotFound)?).await?;
                Ok((merchant, returned.await))
            },
        );
        Self { start }
    }

    fn view(this: Self) -> AnyView {
        let NewLocationPage { start } = this;
        form_only_for(Permission::WriteMerchants, || {
            loaded(start, |(merchant, returned)| view! { <Draft merchant=merchant returned=returned/> }).into_any()
        })
    }
}

#[component]
fn Draft(merchant: Merchant, returned: Option<Returned<LocationForm>>) -> impl IntoView {
    let back = format!("/desk/merchants/{}", merchant.id);
    let crumbs = vec![("/desk/merchants".to_owned(), "Merchants".to_owned()), (back.clone(), merchant.name)];
    let (form, shown) = match returned {
        Some(back) => (back.form, messages(&back.error)),
        None => (LocationForm { country: "US".into(), ..Default::default() }, Vec::new()),
    };
    let action = ServerAction::<AddLocation>::new();
    let live = LiveForm::<AddLocation>::new(shown, |sent| sent.form.parse().err().unwrap_or_default()).of_record();
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    let hint = PostalHint::new();
    view! {
        <Title text="New location"/>
        <PageHead title="New location" crumbs=crumbs/>
        <ActionForm action=action node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true attr:inert=leaving(action)
            on:change=move |event| {
                live.changed(&event);
                hint.changed(&event);
            }
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            <CountsOnce/>
            <input type="hidden" name="merchant" value=merchant.id.to_string()/>
            <LocationFields form=form postal_hint=hint.words()/>
            <SaveBar>
                <Button kind=ButtonKind::Quiet href=back>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true disabled=leaving(action)>"Add location"</Button>
            </SaveBar>
        </ActionForm>
    }
}
