//! A new offer: first its merchant, then its draft.

use super::fields::OfferFields;
use crate::{
    live_form::LiveForm,
    shared::{Returned, loaded, messages, only_for, returned},
};
use api::offers::AddOffer;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};
use model::{
    AppError, MerchantId, Page,
    access::Permission,
    merchants::{MerchantQuery, MerchantRow},
    offers::{FormOptions, OfferForm},
};
use ui::{Button, ButtonKind, EmptyState, FilterBar, Icon, PageHead, SaveBar, SearchField};

const PATH: &str = "/desk/offers/new";

type Start = (OfferForm, FormOptions);

pub struct NewPage {
    /// The chosen merchant with its lists.
    chosen: Resource<Result<Option<Start>, AppError>>,
    /// Merchants to choose from, by the search in the address.
    merchants: Resource<Result<Page<MerchantRow>, AppError>>,
    returned: Resource<Option<Returned<OfferForm>>>,
}

#[lazy_route]
impl LazyRoute for NewPage {
    fn data() -> Self {
        let map = use_query_map();
        let merchant = move || map.with(|map| map.get("merchant").and_then(|id| id.parse::<MerchantId>().ok()));
        let q = move || map.with(|map| map.get("q").unwrap_or_default());
        let returned = returned::<OfferForm>();
        Self {
            chosen: Resource::new_blocking(merchant, move |merchant| async move {
                let form = match merchant {
                    Some(id) => OfferForm { merchant: id.to_string(), ..OfferForm::default() },
                    // A form that came back names its merchant itself.
                    None => match returned.await {
                        Some(returned) => returned.form,
                        None => return Ok(None),
                    },
                };
                match form.merchant.parse() {
                    Ok(id) => Ok(Some((form, api::offers::load_form_options(id).await?))),
                    Err(_) => Ok(None),
                }
            }),
            merchants: Resource::new_blocking(q, |q| api::merchants::list_merchants(MerchantQuery { q, ..Default::default() })),
            returned,
        }
    }

    fn view(this: Self) -> AnyView {
        let NewPage { chosen, merchants, returned } = this;
        let crumbs = vec![("/desk/offers".to_owned(), "Offers".to_owned())];
        let page = move || {
            view! {
                <Title text="New offer"/>
                <PageHead title="New offer" crumbs=crumbs/>
                {loaded(chosen, move |start| match start {
                    Some((form, options)) => view! { <Draft form=form options=options returned=returned/> }.into_any(),
                    None => loaded(merchants, |page| view! { <ChooseMerchant page=page/> }).into_any(),
                })}
            }
        };
        only_for(Permission::WriteOffers, || page().into_any())
    }
}

#[component]
fn ChooseMerchant(page: Page<MerchantRow>) -> impl IntoView {
    let q = use_query_map().with_untracked(|map| map.get("q").unwrap_or_default());
    let rows = page.items.into_iter().map(|merchant| {
        let href = format!("{PATH}?merchant={}", merchant.id);
        view! { <li><a class="link" href=href>{merchant.name}</a>" "<span class="text-muted">{merchant.status.label()}</span></li> }
    });
    let rows = rows.collect_view();
    let none = rows.is_empty();
    view! {
        <p>"Whose offer is it?"</p>
        <FilterBar action=PATH label="Find a merchant">
            <SearchField label="Merchant" value=q placeholder="Name"/>
        </FilterBar>
        {if none {
            view! {
                <EmptyState icon=Icon::Store title="No merchant of this name" text="Search for another, or add it first." action=|| view! { <Button href="/desk/merchants/new">"New merchant"</Button> }/>
            }.into_any()
        } else {
            view! { <ul class="plain-list">{rows}</ul> }.into_any()
        }}
    }
}

#[component]
fn Draft(form: OfferForm, options: FormOptions, returned: Resource<Option<Returned<OfferForm>>>) -> impl IntoView {
    let back = returned.get_untracked().flatten();
    let (form, shown) = match back {
        Some(back) => (back.form, messages(&back.error)),
        None => (form, Vec::new()),
    };
    let action = ServerAction::<AddOffer>::new();
    let live = LiveForm::<AddOffer>::new(shown, |sent| sent.form.parse().err().unwrap_or_default());
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    view! {
        <ActionForm action=action node_ref=live.node attr:class="choices" attr:novalidate=true
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |_| live.submitted()
        >
            <OfferFields form=form options=options/>
            <SaveBar>
                <Button kind=ButtonKind::Quiet href="/desk/offers">"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true disabled=action.pending()>"Save draft"</Button>
            </SaveBar>
        </ActionForm>
    }
}
