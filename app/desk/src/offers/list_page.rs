//! The list of offers.

use super::{
    fields::choices,
    words::{publication_badge, revision_badge},
};
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
    categories::Category,
    offers::{OfferKind, OfferQuery, OfferRow, PublicationState, RevisionState, until_shown},
};
use ui::{
    Button, ButtonKind, CursorPager, EmptyState, FilterBar, FilterSelect, Icon, IconSvg, PageHead, SearchField, Sort, SortLink,
    StateBadge, Table,
};

const PATH: &str = "/desk/offers";

pub struct ListPage {
    query: Memo<OfferQuery>,
    rows: Resource<Result<Page<OfferRow>, AppError>>,
    categories: Resource<Result<Vec<Category>, AppError>>,
}

impl LatePage for ListPage {
    fn data() -> Self {
        let query = query::<OfferQuery>();
        Self {
            query,
            rows: Resource::new_blocking(move || query.get(), api::offers::list_offers),
            categories: Resource::new_blocking(|| (), |()| api::categories::list_categories()),
        }
    }

    fn view(this: Self) -> AnyView {
        let ListPage { query, rows, categories } = this;
        let new = viewer().may(Permission::WriteOffers);
        view! {
            <Title text="Offers"/>
            <PageHead
                title="Offers"
                action=move || new.then(|| view! { <Button kind=ButtonKind::Primary href="/desk/offers/new" icon=Icon::Plus>"New offer"</Button> })
            />
            {loaded(categories, move |categories| view! { <Filters query=query.get_untracked() categories=categories/> })}
            {loaded(rows, move |page| view! { <Rows page=page query=query.get()/> })}
        }
        .into_any()
    }
}

#[component]
fn Filters(query: OfferQuery, categories: Vec<Category>) -> impl IntoView {
    let categories = categories.into_iter().filter(|c| c.parent.is_none()).map(|c| (c.slug, c.name)).collect();
    view! {
        <FilterBar action=PATH label="Filter offers">
            <SearchField label="Search offers and merchants" value=query.q placeholder="Headline or merchant"/>
            <FilterSelect name="publication" label="Published" options=choices!(PublicationState) value=query.publication/>
            <FilterSelect name="revision" label="Review" options=choices!(RevisionState) value=query.revision/>
            <FilterSelect name="kind" label="Kind" options=choices!(OfferKind) value=query.kind/>
            <FilterSelect name="category" label="Category" options=categories value=query.category/>
            {(!query.merchant.is_empty()).then(|| view! { <input type="hidden" name="merchant" value=query.merchant/> })}
            {(!query.sort.is_empty()).then(|| view! { <input type="hidden" name="sort" value=query.sort/> })}
        </FilterBar>
    }
}

#[component]
fn Rows(page: Page<OfferRow>, query: OfferQuery) -> impl IntoView {
    if page.items.is_empty() {
        let nothing_asked = query == OfferQuery::default();
        let (title, text) = if nothing_asked {
            ("No offers yet", "An offer belongs to a merchant: choose one and write the first.")
        } else {
            ("No offers match", "Ask for less, or for something else.")
        };
        let (href, words) = if nothing_asked { ("/desk/offers/new", "New offer") } else { (PATH, "Show all offers") };
        return view! { <EmptyState icon=Icon::Tag title=title text=text action=move || view! { <Button href=href>{words}</Button> }/> }.into_any();
    }
    let at = |after: String, before: String| address(PATH, &OfferQuery { after, before, ..query.clone() });
    let next = page.next.map(|c| at(c.0, String::new())).unwrap_or_default();
    let previous = page.previous.map(|c| at(String::new(), c.0)).unwrap_or_default();
    let by_headline = query.sort == "headline";
    let sorted = |sort: &str| {
        address(PATH, &OfferQuery { sort: sort.to_owned(), after: String::new(), before: String::new(), ..query.clone() })
    };
    let (to_headline, to_changed) = (sorted("headline"), sorted(""));
    view! {
        <Table label="Offers">
            <thead>
                <tr>
                    <SortLink label="Offer" href=to_headline sort=if by_headline { Sort::Ascending } else { Sort::None }/>
                    <th scope="col">"Value"</th>
                    <th scope="col">"Merchant"</th>
                    <th scope="col">"Published"</th>
                    <th scope="col">"Review"</th>
                    <th scope="col">"Valid until"</th>
                    <SortLink label="Changed" href=to_changed sort=if by_headline { Sort::None } else { Sort::Descending }/>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
        </Table>
        <CursorPager previous=previous next=next/>
    }
    .into_any()
}

#[component]
fn Row(row: OfferRow) -> impl IntoView {
    let value = row.value.clone();
    let until = row.valid_until.map(until_shown);
    view! {
        <tr>
            <th scope="row"><a class="link" href=format!("{PATH}/{}", row.id)><bdi>{row.headline}</bdi></a></th>
            <td class="max-w-32" title=value>{row.value}</td>
            <td class="max-w-36"><a class="link" href=format!("/desk/merchants/{}", row.merchant)><bdi>{row.merchant_name}</bdi></a></td>
            <td>{publication_badge(row.publication)}</td>
            <td>
                {row.revision.map(revision_badge)}
                {row.draft_ahead.then(|| draft_mark(row.revision.is_none()))}
            </td>
            <td>{until}</td>
            <td>{time(row.updated_at)}</td>
        </tr>
    }
}

/// Says that a draft was not sent for review: in words where nothing else stands, else small beside what became of the revision before it.
fn draft_mark(alone: bool) -> impl IntoView {
    const WHY: &str = "The draft has changes that were not sent for review";
    if alone {
        return view! { <span title=WHY><StateBadge label="Draft" icon=Icon::Pencil/></span> }.into_any();
    }
    view! {
        " "
        <span class="inline-block align-middle text-muted" title=WHY><IconSvg icon=Icon::Pencil/><span class="sr-only">"Draft"</span></span>
    }
    .into_any()
}
