//! A revision: what it changes against the last approved one, and the decision on it.

use super::{
    actions::Refused,
    changes::{Changes, Filled},
    preview::Preview,
    words::revision_badge,
};
use crate::{
    edit_form::times_done,
    frame::viewer,
    late_page::LatePage,
    live_form::LiveForm,
    shared::{Returned, loaded, messages, returned, tell_done},
};
use api::offers::{ApproveRevision, AskForChanges};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError, RevisionId,
    access::Permission,
    offers::{FormOptions, Offer, RevisionDetail, RevisionState, parse_reason},
    time::exact,
};
use ui::{Alert, Button, ButtonKind, Card, DescriptionList, Detail, ErrorSummary, PageHead, RecordColumns, TextArea, Tone};

/// The revision with its offer, and the reason that came back.
type Loaded = (RevisionDetail, Offer, FormOptions, Option<Returned<String>>);

pub struct RevisionPage {
    approve: ServerAction<ApproveRevision>,
    ask: ServerAction<AskForChanges>,
    revision: Resource<Result<Loaded, AppError>>,
}

impl LatePage for RevisionPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = move || params.with(|map| map.get("revision").unwrap_or_default());
        let (approve, ask) = (ServerAction::<ApproveRevision>::new(), ServerAction::<AskForChanges>::new());
        let (approved, asked, returned) = (times_done(approve), times_done(ask), returned());
        Self {
            approve,
            ask,
            revision: Resource::new_blocking(
                move || (id(), approved.get() + asked.get()),
                move |(id, times)| async move {
                    let id: RevisionId = id.parse().map_err(|_| AppError::NotFound)?;
                    let detail = api::offers::load_revision(id).await?;
                    let offer = api::offers::load_offer(detail.offer).await?;
                    let options = api::offers::load_form_options(offer.merchant).await?;
                    Ok((detail, offer, options, if times == 0 { returned.await } else { None }))
                },
            ),
        }
    }

    fn view(this: Self) -> AnyView {
        let RevisionPage { approve, ask, revision } = this;
        tell_done(approve, "Approved");
        tell_done(ask, "Sent back");
        loaded(revision, move |loaded| view! { <Shown loaded=loaded approve=approve ask=ask/> }).into_any()
    }
}

#[component]
fn Shown(loaded: Loaded, approve: ServerAction<ApproveRevision>, ask: ServerAction<AskForChanges>) -> impl IntoView {
    let (detail, offer, options, returned) = loaded;
    let record = format!("/desk/offers/{}", offer.id);
    let title = format!("Revision {} of {}", detail.revision.number, detail.content.headline);
    let crumbs = vec![
        ("/desk/offers".to_owned(), "Offers".to_owned()),
        (merchant_path(&offer), offer.merchant_name.clone()),
        (record, offer.draft.headline.clone()),
    ];
    let state = detail.revision.state;
    let value = detail.value.clone();
    let aside = {
        let detail = detail.clone();
        let preview = detail.preview.clone();
        move || {
            view! {
                <Decision detail=detail offer=offer returned=returned approve=approve ask=ask/>
                <Preview preview=preview/>
            }
        }
    };
    view! {
        <Title text=title.clone()/>
        <PageHead title=title crumbs=crumbs badge=move || revision_badge(state) lead=move || value/>
        <RecordColumns aside=aside>
            <Content detail=detail options=options/>
        </RecordColumns>
    }
}

fn merchant_path(offer: &Offer) -> String {
    format!("/desk/merchants/{}", offer.merchant)
}

/// What changed since the last approval, then everything.
#[component]
fn Content(detail: RevisionDetail, options: FormOptions) -> impl IntoView {
    let RevisionDetail { content, before, .. } = detail;
    let changes = before.map(|before| view! { <Changes now=content.clone() before=before options=options.clone()/> });
    view! {
        {changes}
        <Filled form=content options=options title="The whole revision"/>
    }
}

#[component]
fn Decision(
    detail: RevisionDetail,
    offer: Offer,
    returned: Option<Returned<String>>,
    approve: ServerAction<ApproveRevision>,
    ask: ServerAction<AskForChanges>,
) -> impl IntoView {
    let me = viewer();
    let revision = detail.revision;
    let id = revision.id.to_string();
    let open = revision.state == RevisionState::InReview && me.may(Permission::ReviewOffers);
    let own = offer.authors.contains(&me.id);
    let (merchant, merchant_name) = (merchant_path(&offer), offer.merchant_name);
    let again = id.clone();
    let refused = move || approve.value().get().and_then(Result::err).map(|error| view! { <Refused error=error/> });
    view! {
        {refused}
        <Card title="Decision">
            <div class="stack">
            <DescriptionList>
                <Detail label="Merchant"><a class="link" href=merchant><bdi>{merchant_name}</bdi></a></Detail>
                <Detail label="Sent">
                    <span title=format!("Content {}", revision.hash)>{format!("{} by {}", exact(revision.sent_at), revision.sent_by)}</span>
                </Detail>
                {revision.decided_at.map(|at| view! { <Detail label="Decided">{format!("{} by {}", exact(at), revision.decided_by.unwrap_or_default())}</Detail> })}
                {revision.note.map(|note| view! { <Detail label="Reason"><span class="multiline">{note}</span></Detail> })}
            </DescriptionList>
            {(open && own).then(|| view! { <Alert tone=Tone::Info title="You changed this draft since it was last approved, so somebody else must approve it."/> })}
            {(open && !own).then(|| view! {
                <ActionForm action=approve>
                    <input type="hidden" name="id" value=id.clone()/>
                    <Button kind=ButtonKind::Primary submit=true disabled=approve.pending()>"Approve"</Button>
                </ActionForm>
            })}
            {open.then(|| view! { <Ask id=again returned=returned action=ask/> })}
            </div>
        </Card>
    }
}

/// Sends the revision back; a reason that was refused comes back open, with its message at the field.
#[component]
fn Ask(id: String, returned: Option<Returned<String>>, action: ServerAction<AskForChanges>) -> impl IntoView {
    let open = returned.is_some();
    let (reason, first) = returned.map(|back| (back.form, messages(&back.error))).unwrap_or_default();
    let live = LiveForm::<AskForChanges>::new(first, |sent| parse_reason(&sent.reason).err().unwrap_or_default());
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    view! {
        <details class="disclosure" open=open>
            <summary>"Ask for changes"</summary>
            <ActionForm action=action node_ref=live.node attr:novalidate=true
                on:change=move |event| live.changed(&event)
                on:input=move |_| live.typed()
                on:submit:capture=move |event| live.submitted(&event)
            >
                <ErrorSummary title="This was not sent back:"/>
                <input type="hidden" name="id" value=id/>
                <TextArea name="reason" label="What should change" value=reason required=true/>
                <Button submit=true disabled=action.pending()>"Send back"</Button>
            </ActionForm>
        </details>
    }
}
