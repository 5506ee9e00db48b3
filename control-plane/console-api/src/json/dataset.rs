//! Datasets and assets with what is done with them, as JSON.

use control_plane_app::{AssetDetail, DatasetDetail};
use control_plane_domain::Dataset;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AssetJson, TaskJson};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDataset {
    pub(crate) name: String,
    pub(crate) asset_ids: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatasetList {
    pub(crate) datasets: Vec<DatasetJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatasetJson {
    id: String,
    name: String,
    version: u32,
    assets: usize,
    created_at: String,
}

impl DatasetJson {
    pub(crate) fn of(dataset: &Dataset) -> Self {
        Self {
            id: dataset.id.to_string(),
            name: dataset.name.clone(),
            version: dataset.version,
            assets: dataset.assets.len(),
            created_at: super::rfc3339(dataset.created_at),
        }
    }
}

/// A dataset and its frozen list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatasetDetailJson {
    dataset: DatasetJson,
    project_id: String,
    project_title: String,
    assets: Vec<AssetJson>,
}

impl DatasetDetailJson {
    pub(crate) fn of(detail: &DatasetDetail) -> Self {
        Self {
            dataset: DatasetJson::of(&detail.dataset),
            project_id: detail.dataset.project.to_string(),
            project_title: detail.project_title.clone(),
            assets: detail.assets.iter().map(AssetJson::of).collect(),
        }
    }
}

/// An asset and what is done with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssetDetailJson {
    asset: AssetJson,
    tasks: Vec<AssetTaskJson>,
    datasets: Vec<AssetDatasetJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AssetTaskJson {
    task: TaskJson,
    project_id: String,
    project_title: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct AssetDatasetJson {
    id: String,
    name: String,
    version: u32,
    project_id: String,
    project_title: String,
}

impl AssetDetailJson {
    pub(crate) fn of(detail: &AssetDetail) -> Self {
        let tasks = detail.tasks.iter().map(|(view, title)| AssetTaskJson {
            task: TaskJson::of(view),
            project_id: view.task.project.to_string(),
            project_title: title.clone(),
        });
        let datasets = detail.datasets.iter().map(|(dataset, title)| AssetDatasetJson {
            id: dataset.id.to_string(),
            name: dataset.name.clone(),
            version: dataset.version,
            project_id: dataset.project.to_string(),
            project_title: title.clone(),
        });
        Self { asset: AssetJson::of(&detail.asset), tasks: tasks.collect(), datasets: datasets.collect() }
    }
}
