//! What is behind a link: the form that sets a password. Looking at it does not use the link up.

use super::{link::NewLink, refusal_in_address, told_in_address};
use crate::{
    late_page::LatePage,
    live_form::LiveForm,
    shared::{loaded, messages},
};
use api::accounts::SetPassword;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError,
    accounts::{AccountRefusal, FORGOT_PATH, PasswordLink, parse_password},
};
use ui::{Alert, Button, ButtonKind, ErrorSummary, InputKind, PlainFrame, TextField, Tone};

pub struct PasswordPage {
    token: String,
    link: Resource<Result<Option<PasswordLink>, AppError>>,
}

impl LatePage for PasswordPage {
    fn data() -> Self {
        let token = use_params_map().with_untracked(|map| map.get("token").unwrap_or_default());
        let asked = token.clone();
        let link = Resource::new_blocking(move || asked.clone(), api::accounts::open_password_link);
        Self { token, link }
    }

    fn view(this: Self) -> AnyView {
        let PasswordPage { token, link } = this;
        // An administrator whose browser runs no scripts comes here to see the new link.
        let made = told_in_address("made");
        let title = if made { "A new link" } else { "Set your password" };
        view! {
            <Title text=title/>
            <PlainFrame name="Tessera" title=title>
                {loaded(link, move |opened| match opened {
                    Some(link) if made => view! {
                        <NewLink link=link/>
                        <Button href="/desk/accounts">"To the accounts"</Button>
                    }.into_any(),
                    Some(link) => view! { <PasswordForm token=token.clone() link=link/> }.into_any(),
                    None => view! {
                        <Alert tone=Tone::Negative title=AccountRefusal::LinkSpent.to_string()/>
                        <Button href=FORGOT_PATH>"Ask for a new link"</Button>
                    }.into_any(),
                })}
            </PlainFrame>
        }
        .into_any()
    }
}

#[component]
fn PasswordForm(token: String, link: PasswordLink) -> impl IntoView {
    let action = ServerAction::<SetPassword>::new();
    let shown = refusal_in_address().as_ref().map(messages).unwrap_or_default();
    let live = LiveForm::<SetPassword>::new(shown, |sent| parse_password(&sent.password, &sent.again).err().unwrap_or_default());
    provide_context(live.errors());
    Effect::new(move |_| {
        if let Some(Err(error)) = action.value().get() {
            live.answered(&error);
        }
    });
    view! {
        <p>{format!("For the account of {}. You sign in with it next, in this and in every other browser.", link.name)}</p>
        <ActionForm action=action node_ref=live.node attr:novalidate=true
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            <ErrorSummary title="The password is not set yet:"/>
            <input type="hidden" name="token" value=token/>
            <TextField name="email" label="E-mail address" kind=InputKind::Email value=link.email autocomplete="username" readonly=true/>
            <TextField name="password" label="New password" help="At least 12 characters; three or four random words are good." kind=InputKind::Password autocomplete="new-password" required=true/>
            <TextField name="again" label="The same again" kind=InputKind::Password autocomplete="new-password" required=true/>
            <Button kind=ButtonKind::Primary submit=true disabled=action.pending()>"Set password"</Button>
        </ActionForm>
    }
}
