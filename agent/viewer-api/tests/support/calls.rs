//! Calls that an annotator makes, all on task 1.

use proto_ids::TaskId;
use serde_json::{Value, json};

use super::tasks::task;
use super::{Answer, Site};

pub fn uuid(number: u8) -> String {
    TaskId::from_bytes([number; 16]).to_string()
}

/// The id of a shape: 32 digits.
pub fn digits(number: u8) -> String {
    uuid(number).replace('-', "")
}

pub fn path(task: TaskId, rest: &str) -> String {
    format!("/api/v1/tasks/{task}{rest}")
}

pub fn paint(number: u8, base_revision: u64, runs: Value) -> Value {
    json!({"id": uuid(number), "kind": "paint", "tool": "brush", "base_revision": base_revision,
        "slices": [{"k": 2, "runs": runs}]})
}

pub fn answer(number: u8, base_revision: u64) -> Value {
    json!({"id": uuid(number), "kind": "answer", "base_revision": base_revision, "question_id": 1,
        "answer": {"option_id": 2}})
}

pub fn text(number: u8, base_revision: u64, text: &str) -> Value {
    json!({"id": uuid(number), "kind": "answer", "base_revision": base_revision, "question_id": 1,
        "answer": {"text": text}})
}

pub fn put_shape(number: u8, base_revision: u64, shape: &Value) -> Value {
    json!({"id": uuid(number), "kind": "put_shape", "base_revision": base_revision, "shape": shape})
}

pub fn state(number: u8, base_revision: u64, object_id: u32, presence: Value) -> Value {
    json!({"id": uuid(number), "kind": "state", "base_revision": base_revision, "object_id": object_id,
        "presence": presence})
}

pub fn undo(number: u8, base_revision: u64, operation: u8) -> Value {
    json!({"id": uuid(number), "kind": "undo", "base_revision": base_revision, "operation_id": uuid(operation)})
}

/// A box of object 2 from voxel (1, 1, 1).
pub fn cyst(number: u8, upper: [u32; 3]) -> Value {
    json!({"id": digits(number), "object_id": 2, "form": {"type": "box", "lower": [1, 1, 1], "upper": upper}})
}

impl Site {
    /// Asks for the next task and gives its fencing number.
    pub async fn next(&self, cookie: &str) -> u64 {
        let given = self.post("/api/v1/tasks/next", cookie, json!({})).await;
        given.json()["lease"]["fencing"].as_u64().unwrap_or_else(|| panic!("{given:?}"))
    }

    pub async fn save(&self, cookie: &str, fencing: u64, operations: Vec<Value>) -> Answer {
        let body = json!({"fencing": fencing, "operations": operations});
        self.post(&path(task(1), "/operations"), cookie, body).await
    }

    pub async fn work(&self, cookie: &str) -> Value {
        self.get(&path(task(1), "/work"), cookie).await.json()
    }

    /// Hands in, with `more` beside the revision.
    pub async fn submit(&self, cookie: &str, fencing: u64, revision: u64, more: Value) -> Answer {
        let mut body = json!({"fencing": fencing, "revision": revision});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post(&path(task(1), "/submit"), cookie, body).await
    }
}
