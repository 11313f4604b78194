//! The desk's first page: what waits for whom, one's own part first.

use crate::{
    frame::viewer,
    late_page::LatePage,
    shared::{address, loaded, time},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    AppError, Page,
    access::Permission,
    accounts::Viewer,
    offers::{OfferQuery, OfferRow, PublicationState, RevisionState},
};
use ui::{Button, ButtonKind, Card, Icon, PageHead};

/// Rows of each list; the rest stands behind the link.
const SHOWN: usize = 6;

type Rows = Resource<Result<Page<OfferRow>, AppError>>;

/// Offers that wait for the same next step.
#[derive(Clone, Copy)]
struct Queue {
    title: &'static str,
    /// The words of the link to all of them.
    all: &'static str,
    /// What stands there when none waits.
    none: &'static str,
    /// Who takes the step.
    whose: Permission,
    query: fn() -> OfferQuery,
}

const REVIEW: Queue = Queue {
    title: "Waiting for review",
    all: "All waiting for review",
    none: "Nothing waits for review.",
    whose: Permission::ReviewOffers,
    query: || OfferQuery { revision: RevisionState::InReview.word().into(), ..Default::default() },
};

const READY: Queue = Queue {
    title: "Approved, not published",
    all: "All approved, not published",
    none: "Everything approved is published.",
    whose: Permission::PublishOffers,
    query: || {
        let publication = PublicationState::Unpublished.word().into();
        OfferQuery { revision: RevisionState::Approved.word().into(), publication, ..Default::default() }
    },
};

const CHANGES: Queue = Queue {
    title: "Changes asked",
    all: "All with changes asked",
    none: "No reviewer waits for changes.",
    whose: Permission::WriteOffers,
    query: || OfferQuery { revision: RevisionState::ChangesAsked.word().into(), ..Default::default() },
};

const DRAFTS: Queue = Queue {
    title: "Not published yet",
    all: "All not published yet",
    none: "Every offer was published.",
    whose: Permission::WriteOffers,
    query: || OfferQuery { publication: PublicationState::Unpublished.word().into(), ..Default::default() },
};

impl Queue {
    fn rows(self) -> Rows {
        Resource::new_blocking(self.query, api::offers::list_offers)
    }
}

pub struct HomePage {
    queues: [(Queue, Rows); 3],
}

impl LatePage for HomePage {
    fn data() -> Self {
        Self { queues: [REVIEW, READY, CHANGES].map(|queue| (queue, queue.rows())) }
    }

    fn view(this: Self) -> AnyView {
        let HomePage { queues } = this;
        let me = viewer();
        let new = me.may(Permission::WriteOffers);
        let drafts = new.then(|| (DRAFTS, DRAFTS.rows()));
        let queues = own_first(&me, queues.into_iter().chain(drafts).collect());
        let cards = queues.into_iter().map(|(queue, rows)| view! { <Waiting queue=queue rows=rows/> }).collect_view();
        view! {
            <Title text="Overview"/>
            <PageHead
                title="Overview"
                lead=move || format!("Signed in as {}", me.name)
                action=move || new.then(|| view! { <Button kind=ButtonKind::Primary href="/desk/offers/new" icon=Icon::Plus>"New offer"</Button> })
            />
            <div class="board">{cards}</div>
        }
        .into_any()
    }
}

/// What waits for the person stands before what waits for others.
fn own_first<R>(viewer: &Viewer, mut queues: Vec<(Queue, R)>) -> Vec<(Queue, R)> {
    queues.sort_by_key(|(queue, _)| !viewer.may(queue.whose));
    queues
}

#[component]
fn Waiting(queue: Queue, rows: Rows) -> impl IntoView {
    let Queue { title, all, none, query, .. } = queue;
    let href = address("/desk/offers", &query());
    view! {
        <Card title=title>
            {loaded(rows, move |page| {
                if page.items.is_empty() {
                    return view! { <p class="text-muted">{none}</p> }.into_any();
                }
                let (href, words) = (href.clone(), format!("{all} ({})", counted(&page)));
                let rows = page.items.into_iter().take(SHOWN).map(|row| view! { <Line row=row/> }).collect_view();
                view! {
                    <ul class="plain-list">{rows}</ul>
                    <p class="mt-4"><a class="link" href=href>{words}</a></p>
                }
                .into_any()
            })}
        </Card>
    }
}

/// How many wait, as far as the first page of them tells.
fn counted<T>(page: &Page<T>) -> String {
    format!("{}{}", page.items.len(), if page.next.is_some() { "+" } else { "" })
}

#[component]
fn Line(row: OfferRow) -> impl IntoView {
    view! {
        <li>
            <a class="link" href=format!("/desk/offers/{}", row.id)><bdi>{row.headline}</bdi></a>
            <p class="text-muted">
                <bdi>{row.merchant_name}</bdi>
                ", "
                {time(row.updated_at)}
            </p>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{AccountId, Cursor, access::Role};

    #[test]
    fn each_role_finds_its_own_work_first() {
        for (role, title) in [
            (Role::Reviewer, "Waiting for review"),
            (Role::CampaignManager, "Approved, not published"),
            (Role::Editor, "Changes asked"),
            (Role::Support, "Waiting for review"),
        ] {
            let viewer =
                Viewer { id: AccountId(Default::default()), name: String::new(), email: String::new(), roles: vec![role] };
            let queues = own_first(&viewer, [REVIEW, READY, CHANGES, DRAFTS].map(|queue| (queue, ())).into());
            assert_eq!(queues[0].0.title, title, "{role}");
        }
    }

    #[test]
    fn a_number_that_is_only_a_beginning_says_so() {
        let page = |next| Page { items: vec![(); 50], next, previous: None };
        assert_eq!(counted(&page(None)), "50");
        assert_eq!(counted(&page(Some(Cursor("x".into())))), "50+");
    }
}
