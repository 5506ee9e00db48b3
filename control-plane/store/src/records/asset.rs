//! Records of assets and datasets.

use control_plane_domain::{
    Asset, AssetCard, BodyRegion, Contrast, Dataset, Dimensionality, Modality, Plane,
};
use proto_ids::{AssetToken, DatasetId, ProjectId, SiteId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AssetV1 {
    asset: Id,
    site: Id,
    modality: u32,
    region: u32,
    plane: u32,
    dimensionality: u32,
    contrast: u32,
    slices_up_to: u32,
    size_up_to: u32,
    spacing_tenths_mm: u32,
    thickness_halves_mm: u32,
    frames_up_to: u32,
    gold: bool,
    received_at: i64,
}

impl Record for AssetV1 {
    type Thing = Asset;
    const TABLE: &'static str = "asset";

    fn of(asset: &Asset) -> Self {
        let card = &asset.card;
        Self {
            asset: Id(*card.asset.bytes()),
            site: Id(*asset.site.bytes()),
            modality: card.modality.code(),
            region: card.region.code(),
            plane: card.plane.code(),
            dimensionality: card.dimensionality.code(),
            contrast: card.contrast.code(),
            slices_up_to: card.slices_up_to,
            size_up_to: card.size_up_to,
            spacing_tenths_mm: card.spacing_tenths_mm,
            thickness_halves_mm: card.thickness_halves_mm,
            frames_up_to: card.frames_up_to,
            gold: asset.gold,
            received_at: asset.received_at.millis(),
        }
    }

    fn thing(self) -> Option<Asset> {
        let card = AssetCard {
            asset: AssetToken::from_bytes(self.asset.0),
            modality: Modality::from_code(self.modality)?,
            region: BodyRegion::from_code(self.region)?,
            plane: Plane::from_code(self.plane)?,
            dimensionality: Dimensionality::from_code(self.dimensionality)?,
            contrast: Contrast::from_code(self.contrast)?,
            slices_up_to: self.slices_up_to,
            size_up_to: self.size_up_to,
            spacing_tenths_mm: self.spacing_tenths_mm,
            thickness_halves_mm: self.thickness_halves_mm,
            frames_up_to: self.frames_up_to,
        };
        let received_at = Timestamp::from_millis(self.received_at);
        Some(Asset { site: SiteId::from_bytes(self.site.0), card, gold: self.gold, received_at })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DatasetV1 {
    id: Id,
    project: Id,
    name: String,
    version: u32,
    assets: Vec<Id>,
    created_at: i64,
}

impl Record for DatasetV1 {
    type Thing = Dataset;
    const TABLE: &'static str = "dataset";

    fn of(dataset: &Dataset) -> Self {
        Self {
            id: Id(*dataset.id.bytes()),
            project: Id(*dataset.project.bytes()),
            name: dataset.name.clone(),
            version: dataset.version,
            assets: dataset.assets.iter().map(|asset| Id(*asset.bytes())).collect(),
            created_at: dataset.created_at.millis(),
        }
    }

    fn thing(self) -> Option<Dataset> {
        Some(Dataset {
            id: DatasetId::from_bytes(self.id.0),
            project: ProjectId::from_bytes(self.project.0),
            name: self.name,
            version: self.version,
            assets: self.assets.into_iter().map(|id| AssetToken::from_bytes(id.0)).collect(),
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}
