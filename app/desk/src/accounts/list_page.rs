//! All accounts of the desk.

use super::state;
use crate::shared::{address, loaded, now, only_for, query};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use model::{
    AppError, Page,
    access::Permission,
    accounts::{Account, AccountQuery},
    time::{exact, relative},
};
use ui::{Button, ButtonKind, CursorPager, Icon, PageHead, RelativeTime, StateBadge, Table};

const PATH: &str = "/desk/accounts";

pub struct AccountsPage {
    accounts: Resource<Result<Page<Account>, AppError>>,
}

#[lazy_route]
impl LazyRoute for AccountsPage {
    fn data() -> Self {
        let query = query::<AccountQuery>();
        Self { accounts: Resource::new_blocking(move || query.get(), api::accounts::list_accounts) }
    }

    fn view(this: Self) -> AnyView {
        let AccountsPage { accounts } = this;
        let add = || {
            view! { <Button kind=ButtonKind::Primary href="/desk/accounts/new" icon=Icon::UserPlus>"Add account"</Button> }
        };
        let page = move || {
            view! {
                <Title text="Accounts"/>
                <PageHead title="Accounts" lead=|| "Who signs in at the desk, and what they may do." action=add/>
                {loaded(accounts, |page| view! { <Rows page=page/> })}
            }
        };
        only_for(Permission::ManageAccounts, || page().into_any())
    }
}

#[component]
fn Rows(page: Page<Account>) -> impl IntoView {
    let next = page.next.map(|after| address(PATH, &AccountQuery { after: after.0 }));
    view! {
        <Table label="Accounts by name">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"E-mail"</th>
                    <th scope="col">"Roles"</th>
                    <th scope="col">"Last sign-in"</th>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|account| view! { <Row account=account/> }).collect_view()}</tbody>
        </Table>
        {next.map(|next| view! { <CursorPager next=next/> })}
    }
}

#[component]
fn Row(account: Account) -> impl IntoView {
    let (tone, word) = state(&account);
    let roles = account.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ");
    let last = account.last_sign_in_at.map(|at| {
        view! { <RelativeTime text=relative(at, now()) exact=exact(at) datetime=at.to_rfc3339()/> }
    });
    view! {
        <tr>
            <th scope="row"><a class="link" href=format!("{PATH}/{}", account.id)><bdi>{account.name}</bdi></a></th>
            <td><StateBadge tone=tone label=word/></td>
            <td>{account.email}</td>
            <td class="wrap">{roles}</td>
            <td>{last}</td>
        </tr>
    }
}
