//! One's own account: the password, and the browsers one is signed in with.

use super::{refusal_in_address, told_in_address};
use crate::{frame::viewer, live_form::LiveForm, shared::messages};
use api::accounts::{ChangeOwnPassword, SignOutEverywhere};
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use model::accounts::{Viewer, parse_password};
use ui::{
    Alert, Button, ButtonKind, Card, DescriptionList, Detail, ErrorSummary, InputKind, PageHead, RecordColumns, TextField, Tone,
};

pub struct OwnAccountPage;

#[lazy_route]
impl LazyRoute for OwnAccountPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
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
                <Card title="Other browsers">
                    <form class="flex flex-col items-start gap-4" method="post" action=SignOutEverywhere::PATH>
                        <p>"Left a browser signed in somewhere? This ends every session you have, this one too."</p>
                        <Button submit=true>"Sign out everywhere"</Button>
                    </form>
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
            </RecordColumns>
        }
        .into_any()
    }
}

#[component]
fn PasswordForm(email: String) -> impl IntoView {
    let action = ServerAction::<ChangeOwnPassword>::new();
    let shown = refusal_in_address().as_ref().map(messages).unwrap_or_default();
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
