//! Where staff sign in.

use super::{refusal_in_address, told_in_address};
use crate::{
    focus,
    late_page::LatePage,
    shared::{address, field_messages, loaded},
};
use api::accounts::SignIn;
use leptos::{
    form::{ActionForm, FromFormData},
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, SubmitEvent},
};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    AppError, FieldErrors,
    accounts::{FORGOT_PATH, parse_sign_in},
    sign_in::{PROVIDER_START, SignInWays},
};
use ui::{Alert, Button, ButtonKind, FormErrors, InputKind, PlainFrame, TextField, Tone};

pub struct SignInPage {
    ways: Resource<Result<SignInWays, AppError>>,
}

impl LatePage for SignInPage {
    fn data() -> Self {
        Self { ways: Resource::new_blocking(|| (), |()| api::second_factor::load_sign_in_ways()) }
    }

    fn view(this: Self) -> AnyView {
        let SignInPage { ways } = this;
        let action = ServerAction::<SignIn>::new();
        let before = refusal_in_address();
        let refusal = Memo::new(move |_| match action.value().get() {
            Some(outcome) => outcome.err(),
            None => before.clone(),
        });
        // What is missing, said at its field before anything is sent; `None` while the server had the last word.
        let missing = RwSignal::new(None::<FieldErrors>);
        let errors = Signal::derive(move || {
            let errors = missing.get().or_else(|| refusal.get().map(|error| error.field_errors()));
            field_messages(&errors.unwrap_or_default())
        });
        provide_context(FormErrors(errors));
        let sent = move |event: SubmitEvent| {
            let gaps = SignIn::from_event(&event).ok().and_then(|form| parse_sign_in(&form.email, &form.password).err());
            if gaps.is_some() {
                event.prevent_default();
                if let Some(form) = event.target().and_then(|form| form.dyn_into::<Element>().ok()) {
                    focus::to_refusal(&form);
                }
            }
            missing.set(gaps);
        };
        let told = move || {
            let error = refusal.get().filter(|error| !matches!(error, AppError::Invalid(_)))?;
            missing.with(Option::is_none).then(|| view! { <Alert tone=Tone::Negative title=error.to_string()/> })
        };
        let next = use_query_map().with_untracked(|map| map.get("next").unwrap_or_default());
        let notice = told_in_address("set").then_some("Your password is set. Sign in with it.");
        view! {
            <Title text="Sign in"/>
            <PlainFrame name="Tessera" title="Sign in">
                {notice.map(|notice| view! { <Alert tone=Tone::Positive title=notice/> })}
                {told}
                {loaded(ways, move |SignInWays { passwords, provider }| {
                    let (next, there) = (next.clone(), address(PROVIDER_START, &serde_json::json!({ "next": next })));
                    view! {
                        {provider.map(|name| view! {
                            <a class="btn btn-secondary" href=there rel="external">{format!("Sign in with {name}")}</a>
                        })}
                        {passwords.then(|| view! {
                            <ActionForm action=action attr:novalidate=true on:submit:capture=sent>
                                <input type="hidden" name="next" value=next/>
                                <TextField name="email" label="E-mail address" kind=InputKind::Email autocomplete="username" required=true/>
                                <TextField name="password" label="Password" kind=InputKind::Password autocomplete="current-password" required=true/>
                                <Button kind=ButtonKind::Primary submit=true disabled=action.pending()>"Sign in"</Button>
                            </ActionForm>
                            <p><a class="link" href=FORGOT_PATH>"Forgot your password?"</a></p>
                        })}
                    }
                })}
            </PlainFrame>
        }
        .into_any()
    }
}
