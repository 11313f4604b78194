//! Badges that the pages share.

use leptos::prelude::*;
use model::jobs::{JobState, RunOutcome};
use ui::{Icon, StateBadge, Tone};

pub const PATH: &str = "/desk/jobs";
pub const QUEUE: &str = "/desk/jobs/queue";

pub fn state_badge(state: JobState) -> impl IntoView {
    let (tone, icon) = match state {
        JobState::Ready => (Tone::Neutral, Icon::Hourglass),
        JobState::Running => (Tone::Info, Icon::CirclePlay),
        JobState::Retrying => (Tone::Caution, Icon::RefreshCw),
        JobState::Scheduled => (Tone::Neutral, Icon::CalendarClock),
        JobState::Failed => (Tone::Negative, Icon::CircleX),
    };
    view! { <StateBadge tone=tone label=state.label() icon=icon/> }
}

pub fn outcome_badge(outcome: RunOutcome) -> impl IntoView {
    let (tone, icon) = match outcome {
        RunOutcome::Running => (Tone::Info, Icon::CirclePlay),
        RunOutcome::Done => (Tone::Positive, Icon::CircleCheck),
        RunOutcome::Failed => (Tone::Caution, Icon::RefreshCw),
        RunOutcome::FailedForGood => (Tone::Negative, Icon::CircleX),
        RunOutcome::Interrupted => (Tone::Caution, Icon::CircleStop),
        RunOutcome::Cancelled => (Tone::Neutral, Icon::Ban),
    };
    view! { <StateBadge tone=tone label=outcome.label() icon=icon/> }
}

/// The options of a filter: word and label of each.
macro_rules! choices {
    ($kind:ty) => {
        <$kind>::ALL.iter().map(|one| (one.word().to_owned(), one.label().to_owned())).collect()
    };
}
pub(super) use choices;
