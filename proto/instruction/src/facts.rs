//! What was drawn, as numbers. They are measured at the agent; here is only what they mean.

use std::collections::BTreeMap;

/// Whether an object is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    Present,
    Absent,
    NotAssessable,
}

/// Measures of what was drawn, by object id. Objects that are not drawn may be left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub objects: BTreeMap<u32, ObjectFacts>,
}

/// Measures of one object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObjectFacts {
    /// Shapes, or connected parts of a label map (voxels that touch by face, edge or corner).
    pub count: u32,
    /// Parts of the background that the object encloses (voxels that touch by face).
    pub cavities: u32,
    /// Each shape; for a label map, all of it as one.
    pub instances: Vec<InstanceFacts>,
}

/// Measures of one shape, or of all of a label map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstanceFacts {
    /// Largest distance between two of its places: voxel centres of a label map, corners of a box,
    /// ends of a line; 0 for a point. None where the image does not say how far apart its pixels are. On a
    /// stack, where nothing is measured across slices, the largest within one of them.
    pub diameter_mm: Option<f64>,
    /// 0 for a point and a line; none on a stack, whose slices have no depth.
    pub volume_mm3: Option<f64>,
    /// Slices that it is in.
    pub slices: u32,
    /// Longest over second longest principal axis of a label map; none where it is not defined.
    pub elongation: Option<f64>,
}

impl Facts {
    /// How many there are; 0 for an object that is not drawn.
    pub fn count(&self, object_id: u32) -> u32 {
        self.objects.get(&object_id).map_or(0, |facts| facts.count)
    }

    /// Volume of all instances; none when nothing is drawn, or one of them has none.
    pub fn volume_mm3(&self, object_id: u32) -> Option<f64> {
        let facts = self.objects.get(&object_id).filter(|facts| !facts.instances.is_empty())?;
        facts.instances.iter().map(|instance| instance.volume_mm3).sum()
    }

    /// Diameter of the largest instance; none when nothing is drawn, or one of them has none.
    pub fn diameter_mm(&self, object_id: u32) -> Option<f64> {
        let facts = self.objects.get(&object_id)?;
        let diameters: Option<Vec<f64>> =
            facts.instances.iter().map(|instance| instance.diameter_mm).collect();
        diameters?.into_iter().reduce(f64::max)
    }
}
