//! One mail: what it says, what became of it, and one more try.

use super::{PATH, badge};
use crate::{
    edit_form::times_done,
    frame::viewer,
    late_page::LatePage,
    shared::{Returned, follow, loaded, messages, returned, time},
};
use api::mail::RetryMail;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError, MailId,
    access::Permission,
    mail::{Mail, MailRecord, MailState},
};
use ui::{
    Alert, Button, ButtonKind, Card, DescriptionList, Detail, ErrorSummary, FormErrors, Icon, PageHead, RecordColumns, Tone,
};

/// The mail, and a try that was refused without scripts.
type Shown = (MailRecord, Option<Returned<()>>);

pub struct RecordPage {
    retry: ServerAction<RetryMail>,
    record: Resource<Result<Shown, AppError>>,
}

impl LatePage for RecordPage {
    fn data() -> Self {
        let retry = ServerAction::new();
        let map = use_params_map();
        let id = Memo::new(move |_| map.with(|map| map.get("mail").and_then(|id| id.parse::<MailId>().ok())));
        let returned = returned::<()>();
        let times = times_done(retry);
        let record = Resource::new_blocking(
            move || (id.get(), times.get()),
            move |(id, times)| async move {
                let record = api::mail::read_mail(id.ok_or(AppError::NotFound)?).await?;
                Ok((record, if times == 0 { returned.await } else { None }))
            },
        );
        Self { retry, record }
    }

    fn view(this: Self) -> AnyView {
        let RecordPage { retry, record } = this;
        let refused = RwSignal::new(Vec::new());
        provide_context(FormErrors(refused.into()));
        follow(retry, refused, "The mail is tried again.");
        view! {
            <Title text="Mail"/>
            {loaded(record, move |(record, returned)| {
                if let Some(back) = &returned {
                    refused.set(messages(&back.error));
                }
                view! { <Record record=record retry=retry/> }
            })}
        }
        .into_any()
    }
}

#[component]
fn Record(record: MailRecord, retry: ServerAction<RetryMail>) -> impl IntoView {
    let MailRecord { mail, account, text, has_secret, tries, since, problem } = record;
    let Mail { id, kind, state, name, email, subject, created_at } = mail;
    let account = account.filter(|_| viewer().may(Permission::ManageAccounts));
    let to = if name.is_empty() { email } else { format!("{name} <{email}>") };
    let crumbs = vec![(PATH.to_owned(), "Mail".to_owned())];
    let (tone, trouble) = match state {
        MailState::Held => (Tone::Caution, "This mail is held"),
        MailState::Failed => (Tone::Negative, "This mail was not sent"),
        MailState::Waiting | MailState::Sent => (Tone::Caution, "The last try failed; it is tried again"),
    };
    let aside = move || {
        view! {
            <Card title="About">
                <DescriptionList>
                    <Detail label="To"><bdi>{to}</bdi></Detail>
                    <Detail label="Kind">{kind.label()}</Detail>
                    <Detail label="Written">{time(created_at)}</Detail>
                    <Detail label="State since">{time(since)}</Detail>
                    <Detail label="Tries">{tries.to_string()}</Detail>
                    {account.map(|account| view! {
                        <Detail label="Account"><a class="link" href=format!("/desk/accounts/{account}")>"Its page"</a></Detail>
                    })}
                </DescriptionList>
            </Card>
            {state.retried().map(|_| view! {
                <Card title="Try again">
                    <ActionForm action=retry attr:class="flex flex-col items-start gap-4">
                        <p>"It goes to the mail server as it stands here."</p>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <Button kind=ButtonKind::Primary submit=true icon=Icon::Mail disabled=retry.pending()>"Send again"</Button>
                    </ActionForm>
                </Card>
            })}
        }
    };
    view! {
        <PageHead title=subject crumbs=crumbs badge=move || badge(state)/>
        <RecordColumns aside=aside>
            <ErrorSummary title="This was not done:"/>
            {problem.map(|problem| view! { <Alert tone=tone title=trouble><p>{problem}</p></Alert> })}
            {has_secret.then(|| view! {
                <Alert tone=Tone::Caution title="The link in it lets its bearer in">
                    <p>"Pass it on only to the person it is for. That you saw it stands in the audit log."</p>
                </Alert>
            })}
            <Card title="Text">
                <p class="break-words whitespace-pre-wrap">{text}</p>
            </Card>
        </RecordColumns>
    }
}
