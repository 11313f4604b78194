//! A new offer: first its merchant, then its draft.

use super::fields::OfferFields;
use crate::{
    late_page::LatePage,
    live_form::LiveForm,
    merchants::words::status_badge,
    shared::{CountsOnce, Returned, address, form_only_for, leaving, loaded, messages, query, returned},
};
use api::offers::AddOffer;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    AppError, MerchantId, Page,
    access::Permission,
    merchants::{MerchantQuery, MerchantRow, MerchantStatus},
    offers::{FormOptions, OfferForm},
};
use ui::{Button, ButtonKind, CursorPager, EmptyState, Icon, PageHead, SaveBar, SearchField, Table};

const PATH: &str = "/desk/offers/new";

/// The form with its lists, and the merchant's name.
type Start = (OfferForm, FormOptions, String);

pub struct NewPage {
    /// The chosen merchant with its lists.
    chosen: Resource<Result<Option<Start>, AppError>>,
    query: Memo<MerchantQuery>,
    /// Merchants to choose from, by the search in the address.
    merchants: Resource<Result<Page<MerchantRow>, AppError>>,
    returned: Resource<Option<Returned<OfferForm>>>,
}

impl LatePage for NewPage {
    fn data() -> Self {
        let map = use_query_map();
        let merchant = move || map.with(|map| map.get("merchant").and_then(|id| id.parse::<MerchantId>().ok()));
        let query = query::<MerchantQuery>();
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
                    Ok(id) => {
                        let name = api::merchants::load_merchant(id).await?.name;
                        Ok(Some((form, api::offers::load_form_options(id).await?, name)))
                    }
                    Err(_) => Ok(None),
                }
            }),
            query,
            merchants: Resource::new_blocking(move || query.get(), api::merchants::list_merchants),
            returned,
        }
    }

    fn view(this: Self) -> AnyView {
        let NewPage { chosen, query, merchants, returned } = this;
        let page = move || {
            loaded(chosen, move |start| match start {
                Some((form, options, merchant)) => view! {
                    <Head title=format!("New offer of {merchant}") merchant=Some((form.merchant.clone(), merchant))/>
                    <Draft form=form options=options returned=returned/>
                }
                .into_any(),
                None => view! {
                    <Head title="New offer" merchant=None/>
                    {loaded(merchants, move |page| view! { <ChooseMerchant page=page query=query.get_untracked()/> })}
                }
                .into_any(),
            })
        };
        form_only_for(Permission::WriteOffers, || page().into_any())
    }
}

#[component]
fn Head(
    #[prop(into)] title: String,
    /// Id and name of the chosen one.
    merchant: Option<(String, String)>,
) -> impl IntoView {
    let mut crumbs = vec![("/desk/offers".to_owned(), "Offers".to_owned())];
    crumbs.extend(merchant.map(|(id, name)| (format!("/desk/merchants/{id}"), name)));
    view! {
        <Title text=title.clone()/>
        <PageHead title=title crumbs=crumbs/>
    }
}

/// Merchants to choose from; a closed one has no new offers.
#[component]
fn ChooseMerchant(page: Page<MerchantRow>, query: MerchantQuery) -> impl IntoView {
    let at = |after: String, before: String| address(PATH, &MerchantQuery { after, before, ..query.clone() });
    let next = page.next.map(|c| at(c.0, String::new())).unwrap_or_default();
    let previous = page.previous.map(|c| at(String::new(), c.0)).unwrap_or_default();
    let rows = page.items.into_iter().filter(|merchant| merchant.status != MerchantStatus::Closed);
    let rows = rows.map(|merchant| view! { <Choice merchant=merchant/> }).collect_view();
    let none = rows.is_empty() && next.is_empty() && previous.is_empty();
    view! {
        <form class="filter-bar" method="get" action=PATH role="search" aria-label="Find a merchant">
            <SearchField label="Merchant" value=query.q placeholder="Whose offer is it?"/>
            <Button submit=true>"Search"</Button>
        </form>
        {if none {
            view! {
                <EmptyState icon=Icon::Store title="No merchant of this name" text="Search for another, or add it first." action=|| view! { <Button href="/desk/merchants/new">"New merchant"</Button> }/>
            }.into_any()
        } else {
            view! {
                <Table label="Merchants">
                    <thead>
                        <tr>
                            <th scope="col">"Merchant"</th>
                            <th scope="col">"Brand"</th>
                            <th scope="col">"Status"</th>
                            <th scope="col">"Category"</th>
                            <th scope="col" class="num">"Locations"</th>
                            <th scope="col" class="num">"Offers"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
                <CursorPager previous=previous next=next/>
            }.into_any()
        }}
    }
}

#[component]
fn Choice(merchant: MerchantRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row"><a class="link" href=format!("{PATH}?merchant={}", merchant.id)><bdi>{merchant.name}</bdi></a></th>
            <td>{merchant.brand.map(|brand| view! { <bdi>{brand}</bdi> })}</td>
            <td>{status_badge(merchant.status)}</td>
            <td>{merchant.category}</td>
            <td class="num">{merchant.locations}</td>
            <td class="num">{merchant.offers}</td>
        </tr>
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
    let live = LiveForm::<AddOffer>::new(shown, |sent| sent.form.parse().err().unwrap_or_default()).of_record();
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    view! {
        <ActionForm action=action node_ref=live.node attr:class="choices" attr:novalidate=true attr:inert=leaving(action)
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            <CountsOnce/>
            <OfferFields form=form options=options/>
            <SaveBar>
                <Button kind=ButtonKind::Quiet href="/desk/offers">"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true disabled=leaving(action)>"Save draft"</Button>
            </SaveBar>
        </ActionForm>
    }
}
