//! Shapes and statements, as the viewer sends and reads them.

use std::collections::BTreeMap;

use agent_work::{Form, Shape};
use proto_instruction::Presence;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::instruction::PresenceJson;
use crate::problem::Problem;

/// A box, a line or a point, in voxel indices.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShapeJson {
    /// 32 hexadecimal digits, drawn by the viewer.
    id: String,
    object_id: u32,
    form: ShapeFormJson,
}

/// Centres of voxels lie at whole indices; a box holds whole voxels, both corners inside of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum ShapeFormJson {
    Point {
        #[schema(value_type = (f64, f64, f64))]
        at: [f64; 3],
    },
    Line {
        #[schema(value_type = (f64, f64, f64))]
        from: [f64; 3],
        #[schema(value_type = (f64, f64, f64))]
        to: [f64; 3],
    },
    Box {
        #[schema(value_type = (u32, u32, u32))]
        lower: [u32; 3],
        #[schema(value_type = (u32, u32, u32))]
        upper: [u32; 3],
    },
}

/// Whether an object is there, as it was said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatementJson {
    object_id: u32,
    presence: PresenceJson,
}

impl TryFrom<ShapeJson> for Shape {
    type Error = Problem;

    fn try_from(json: ShapeJson) -> Result<Self, Problem> {
        let id = json.id.parse().map_err(|_| Problem::invalid("operations: shape.id is not an id"))?;
        let form = match json.form {
            ShapeFormJson::Point { at } => Form::Point { at },
            ShapeFormJson::Line { from, to } => Form::Line { from, to },
            ShapeFormJson::Box { lower, upper } => Form::Box { lower, upper },
        };
        Ok(Self { id, object_id: json.object_id, form })
    }
}

impl From<&Shape> for ShapeJson {
    fn from(shape: &Shape) -> Self {
        let form = match shape.form {
            Form::Point { at } => ShapeFormJson::Point { at },
            Form::Line { from, to } => ShapeFormJson::Line { from, to },
            Form::Box { lower, upper } => ShapeFormJson::Box { lower, upper },
        };
        Self { id: digits(shape.id), object_id: shape.object_id, form }
    }
}

/// An id without its hyphens.
pub(crate) fn digits(id: impl std::fmt::Display) -> String {
    id.to_string().replace('-', "")
}

/// What was said of the objects, by object.
pub(crate) fn statements(statements: &BTreeMap<u32, Presence>) -> Vec<StatementJson> {
    let statements = statements.iter();
    statements
        .map(|(object_id, presence)| StatementJson { object_id: *object_id, presence: (*presence).into() })
        .collect()
}
