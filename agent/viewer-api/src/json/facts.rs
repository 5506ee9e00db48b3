//! What was drawn, as numbers, for the browser's own evaluation of conditions.

use proto_instruction::{Facts, InstanceFacts, ObjectFacts};
use serde::Serialize;
use utoipa::ToSchema;

/// Measures of saved work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkFactsJson {
    /// The revision that was measured.
    pub(crate) revision: u64,
    pub(crate) facts: FactsJson,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactsJson {
    objects: Vec<ObjectFactsJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ObjectFactsJson {
    object_id: u32,
    /// Shapes, or connected parts of a label map.
    count: u32,
    /// Enclosed parts of the background.
    cavities: u32,
    /// Each shape; for a label map, all of it as one.
    instances: Vec<InstanceFactsJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct InstanceFactsJson {
    /// Null where the image does not say how far apart its pixels are.
    #[schema(required = true)]
    diameter_mm: Option<f64>,
    /// Null on a stack, whose slices have no depth.
    #[schema(required = true)]
    volume_mm3: Option<f64>,
    slices: u32,
    /// Longest over second longest principal axis; null where it is not defined.
    #[schema(required = true)]
    elongation: Option<f64>,
}

impl From<&Facts> for FactsJson {
    fn from(facts: &Facts) -> Self {
        let objects = facts.objects.iter().map(|(object_id, facts)| ObjectFactsJson::new(*object_id, facts));
        Self { objects: objects.collect() }
    }
}

impl ObjectFactsJson {
    fn new(object_id: u32, facts: &ObjectFacts) -> Self {
        let instances = facts.instances.iter().map(InstanceFactsJson::from).collect();
        Self { object_id, count: facts.count, cavities: facts.cavities, instances }
    }
}

impl From<&InstanceFacts> for InstanceFactsJson {
    fn from(facts: &InstanceFacts) -> Self {
        Self {
            diameter_mm: facts.diameter_mm,
            volume_mm3: facts.volume_mm3,
            slices: facts.slices,
            elongation: facts.elongation,
        }
    }
}
