//! Use cases of the console: signing in, people, projects, datasets, tasks, and what goes down.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use std::collections::BTreeSet;

use control_plane_app::{AppError, NewStaff, NewTasks, sha256};
use control_plane_domain::*;
use plane::{Plane, draft};
use proto_ids::*;

const PASSWORD: &str = "correct horse battery";

fn staff(plane: &Plane, name: &str, role: Role) -> Person {
    let new = NewStaff {
        user_name: name.to_owned(),
        display_name: name.to_owned(),
        roles: BTreeSet::from([role]),
        password: PASSWORD.to_owned(),
    };
    plane.app.staff_add(&Actor::Operator, &new).unwrap()
}

fn told(plane: &Plane, site: SiteId, after: u64) -> (Vec<WorklistItem>, u64) {
    let changes = plane.app.store().changes_since(site, after, 1000).unwrap();
    (changes.changes.into_iter().map(|change| change.item).collect(), changes.up_to)
}

#[test]
fn a_session_lives_while_it_is_used_and_ends_on_sign_out() {
    let plane = Plane::new();
    let ada = staff(&plane, "ada", Role::Manager);
    let signed_in = plane.app.sign_in("ada", PASSWORD).unwrap();
    for _ in 0..10 {
        plane.turn(SESSION_IDLE_MS - 70_000);
        assert_eq!(plane.app.session_person(&signed_in.token).unwrap().0.id, ada.id);
    }
    plane.app.sign_out(&signed_in.token).unwrap();
    assert!(matches!(plane.app.session_person(&signed_in.token), Err(AppError::SignedOut)));
    let second = plane.app.sign_in("ada", PASSWORD).unwrap();
    assert_ne!(second.token, signed_in.token);
    plane.turn(SESSION_IDLE_MS);
    assert!(matches!(plane.app.session_person(&second.token), Err(AppError::SignedOut)));
}

#[test]
fn guessing_is_refused_then_slowed_down() {
    let plane = Plane::new();
    staff(&plane, "ada", Role::Manager);
    for name in ["ada", "nobody"] {
        for _ in 0..5 {
            assert!(matches!(plane.app.sign_in(name, "wrong"), Err(AppError::WrongCredentials)));
        }
        assert!(matches!(plane.app.sign_in(name, PASSWORD), Err(AppError::SlowDown { .. })));
    }
    plane.turn(1000);
    assert!(plane.app.sign_in("ada", PASSWORD).is_ok());
}

#[test]
fn an_annotator_cannot_sign_in_here() {
    let plane = Plane::new();
    let invited = plane.app.annotator_add(&Actor::Operator, "bob", "Bob").unwrap();
    assert!(matches!(plane.app.sign_in("bob", &invited.code), Err(AppError::WrongCredentials)));
}

#[test]
fn a_new_password_ends_the_sessions() {
    let plane = Plane::new();
    staff(&plane, "ada", Role::Manager);
    let signed_in = plane.app.sign_in("ada", PASSWORD).unwrap();
    plane.app.password_set(&Actor::Operator, "ada", "another long one").unwrap();
    assert!(matches!(plane.app.session_person(&signed_in.token), Err(AppError::SignedOut)));
    assert!(matches!(plane.app.sign_in("ada", PASSWORD), Err(AppError::WrongCredentials)));
}

#[test]
fn only_the_digest_of_a_code_is_kept_and_it_goes_down_to_sites() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let invited = plane.app.annotator_add(&Actor::Operator, "bob", "Bob").unwrap();
    let digest = sha256(invited.code.replace('-', "").as_bytes());
    let (items, cursor) = told(&plane, agent.site, 0);
    let [WorklistItem::Person(order)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(order.invitation.as_ref().unwrap().code_sha256, digest);
    assert_eq!(
        order.invitation.as_ref().unwrap().expires_at.millis_since(plane.now()),
        INVITATION_LIFETIME_MS
    );
    let change = PersonChange { person: invited.person.id, state: PersonChangeKind::Redeemed };
    plane.told(agent, &Report::Person(change));
    let (items, _) = told(&plane, agent.site, cursor);
    let [WorklistItem::Person(order)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(order.invitation, None);
    let people = plane.app.annotator_list(&Actor::Operator).unwrap();
    assert_eq!(people[0].standing(), PersonStanding::Active);
    let again = plane.app.annotator_invite(&Actor::Operator, invited.person.id).unwrap();
    assert_ne!(again.code, invited.code);
    assert_eq!(again.person.standing(), PersonStanding::Invited);
}

#[test]
fn a_published_instruction_never_changes() {
    let plane = Plane::new();
    let id = plane.project();
    let mut changed = draft();
    changed.title = "Livers, again".to_owned();
    plane.app.draft_save(&Actor::Operator, id, &changed).unwrap();
    let view = plane.app.project_get(&Actor::Operator, id).unwrap();
    assert_eq!(view.published.unwrap().instruction.title, "Livers");
    assert_eq!(plane.app.instruction_publish(&Actor::Operator, id).unwrap(), 2);
    assert_eq!(plane.app.instruction_publish(&Actor::Operator, id).unwrap(), 2, "nothing new to publish");
    let first =
        control_plane_app::read(plane.app.store().as_ref(), |rows| Ok(rows.instruction_get(id, 1)?)).unwrap();
    assert_eq!(first.unwrap().instruction.title, "Livers");
}

#[test]
fn a_draft_that_is_no_instruction_is_refused_by_field() {
    let plane = Plane::new();
    let id = plane.project();
    let mut wrong = draft();
    wrong.objects[0].name.clear();
    let Err(AppError::Invalid(fields)) = plane.app.draft_save(&Actor::Operator, id, &wrong) else {
        panic!("not refused")
    };
    assert_eq!(fields[0].field, "objects[0].name");
}

#[test]
fn gold_is_given_out_only_where_the_site_has_it() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let (plain, gold) = (plane.asset(agent, 1, false), plane.asset(agent, 2, true));
    let id = plane.project();
    let add = |gold_assets| {
        let new = NewTasks { assets: vec![plain, gold], overlap: 2, gold_assets };
        plane.app.tasks_add(&Actor::Operator, id, &new)
    };
    assert!(matches!(add(vec![plain]), Err(AppError::AssetHasNoGold { .. })));
    assert_eq!(add(vec![gold]).unwrap(), 2);
    assert_eq!(add(vec![gold]).unwrap(), 0, "each asset has its task already");
    let tasks = plane.app.task_list(&Actor::Operator, id).unwrap();
    assert!(tasks.iter().all(|view| view.task.gold == (view.task.asset == gold)));
}

#[test]
fn tasks_need_a_published_instruction_known_assets_and_a_sound_overlap() {
    let plane = Plane::new();
    let asset = plane.asset(plane.site(1), 1, false);
    let unpublished = plane.app.project_add(&Actor::Operator, "Empty").unwrap().id;
    let new = |asset, overlap| NewTasks { assets: vec![asset], overlap, gold_assets: Vec::new() };
    let add = |project, new| plane.app.tasks_add(&Actor::Operator, project, &new);
    assert!(matches!(add(unpublished, new(asset, 1)), Err(AppError::NotPublished)));
    let project = plane.project();
    for overlap in [0, 17] {
        assert!(matches!(add(project, new(asset, overlap)), Err(AppError::Invalid(_))));
    }
    let unknown = AssetToken::from_random([77; 16]);
    assert!(matches!(add(project, new(unknown, 1)), Err(AppError::Invalid(_))));
}

#[test]
fn a_site_that_gets_its_first_task_is_told_instruction_and_project_before_it() {
    let plane = Plane::new();
    let (north, south) = (plane.site(1), plane.site(2));
    let project = plane.project();
    let ada = plane.annotator("ada").id;
    plane.app.annotators_set(&Actor::Operator, project, &[ada]).unwrap();
    let (_, cursor) = told(&plane, north.site, 0);
    let task = plane.task(project, plane.asset(north, 1, false), 1, false);
    let (items, cursor) = told(&plane, north.site, cursor);
    assert!(matches!(
        items.as_slice(),
        [WorklistItem::Instruction(_), WorklistItem::Project(order), WorklistItem::Task(_)] if order.annotators == [ada]
    ));
    assert!(told(&plane, south.site, 0).0.iter().all(|item| matches!(item, WorklistItem::Person(_))));
    plane.app.task_withdraw(&Actor::Operator, task.id).unwrap();
    let (items, _) = told(&plane, north.site, cursor);
    assert!(matches!(items.as_slice(), [WorklistItem::Task(order)] if order.withdrawn));
}

#[test]
fn a_dataset_is_frozen_and_its_name_counts_versions() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let (one, two) = (plane.asset(agent, 1, false), plane.asset(agent, 2, false));
    let id = plane.project();
    let freeze =
        |assets: &[AssetToken]| plane.app.dataset_freeze(&Actor::Operator, id, "train", assets).unwrap();
    assert_eq!((freeze(&[one]).version, freeze(&[one, two]).version), (1, 2));
    for refused in [&[two, one][..], &[one, one][..]] {
        let again = plane.app.dataset_freeze(&Actor::Operator, id, "train", refused);
        assert!(matches!(again, Err(AppError::Invalid(_))), "{again:?}");
    }
    let all = plane.app.dataset_list(&Actor::Operator, id).unwrap();
    let first = all.iter().find(|dataset| dataset.version == 1).unwrap();
    assert_eq!(first.assets, [one]);
    let detail = plane.app.dataset_get(&Actor::Operator, first.id).unwrap();
    assert_eq!((detail.project_title.as_str(), detail.assets[0].site_name.as_str()), ("Livers", "Site 1"));
    let unknown = plane.app.dataset_get(&Actor::Operator, DatasetId::from_random([9; 16]));
    assert!(matches!(unknown, Err(AppError::NotFound(_))));
    let task = plane.task(id, one, 1, false);
    let asset = plane.app.asset_get(&Actor::Operator, one).unwrap();
    assert_eq!((asset.tasks[0].0.task.id, asset.tasks[0].1.as_str()), (task.id, "Livers"));
    let datasets: Vec<u32> = asset.datasets.iter().map(|(dataset, _)| dataset.version).collect();
    assert_eq!((asset.tasks.len(), datasets), (1, vec![1, 2]));
    assert!(plane.app.asset_get(&Actor::Operator, two).unwrap().tasks.is_empty());
}

#[test]
fn a_revoked_sites_agents_may_not_call() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let asset = plane.asset(agent, 1, false);
    plane.app.site_revoke(&Actor::Operator, agent.site).unwrap();
    let row =
        control_plane_app::read(plane.app.store().as_ref(), |rows| Ok(rows.agent_get(agent.agent)?)).unwrap();
    assert!(!row.unwrap().state.may_call());
    let new = NewTasks { assets: vec![asset], overlap: 1, gold_assets: Vec::new() };
    assert!(matches!(
        plane.app.tasks_add(&Actor::Operator, plane.project(), &new),
        Err(AppError::Invalid(_))
    ));
}

#[test]
fn a_denial_and_each_change_leave_an_audit_row() {
    let plane = Plane::new();
    let manager = staff(&plane, "ada", Role::Manager);
    let actor = Actor::Person { id: manager.id, roles: manager.roles };
    assert!(matches!(plane.app.site_add(&actor, "North"), Err(AppError::Denied)));
    plane.app.project_add(&actor, "Livers").unwrap();
    let rows = control_plane_app::read(plane.app.store().as_ref(), |rows| Ok(rows.audit_list(10)?)).unwrap();
    let actions: Vec<Action> = rows.iter().map(|row| row.action).collect();
    assert_eq!(actions, [Action::GoldSeedDrawn, Action::ProjectAdded, Action::Denied, Action::PersonAdded]);
    assert!(rows[..3].iter().all(|row| row.actor == actor));
}
