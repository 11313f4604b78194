//! A new merchant.

use super::fields::MerchantFields;
use crate::{
    late_page::LatePage,
    live_form::LiveForm,
    shared::{CountsOnce, Returned, form_only_for, leaving, loaded, messages, returned},
};
use api::merchants::AddMerchant;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use model::{
    AppError,
    access::Permission,
    categories::Category,
    merchants::{MerchantForm, MerchantStatus},
};
use ui::{Button, ButtonKind, PageHead, SaveBar};

/// The tree of categories, and the form that came back.
type Start = (Vec<Category>, Option<Returned<MerchantForm>>);

pub struct NewPage {
    start: Resource<Result<Start, AppError>>,
}

impl LatePage for NewPage {
    fn data() -> Self {
        let returned = returned::<MerchantForm>();
        let start = Resource::new_blocking(
            || (),
            move |()| async move { Ok((api::categories::list_categories().await?, returned.await)) },
        );
        Self { start }
    }

    fn view(this: Self) -> AnyView {
        let NewPage { start } = this;
        let crumbs = vec![("/desk/merchants".to_owned(), "Merchants".to_owned())];
        form_only_for(Permission::WriteMerchants, || {
            view! {
                <Title text="New merchant"/>
                <PageHead title="New merchant" crumbs=crumbs/>
                {loaded(start, |(categories, returned)| view! { <Draft categories=categories returned=returned/> })}
            }
            .into_any()
        })
    }
}

#[component]
fn Draft(categories: Vec<Category>, returned: Option<Returned<MerchantForm>>) -> impl IntoView {
    let (form, shown) = match returned {
        Some(back) => (back.form, messages(&back.error)),
        None => (MerchantForm { status: MerchantStatus::default().word().to_owned(), ..Default::default() }, Vec::new()),
    };
    let action = ServerAction::<AddMerchant>::new();
    let live = LiveForm::<AddMerchant>::new(shown, |sent| sent.form.parse().err().unwrap_or_default()).of_record();
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    view! {
        <ActionForm action=action node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true attr:inert=leaving(action)
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            <CountsOnce/>
            <MerchantFields form=form categories=categories/>
            <SaveBar>
                <Button kind=ButtonKind::Quiet href="/desk/merchants">"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true disabled=leaving(action)>"Add merchant"</Button>
            </SaveBar>
        </ActionForm>
    }
}
