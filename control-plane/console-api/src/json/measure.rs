//! Measures and their summaries as JSON.

use control_plane_domain::{MetricValue, Summary};
use serde::Serialize;
use utoipa::ToSchema;

use super::UndefinedJson;

/// A measure, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ValueJson {
    Value { value: f64 },
    Undefined { undefined: UndefinedJson },
}

impl From<MetricValue> for ValueJson {
    fn from(value: MetricValue) -> Self {
        match value {
            MetricValue::Value(value) => Self::Value { value },
            MetricValue::Undefined(why) => Self::Undefined { undefined: why.into() },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SummaryJson {
    n: usize,
    #[schema(required = true)]
    mean: Option<f64>,
    #[schema(required = true)]
    median: Option<f64>,
    #[schema(required = true)]
    minimum: Option<f64>,
    #[schema(required = true)]
    maximum: Option<f64>,
    n_both_empty: usize,
    n_one_empty: usize,
}

impl SummaryJson {
    pub(super) fn of(summary: &Summary) -> Self {
        Self {
            n: summary.n,
            mean: summary.mean,
            median: summary.median,
            minimum: summary.minimum,
            maximum: summary.maximum,
            n_both_empty: summary.n_both_empty,
            n_one_empty: summary.n_one_empty,
        }
    }
}
