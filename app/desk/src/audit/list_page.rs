//! Search in the audit log: who did what, when, to what.

use crate::shared::{address, loaded, query};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use model::{
    AppError, Page,
    audit::{AuditQuery, AuditRow},
    time::exact,
};
use ui::{CursorPager, DateTimeField, EmptyState, FilterBar, Icon, PageHead, SearchField, Table, TextField};

const PATH: &str = "/desk/audit";

pub struct ListPage {
    query: Memo<AuditQuery>,
    rows: Resource<Result<Page<AuditRow>, AppError>>,
}

#[lazy_route]
impl LazyRoute for ListPage {
    fn data() -> Self {
        let query = query::<AuditQuery>();
        Self { query, rows: Resource::new_blocking(move || query.get(), api::audit::search_audit) }
    }

    fn view(this: Self) -> AnyView {
        let ListPage { query, rows } = this;
        let asked = query.get_untracked();
        view! {
            <Title text="Audit log"/>
            <PageHead title="Audit log" lead=|| "Every sign-in, refusal and change. Nobody can alter it, administrators included."/>
            <FilterBar action=PATH label="Filter the audit log">
                <SearchField name="action" label="Action" value=asked.action placeholder="offer. or account.signed_in"/>
                <TextField name="actor" label="E-mail of who did it" value=asked.actor/>
                <TextField name="subject" label="Id of the record" value=asked.subject/>
                <DateTimeField name="from" label="From day" value=asked.from date_only=true/>
                <DateTimeField name="until" label="Until day" value=asked.until date_only=true/>
            </FilterBar>
            {loaded(rows, move |page| view! { <Rows page=page query=query.get()/> })}
        }
        .into_any()
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
        <Table label="Audit log, newest first">
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
    let subject = row.subject_kind.zip(row.subject_id);
    let detail = match row.detail.as_object() {
        Some(fields) if fields.is_empty() => String::new(),
        _ => row.detail.to_string(),
    };
    view! {
        <tr>
            <th scope="row">{exact(row.at)}</th>
            <td>{row.actor_name}</td>
            <td><code>{row.action}</code></td>
            <td>{subject.map(|(kind, id)| view! { <Record kind=kind id=id/> })}</td>
            <td class="wrap">{detail}</td>
        </tr>
    }
}

/// A record's name and a link to its page, if it has one.
#[component]
fn Record(kind: String, id: String) -> impl IntoView {
    let href = match kind.as_str() {
        "offer" => format!("/desk/offers/{id}"),
        "merchant" => format!("/desk/merchants/{id}"),
        _ => return kind.into_any(),
    };
    view! { <a class="link" href=href>{kind}</a> }.into_any()
}
