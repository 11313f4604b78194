//! Where staff sign in.

use super::{refusal_in_address, told_in_address};
use api::accounts::SignIn;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};
use ui::{Alert, Button, ButtonKind, InputKind, PlainFrame, TextField, Tone};

pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let action = ServerAction::<SignIn>::new();
        let before = refusal_in_address();
        let refusal = move || match action.value().get() {
            Some(outcome) => outcome.err(),
            None => before.clone(),
        };
        let next = use_query_map().with_untracked(|map| map.get("next").unwrap_or_default());
        let notice = told_in_address("set").then_some("Your password is set. Sign in with it.");
        view! {
            <Title text="Sign in"/>
            <PlainFrame name="Tessera" title="Sign in">
                {notice.map(|notice| view! { <Alert tone=Tone::Positive title=notice/> })}
                {move || refusal().map(|error| view! { <Alert tone=Tone::Negative title=error.to_string()/> })}
                <ActionForm action=action attr:novalidate=true>
                    <input type="hidden" name="next" value=next/>
                    <TextField name="email" label="E-mail address" kind=InputKind::Email autocomplete="username" required=true/>
                    <TextField name="password" label="Password" kind=InputKind::Password autocomplete="current-password" required=true/>
                    <Button kind=ButtonKind::Primary submit=true disabled=action.pending()>"Sign in"</Button>
                </ActionForm>
                <p class="text-muted">"No password, or forgotten? Ask an administrator for a link to set one."</p>
            </PlainFrame>
        }
        .into_any()
    }
}
