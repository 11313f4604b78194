//! The browsers in which somebody is signed in, as rows.

use crate::shared::time;
use leptos::prelude::*;
use model::{AccountId, sign_in::OpenSession};
use ui::{Button, ButtonKind, StateBadge, Table, Tone};

/// Each session with a button that ends it at the address of a server function; of an account, if it is not one's own.
pub fn session_table(ends_at: &'static str, sessions: Vec<OpenSession>, account: Option<AccountId>) -> impl IntoView {
    view! {
        <Table label="Open sessions" stacks=true>
            <thead>
                <tr>
                    <th scope="col">"Browser"</th>
                    <th scope="col">"Address"</th>
                    <th scope="col">"Signed in"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{sessions.into_iter().map(|session| row(ends_at, session, account)).collect_view()}</tbody>
        </Table>
    }
}

fn row(ends_at: &'static str, session: OpenSession, account: Option<AccountId>) -> impl IntoView {
    let OpenSession { id, device, address, begun_at, seen_at, is_this } = session;
    view! {
        <tr>
            <th scope="row">
                {device}" "
                {is_this.then(|| view! { <StateBadge tone=Tone::Info label="This browser"/> })}
            </th>
            <td data-label="Address">{if address.is_empty() { "Unknown".to_owned() } else { address }}</td>
            <td data-label="Signed in">{time(begun_at)}</td>
            <td data-label="Last used">{time(seen_at)}</td>
            <td class="row-actions">
                {(!is_this).then(|| view! {
                    <form method="post" target="_self" action=ends_at>
                        {account.map(|account| view! { <input type="hidden" name="id" value=account.to_string()/> })}
                        <input type="hidden" name="session" value=id.to_string()/>
                        <Button kind=ButtonKind::Quiet small=true submit=true>"Sign out"</Button>
                    </form>
                })}
            </td>
        </tr>
    }
}
