//! A new link, shown once.

use leptos::prelude::*;
use model::{accounts::PasswordLink, time::exact};
use ui::{Alert, InputKind, TextField, Tone};

/// The link for the administrator to pass on.
#[component]
pub fn NewLink(link: PasswordLink) -> impl IntoView {
    let PasswordLink { url, expires_at, name, email } = link;
    view! {
        <Alert tone=Tone::Positive title=format!("The link for {name} is ready")>
            <p>
                {format!("Send it to {email}. Whoever opens it sets the password of this account: it works once, until {}. ", exact(expires_at))}
                "It is shown only now."
            </p>
        </Alert>
        <TextField name="link" label="Link to set the password" kind=InputKind::Url value=url readonly=true/>
    }
}
