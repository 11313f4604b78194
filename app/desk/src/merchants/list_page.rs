//! The list of merchants.

use super::words::{status_badge, statuses};
use crate::{
    frame::viewer,
    late_page::LatePage,
    shared::{address, loaded, query, time},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    AppError, Page,
    access::Permission,
    categories::{Category, slug_options},
    merchants::{MerchantQuery, MerchantRow},
};
use ui::{
    Button, ButtonKind, CursorPager, EmptyState, FilterBar, FilterSelect, Icon, PageHead, SearchField, Sort, SortLink, Table,
};

const PATH: &str = "/desk/merchants";

pub struct ListPage {
    query: Memo<MerchantQuery>,
    rows: Resource<Result<Page<MerchantRow>, AppError>>,
    categories: Resource<Result<Vec<Category>, AppError>>,
}

impl LatePage for ListPage {
    fn data() -> Self {
        let query = query::<MerchantQuery>();
        Self {
            query,
            rows: Resource::new_blocking(move || query.get(), api::merchants::list_merchants),
            categories: Resource::new_blocking(|| (), |()| api::categories::list_categories()),
        }
    }

    fn view(this: Self) -> AnyView {
        let ListPage { query, rows, categories } = this;
        let new = viewer().may(Permission::WriteMerchants);
        view! {
            <Title text="Merchants"/>
            <PageHead
                title="Merchants"
                action=move || new.then(|| view! { <Button kind=ButtonKind::Primary href="/desk/merchants/new" icon=Icon::Plus>"New merchant"</Button> })
            />
            {loaded(categories, move |categories| view! { <Filters query=query.get_untracked() categories=categories/> })}
            {loaded(rows, move |page| view! { <Rows page=page query=query.get() new=new/> })}
        }
        .into_any()
    }
}

#[component]
fn Filters(query: MerchantQuery, categories: Vec<Category>) -> impl IntoView {
    view! {
        <FilterBar action=PATH label="Filter merchants">
            <SearchField label="Search merchants" value=query.q placeholder="Name"/>
            <FilterSelect name="status" label="Status" options=statuses() value=query.status/>
            <FilterSelect name="category" label="Category" options=slug_options(&categories) value=query.category/>
            {(!query.sort.is_empty()).then(|| view! { <input type="hidden" name="sort" value=query.sort/> })}
        </FilterBar>
    }
}

#[component]
fn Rows(page: Page<MerchantRow>, query: MerchantQuery, new: bool) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <Nothing query=query new=new/> }.into_any();
    }
    let at = |after: String, before: String| address(PATH, &MerchantQuery { after, before, ..query.clone() });
    let next = page.next.map(|c| at(c.0, String::new())).unwrap_or_default();
    let previous = page.previous.map(|c| at(String::new(), c.0)).unwrap_or_default();
    let sorted = |sort: &str| {
        address(PATH, &MerchantQuery { sort: sort.to_owned(), after: String::new(), before: String::new(), ..query.clone() })
    };
    // How each column is sorted now, and what its link asks for.
    let (name, to_name, updated, to_updated) = match query.sort.as_str() {
        "updated" => (Sort::None, "", Sort::Descending, "-updated"),
        "-updated" => (Sort::None, "", Sort::Ascending, "updated"),
        "-name" => (Sort::Descending, "", Sort::None, "updated"),
        _ => (Sort::Ascending, "-name", Sort::None, "updated"),
    };
    let (to_name, to_updated) = (sorted(to_name), sorted(to_updated));
    view! {
        <Table label="Merchants">
            <thead>
                <tr>
                    <SortLink label="Merchant" href=to_name sort=name/>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Brand"</th>
                    <th scope="col">"Categories"</th>
                    <th scope="col" class="num">"Locations"</th>
                    <th scope="col" class="num">"Offers"</th>
                    <SortLink label="Changed" href=to_updated sort=updated/>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
        </Table>
        <CursorPager previous=previous next=next/>
    }
    .into_any()
}

#[component]
fn Nothing(query: MerchantQuery, new: bool) -> impl IntoView {
    let nothing_asked = query == MerchantQuery::default();
    let (title, text) = if nothing_asked {
        ("No merchants yet", "Everything starts with a merchant: its offers and its locations belong to it.")
    } else {
        ("No merchants match", "Ask for less, or for another name.")
    };
    let (href, words) = if nothing_asked { ("/desk/merchants/new", "New merchant") } else { (PATH, "Show all merchants") };
    let action = move || (!nothing_asked || new).then(|| view! { <Button href=href>{words}</Button> });
    view! { <EmptyState icon=Icon::Store title=title text=text action=action/> }
}

#[component]
fn Row(row: MerchantRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row"><a class="link" href=format!("{PATH}/{}", row.id)><bdi>{row.name}</bdi></a></th>
            <td>{status_badge(row.status)}</td>
            <td>{row.brand.map(|brand| view! { <bdi>{brand}</bdi> })}</td>
            <td>{row.category}</td>
            <td class="num">{row.locations}</td>
            <td class="num">{row.offers}</td>
            <td>{time(row.updated_at)}</td>
        </tr>
    }
}
