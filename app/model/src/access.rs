//! Who may do what. `Role::grants` is the only table of permissions.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a member of staff is trusted with; one person may hold several roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Editor,
    Reviewer,
    CampaignManager,
    Analyst,
    Support,
}

/// One thing that may be allowed. A use case starts by asking for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See merchants, offers and their history on the desk.
    ReadCatalogue,
    WriteMerchants,
    /// Write drafts and send them for review.
    WriteOffers,
    /// Approve a revision or ask for changes, never one's own.
    ReviewOffers,
    /// Publish approved revisions, schedule, pause, end.
    PublishOffers,
    ReadAudit,
    ManageAccounts,
    /// See what the server does by itself, jobs and mail, and steer it.
    Operate,
}

impl Role {
    pub const ALL: [Self; 6] = [Self::Admin, Self::Editor, Self::Reviewer, Self::CampaignManager, Self::Analyst, Self::Support];

    /// The table of who may do what.
    pub fn grants(self, permission: Permission) -> bool {
        use Permission::*;
        match self {
            // Approving one's own work is refused by the offer's rules, whatever the role.
            Self::Admin => true,
            Self::Editor => matches!(permission, ReadCatalogue | WriteMerchants | WriteOffers),
            Self::Reviewer => matches!(permission, ReadCatalogue | ReviewOffers),
            Self::CampaignManager => matches!(permission, ReadCatalogue | PublishOffers),
            Self::Analyst => matches!(permission, ReadCatalogue | ReadAudit),
            Self::Support => matches!(permission, ReadCatalogue),
        }
    }

    /// The word in the data base, in forms and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::CampaignManager => "campaign_manager",
            Self::Analyst => "analyst",
            Self::Support => "support",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Admin => "Administrator",
            Self::Editor => "Editor",
            Self::Reviewer => "Reviewer",
            Self::CampaignManager => "Campaign manager",
            Self::Analyst => "Analyst",
            Self::Support => "Support",
        }
    }

    /// What the role is for, in one sentence.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Admin => "Keeps accounts and settings, and may do everything but approve their own work.",
            Self::Editor => "Writes merchants and offer drafts, and sends drafts for review.",
            Self::Reviewer => "Approves what others wrote, or asks for changes.",
            Self::CampaignManager => "Publishes approved offers, now or on a schedule.",
            Self::Analyst => "Reads everything, and the audit log.",
            Self::Support => "Reads merchants and offers to answer members.",
        }
    }
}

/// Whether any of the roles allows it.
pub fn allowed(roles: &[Role], permission: Permission) -> bool {
    roles.iter().any(|role| role.grants(permission))
}

/// The word names no role.
#[derive(Debug, thiserror::Error)]
#[error("Roles are admin, editor, reviewer, campaign_manager, analyst and support.")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let word = s.trim().replace('-', "_");
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::*;

    #[test]
    fn writing_approving_and_publishing_are_three_peoples_work() {
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
            let held = [WriteOffers, ReviewOffers, PublishOffers].into_iter().filter(|p| role.grants(*p)).count();
            assert!(held <= 1, "{role} holds {held} of the three");
        }
    }

    #[test]
    fn only_administrators_keep_accounts() {
        let keepers: Vec<_> = Role::ALL.into_iter().filter(|role| role.grants(ManageAccounts)).collect();
        assert_eq!(keepers, [Role::Admin]);
    }
}
