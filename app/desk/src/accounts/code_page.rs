//! The second step of a sign-in: the code of an app, or a recovery code.

use super::refusal_in_address;
use crate::late_page::LatePage;
use api::second_factor::EnterCode;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Alert, Button, ButtonKind, PlainFrame, TextField, Tone};

pub struct CodePage;

impl LatePage for CodePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let next = use_query_map().with_untracked(|map| map.get("next").unwrap_or_default());
        let refusal = refusal_in_address().map(|error| view! { <Alert tone=Tone::Negative title=error.to_string()/> });
        view! {
            <Title text="Enter your code"/>
            <PlainFrame name="Tessera" title="Enter your code">
                {refusal}
                <form class="flex flex-col gap-5" method="post" target="_self" action=EnterCode::PATH>
                    <input type="hidden" name="next" value=next/>
                    <TextField name="code" label="Code" help="The six digits that your app shows now, or one of your recovery codes." autocomplete="one-time-code" required=true maxlength=40/>
                    <Button kind=ButtonKind::Primary submit=true>"Sign in"</Button>
                </form>
                <p class="text-muted">
                    "No app and no recovery code? An administrator can take your second factor away. "
                    <a class="link" href="/desk/sign-in" rel="external">"Start again"</a>
                </p>
            </PlainFrame>
        }
        .into_any()
    }
}
