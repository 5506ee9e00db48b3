//! Facts about arbiters: what they see of the others, what they have to say, and who may not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{Role, TaskCopy};
use axum::http::StatusCode;
use proto_ids::{AssetToken, PersonId};
use serde_json::{Value, json};
use support::Site;
use support::calls::{cyst, paint, path, put_shape, state, text};
use support::tasks::{every_geometry, ordered, task};

struct Dispute {
    site: Site,
    asset: AssetToken,
    people: Vec<PersonId>,
}

/// Anna and Ben have handed in work on task 1, and Carl may settle it.
async fn dispute() -> Dispute {
    let site = Site::new();
    let asset = site.asset(1);
    let people: Vec<PersonId> =
        ["anna", "ben", "carl"].iter().map(|name| site.account(name, &[Role::Annotator])).collect();
    site.project_with(every_geometry(), &people, &[people[2]]);
    site.order_with(TaskCopy { overlap: 2, ..ordered(task(1), asset) });
    for (name, word, upper) in
        [("anna", "seen by the first", [2, 2, 2]), ("ben", "seen by the second", [3, 3, 3])]
    {
        let cookie = site.sign_in(name).await;
        let fencing = site.next(&cookie).await;
        let number = word.len() as u8;
        let operations = vec![
            paint(number, 0, json!([[7, 20, 0, 1]])),
            put_shape(number + 10, 1, &cyst(number, upper)),
            state(number + 20, 2, 5, json!("absent")),
            text(number + 30, 3, word),
        ];
        site.save(&cookie, fencing, operations).await;
        let done = site.submit(&cookie, fencing, 4, json!({})).await;
        assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    }
    Dispute { site, asset, people }
}

impl Dispute {
    /// The control plane asks for an arbiter.
    fn called(&self) {
        let order = TaskCopy { overlap: 2, arbitration: true, ..ordered(task(1), self.asset) };
        self.site.order_with(order);
    }
}

fn other(letter: &str) -> String {
    path(task(1), &format!("/others/{letter}"))
}

fn verdicts(without: Option<(&str, u32)>) -> Value {
    let all = ["A", "B"].iter().flat_map(|letter| (0..=5).map(move |object_id| (*letter, object_id)));
    let all = all.filter(|one| Some(*one) != without);
    let all = all.map(|(letter, id)| json!({"letter": letter, "object_id": id, "verdict": "right"}));
    Value::Array(all.collect())
}

#[tokio::test]
async fn an_arbiter_sees_the_work_of_the_others_under_letters() {
    let dispute = dispute().await;
    let site = &dispute.site;
    let carl = site.sign_in("carl").await;
    let nothing = site.post("/api/v1/tasks/next", &carl, json!({})).await;
    assert_eq!(
        nothing.status,
        StatusCode::NO_CONTENT,
        "all slots are filled and nobody asked for an arbiter"
    );
    dispute.called();
    let given = site.post("/api/v1/tasks/next", &carl, json!({})).await;
    assert_eq!(given.status, StatusCode::OK, "{given:?}");
    assert_eq!((&given.json()["role"], &given.json()["others"]), (&json!("arbiter"), &json!(["A", "B"])));
    let mut seen = vec![given];
    let mut words = Vec::new();
    for letter in ["A", "B"] {
        let work = site.get(&other(letter), &carl).await;
        let json = work.json();
        let mut keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["answers", "shapes", "slices", "statements"]);
        assert_eq!(json["slices"], json!([{"k": 2, "runs": [[7, 20, 1]]}]));
        assert_eq!(json["statements"], json!([{"object_id": 5, "presence": "absent"}]));
        let id = json["shapes"][0]["id"].as_str().unwrap();
        assert_eq!(id.trim_start_matches('0'), "1", "an id of the annotator's choice signs the work");
        let upper = json["shapes"][0]["form"]["upper"].clone();
        words.push((json["answers"][0]["answer"]["text"].as_str().unwrap().to_owned(), upper));
        seen.push(work);
    }
    words.sort_by_key(|(word, _)| word.clone());
    let expected = [("seen by the first", json!([2, 2, 2])), ("seen by the second", json!([3, 3, 3]))];
    assert_eq!(words, expected.map(|(word, upper)| (word.to_owned(), upper)));
    for letter in ["C", "a", "AB", "1", "%41%42"] {
        assert_eq!(site.get(&other(letter), &carl).await.status, StatusCode::NOT_FOUND, "{letter}");
    }
    let rows = site.archive.submissions().unwrap();
    let ids = rows.iter().map(|row| row.submission.to_string());
    let ids = ids.chain(dispute.people.iter().map(ToString::to_string));
    let names = ["anna", "ben", "ANNA", "BEN"].into_iter().map(str::to_owned);
    for hidden in ids.chain(names) {
        for answer in &seen {
            let told = String::from_utf8_lossy(&answer.bytes).into_owned();
            assert!(!told.contains(&hidden), "{hidden} is in {told}");
        }
    }
}

#[tokio::test]
async fn nobody_else_sees_the_work_of_others() {
    let dispute = dispute().await;
    let site = &dispute.site;
    let carl = site.sign_in("carl").await;
    dispute.called();
    assert_eq!(site.get(&other("A"), &carl).await.status, StatusCode::FORBIDDEN, "before the lease");
    let fencing = site.next(&carl).await;
    for name in ["anna", "ben"] {
        let cookie = site.sign_in(name).await;
        assert_eq!(site.get(&other("A"), &cookie).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    site.order_with(TaskCopy { overlap: 2, ..ordered(task(2), site.asset(2)) });
    let anna = site.sign_in("anna").await;
    let own = site.post("/api/v1/tasks/next", &anna, json!({})).await.json();
    assert_eq!((&own["id"], &own["role"]), (&json!(task(2).to_string()), &json!("annotator")));
    assert_eq!(own["others"], json!([]));
    let path = path(task(2), "/others/A");
    assert_eq!(site.get(&path, &anna).await.status, StatusCode::FORBIDDEN, "an annotator with a lease");
    site.post(&support::calls::path(task(1), "/release"), &carl, json!({"fencing": fencing})).await;
    assert_eq!(site.get(&other("A"), &carl).await.status, StatusCode::FORBIDDEN, "after the lease");
}

#[tokio::test]
async fn an_arbiter_judges_everything_once() {
    let dispute = dispute().await;
    let site = &dispute.site;
    dispute.called();
    let carl = site.sign_in("carl").await;
    let fencing = site.next(&carl).await;
    let operations = vec![paint(1, 0, json!([[7, 20, 0, 1]])), state(2, 1, 5, json!("absent"))];
    assert_eq!(site.save(&carl, fencing, operations).await.json(), json!({"revision": 2}));
    let submit = |verdicts: Value| {
        let carl = &carl;
        async move { site.submit(carl, fencing, 2, json!({"verdicts": verdicts})).await }
    };
    let missing = submit(verdicts(Some(("B", 0)))).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((missing.code().as_str(), &missing.json()["letter"]), ("verdict-missing", &json!("B")));
    assert_eq!(submit(json!([])).await.code(), "verdict-missing");
    let also = |letter: &str, object_id: u32| {
        let mut all = verdicts(None).as_array().unwrap().clone();
        all.push(json!({"letter": letter, "object_id": object_id, "verdict": "wrong"}));
        Value::Array(all)
    };
    assert_eq!(submit(also("A", 1)).await.code(), "verdict-twice");
    assert_eq!(submit(also("C", 1)).await.code(), "verdict-unknown");
    assert_eq!(submit(also("A", 9)).await.code(), "verdict-unknown");
    assert_eq!(submit(also("Z", 1)).await.code(), "invalid");
    let done = submit(verdicts(None)).await;
    assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    assert_eq!(submit(verdicts(None)).await.json(), done.json(), "the receipt is given again");
    assert_eq!(site.get(&other("A"), &carl).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_annotator_judges_nobody() {
    let site = Site::new();
    let asset = site.asset(1);
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_with(every_geometry(), &[anna], &[anna]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    let fencing = site.next(&cookie).await;
    let operations = vec![paint(1, 0, json!([[7, 20, 0, 1]])), state(2, 1, 5, json!("absent"))];
    site.save(&cookie, fencing, operations).await;
    let verdict = json!([{"letter": "A", "object_id": 1, "verdict": "wrong"}]);
    let refused = site.submit(&cookie, fencing, 2, json!({"verdicts": verdict})).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "not-arbiter"));
}
