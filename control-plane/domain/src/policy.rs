//! Who may do what at the console: one row for each use case. What is not here is denied.

use crate::Role;
use crate::closed::closed_enum;

closed_enum! {
    /// What somebody who signed in can ask for.
    UseCase {
        /// Read the list of sites.
        SiteList = 1 "site-list",
        /// Add a site.
        SiteAdd = 2 "site-add",
        /// Make a join token.
        JoinTokenMake = 3 "join-token-make",
        /// Shut a site out for good.
        SiteRevoke = 4 "site-revoke",
        /// Read the list of annotators.
        PersonList = 5 "person-list",
        /// Add and invite annotators.
        PersonInvite = 6 "person-invite",
        /// Add managers and administrators, set their passwords.
        StaffChange = 7 "staff-change",
        /// Read asset cards.
        AssetList = 8 "asset-list",
        /// Read projects, datasets and tasks.
        ProjectRead = 9 "project-read",
        /// Make and change projects, instructions, datasets and tasks.
        ProjectChange = 10 "project-change",
        /// Read results.
        ResultsRead = 11 "results-read",
    }
}

/// Whether a role may do it.
pub fn allows(role: Role, use_case: UseCase) -> bool {
    match role {
        Role::Administrator => true,
        Role::Manager => match use_case {
            UseCase::SiteList
            | UseCase::PersonList
            | UseCase::PersonInvite
            | UseCase::AssetList
            | UseCase::ProjectRead
            | UseCase::ProjectChange
            | UseCase::ResultsRead => true,
            UseCase::SiteAdd | UseCase::JoinTokenMake | UseCase::SiteRevoke | UseCase::StaffChange => false,
        },
        Role::Annotator => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotator_may_do_nothing_here() {
        assert!(UseCase::ALL.iter().all(|use_case| !allows(Role::Annotator, *use_case)));
    }

    #[test]
    fn only_an_administrator_lets_sites_in_and_out() {
        for use_case in [UseCase::SiteAdd, UseCase::JoinTokenMake, UseCase::SiteRevoke, UseCase::StaffChange]
        {
            assert!(!allows(Role::Manager, use_case));
            assert!(allows(Role::Administrator, use_case));
        }
    }
}
