//! People: an invitation works once, suspension ends sessions, names are not taken twice.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use agent_archive::{
    AccountError, DicomwebToken, NewAccount, PersonCopy, PersonState, RedeemError, Role, TokenView,
    WorklistItem, reindex,
};
use proto_ids::ProjectId;
use support::{NOON, apply, code, invited, messages, open, person, project};

fn account(user_name: &str) -> NewAccount {
    NewAccount {
        user_name: user_name.to_owned(),
        display_name: "Admin".to_owned(),
        roles: vec![Role::HospitalAdmin, Role::Reviewer],
        password_hash: "$argon2id$admin".to_owned(),
    }
}

#[test]
fn an_invitation_is_redeemed_once_and_in_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    apply(&archive, [WorklistItem::Person(invited(1)), WorklistItem::Person(invited(2))]);
    let redeem = |number: u8, now| archive.invitation_redeem(&code(number), "$hash".to_owned(), now);
    assert_eq!(archive.people().expect("people")[0].state, PersonState::Invited);
    assert!(archive.sign_in("user1").expect("read").is_none());
    let row = redeem(1, NOON).expect("redeemed");
    assert_eq!((row.state, row.roles.as_slice()), (PersonState::Active, [Role::Annotator].as_slice()));
    assert!(matches!(redeem(1, NOON), Err(RedeemError::Unknown)));
    assert!(matches!(redeem(9, NOON), Err(RedeemError::Unknown)));
    assert!(matches!(redeem(2, NOON.plus_seconds(60)), Err(RedeemError::Unknown)));
    apply(&archive, [WorklistItem::Person(invited(1))]);
    assert!(matches!(redeem(1, NOON), Err(RedeemError::Unknown)), "said again, the code is still spent");
    let sign_in = archive.sign_in("USER1").expect("read").expect("an account");
    assert_eq!((sign_in.row.person, sign_in.password_hash.as_str()), (person(1), "$hash"));
    assert_eq!(messages(&archive), ["Redeemed"]);
}

#[test]
fn a_suspended_person_has_no_session_and_the_control_plane_hears_of_it_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    apply(&archive, [WorklistItem::Person(invited(1))]);
    archive.invitation_redeem(&code(1), "$hash".to_owned(), NOON).expect("redeemed");
    archive.session_put(&[1; 32], person(1), NOON).expect("a session");
    archive.session_put(&[2; 32], person(2), NOON).expect("a session");
    for _ in 0..2 {
        assert!(archive.person_suspend(person(1)).expect("suspended"));
    }
    assert!(archive.session(&[1; 32]).expect("read").is_none());
    assert!(archive.session(&[2; 32]).expect("read").is_some());
    assert_eq!(archive.person(person(1)).expect("read").expect("there").state, PersonState::Suspended);
    assert!(archive.person_resume(person(1)).expect("resumed"));
    assert!(!archive.person_suspend(person(9)).expect("nobody"));
    let suspended = PersonCopy { suspended: true, invitation: None, ..invited(1) };
    apply(&archive, [WorklistItem::Person(suspended)]);
    assert_eq!(archive.person(person(1)).expect("read").expect("there").state, PersonState::Suspended);
    assert_eq!(messages(&archive), ["Redeemed", "Suspended", "Resumed"]);
}

#[test]
fn an_account_of_hospital_it_takes_its_name_and_tells_nobody() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let admin = archive.account_create(account("User1")).expect("made");
    assert!(matches!(archive.account_create(account("user1 ")), Err(AccountError::UserNameTaken)));
    apply(&archive, [WorklistItem::Person(invited(1))]);
    let redeemed = archive.invitation_redeem(&code(1), "$hash".to_owned(), NOON);
    assert!(matches!(redeemed, Err(RedeemError::UserNameTaken)));
    assert!(archive.account_roles_set(admin, &[Role::HospitalAdmin]).expect("set"));
    assert!(archive.account_password_set(admin, "$other".to_owned()).expect("set"));
    archive.person_suspend(admin).expect("suspended");
    let sign_in = archive.sign_in("user1").expect("read").expect("an account");
    assert_eq!(sign_in.row.roles, [Role::HospitalAdmin]);
    assert_eq!((sign_in.row.state, sign_in.password_hash.as_str()), (PersonState::Suspended, "$other"));
    assert!(messages(&archive).is_empty());
}

#[test]
fn sessions_and_tokens_last_until_they_are_ended() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    archive.session_put(&[1; 32], person(1), NOON).expect("a session");
    archive.session_touch(&[1; 32], NOON.plus_seconds(90)).expect("touched");
    let session = archive.session(&[1; 32]).expect("read").expect("there");
    assert_eq!((session.created_at, session.seen_at), (NOON, NOON.plus_seconds(90)));
    assert_eq!(archive.sessions_sweep(NOON, NOON).expect("swept"), 0);
    assert_eq!(archive.sessions_sweep(NOON.plus_seconds(91), NOON).expect("swept"), 1);
    archive.session_touch(&[1; 32], NOON.plus_seconds(92)).expect("nothing");
    assert!(archive.session(&[1; 32]).expect("read").is_none());
    let token = DicomwebToken {
        sha256: [3; 32],
        name: "PACS".to_owned(),
        view: TokenView::Deidentified(project()),
        may_store: false,
        created_at: NOON,
    };
    archive.dicomweb_token_put(&token).expect("a token");
    assert_eq!(archive.dicomweb_token(&[3; 32]).expect("read"), Some(token));
    assert_eq!(archive.dicomweb_tokens().expect("tokens").len(), 1);
    assert!(archive.dicomweb_token_revoke(&[3; 32]).expect("revoked"));
    assert!(!archive.dicomweb_token_revoke(&[3; 32]).expect("gone"));
}

#[test]
fn a_project_keeps_the_secret_that_was_drawn_first() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let secret = archive.project_secret(project()).expect("drawn");
    assert_eq!(archive.project_secret(project()).expect("read"), secret);
    assert_ne!(archive.project_secret(ProjectId::from_bytes([9; 16])).expect("drawn"), secret);
    assert_eq!(format!("{secret:?}"), "ProjectSecret(..)");
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    assert_eq!(open(directory.path()).project_secret(project()).expect("read"), secret);
}
