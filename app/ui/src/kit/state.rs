//! States, messages, empty and waiting places, numbers.

use leptos::prelude::*;

use crate::action::{Button, ButtonKind};
use crate::icon::Icon;
use crate::page::*;
use crate::toast::use_toasts;
use crate::tone::*;

#[component]
pub(super) fn States() -> impl IntoView {
    let tones = [
        (Tone::Neutral, "Draft"),
        (Tone::Positive, "Live"),
        (Tone::Caution, "In review"),
        (Tone::Negative, "Suspended"),
        (Tone::Info, "Scheduled"),
    ];
    let toasts = use_toasts();
    let archive = move |_| {
        if let Some(toasts) = toasts {
            toasts.show_undo("Offer archived.", Callback::new(|()| ()));
        }
    };
    view! {
        <div class="flex flex-wrap gap-2">
            {tones
                .into_iter()
                .map(|(tone, word)| view! { <StateBadge tone=tone label=word/> })
                .collect_view()}
            <StateBadge tone=Tone::Caution label="Paused" icon=Icon::CirclePause/>
        </div>
        <div class="grid gap-3 lg:grid-cols-2">
            {tones
                .into_iter()
                .map(|(tone, word)| {
                    view! {
                        <Alert tone=tone title=word>
                            <p>
                                "One sentence says what happened, and "
                                <a href="#state">"a link"</a> " what to do."
                            </p>
                        </Alert>
                    }
                })
                .collect_view()}
        </div>
        <div class="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
            <Stat label="Live offers" value="3,204" hint="12 more than last week" href="#state"/>
            <Stat label="In review" value="17" hint="The oldest waits for 2 days"/>
            <Stat label="Redeemed today" value="48,019"/>
            <Stat label="Ends this week" value="0"/>
        </div>
        <div class="grid gap-5 lg:grid-cols-2">
            <Card title="Nothing here">
                <EmptyState
                    icon=Icon::TicketPercent
                    title="No offers yet"
                    text="An offer says what members get at a merchant, where and until when."
                    action=|| {
                        view! {
                            <Button kind=ButtonKind::Primary href="#state" icon=Icon::Plus>
                                "Write the first offer"
                            </Button>
                        }
                    }
                />
            </Card>
            <Card title="On its way">
                <Skeleton rows=6/>
            </Card>
        </div>
        <div>
            <Button on:click=archive>"Show a toast"</Button>
        </div>
        <Prose html="<h3>Terms</h3><p>Valid for <a href=\"#state\">two pizzas</a> of any size.</p><ul><li>Not on holidays.</li><li>Once a day.</li></ul>"/>
    }
}
