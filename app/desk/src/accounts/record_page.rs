//! One account: its roles, its link, and whether it may sign in.

use super::{link::NewLink, role_options, sessions::session_table, state};
use crate::{
    edit_form::times_done,
    frame::viewer,
    late_page::LatePage,
    shared::{Returned, follow, loaded, messages, returned, time},
};
use api::{
    accounts::{ChangeRoles, DisableAccount, EnableAccount, InviteAgain, MakePasswordLink},
    second_factor::RemoveSecondFactor,
    sessions::{EndSession, EndSessions},
};
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AccountId, AppError,
    accounts::{Account, AccountRecord, RolesForm},
};
use ui::{
    Button, ButtonKind, Card, CheckboxGroup, ConfirmDialog, DescriptionList, Detail, ErrorSummary, FormErrors, Icon, PageHead,
    RecordColumns, StateBadge,
};

/// The account, and the roles that were refused without scripts.
type Shown = (AccountRecord, Option<Returned<Option<RolesForm>>>);

/// What an administrator can do to an account.
#[derive(Clone, Copy)]
struct Actions {
    roles: ServerAction<ChangeRoles>,
    disable: ServerAction<DisableAccount>,
    enable: ServerAction<EnableAccount>,
    invitation: ServerAction<InviteAgain>,
    link: ServerAction<MakePasswordLink>,
    factor: ServerAction<RemoveSecondFactor>,
    sessions: ServerAction<EndSessions>,
}

pub struct AccountPage {
    actions: Actions,
    record: Resource<Result<Shown, AppError>>,
}

impl LatePage for AccountPage {
    fn data() -> Self {
        let actions = Actions {
            roles: ServerAction::new(),
            disable: ServerAction::new(),
            enable: ServerAction::new(),
            invitation: ServerAction::new(),
            link: ServerAction::new(),
            factor: ServerAction::new(),
            sessions: ServerAction::new(),
        };
        let map = use_params_map();
        let id = Memo::new(move |_| map.with(|map| map.get("account").and_then(|id| id.parse::<AccountId>().ok())));
        let returned = returned::<Option<RolesForm>>();
        let Actions { roles, disable, enable, invitation, link, factor, sessions } = actions;
        let done = [
            times_done(roles),
            times_done(disable),
            times_done(enable),
            times_done(invitation),
            times_done(link),
            times_done(factor),
            times_done(sessions),
        ];
        let times = move || done.iter().map(|times| times.get()).sum::<usize>();
        let record = Resource::new_blocking(
            move || (id.get(), times()),
            move |(id, times)| async move {
                let record = api::accounts::read_account(id.ok_or(AppError::NotFound)?).await?;
                Ok((record, if times == 0 { returned.await } else { None }))
            },
        );
        Self { actions, record }
    }

    fn view(this: Self) -> AnyView {
        let AccountPage { actions, record } = this;
        let refused = RwSignal::new(Vec::new());
        provide_context(FormErrors(refused.into()));
        follow(actions.roles, refused, "The roles are changed.");
        follow(actions.disable, refused, "The account is disabled.");
        follow(actions.enable, refused, "The account is enabled.");
        follow(actions.invitation, refused, "The invitation is on its way.");
        follow(actions.link, refused, "The link is made.");
        follow(actions.factor, refused, "The second factor is taken away.");
        follow(actions.sessions, refused, "They are signed out everywhere.");
        view! {
            <Title text="Account"/>
            {loaded(record, move |(record, returned)| {
                if let Some(back) = &returned {
                    refused.set(messages(&back.error));
                }
                let roles = returned.and_then(|back| back.form);
                view! { <Record record=record roles=roles actions=actions/> }
            })}
        }
        .into_any()
    }
}

#[component]
fn Record(record: AccountRecord, roles: Option<RolesForm>, actions: Actions) -> impl IntoView {
    let AccountRecord { account, open_sessions, sessions, factor } = record;
    let (tone, word) = state(&account);
    let held = account.roles.iter().map(|role| role.word().to_owned()).collect();
    let roles = roles.map_or(held, |form| form.roles);
    let (id, shown) = (account.id, account.clone());
    let crumbs = vec![("/desk/accounts".to_owned(), "Accounts".to_owned())];
    let aside = move || {
        view! {
            <Card title="About">
                <DescriptionList>
                    <Detail label="E-mail">{account.email}</Detail>
                    <Detail label="Added">{time(account.created_at)}</Detail>
                    <Detail label="Last sign-in">
                        {account.last_sign_in_at.map_or_else(|| "Never".into_any(), |at| time(at).into_any())}
                    </Detail>
                    <Detail label="Signed in">{browsers(open_sessions)}</Detail>
                    <Detail label="Second factor">
                        {factor.on_since.map_or_else(|| if factor.demanded { "Off, but demanded" } else { "Off" }.into_any(), |at| time(at).into_any())}
                    </Detail>
                    {account.disabled_at.map(|at| view! { <Detail label="Disabled">{time(at)}</Detail> })}
                </DescriptionList>
            </Card>
            <Card title="Sign-in">
                <Access account=shown open_sessions=open_sessions actions=actions/>
            </Card>
        }
    };
    view! {
        <PageHead title=account.name crumbs=crumbs badge=move || view! { <StateBadge tone=tone label=word/> }/>
        <RecordColumns aside=aside>
            <ErrorSummary title="This was not done:"/>
            <Card title="Roles">
                <ActionForm action=actions.roles attr:class="flex flex-col gap-5" attr:novalidate=true>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <CheckboxGroup name="form[roles][]" label="What they may do" options=role_options() values=roles required=true help="Changes count from their next click."/>
                    <div><Button kind=ButtonKind::Primary submit=true disabled=actions.roles.pending()>"Change roles"</Button></div>
                </ActionForm>
            </Card>
            {(!sessions.is_empty()).then(|| view! {
                <Card title="Where they are signed in">
                    <div class="flex flex-col gap-5">
                        {session_table(EndSession::PATH, sessions, Some(id))}
                        <ActionForm action=actions.sessions>
                            <input type="hidden" name="id" value=id.to_string()/>
                            <Button submit=true>"Sign out everywhere"</Button>
                        </ActionForm>
                    </div>
                </Card>
            })}
            {(factor.on_since.is_some() && viewer().id != id).then(|| view! {
                <Card title="Second factor">
                    <ActionForm action=actions.factor attr:class="flex flex-col items-start gap-4">
                        <p>"Lost the phone and the recovery codes? Without the second factor they sign in by password alone. Make sure that it is they who ask."</p>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <Button kind=ButtonKind::Danger submit=true>"Take the second factor away"</Button>
                    </ActionForm>
                </Card>
            })}
        </RecordColumns>
    }
}

/// The invitation, the link to set a password, and the way out and in again.
#[component]
fn Access(account: Account, open_sessions: u32, actions: Actions) -> impl IntoView {
    let Account { id, name, email, disabled_at, has_password, .. } = account;
    if disabled_at.is_some() {
        return view! {
            <ActionForm action=actions.enable attr:class="flex flex-col items-start gap-4">
                <p>"The account is disabled. Enabled, it signs in with the password it had."</p>
                <input type="hidden" name="id" value=id.to_string()/>
                <Button submit=true icon=Icon::LockOpen>"Enable account"</Button>
            </ActionForm>
        }
        .into_any();
    }
    // The router keeps this page, and with it the last link, when it goes from one account to another.
    let link = Memo::new(move |_| actions.link.value().get()?.ok().filter(|link| link.email == email));
    let own = viewer().id == id;
    let ends = match open_sessions {
        0 => "They are signed in nowhere now.".to_owned(),
        _ => format!("They are signed in with {} and will be signed out at once.", browsers(open_sessions)),
    };
    view! {
        <div class="flex flex-col gap-5">
            {move || link.get().map(|link| view! { <div class="flex flex-col gap-4"><NewLink link=link/></div> })}
            {(!has_password).then(|| view! {
                <ActionForm action=actions.invitation attr:class="flex flex-col items-start gap-4">
                    <p>"They have set no password yet. An invitation is a mail with a link to do so."</p>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Button submit=true icon=Icon::Mail disabled=actions.invitation.pending()>"Send the invitation again"</Button>
                </ActionForm>
            })}
            <ActionForm action=actions.link attr:class="flex flex-col items-start gap-4">
                <p>"A link sets a new password. It works once, for 72 hours; a link made before ends."</p>
                <input type="hidden" name="id" value=id.to_string()/>
                <Button submit=true icon=Icon::Link>"Make a password link"</Button>
            </ActionForm>
            {(!own).then(|| view! {
                <div>
                    <Button kind=ButtonKind::Danger opens="disable-account" icon=Icon::UserX>"Disable account"</Button>
                </div>
                <ConfirmDialog id="disable-account" title=format!("Disable the account of {name}?") text=format!("{ends} Nothing they did is lost, and you can enable the account again.")>
                    <ActionForm action=actions.disable>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <Button kind=ButtonKind::Danger submit=true>"Disable account"</Button>
                    </ActionForm>
                </ConfirmDialog>
            })}
        </div>
    }
    .into_any()
}

fn browsers(sessions: u32) -> String {
    match sessions {
        0 => "Nowhere".to_owned(),
        1 => "1 browser".to_owned(),
        n => format!("{n} browsers"),
    }
}
