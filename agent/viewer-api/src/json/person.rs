//! What is said of a person: roles and state, as names of closed lists.

use agent_archive::{PersonState, Role};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleJson {
    Annotator,
    Reviewer,
    HospitalAdmin,
}

impl From<Role> for RoleJson {
    fn from(role: Role) -> Self {
        match role {
            Role::Annotator => Self::Annotator,
            Role::Reviewer => Self::Reviewer,
            Role::HospitalAdmin => Self::HospitalAdmin,
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PersonStateJson {
    Invited,
    Active,
    Suspended,
}

impl From<PersonState> for PersonStateJson {
    fn from(state: PersonState) -> Self {
        match state {
            PersonState::Invited => Self::Invited,
            PersonState::Active => Self::Active,
            PersonState::Suspended => Self::Suspended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_named_as_in_records() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(RoleJson::from(role)).unwrap(), role.code());
        }
    }
}
