//! What happens to the demo's offers: each goes through a story, step by step, in the hands of those whose step it is.

use super::dice::Dice;
use chrono::{DurationRound, TimeDelta};
use model::{Timestamp, access::Role, merchants::MerchantStatus};

/// One step, as a member of staff takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Edit,
    Send,
    AskForChanges,
    Approve,
    Publish,
    /// Publishes with an end that has passed by now.
    PublishForATime,
    /// Publishes from a moment on that has passed by now.
    ScheduleSoon,
    /// Publishes from a day to come on.
    Schedule,
    Pause,
    Resume,
    End,
    Archive,
}
use Step::*;

impl Step {
    pub(super) fn taken_by(self) -> Role {
        match self {
            Edit | Send | Archive => Role::Editor,
            AskForChanges | Approve => Role::Reviewer,
            Publish | PublishForATime | ScheduleSoon | Schedule | Pause | Resume | End => Role::CampaignManager,
        }
    }
}

/// What happens to an offer after its first draft.
pub(super) type Story = &'static [Step];

/// All stories with their shares in a thousand; the first, which is the most usual, makes up what is missing.
pub(super) const STORIES: &[(Story, usize)] = &[
    (&[Send, Approve, Publish], 340),
    // Live too, on longer ways.
    (&[Send, AskForChanges, Edit, Send, Approve, Publish], 50),
    (&[Send, Approve, ScheduleSoon], 30),
    (&[Send, Approve, Publish, Edit, Send, Approve, Publish], 50),
    (&[Send, Approve, Publish, Pause, Resume], 10),
    (&[Send, Approve, Publish, Edit], 40),
    (&[Send, Approve, Publish, Edit, Send], 25),
    (&[Send, Approve, Publish, Edit, Send, AskForChanges], 10),
    (&[Send, Approve, Publish, Edit, Send, Approve, Schedule], 10),
    // Not yet.
    (&[Send, Approve, Schedule], 70),
    // Not now.
    (&[Send, Approve, Publish, Pause], 45),
    // No more.
    (&[Send, Approve, Publish, End], 40),
    (&[Send, Approve, PublishForATime], 25),
    (&[Send, Approve, Publish, End, Archive], 15),
    (&[Send, Approve, Schedule, End], 10),
    (&[Archive], 5),
    // On the way.
    (&[Send], 65),
    (&[Send, Edit], 5),
    (&[Send, Edit, Send], 10),
    (&[Send, AskForChanges], 40),
    (&[Send, AskForChanges, Edit], 5),
    (&[Send, Approve], 45),
    (&[Send, Approve, Edit], 10),
    (&[], 45),
];

/// What a reviewer asks for, and what the editor then adds to the terms.
pub(super) const REMARKS: &[(&str, &str)] = &[
    ("Please say whether gift cards can be bought with it.", "Gift cards and store credit cannot be bought with the offer."),
    ("Members will ask about returns. Say what they get back.", "If you return something, you get back what you paid for it."),
    (
        "The terms do not say whom to ask when something goes wrong.",
        "If something goes wrong, ask the member service of the program.",
    ),
    ("Please add that it is for personal use; we had resellers.", "For personal use, not for resale."),
    ("Employees took part last time. Please exclude them.", "Employees of the merchant cannot take part."),
    (
        "Say that it can end early when the limit is reached.",
        "The offer ends early when the number of uses set for it is reached.",
    ),
    (
        "Please name what happens with orders that are changed later.",
        "The offer is lost when an order is changed so that it no longer fits.",
    ),
];

/// A moment that has passed, as far from a step as from now, in whole minutes as forms write it.
pub(super) fn halfway(step: Timestamp, now: Timestamp) -> Timestamp {
    (step + (now - step) / 2).duration_trunc(TimeDelta::minutes(1)).unwrap_or(step)
}

/// Whether a merchant that ends up in this status can have had an offer with such a story.
pub(super) fn suits(story: Story, status: MerchantStatus) -> bool {
    let published = story.iter().any(|step| matches!(step, Publish | PublishForATime | ScheduleSoon | Schedule));
    let over = story.iter().any(|step| matches!(step, End | PublishForATime));
    match status {
        MerchantStatus::Active | MerchantStatus::Suspended => true,
        MerchantStatus::Prospect => !published,
        MerchantStatus::Closed => !published || over,
    }
}

/// When each step was taken, between an offer's first draft and now: after minutes, hours or days, as people work.
pub(super) fn moments(dice: &mut Dice, story: Story, added: Timestamp, now: Timestamp) -> Vec<Timestamp> {
    let waits: Vec<TimeDelta> = story
        .iter()
        .map(|step| match step {
            Send => TimeDelta::minutes(dice.between((5, 8 * 60))),
            AskForChanges | Approve => TimeDelta::minutes(dice.between((20, 48 * 60))),
            Publish | PublishForATime | ScheduleSoon | Schedule => TimeDelta::minutes(dice.between((10, 72 * 60))),
            Edit | Pause | Resume | End | Archive => TimeDelta::minutes(dice.between((2 * 60, 10 * 24 * 60))),
        })
        .collect();
    let time: TimeDelta = waits.iter().sum();
    // Whoever began lately worked fast.
    let room = (now - added) * 9 / 10;
    let squeezed = |wait: TimeDelta| match time > room {
        true => TimeDelta::seconds(wait.num_seconds() * room.num_seconds() / time.num_seconds()),
        false => wait,
    };
    let mut at = added;
    waits
        .into_iter()
        .map(|wait| {
            at += squeezed(wait).max(TimeDelta::seconds(1));
            at
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_add_up_and_more_than_half_of_all_offers_are_live() {
        assert_eq!(STORIES.iter().map(|(_, share)| share).sum::<usize>(), 1_000);
        let live = |story: Story| {
            story.iter().any(|s| matches!(s, Publish | ScheduleSoon)) && !matches!(story.last(), Some(Pause | End | Archive))
        };
        assert_eq!(STORIES.iter().filter(|(story, _)| live(story)).map(|(_, share)| share).sum::<usize>(), 565);
    }

    #[test]
    fn steps_follow_one_another_and_lie_in_the_past() {
        let now = "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap();
        let mut dice = Dice(1);
        for (story, _) in STORIES {
            for minutes in [5, 600, 60 * 24 * 60] {
                let added = now - TimeDelta::minutes(minutes);
                let moments = moments(&mut dice, story, added, now);
                let mut all = vec![added];
                all.extend(&moments);
                assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{story:?}: {all:?}");
                assert!(all.iter().all(|at| *at < now), "{story:?}: {all:?}");
                assert_eq!(moments.len(), story.len());
            }
        }
    }

    #[test]
    fn only_a_merchant_that_was_active_had_something_published() {
        assert!(suits(&[Send], MerchantStatus::Prospect));
        assert!(!suits(&[Send, Approve, Publish], MerchantStatus::Prospect));
        assert!(suits(&[Send, Approve, Publish], MerchantStatus::Suspended));
        assert!(!suits(&[Send, Approve, Publish], MerchantStatus::Closed));
        assert!(suits(&[Send, Approve, Publish, End], MerchantStatus::Closed));
    }
}
