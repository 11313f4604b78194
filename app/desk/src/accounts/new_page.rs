//! A new account. Its person sets the password, through a link that is shown when the account is added.

use super::{link::NewLink, role_options};
use crate::{
    late_page::LatePage,
    live_form::LiveForm,
    shared::{Returned, form_only_for, messages, returned},
};
use api::accounts::AddAccount;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use model::{access::Permission, accounts::AccountForm};
use ui::{Button, ButtonKind, CheckboxGroup, ErrorSummary, InputKind, PageHead, SaveBar, TextField};

pub struct NewAccountPage {
    returned: Resource<Option<Returned<AccountForm>>>,
}

impl LatePage for NewAccountPage {
    fn data() -> Self {
        Self { returned: returned() }
    }

    fn view(this: Self) -> AnyView {
        let NewAccountPage { returned } = this;
        let crumbs = vec![("/desk/accounts".to_owned(), "Accounts".to_owned())];
        let page = move || {
            view! {
                <Title text="Add account"/>
                <PageHead title="Add account" crumbs=crumbs lead=|| "The person is invited by mail, and sets their own password. You are shown the link too."/>
                <Transition>
                    {move || Suspend::new(async move {
                        let returned = returned.await;
                        view! { <Draft returned=returned/> }
                    })}
                </Transition>
            }
        };
        form_only_for(Permission::ManageAccounts, || page().into_any())
    }
}

#[component]
fn Draft(returned: Option<Returned<AccountForm>>) -> impl IntoView {
    let (form, shown) = match returned {
        Some(back) => (back.form, messages(&back.error)),
        None => (AccountForm::default(), Vec::new()),
    };
    let action = ServerAction::<AddAccount>::new();
    let live = LiveForm::<AddAccount>::new(shown, |sent| sent.form.parse().err().unwrap_or_default());
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    let link = Memo::new(move |_| action.value().get().and_then(Result::ok));
    let form = StoredValue::new(form);
    move || match link.get() {
        Some(link) => view! {
            <div class="flex max-w-2xl flex-col gap-5">
                <NewLink link=link/>
                <div><Button href="/desk/accounts">"To the accounts"</Button></div>
            </div>
        }
        .into_any(),
        None => {
            let form = form.get_value();
            view! {
                <ActionForm action=action node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true
                    on:change=move |event| live.changed(&event)
                    on:input=move |_| live.typed()
                    on:submit:capture=move |event| live.submitted(&event)
                >
                    <ErrorSummary title="The account is not added yet. Please correct:"/>
                    <TextField name="form[name]" label="Name" value=form.name autocomplete="off" required=true/>
                    <TextField name="form[email]" label="E-mail address" value=form.email kind=InputKind::Email autocomplete="off" required=true help="They sign in with it."/>
                    <CheckboxGroup name="form[roles][]" label="Roles" options=role_options() values=form.roles required=true help="One person may hold several."/>
                    <SaveBar>
                        <Button kind=ButtonKind::Quiet href="/desk/accounts">"Cancel"</Button>
                        <Button kind=ButtonKind::Primary submit=true disabled=action.pending()>"Add account"</Button>
                    </SaveBar>
                </ActionForm>
            }
            .into_any()
        }
    }
}
