//! The two lifecycles: of a revision (is its text approved?) and of a publication (is it on the member sites?).

use super::content::words;
use crate::{Timestamp, time::exact};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why an offer's rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum OfferRefusal {
    #[error("This revision is not in review any more. Load the page again to see where it stands.")]
    NotInReview,
    #[error("You changed this draft since it was last approved, so somebody else must approve it.")]
    OwnWork,
    #[error("Only an approved revision can be published. Send the draft for review first.")]
    NotApproved,
    #[error("A newer revision has taken the place of this one.")]
    Superseded,
    #[error("Nothing changed since the last revision, so there is nothing to review.")]
    NothingNew,
    #[error("The merchant is not active, so its offers cannot be published. Make the merchant active first.")]
    MerchantNotActive,
    #[error("The offer has ended: its last valid day is past. Extend it and have the change approved.")]
    Expired,
    #[error("This offer is not live.")]
    NotLive,
    #[error("This offer is not paused.")]
    NotPaused,
    #[error("This publication is over already.")]
    Over,
    #[error(
        "Another revision is scheduled from {}. Cancel that publication first, or choose an end before it.",
        exact(*.scheduled)
    )]
    Overlaps {
        /// When the other one starts.
        scheduled: Timestamp,
    },
    #[error("The offer is archived. It can be read, but not changed.")]
    Archived,
    #[error("The offer is on the member site or about to be. End or cancel its publication first.")]
    StillPublished,
    #[error("The end is not after the start.")]
    EmptyWindow,
}

/// Where a revision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionState {
    InReview,
    ChangesAsked,
    Approved,
    Superseded,
}

words!(RevisionState {
    InReview = "in_review", "In review";
    ChangesAsked = "changes_asked", "Changes asked";
    Approved = "approved", "Approved";
    Superseded = "superseded", "Superseded";
});

impl RevisionState {
    pub fn approve(self) -> Result<Self, OfferRefusal> {
        self.decided(Self::Approved)
    }

    pub fn ask_for_changes(self) -> Result<Self, OfferRefusal> {
        self.decided(Self::ChangesAsked)
    }

    /// A newer revision was sent or approved.
    pub fn supersede(self) -> Self {
        Self::Superseded
    }

    /// Whether a publication of it may start.
    pub fn publishable(self) -> Result<(), OfferRefusal> {
        match self {
            Self::Approved => Ok(()),
            Self::Superseded => Err(OfferRefusal::Superseded),
            Self::InReview | Self::ChangesAsked => Err(OfferRefusal::NotApproved),
        }
    }

    fn decided(self, next: Self) -> Result<Self, OfferRefusal> {
        match self {
            Self::InReview => Ok(next),
            Self::Superseded => Err(OfferRefusal::Superseded),
            Self::ChangesAsked | Self::Approved => Err(OfferRefusal::NotInReview),
        }
    }
}

/// Where an offer stands on the member sites. `Ended` and `Live` of a schedule follow from time, not from a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationState {
    Unpublished,
    Scheduled,
    Live,
    Paused,
    Ended,
    Archived,
}

words!(PublicationState {
    Unpublished = "unpublished", "Unpublished";
    Scheduled = "scheduled", "Scheduled";
    Live = "live", "Live";
    Paused = "paused", "Paused";
    Ended = "ended", "Ended";
    Archived = "archived", "Archived";
});

impl PublicationState {
    /// Live becomes paused: no new claims, not shown.
    pub fn pause(self) -> Result<Self, OfferRefusal> {
        if self == Self::Live { Ok(Self::Paused) } else { Err(OfferRefusal::NotLive) }
    }

    pub fn resume(self) -> Result<Self, OfferRefusal> {
        if self == Self::Paused { Ok(Self::Live) } else { Err(OfferRefusal::NotPaused) }
    }

    /// Ends what is live or paused, cancels what is scheduled.
    pub fn end(self) -> Result<Self, OfferRefusal> {
        match self {
            Self::Live | Self::Paused => Ok(Self::Ended),
            Self::Scheduled => Ok(Self::Unpublished),
            Self::Unpublished | Self::Ended | Self::Archived => Err(OfferRefusal::Over),
        }
    }

    pub fn archive(self) -> Result<Self, OfferRefusal> {
        match self {
            Self::Unpublished | Self::Ended => Ok(Self::Archived),
            Self::Archived => Err(OfferRefusal::Archived),
            Self::Scheduled | Self::Live | Self::Paused => Err(OfferRefusal::StillPublished),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_review_is_decided() {
        for state in RevisionState::ALL {
            assert_eq!(state.approve().is_ok(), *state == RevisionState::InReview, "{state}");
            assert_eq!(state.ask_for_changes().is_ok(), *state == RevisionState::InReview, "{state}");
            assert_eq!(state.publishable().is_ok(), *state == RevisionState::Approved, "{state}");
        }
    }

    #[test]
    fn publications_move_only_along_their_lifecycle() {
        use PublicationState::*;
        let moves: [(fn(PublicationState) -> Result<PublicationState, OfferRefusal>, &[PublicationState]); 4] = [
            (PublicationState::pause, &[Live]),
            (PublicationState::resume, &[Paused]),
            (PublicationState::end, &[Live, Paused, Scheduled]),
            (PublicationState::archive, &[Unpublished, Ended]),
        ];
        for (move_, legal) in moves {
            for state in PublicationState::ALL {
                assert_eq!(move_(*state).is_ok(), legal.contains(state), "{state}");
            }
        }
    }

    #[test]
    fn a_refusal_says_when_the_other_one_starts() {
        let scheduled = Timestamp::from_timestamp(4_039_372_800, 0).unwrap();
        assert!(OfferRefusal::Overlaps { scheduled }.to_string().contains("scheduled from 2098-01-01 00:00 UTC"));
    }
}
