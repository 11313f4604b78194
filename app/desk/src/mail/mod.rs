//! The mail that the server wrote: what waits, what was sent, what failed, and what is held for want of a mail server.

mod list_page;
mod record_page;

pub use list_page::ListPage;
pub use record_page::RecordPage;

use leptos::prelude::*;
use model::mail::MailState;
use ui::{StateBadge, Tone};

const PATH: &str = "/desk/mail";

fn badge(state: MailState) -> impl IntoView {
    let tone = match state {
        MailState::Waiting => Tone::Neutral,
        MailState::Sent => Tone::Positive,
        MailState::Failed => Tone::Negative,
        MailState::Held => Tone::Caution,
    };
    view! { <StateBadge tone=tone label=state.label()/> }
}
