//! One's own account: the password, the second factor, and the browsers one is signed in with.

use super::{refusal_in_address, sessions::session_table, told_in_address};
use crate::{
    frame::viewer,
    late_page::LatePage,
    live_form::LiveForm,
    shared::{loaded, messages},
};
use api::{
    accounts::{ChangeOwnPassword, SignOutEverywhere},
    second_factor::{MakeRecoveryCodes, TurnOffSecondFactor},
    sessions::{EndOtherSessions, EndOwnSession},
};
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use model::{
    AppError,
    accounts::{Viewer, parse_password},
    sign_in::{OpenSession, OwnAccount, SECOND_FACTOR_PATH, SecondFactor},
    time::exact,
};
use ui::{
    Alert, Button, ButtonKind, Card, DescriptionList, Detail, ErrorSummary, InputKind, PageHead, RecordColumns, TextField, Tone,
};

pub struct OwnAccountPage {
    own: Resource<Result<OwnAccount, AppError>>,
}

impl LatePage for OwnAccountPage {
    fn data() -> Self {
        Self { own: Resource::new_blocking(|| (), |()| api::sessions::load_own_account()) }
    }

    fn view(this: Self) -> AnyView {
        let OwnAccountPage { own } = this;
        let Viewer { name, email, roles, .. } = viewer();
        let roles = roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ");
        let username = email.clone();
        let aside = move || {
            view! {
                <Card title="About you">
                    <DescriptionList>
                        <Detail label="Name">{name}</Detail>
                        <Detail label="E-mail">{email}</Detail>
                        <Detail label="Roles">{roles}</Detail>
                    </DescriptionList>
                </Card>
            }
        };
        view! {
            <Title text="Your account"/>
            <PageHead title="Your account"/>
            <RecordColumns aside=aside>
                <Card title="Change your password">
                    <PasswordForm email=username/>
                </Card>
                {loaded(own, |OwnAccount { factor, sessions }| view! {
                    <Card title="Second factor"><Factor factor=factor/></Card>
                    <Card title="Where you are signed in"><Sessions sessions=sessions/></Card>
                })}
            </RecordColumns>
        }
        .into_any()
    }
}

#[component]
fn PasswordForm(email: String) -> impl IntoView {
    let action = ServerAction::<ChangeOwnPassword>::new();
    let shown = refusal_in_address().filter(|_| !told_in_address("form")).as_ref().map(messages).unwrap_or_default();
    let changed = RwSignal::new(told_in_address("changed"));
    let live =
        LiveForm::<ChangeOwnPassword>::new(shown, |sent| parse_password(&sent.password, &sent.again).err().unwrap_or_default());
    provide_context(live.errors());
    Effect::new(move |_| match action.value().get() {
        Some(Ok(())) => {
            changed.set(true);
            if let Some(form) = live.node.get_untracked() {
                form.reset();
            }
        }
        Some(Err(error)) => {
            changed.set(false);
            live.answered(&error);
        }
        None => {}
    });
    let notice = "Your password is changed, and every other browser is signed out.";
    view! {
        <ActionForm action=action node_ref=live.node attr:class="flex flex-col gap-5" attr:novalidate=true
            on:change=move |event| live.changed(&event)
            on:input=move |_| live.typed()
            on:submit:capture=move |event| live.submitted(&event)
        >
            {move || changed.get().then(|| view! { <Alert tone=Tone::Positive title=notice/> })}
            <ErrorSummary title="The password is not changed yet:"/>
            <TextField name="email" label="E-mail address" kind=InputKind::Email value=email autocomplete="username" readonly=true/>
            <TextField name="current" label="Password now" kind=InputKind::Password autocomplete="current-password" required=true/>
            <TextField name="password" label="New password" help="At least 12 characters; three or four random words are good." kind=InputKind::Password autocomplete="new-password" required=true/>
            <TextField name="again" label="The same again" kind=InputKind::Password autocomplete="new-password" required=true/>
            <div><Button kind=ButtonKind::Primary submit=true disabled=action.pending()>"Change password"</Button></div>
        </ActionForm>
    }
}

#[component]
fn Factor(factor: SecondFactor) -> impl IntoView {
    let SecondFactor { on_since, codes_left, demanded } = factor;
    let refusal = refusal_in_address().filter(|_| told_in_address("form"));
    let told = match (&refusal, told_in_address("off")) {
        (Some(error), _) => Some((Tone::Negative, error.to_string())),
        (None, true) => Some((Tone::Positive, "Your second factor is off.".to_owned())),
        (None, false) => None,
    };
    let state = match on_since {
        Some(since) => view! {
            <p>{format!("On since {}. {}", exact(since), codes_in_words(codes_left))}</p>
            <form class="flex flex-col gap-5" method="post" target="_self" action=MakeRecoveryCodes::PATH>
                <TextField name="own_password" label="Your password, to change this" kind=InputKind::Password autocomplete="current-password" required=true/>
                <div class="flex flex-wrap gap-4">
                    <Button submit=true>"Make new recovery codes"</Button>
                    <Button kind=ButtonKind::Danger submit=true formaction=TurnOffSecondFactor::PATH>"Turn off"</Button>
                </div>
            </form>
            {demanded.then(|| view! { <p class="text-muted">"Your role demands a second factor: turned off, it must be set up anew at once."</p> })}
        }
        .into_any(),
        None => view! {
            <p>"Off. With a second factor, a stolen password alone opens nothing: you also type a code from an app on your phone."</p>
            <div><Button href=SECOND_FACTOR_PATH>"Set up a second factor"</Button></div>
        }
        .into_any(),
    };
    view! {
        <div class="flex flex-col gap-5" id="second-factor">
            {told.map(|(tone, words)| view! { <Alert tone=tone title=words/> })}
            {state}
        </div>
    }
}

fn codes_in_words(left: u32) -> String {
    match left {
        0 => "No recovery code is left: make new ones.".to_owned(),
        1 => "One recovery code is left: make new ones soon.".to_owned(),
        n => format!("{n} recovery codes are left."),
    }
}

#[component]
fn Sessions(sessions: Vec<OpenSession>) -> impl IntoView {
    let ended = told_in_address("ended").then(|| view! { <Alert tone=Tone::Positive title="Signed out there."/> });
    view! {
        <div class="flex flex-col gap-5" id="sessions">
            {ended}
            {session_table(EndOwnSession::PATH, sessions, None)}
            <form class="flex flex-wrap gap-4" method="post" target="_self" action=EndOtherSessions::PATH>
                <Button submit=true>"Sign out all other browsers"</Button>
                <Button kind=ButtonKind::Quiet submit=true formaction=SignOutEverywhere::PATH>"Sign out everywhere"</Button>
            </form>
        </div>
    }
}
