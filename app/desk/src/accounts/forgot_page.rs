//! Where somebody who forgot their password asks for a link. The answer is the same whether there is such an account or not.

use super::{refusal_in_address, told_in_address};
use crate::{late_page::LatePage, live_form::LiveForm, shared::messages};
use api::accounts::AskForReset;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use model::accounts::parse_reset;
use ui::{Alert, Button, ButtonKind, ErrorSummary, InputKind, PlainFrame, TextField, Tone};

pub struct ForgotPage;

impl LatePage for ForgotPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let action = ServerAction::<AskForReset>::new();
        let shown = refusal_in_address().as_ref().map(messages).unwrap_or_default();
        let asked = RwSignal::new(told_in_address("asked"));
        let live = LiveForm::<AskForReset>::new(shown, |sent| parse_reset(&sent.email).err().unwrap_or_default());
        provide_context(live.errors());
        Effect::new(move |_| match action.value().get() {
            Some(Ok(())) => asked.set(true),
            Some(Err(error)) => live.answered(&error),
            None => {}
        });
        let answer = "If there is an account with this address, a mail with a link is on its way.";
        view! {
            <Title text="Forgot your password?"/>
            <PlainFrame name="Tessera" title="Forgot your password?">
                {move || match asked.get() {
                    true => view! {
                        <Alert tone=Tone::Positive title=answer>
                            <p>"Look for it in a few minutes, also among unwanted mail. Nothing came? Ask an administrator."</p>
                        </Alert>
                        <Button href="/desk/sign-in">"To sign in"</Button>
                    }.into_any(),
                    false => view! {
                        <p>"Enter the e-mail address that you sign in with. You get a link to set a new password."</p>
                        <ActionForm action=action node_ref=live.node attr:novalidate=true
                            on:change=move |event| live.changed(&event)
                            on:input=move |_| live.typed()
                            on:submit:capture=move |event| live.submitted(&event)
                        >
                            <ErrorSummary title="The link is not sent yet:"/>
                            <TextField name="email" label="E-mail address" kind=InputKind::Email autocomplete="username" required=true/>
                            <Button kind=ButtonKind::Primary submit=true disabled=action.pending()>"Send the link"</Button>
                        </ActionForm>
                        <p><a class="link" href="/desk/sign-in">"Back to sign in"</a></p>
                    }.into_any(),
                }}
            </PlainFrame>
        }
        .into_any()
    }
}
