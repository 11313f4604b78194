//! Search in the audit log: who did what, when, to what.

use crate::{
    frame::viewer,
    late_page::LatePage,
    shared::{address, loaded, only_for, query},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    AppError, Page,
    access::Permission,
    audit::{AuditQuery, AuditRow, short_id},
    jobs::JobId,
    time::exact,
};
use ui::{CursorPager, DateTimeField, EmptyState, FilterBar, Icon, PageHead, SearchField, Table, TextField};

const PATH: &str = "/desk/audit";

pub struct ListPage {
    query: Memo<AuditQuery>,
    rows: Resource<Result<Page<AuditRow>, AppError>>,
}

impl LatePage for ListPage {
    fn data() -> Self {
        let query = query::<AuditQuery>();
        Self { query, rows: Resource::new_blocking(move || query.get(), api::audit::search_audit) }
    }

    fn view(this: Self) -> AnyView {
        let ListPage { query, rows } = this;
        let asked = query.get_untracked();
        let page = move || {
            view! {
                <Title text="Audit log"/>
                <PageHead title="Audit log" lead=|| "Sign-ins, refusals and changes. Nobody can alter it, administrators included."/>
                <FilterBar action=PATH label="Filter the audit log">
                    <SearchField name="action" label="Action" value=asked.action placeholder="offer. or account.signed_in"/>
                    <TextField name="actor" label="E-mail of who did it" value=asked.actor/>
                    <TextField name="subject" label="Id of the record" value=asked.subject/>
                    <DateTimeField name="from" label="From day" value=asked.from date_only=true/>
                    <DateTimeField name="until" label="Until day" value=asked.until date_only=true/>
                </FilterBar>
                {loaded(rows, move |page| view! { <Rows page=page query=query.get()/> })}
            }
        };
        only_for(Permission::ReadAudit, || page().into_any())
    }
}

#[component]
fn Rows(page: Page<AuditRow>, query: AuditQuery) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <EmptyState icon=Icon::History title="Nothing was found" text="Ask for less, or for other days."/> }
            .into_any();
    }
    let next = page.next.map(|after| address(PATH, &AuditQuery { after: after.0, ..query })).unwrap_or_default();
    view! {
        <Table label="Audit log, newest first" stacks=true>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"To what"</th>
                    <th scope="col">"Detail"</th>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
        </Table>
        <CursorPager next=next/>
    }
    .into_any()
}

#[component]
fn Row(row: AuditRow) -> impl IntoView {
    let detail = row.detail_in_words();
    let subject = row.subject_kind.zip(row.subject_id);
    view! {
        <tr>
            <th scope="row">{exact(row.at)}</th>
            <td><bdi>{row.actor_name}</bdi></td>
            <td><code>{row.action}</code></td>
            <td>{subject.map(|(kind, id)| view! { <Record kind=kind id=id/> })}</td>
            <td class="wrap">{detail}</td>
        </tr>
    }
}

/// A record's kind and the end of its id, with a link to its page, if it has one; and to all that was done to it.
#[component]
fn Record(kind: String, id: String) -> impl IntoView {
    let job = (kind == "job").then(|| id.parse().ok().map(JobId::of_uuid)).flatten();
    let words = job.map_or_else(|| format!("{kind} …{}", short_id(&id)), |job| format!("job {job}"));
    let all = address(PATH, &AuditQuery { subject: id.clone(), ..AuditQuery::default() });
    let page = match kind.as_str() {
        "offer" => Some(format!("/desk/offers/{id}")),
        "merchant" => Some(format!("/desk/merchants/{id}")),
        "mail" if viewer().may(Permission::Operate) => Some(format!("/desk/mail/{id}")),
        "account" if viewer().may(Permission::ManageAccounts) => Some(format!("/desk/accounts/{id}")),
        _ => job.filter(|_| viewer().may(Permission::Operate)).map(|job| format!("/desk/jobs/{job}")),
    };
    // Beside words that lead nowhere it must look like a link.
    let class = if page.is_none() { "link text-muted underline" } else { "link text-muted" };
    let record = match page {
        Some(href) => view! { <a class="link" href=href title=id>{words}</a> }.into_any(),
        None => view! { <span title=id>{words}</span> }.into_any(),
    };
    // `external` loads the page in full, so that its filters show what is asked for.
    view! { {record} " " <a class=class href=all rel="external">"its log"</a> }
}
