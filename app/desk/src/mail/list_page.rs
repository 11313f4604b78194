//! The list of mails, newest first.

use super::{PATH, badge};
use crate::{
    late_page::LatePage,
    shared::{address, loaded, only_for, query, time},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    AppError, Page,
    access::Permission,
    mail::{Mail, MailQuery, MailState},
};
use ui::{CursorPager, EmptyState, FilterBar, FilterSelect, Icon, PageHead, Table};

pub struct ListPage {
    query: Memo<MailQuery>,
    rows: Resource<Result<Page<Mail>, AppError>>,
}

impl LatePage for ListPage {
    fn data() -> Self {
        let query = query::<MailQuery>();
        Self { query, rows: Resource::new_blocking(move || query.get(), api::mail::list_mails) }
    }

    fn view(this: Self) -> AnyView {
        let ListPage { query, rows } = this;
        let asked = query.get_untracked();
        let states = MailState::ALL.map(|state| (state.word().to_owned(), state.label().to_owned())).into();
        let page = move || {
            view! {
                <Title text="Mail"/>
                <PageHead title="Mail" lead=|| "What the server wrote to people. Mails are kept for 30 days."/>
                <FilterBar action=PATH label="Filter mail">
                    <FilterSelect name="state" label="State" options=states value=asked.state/>
                </FilterBar>
                {loaded(rows, move |page| view! { <Rows page=page query=query.get()/> })}
            }
        };
        only_for(Permission::Operate, || page().into_any())
    }
}

#[component]
fn Rows(page: Page<Mail>, query: MailQuery) -> impl IntoView {
    if page.items.is_empty() {
        let (title, text) = match query.state.is_empty() {
            true => ("No mail yet", "Invitations and links for new passwords will stand here."),
            false => ("No mail is in this state", "Choose another state, or none."),
        };
        return view! { <EmptyState icon=Icon::Mail title=title text=text/> }.into_any();
    }
    let next = page.next.map(|after| address(PATH, &MailQuery { after: after.0, ..query })).unwrap_or_default();
    view! {
        <Table label="Mail, newest first">
            <thead>
                <tr>
                    <th scope="col">"Subject"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"To"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"Written"</th>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|mail| view! { <Row mail=mail/> }).collect_view()}</tbody>
        </Table>
        <CursorPager next=next/>
    }
    .into_any()
}

#[component]
fn Row(mail: Mail) -> impl IntoView {
    view! {
        <tr>
            <th scope="row"><a class="link" href=format!("{PATH}/{}", mail.id)><bdi>{mail.subject}</bdi></a></th>
            <td>{badge(mail.state)}</td>
            <td><bdi>{mail.email}</bdi></td>
            <td>{mail.kind.label()}</td>
            <td>{time(mail.created_at)}</td>
        </tr>
    }
}
