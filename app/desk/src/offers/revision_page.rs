//! A revision: what it changes against the last approved one, and the decision on it.

use super::{
    actions::Refused,
    words::{revision_badge, shown},
};
use crate::{frame::viewer, shared::loaded};
use api::offers::{ApproveRevision, AskForChanges};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    AppError, RevisionId,
    access::Permission,
    offers::{FormOptions, Offer, OfferForm, RevisionDetail, RevisionState},
    time::exact,
};
use ui::{Alert, Button, ButtonKind, Card, DescriptionList, Detail, PageHead, RecordColumns, Table, TextArea, Tone};

type Loaded = (RevisionDetail, Offer, FormOptions);

pub struct RevisionPage {
    approve: ServerAction<ApproveRevision>,
    ask: ServerAction<AskForChanges>,
    revision: Resource<Result<Loaded, AppError>>,
}

#[lazy_route]
impl LazyRoute for RevisionPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = move || params.with(|map| map.get("revision").unwrap_or_default());
        let (approve, ask) = (ServerAction::<ApproveRevision>::new(), ServerAction::<AskForChanges>::new());
        Self {
            approve,
            ask,
            revision: Resource::new_blocking(
                move || (id(), approve.version().get(), ask.version().get()),
                |(id, ..)| async move {
                    let id: RevisionId = id.parse().map_err(|_| AppError::NotFound)?;
                    let detail = api::offers::load_revision(id).await?;
                    let offer = api::offers::load_offer(detail.offer).await?;
                    let options = api::offers::load_form_options(offer.merchant).await?;
                    Ok((detail, offer, options))
                },
            ),
        }
    }

    fn view(this: Self) -> AnyView {
        let RevisionPage { approve, ask, revision } = this;
        loaded(revision, move |(detail, offer, options)| {
            view! { <Shown detail=detail offer=offer options=options approve=approve ask=ask/> }
        })
        .into_any()
    }
}

#[component]
fn Shown(
    detail: RevisionDetail,
    offer: Offer,
    options: FormOptions,
    approve: ServerAction<ApproveRevision>,
    ask: ServerAction<AskForChanges>,
) -> impl IntoView {
    let record = format!("/desk/offers/{}", offer.id);
    let title = format!("Revision {} of {}", detail.revision.number, detail.content.headline);
    let crumbs = vec![("/desk/offers".to_owned(), "Offers".to_owned()), (record, offer.draft.headline.clone())];
    let state = detail.revision.state;
    let value = detail.value.clone();
    let aside = {
        let detail = detail.clone();
        move || view! { <Decision detail=detail offer=offer approve=approve ask=ask/> }
    };
    view! {
        <Title text=title.clone()/>
        <PageHead title=title crumbs=crumbs badge=move || revision_badge(state) lead=move || value/>
        <RecordColumns aside=aside>
            <Content detail=detail options=options/>
        </RecordColumns>
    }
}

/// What changed since the last approval, then everything.
#[component]
fn Content(detail: RevisionDetail, options: FormOptions) -> impl IntoView {
    let RevisionDetail { content, before, .. } = detail;
    let changes = before.map(|before| {
        let changes = content.differences(&before);
        let rows = changes
            .into_iter()
            .map(|change| {
                let (was, is) = (shown(&change.name, &change.theirs, &options), shown(&change.name, &change.mine, &options));
                view! {
                    <tr>
                        <th scope="row">{change.label}</th>
                        <td class="wrap"><del class="multiline">{was}</del></td>
                        <td class="wrap"><ins class="multiline">{is}</ins></td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <Card title="Changed since the last approved revision">
                <Table label="Changed fields">
                    <thead><tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"Now"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Card>
        }
    });
    let details = content
        .differences(&OfferForm::default())
        .into_iter()
        .filter(|field| !matches!(field.name.as_str(), "merchant" | "client"))
        .map(|field| {
            let words = shown(&field.name, &field.mine, &options);
            view! { <Detail label=field.label><span class="multiline">{words}</span></Detail> }
        })
        .collect_view();
    view! {
        {changes}
        <Card title="The whole revision"><DescriptionList>{details}</DescriptionList></Card>
    }
}

#[component]
fn Decision(
    detail: RevisionDetail,
    offer: Offer,
    approve: ServerAction<ApproveRevision>,
    ask: ServerAction<AskForChanges>,
) -> impl IntoView {
    let me = viewer();
    let revision = detail.revision;
    let id = revision.id.to_string();
    let open = revision.state == RevisionState::InReview && me.may(Permission::ReviewOffers);
    let own = offer.authors.contains(&me.id);
    let again = id.clone();
    let refused = move || {
        let errors = [approve.value().get().and_then(Result::err), ask.value().get().and_then(Result::err)];
        errors.into_iter().flatten().map(|error| view! { <Refused error=error/> }).collect_view()
    };
    view! {
        {refused}
        <Card title="Decision">
            <div class="stack">
            <DescriptionList>
                <Detail label="Sent">{format!("{} by {}", exact(revision.sent_at), revision.sent_by)}</Detail>
                {revision.decided_at.map(|at| view! { <Detail label="Decided">{format!("{} by {}", exact(at), revision.decided_by.unwrap_or_default())}</Detail> })}
                {revision.note.map(|note| view! { <Detail label="Reason"><span class="multiline">{note}</span></Detail> })}
                <Detail label="Content hash"><code>{revision.hash}</code></Detail>
            </DescriptionList>
            {(open && own).then(|| view! { <Alert tone=Tone::Info title="You changed this draft since it was last approved, so somebody else must approve it."/> })}
            {(open && !own).then(|| view! {
                <ActionForm action=approve>
                    <input type="hidden" name="id" value=id.clone()/>
                    <Button kind=ButtonKind::Primary submit=true disabled=approve.pending()>"Approve"</Button>
                </ActionForm>
            })}
            {open.then(|| view! {
                <details class="disclosure">
                    <summary>"Ask for changes"</summary>
                    <ActionForm action=ask attr:novalidate=true>
                        <input type="hidden" name="id" value=again/>
                        <TextArea name="reason" label="What should change" value="" required=true/>
                        <Button submit=true disabled=ask.pending()>"Send back"</Button>
                    </ActionForm>
                </details>
            })}
            </div>
        </Card>
    }
}
