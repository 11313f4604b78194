//! Setting a second factor up, and the recovery codes, which are shown once. It stands outside of the desk's frame: who must have
//! a second factor comes here before anything else of the desk answers.

use super::{refusal_in_address, told_in_address};
use crate::{late_page::LatePage, shared::loaded};
use api::{
    accounts::SignOut,
    second_factor::{BeginSecondFactor, ConfirmSecondFactor},
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use model::{
    AppError,
    sign_in::{SecondFactorSetup, SetupPage},
};
use ui::{Alert, Button, ButtonKind, PlainFrame, TextField, Tone};

/// The state of the set-up, and new recovery codes if the address asks for them.
type Shown = (SetupPage, Vec<String>);

pub struct SecondFactorPage {
    shown: Resource<Result<Shown, AppError>>,
}

impl LatePage for SecondFactorPage {
    fn data() -> Self {
        let codes = told_in_address("codes");
        let shown = Resource::new_blocking(
            || (),
            move |()| async move {
                let page = api::second_factor::load_setup().await?;
                Ok((page, if codes { api::second_factor::take_recovery_codes().await? } else { Vec::new() }))
            },
        );
        Self { shown }
    }

    fn view(this: Self) -> AnyView {
        let SecondFactorPage { shown } = this;
        view! {
            <Title text="Second factor"/>
            <PlainFrame name="Tessera" title="Second factor">
                {refusal_in_address().map(|error| view! { <Alert tone=Tone::Negative title=error.to_string()/> })}
                {loaded(shown, |(page, codes)| match page {
                    _ if !codes.is_empty() => view! { <Codes codes=codes/> }.into_any(),
                    SetupPage { setup: Some(setup), .. } => view! { <Confirm setup=setup/> }.into_any(),
                    SetupPage { factor, .. } if factor.on_since.is_some() => view! {
                        <p>"Your second factor is on. Recovery codes are shown once only; you can make new ones on the page of your account."</p>
                        <Button href="/desk/account">"To your account"</Button>
                    }.into_any(),
                    SetupPage { factor, .. } => view! { <Begin demanded=factor.demanded/> }.into_any(),
                })}
            </PlainFrame>
        }
        .into_any()
    }
}

#[component]
fn Begin(demanded: bool) -> impl IntoView {
    let why = match demanded {
        true => "Your role demands a second factor: the desk opens once it is set up.",
        false => "With a second factor, a stolen password alone opens nothing.",
    };
    view! {
        <p>{why}</p>
        <p>"You need an authenticator app on your phone or computer. At each sign-in you type the code that it shows."</p>
        <form method="post" target="_self" action=BeginSecondFactor::PATH>
            <Button kind=ButtonKind::Primary submit=true>"Set up"</Button>
        </form>
        <WayOut demanded=demanded/>
    }
}

#[component]
fn Confirm(setup: SecondFactorSetup) -> impl IntoView {
    let SecondFactorSetup { text, url, svg } = setup;
    view! {
        <p>"Scan this with your authenticator app, or type the key into it."</p>
        // Light behind it in dark themes too: cameras want dark on light.
        <div class="qr-code" role="img" aria-label="QR code of the key" inner_html=svg></div>
        <TextField name="key" label="Key" value=text readonly=true autocomplete="off"/>
        <p><a class="link" href=url rel="external">"Open an app on this device"</a></p>
        <form class="flex flex-col gap-5" method="post" target="_self" action=ConfirmSecondFactor::PATH>
            <TextField name="code" label="Code" help="The six digits that the app shows now." autocomplete="one-time-code" required=true maxlength=40/>
            <Button kind=ButtonKind::Primary submit=true>"Turn on"</Button>
        </form>
        <WayOut/>
    }
}

#[component]
fn Codes(codes: Vec<String>) -> impl IntoView {
    view! {
        <Alert tone=Tone::Positive title="Your recovery codes">
            <p>"Each signs you in once when you have no app at hand. Print them or put them into your password manager: they are shown only now, and older ones no longer work."</p>
        </Alert>
        <ul class="grid grid-cols-1 gap-2 font-mono" aria-label="Recovery codes">
            {codes.into_iter().map(|code| view! { <li>{code}</li> }).collect_view()}
        </ul>
        <Button kind=ButtonKind::Primary href="/desk">"To the overview"</Button>
    }
}

/// Away from here without a second factor: only by signing out where it is demanded.
#[component]
fn WayOut(#[prop(optional)] demanded: bool) -> impl IntoView {
    view! {
        <form method="post" target="_self" action=SignOut::PATH>
            {(!demanded).then(|| view! { <Button kind=ButtonKind::Quiet href="/desk/account">"Not now"</Button> })}
            <Button kind=ButtonKind::Quiet submit=true>"Sign out"</Button>
        </form>
    }
}
