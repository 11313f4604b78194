//! All accounts of the desk.

use super::{role_options, state, told_in_address};
use crate::{
    late_page::LatePage,
    shared::{address, loaded, only_for, query, time},
};
use api::second_factor::DemandSecondFactor;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use model::{
    AppError, Page,
    access::{Permission, Role},
    accounts::{Account, AccountQuery},
};
use ui::{Alert, Button, ButtonKind, Card, CheckboxGroup, CursorPager, Icon, PageHead, StateBadge, Table, Tone};

const PATH: &str = "/desk/accounts";

pub struct AccountsPage {
    shown: Resource<Result<(Page<Account>, Vec<Role>), AppError>>,
}

impl LatePage for AccountsPage {
    fn data() -> Self {
        let query = query::<AccountQuery>();
        // One after the other: a refusal leaves one row in the audit log.
        let shown = Resource::new_blocking(
            move || query.get(),
            |query| async move {
                let page = api::accounts::list_accounts(query).await?;
                Ok((page, api::second_factor::demanding_roles().await?))
            },
        );
        Self { shown }
    }

    fn view(this: Self) -> AnyView {
        let AccountsPage { shown } = this;
        let add = || {
            view! { <Button kind=ButtonKind::Primary href="/desk/accounts/new" icon=Icon::UserPlus>"Add account"</Button> }
        };
        let page = move || {
            view! {
                <Title text="Accounts"/>
                <PageHead title="Accounts" lead=|| "Who signs in at the desk, and what they may do." action=add/>
                {loaded(shown, |(page, roles)| view! {
                    <Rows page=page/>
                    <div class="mt-6"><Demand roles=roles/></div>
                })}
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
    let last = account.last_sign_in_at.map(time);
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

/// Who must have a second factor.
#[component]
fn Demand(roles: Vec<Role>) -> impl IntoView {
    let chosen = roles.iter().map(|role| role.word().to_owned()).collect();
    let done = told_in_address("demanded").then(|| view! { <Alert tone=Tone::Positive title="This is saved."/> });
    view! {
        <Card title="Second factor by role">
            <form class="flex flex-col gap-5" method="post" target="_self" action=DemandSecondFactor::PATH>
                {done}
                <CheckboxGroup name="form[roles][]" label="Roles that demand it" options=role_options() values=chosen help="Who holds one of them and has no second factor must set one up before the desk opens again. Sign-in through a provider counts as both factors."/>
                <div><Button submit=true>"Save"</Button></div>
            </form>
        </Card>
    }
}
