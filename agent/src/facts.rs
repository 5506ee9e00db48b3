//! From what the hospital knows to what may leave: each function gives a message without PHI.

use agent_archive::{
    AssetRow, LeaseChange, LeaseChangeState, ModelChange, ModelProvider as Provider, PersonChange,
};
use agent_formats::vocabulary::{BodyRegion as Region, Contrast as Agent};
use agent_imaging::geometry::Plane as GridPlane;
use agent_imaging::window::Modality as Kind;
use agent_uplink::{
    AssetCard, BodyRegion, Contrast, CountBucket, Dimensionality, GoldPresence, LeaseEvent, LeaseState,
    Modality, ModelProvider, ModelState, Outbound, PersonState, PersonStateKind, Plane, Role, SizeClass,
    SpacingTenths, ThicknessHalves,
};
use agent_work as work;
use proto_ids::{AssetToken, PersonId};

/// What a header says beside the geometry, already mapped to closed lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CardFacts {
    /// Part of the body.
    pub(crate) region: Region,
    /// Contrast agent given or not.
    pub(crate) contrast: Agent,
    /// The slices are moments of one view.
    pub(crate) cine: bool,
}

/// The asset card of an asset.
pub(crate) fn asset_card(asset: &AssetRow, facts: CardFacts) -> Outbound {
    let [columns, rows, slices] = asset.grid.size();
    let [across, down, apart] = asset.grid.spacing_mm();
    let volume = asset.reasons.is_empty();
    Outbound::Asset(AssetCard {
        asset: asset.token,
        modality: modality(asset.modality),
        region: region(facts.region),
        plane: plane(asset.grid.plane()),
        dimensionality: if volume { Dimensionality::Volume } else { Dimensionality::Stack },
        contrast: contrast(facts.contrast),
        slices: CountBucket::of(slices),
        size: SizeClass::of(columns.max(rows)),
        spacing: SpacingTenths::of_mm(across.max(down)),
        // The distance of slices means nothing where they are a stack.
        thickness: ThicknessHalves::of_mm(if volume { apart } else { 0.0 }),
        frames: CountBucket::of(if facts.cine { slices } else { 1 }),
    })
}

/// That an asset has a gold annotation.
pub(crate) fn gold(asset: AssetToken) -> Outbound {
    Outbound::Gold(GoldPresence { asset, present: true })
}

/// That a model is there, or is no more.
pub(crate) fn model(change: ModelChange) -> Outbound {
    Outbound::Model(ModelState {
        model: change.token,
        provider: match change.provider {
            Provider::BuiltIn => ModelProvider::BuiltIn,
            Provider::MonaiLabel => ModelProvider::MonaiLabel,
            Provider::KserveV2 => ModelProvider::KserveV2,
        },
        available: change.available,
    })
}

/// Who holds a slot now, or no longer does.
pub(crate) fn lease(change: LeaseChange) -> Outbound {
    let state = match change.state {
        LeaseChangeState::Granted => LeaseState::Granted,
        LeaseChangeState::Released => LeaseState::Released,
        LeaseChangeState::Expired => LeaseState::Expired,
    };
    Outbound::Lease(LeaseEvent {
        task: change.task,
        person: change.person,
        slot: change.slot,
        state,
        role: role(change.role),
    })
}

/// What became of a person at the site.
pub(crate) fn person(person: PersonId, change: PersonChange) -> Outbound {
    let state = match change {
        PersonChange::Redeemed => PersonStateKind::Redeemed,
        PersonChange::Suspended => PersonStateKind::Suspended,
        PersonChange::Resumed => PersonStateKind::Resumed,
    };
    Outbound::Person(PersonState { person, state })
}

/// Annotator or arbiter.
pub(crate) const fn role(role: work::Role) -> Role {
    match role {
        work::Role::Annotator => Role::Annotator,
        work::Role::Arbiter => Role::Arbiter,
    }
}

fn modality(kind: Kind) -> Modality {
    match kind {
        Kind::Ct => Modality::Ct,
        Kind::Mr => Modality::Mr,
        Kind::Pt => Modality::Pt,
        Kind::Cr => Modality::Cr,
        Kind::Dx => Modality::Dx,
        Kind::Mg => Modality::Mg,
        Kind::Us => Modality::Us,
        Kind::Xa => Modality::Xa,
        Kind::Rf => Modality::Rf,
        Kind::Nm => Modality::Nm,
        Kind::Sc => Modality::Sc,
        Kind::Nifti => Modality::Nifti,
        Kind::Other => Modality::Other,
    }
}

fn region(region: Region) -> BodyRegion {
    match region {
        Region::Unknown => BodyRegion::Unknown,
        Region::Head => BodyRegion::Head,
        Region::Neck => BodyRegion::Neck,
        Region::Chest => BodyRegion::Chest,
        Region::Heart => BodyRegion::Heart,
        Region::Breast => BodyRegion::Breast,
        Region::Abdomen => BodyRegion::Abdomen,
        Region::Pelvis => BodyRegion::Pelvis,
        Region::Spine => BodyRegion::Spine,
        Region::Shoulder => BodyRegion::Shoulder,
        Region::Arm => BodyRegion::Arm,
        Region::Hand => BodyRegion::Hand,
        Region::Hip => BodyRegion::Hip,
        Region::Leg => BodyRegion::Leg,
        Region::Knee => BodyRegion::Knee,
        Region::Foot => BodyRegion::Foot,
        Region::WholeBody => BodyRegion::WholeBody,
    }
}

fn plane(plane: GridPlane) -> Plane {
    match plane {
        GridPlane::Axial => Plane::Axial,
        GridPlane::Sagittal => Plane::Sagittal,
        GridPlane::Coronal => Plane::Coronal,
        GridPlane::Oblique => Plane::Oblique,
    }
}

fn contrast(contrast: Agent) -> Contrast {
    match contrast {
        Agent::Unknown => Contrast::Unknown,
        Agent::Without => Contrast::None,
        Agent::With => Contrast::With,
    }
}
