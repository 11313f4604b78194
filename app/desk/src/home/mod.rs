//! The desk's first page: what waits for whom.

use crate::{
    frame::viewer,
    shared::{address, loaded, now},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use model::{
    AppError, Page,
    access::Permission,
    offers::{OfferQuery, OfferRow, PublicationState, RevisionState},
    time::{exact, relative},
};
use ui::{Button, ButtonKind, Card, Icon, PageHead, RelativeTime};

/// Rows of each list; the rest stands behind the link.
const SHOWN: usize = 6;

type Rows = Resource<Result<Page<OfferRow>, AppError>>;

pub struct HomePage {
    in_review: Rows,
    changes_asked: Rows,
    ready: Rows,
}

fn in_review() -> OfferQuery {
    OfferQuery { revision: RevisionState::InReview.word().into(), ..Default::default() }
}

fn changes_asked() -> OfferQuery {
    OfferQuery { revision: RevisionState::ChangesAsked.word().into(), ..Default::default() }
}

fn ready() -> OfferQuery {
    let publication = PublicationState::Unpublished.word().into();
    OfferQuery { revision: RevisionState::Approved.word().into(), publication, ..Default::default() }
}

#[lazy_route]
impl LazyRoute for HomePage {
    fn data() -> Self {
        Self {
            in_review: Resource::new_blocking(in_review, api::offers::list_offers),
            changes_asked: Resource::new_blocking(changes_asked, api::offers::list_offers),
            ready: Resource::new_blocking(ready, api::offers::list_offers),
        }
    }

    fn view(this: Self) -> AnyView {
        let HomePage { in_review: waiting, changes_asked: asked, ready: approved } = this;
        let me = viewer();
        let new = me.may(Permission::WriteOffers);
        view! {
            <Title text="Overview"/>
            <PageHead
                title="Overview"
                lead=move || format!("Signed in as {}", me.name)
                action=move || new.then(|| view! { <Button kind=ButtonKind::Primary href="/desk/offers/new" icon=Icon::Plus>"New offer"</Button> })
            />
            <div class="board">
                <Waiting title="Waiting for review" none="Nothing waits for review." query=in_review() rows=waiting/>
                <Waiting title="Changes asked" none="No reviewer waits for changes." query=changes_asked() rows=asked/>
                <Waiting title="Approved, not published" none="Everything approved is published." query=ready() rows=approved/>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Waiting(title: &'static str, none: &'static str, query: OfferQuery, rows: Rows) -> impl IntoView {
    let all = address("/desk/offers", &query);
    view! {
        <Card title=title actions=move || view! { <Button kind=ButtonKind::Quiet small=true href=all>"All"</Button> }>
            {loaded(rows, move |page| {
                if page.items.is_empty() {
                    return view! { <p class="text-muted">{none}</p> }.into_any();
                }
                let rows = page.items.into_iter().take(SHOWN).map(|row| view! { <Line row=row/> }).collect_view();
                view! { <ul class="plain-list">{rows}</ul> }.into_any()
            })}
        </Card>
    }
}

#[component]
fn Line(row: OfferRow) -> impl IntoView {
    view! {
        <li>
            <a class="link" href=format!("/desk/offers/{}", row.id)><bdi>{row.headline}</bdi></a>
            <p class="text-muted">
                <bdi>{row.merchant_name}</bdi>
                ", "
                <RelativeTime text=relative(row.updated_at, now()) exact=exact(row.updated_at) datetime=row.updated_at.to_rfc3339()/>
            </p>
        </li>
    }
}
