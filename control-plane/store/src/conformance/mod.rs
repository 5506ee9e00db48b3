//! What every engine has to do. An engine's own tests run [`all`] with a way to open an empty store.

use control_plane_app::{AppError, Store, Thing, read, transact};
use control_plane_domain::{
    Changes, Progress, ProjectState, ShapeAgreement, SiteRecheck, Task, WorklistItem,
};
use proto_ids::{AssetToken, DatasetId, PersonId, SiteId, TaskId};

use crate::samples;

/// Runs the suite; `open` gives a new empty store each time.
pub(crate) fn all<S: Store>(open: impl Fn() -> S) {
    what_is_put_is_read_back(&open());
    lists_are_of_one_project(&open());
    the_newest_of_each_object_and_site_is_kept(&open());
    a_refused_transaction_leaves_nothing(&open());
    a_transaction_sees_its_own_writes(&open());
    audit_rows_come_newest_first(&open());
    a_site_is_told_what_concerns_it_and_nothing_else(&open());
    a_thing_is_told_once_as_it_is_now(&open());
    paging_tells_everything_once(&open());
    the_watch_shows_the_newest_revision(&open());
}

fn fill(store: &dyn Store) {
    transact(store, |tx| {
        tx.site_put(&samples::site())?;
        tx.agent_put(&samples::agent())?;
        tx.agent_high_water_put(samples::agent().id, 17)?;
        tx.join_token_put(&samples::join_token())?;
        tx.person_put(&samples::person())?;
        tx.credential_put(&samples::credential())?;
        tx.session_put(&samples::session())?;
        tx.instruction_put(&samples::instruction_version())?;
        tx.project_put(&samples::project())?;
        tx.asset_put(&samples::asset())?;
        tx.dataset_put(&samples::dataset())?;
        tx.progress_put(&samples::progress())?;
        tx.task_put(&samples::task())?;
        tx.submission_put(&samples::submission())?;
        tx.pattern_put(&samples::pattern())?;
        tx.shape_agreement_put(&samples::shape_agreement())?;
        tx.judgement_put(&samples::judgement())?;
        tx.consensus_painted_put(&samples::consensus_painted())?;
        tx.recheck_put(&samples::recheck())?;
        tx.model_put(&samples::model())?;
        tx.preannotation_put(&samples::site_preannotation())?;
        Ok(tx.audit_put(&samples::audit_row())?)
    })
    .unwrap();
}

fn what_is_put_is_read_back(store: &dyn Store) {
    fill(store);
    read(store, |rows| {
        assert_eq!(rows.site_get(samples::site().id)?, Some(samples::site()));
        assert_eq!(rows.site_list()?, [samples::site()]);
        assert_eq!(rows.agent_get(samples::agent().id)?, Some(samples::agent()));
        assert_eq!(rows.agent_list()?, [samples::agent()]);
        assert_eq!(rows.agent_high_water_get(samples::agent().id)?, Some(17));
        assert_eq!(rows.join_token_get(u64::MAX)?, Some(samples::join_token()));
        assert_eq!(rows.join_token_list()?, [samples::join_token()]);
        assert_eq!(rows.person_get(samples::person().id)?, Some(samples::person()));
        assert_eq!(rows.person_by_user_name("ada")?, Some(samples::person()));
        assert_eq!(rows.person_by_user_name("ad")?, None);
        assert_eq!(rows.person_list()?, [samples::person()]);
        assert_eq!(rows.credential_get(samples::person().id)?, Some(samples::credential()));
        assert_eq!(rows.session_get(&[6; 32])?, Some(samples::session()));
        assert_eq!(rows.project_get(samples::project().id)?, Some(samples::project()));
        assert_eq!(rows.instruction_get(samples::project().id, 1)?, Some(samples::instruction_version()));
        assert_eq!(rows.instruction_get(samples::project().id, 2)?, None);
        assert_eq!(rows.instruction_list(samples::project().id)?, [samples::instruction_version()]);
        assert_eq!(rows.asset_get(samples::asset().card.asset)?, Some(samples::asset()));
        assert_eq!(rows.dataset_list(samples::project().id)?, [samples::dataset()]);
        assert_eq!(rows.dataset_get(samples::dataset().id)?, Some(samples::dataset()));
        assert_eq!(rows.dataset_get(DatasetId::from_random([201; 16]))?, None);
        assert_eq!(rows.task_get(samples::task().id)?, Some(samples::task()));
        assert_eq!(rows.task_list(samples::project().id)?, [samples::task()]);
        assert_eq!(rows.task_list_of_asset(samples::asset().card.asset)?, [samples::task()]);
        assert_eq!(rows.progress_get(samples::task().id)?, Some(samples::progress()));
        assert_eq!(rows.submission_get(samples::submission().facts.id)?, Some(samples::submission()));
        assert_eq!(rows.submission_list(samples::project().id)?, [samples::submission()]);
        assert_eq!(rows.pattern_list(samples::task().id)?, [samples::pattern()]);
        assert_eq!(rows.shape_agreement_list(samples::task().id)?, [samples::shape_agreement()]);
        assert_eq!(rows.judgement_get(samples::task().id)?, Some(samples::judgement()));
        assert_eq!(rows.consensus_painted_list(samples::task().id)?, [samples::consensus_painted()]);
        assert_eq!(rows.recheck_list(samples::project().id)?, [samples::recheck()]);
        assert_eq!(rows.model_get(samples::model().state.model)?, Some(samples::model()));
        assert_eq!(rows.model_list()?, [samples::model()]);
        assert_eq!(rows.preannotation_list(samples::project().id)?, [samples::site_preannotation()]);
        assert_eq!(rows.audit_list(10)?, [samples::audit_row()]);
        Ok(())
    })
    .unwrap();
}

fn lists_are_of_one_project(store: &dyn Store) {
    fill(store);
    let other = proto_ids::ProjectId::from_random([200; 16]);
    read(store, |rows| {
        assert!(rows.task_list(other)?.is_empty());
        assert!(rows.submission_list(other)?.is_empty());
        assert!(rows.dataset_list(other)?.is_empty());
        assert!(rows.instruction_list(other)?.is_empty());
        assert!(rows.recheck_list(other)?.is_empty());
        assert!(rows.preannotation_list(other)?.is_empty());
        let (task, asset) = (TaskId::from_random([200; 16]), AssetToken::from_random([200; 16]));
        assert!(rows.task_list_of_asset(asset)?.is_empty());
        assert!(rows.shape_agreement_list(task)?.is_empty() && rows.consensus_painted_list(task)?.is_empty());
        assert_eq!(rows.judgement_get(task)?, None);
        Ok(())
    })
    .unwrap();
}

fn the_newest_of_each_object_and_site_is_kept(store: &dyn Store) {
    fill(store);
    let newer = ShapeAgreement { counts: vec![3, 2], ..samples::shape_agreement() };
    let other = ShapeAgreement { object_id: 300, ..samples::shape_agreement() };
    let mut checked = samples::recheck();
    checked.facts.failing = 0;
    let elsewhere = SiteRecheck { site: SiteId::from_random([99; 16]), ..samples::recheck() };
    let mut later = samples::recheck();
    later.facts.instruction_version = 256;
    transact(store, |tx| {
        tx.shape_agreement_put(&other)?;
        tx.shape_agreement_put(&newer)?;
        for recheck in [&later, &checked, &elsewhere] {
            tx.recheck_put(recheck)?;
        }
        Ok(())
    })
    .unwrap();
    read(store, |rows| {
        assert_eq!(rows.shape_agreement_list(samples::task().id)?, [newer.clone(), other.clone()]);
        assert_eq!(
            rows.recheck_list(samples::project().id)?,
            [checked.clone(), elsewhere.clone(), later.clone()]
        );
        Ok(())
    })
    .unwrap();
}

fn a_refused_transaction_leaves_nothing(store: &dyn Store) {
    let before = *store.revisions().borrow();
    let refused = transact(store, |tx| {
        tx.person_put(&samples::person())?;
        tx.session_put(&samples::session())?;
        Err::<(), _>(AppError::NotFound(Thing::Task))
    });
    assert!(matches!(refused, Err(AppError::NotFound(Thing::Task))));
    read(store, |rows| {
        assert!(rows.person_list()?.is_empty() && rows.session_list()?.is_empty());
        Ok(())
    })
    .unwrap();
    assert_eq!(*store.revisions().borrow(), before);
}

fn a_transaction_sees_its_own_writes(store: &dyn Store) {
    transact(store, |tx| {
        tx.session_put(&samples::session())?;
        assert_eq!(tx.session_list()?, [samples::session()]);
        tx.session_delete(&[6; 32])?;
        assert!(tx.session_list()?.is_empty());
        let mut person = samples::person();
        tx.person_put(&person)?;
        person.user_name = "grace".to_owned();
        tx.person_put(&person)?;
        assert_eq!(tx.person_by_user_name("ada")?, None);
        assert_eq!(tx.person_by_user_name("grace")?, Some(person));
        Ok(())
    })
    .unwrap();
}

fn audit_rows_come_newest_first(store: &dyn Store) {
    for millis in 0..12 {
        let row = control_plane_domain::AuditRow { at: samples::at(millis), ..samples::audit_row() };
        transact(store, |tx| Ok(tx.audit_put(&row)?)).unwrap();
    }
    let rows = read(store, |rows| Ok(rows.audit_list(3)?)).unwrap();
    let times: Vec<i64> = rows.iter().map(|row| row.at.millis()).collect();
    assert_eq!(times, [11, 10, 9]);
}

fn items(changes: &Changes) -> Vec<WorklistItem> {
    changes.changes.iter().map(|change| change.item.clone()).collect()
}

fn a_site_is_told_what_concerns_it_and_nothing_else(store: &dyn Store) {
    fill(store);
    let (north, south) = (samples::site().id, SiteId::from_random([99; 16]));
    let told = store.changes_since(north, 0, 100).unwrap();
    assert_eq!(
        items(&told),
        [
            WorklistItem::Person(samples::person().order_for(north)),
            WorklistItem::Instruction(samples::instruction_version()),
            WorklistItem::Project(samples::project().order_for(north).unwrap()),
            WorklistItem::Task(samples::task().order()),
        ]
    );
    assert!(!told.more);
    assert_eq!(told.up_to, *store.revisions().borrow());
    let elsewhere = store.changes_since(south, 0, 100).unwrap();
    assert_eq!(items(&elsewhere), [WorklistItem::Person(samples::person().order_for(south))]);
    assert_eq!(elsewhere.up_to, told.up_to);
    assert!(store.changes_since(north, told.up_to, 100).unwrap().changes.is_empty());
}

fn a_thing_is_told_once_as_it_is_now(store: &dyn Store) {
    fill(store);
    let before = store.changes_since(samples::site().id, 0, 100).unwrap().up_to;
    let mut project = samples::project();
    project.state = ProjectState::Closed;
    transact(store, |tx| Ok(tx.project_put(&project)?)).unwrap();
    let since = store.changes_since(samples::site().id, before, 100).unwrap();
    assert_eq!(items(&since), [WorklistItem::Project(project.order_for(samples::site().id).unwrap())]);
    let all = store.changes_since(samples::site().id, 0, 100).unwrap();
    let projects = items(&all).into_iter().filter(|item| matches!(item, WorklistItem::Project(_)));
    assert_eq!(projects.count(), 1);
}

fn paging_tells_everything_once(store: &dyn Store) {
    let site = samples::site().id;
    let tasks: Vec<Task> =
        (1..=25).map(|byte| Task { id: TaskId::from_random([byte; 16]), ..samples::task() }).collect();
    transact(store, |tx| {
        for (task, byte) in tasks.iter().zip(100..) {
            tx.task_put(task)?;
            tx.progress_put(&Progress::new(task.id, task.overlap))?;
            // What does not concern the site takes up revisions too.
            let foreign = SiteId::from_random([77; 16]);
            tx.task_put(&Task { id: TaskId::from_random([byte; 16]), site: foreign, ..samples::task() })?;
        }
        Ok(())
    })
    .unwrap();
    let (mut cursor, mut told) = (0, Vec::new());
    loop {
        let page = store.changes_since(site, cursor, 4).unwrap();
        assert!(page.changes.iter().all(|change| change.revision > cursor && change.revision <= page.up_to));
        told.extend(items(&page));
        assert!(page.up_to >= cursor);
        cursor = page.up_to;
        if !page.more {
            break;
        }
    }
    let expected: Vec<WorklistItem> = tasks.iter().map(|task| WorklistItem::Task(task.order())).collect();
    assert_eq!(told, expected);
}

fn the_watch_shows_the_newest_revision(store: &dyn Store) {
    let mut revisions = store.revisions();
    revisions.mark_unchanged();
    transact(store, |tx| Ok(tx.audit_put(&samples::audit_row())?)).unwrap();
    assert!(!revisions.has_changed().unwrap(), "an audit row does not go down to sites");
    let mut person = samples::person();
    person.id = PersonId::from_random([150; 16]);
    transact(store, |tx| Ok(tx.person_put(&person)?)).unwrap();
    assert!(revisions.has_changed().unwrap());
    let newest = *revisions.borrow();
    assert_eq!(store.changes_since(samples::site().id, 0, 100).unwrap().up_to, newest);
}
