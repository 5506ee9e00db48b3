//! From the labels of a model to the labels of a task.

use std::collections::BTreeSet;

use agent_imaging::{Grid, LabelMap, Run};

use crate::error::AssistError;
use crate::registration::LabelRule;
use crate::request::Object;

/// What the labels of an answer become. Made before a server is called, so that a call whose answer could be for
/// nothing is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The model marks one thing; it is this label.
    OneThing { target: u16 },
    /// Each label of the model becomes a label of the task, or none.
    Mapped(Vec<(u16, Option<u16>)>),
}

impl Plan {
    /// # Errors
    /// `NoTarget` when nothing says what the answer is for; `InvalidPrompt` when the model is not for the object
    /// that was chosen.
    pub(crate) fn new(
        rules: &[LabelRule],
        objects: &[Object],
        target: Option<u16>,
    ) -> Result<Self, AssistError> {
        if rules.is_empty() {
            return target.map(|target| Self::OneThing { target }).ok_or(AssistError::NoTarget);
        }
        let wanted = |object: &&Object| target.is_none_or(|target| object.label == target);
        let mapped: Vec<(u16, Option<u16>)> = rules
            .iter()
            .map(|rule| {
                let object = objects.iter().filter(wanted).find(|object| object.key == rule.object_key);
                (rule.model_label, object.map(|object| object.label))
            })
            .collect();
        if mapped.iter().all(|(_, label)| label.is_none()) {
            return Err(match target {
                Some(_) => AssistError::InvalidPrompt { field: "object" },
                None => AssistError::NoTarget,
            });
        }
        Ok(Self::Mapped(mapped))
    }

    /// The labels of the model that mark a label of the task.
    pub(crate) fn sources(&self, label: u16) -> Vec<u16> {
        match self {
            Self::OneThing { .. } => Vec::new(),
            Self::Mapped(pairs) => {
                pairs.iter().filter(|(_, to)| *to == Some(label)).map(|(from, _)| *from).collect()
            }
        }
    }

    /// What is drawn already, in the labels of the model. What the answer is not for is left out.
    pub(crate) fn to_model(&self, mask: &LabelMap) -> LabelMap {
        let becomes = |label: u16| match self {
            Self::OneThing { target } => (label == *target).then_some(1),
            Self::Mapped(pairs) => pairs.iter().find(|(_, to)| *to == Some(label)).map(|(from, _)| *from),
        };
        let kept = |run: &Run| becomes(run.label).map(|label| Run { label, ..*run });
        let slices = mask.slices().map(|(k, runs)| (k, runs.iter().filter_map(kept).collect()));
        // Runs of a map are in order, and stay so.
        LabelMap::from_slices(*mask.grid(), slices).unwrap_or_else(|_| LabelMap::empty(*mask.grid()))
    }

    /// Makes a map on the request's grid out of a model's labels, one a voxel in storage order. `declared`: the
    /// labels that the server says the model can give, beside those that are mapped. Also tells the labels that
    /// occurred and were left out.
    ///
    /// # Errors
    /// `UnknownLabel` for one that is neither mapped nor declared; `SeveralLabels` when a model that marks one
    /// thing marked several; `GridDiffers` when labels do not fill the grid.
    pub(crate) fn apply(
        &self,
        grid: Grid,
        mut labels: Vec<u16>,
        declared: &BTreeSet<u16>,
    ) -> Result<(LabelMap, Vec<u16>), AssistError> {
        let found: BTreeSet<u16> =
            labels.chunk_by(|a, b| a == b).filter_map(|run| run.first()).copied().collect();
        let mut table = vec![0_u16; usize::from(u16::MAX) + 1];
        let mut left_out = Vec::new();
        for label in found.into_iter().filter(|label| *label != 0) {
            match self.becomes(label, declared)? {
                Some(to) => set(&mut table, label, to),
                None => left_out.push(label),
            }
        }
        if matches!(self, Self::OneThing { .. }) && table.iter().filter(|to| **to != 0).count() > 1 {
            return Err(AssistError::SeveralLabels);
        }
        for label in &mut labels {
            *label = table.get(usize::from(*label)).copied().unwrap_or(0);
        }
        let map = LabelMap::from_dense(grid, &labels).map_err(|_| AssistError::GridDiffers)?;
        Ok((map, left_out))
    }

    fn becomes(&self, label: u16, declared: &BTreeSet<u16>) -> Result<Option<u16>, AssistError> {
        match self {
            Self::OneThing { target } => Ok(Some(*target)),
            Self::Mapped(pairs) => match pairs.iter().find(|(from, _)| *from == label) {
                Some((_, to)) => Ok(*to),
                None if declared.contains(&label) => Ok(None),
                None => Err(AssistError::UnknownLabel { label }),
            },
        }
    }
}

fn set(table: &mut [u16], at: u16, to: u16) {
    if let Some(place) = table.get_mut(usize::from(at)) {
        *place = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        Grid::new([4, 1, 1], [1.0; 3], [5.0; 3], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).unwrap()
    }

    fn rule(model_label: u16, key: &str) -> LabelRule {
        LabelRule { model_label, object_key: key.into() }
    }

    fn objects() -> Vec<Object> {
        [("liver", 7), ("tumour", 9)].map(|(key, label)| Object { key: key.into(), label }).into()
    }

    #[test]
    fn labels_become_those_of_the_task_and_the_rest_is_left_out() {
        let rules = [rule(2, "liver"), rule(3, "spleen"), rule(4, "tumour")];
        let plan = Plan::new(&rules, &objects(), None).unwrap();
        let (map, left_out) = plan.apply(grid(), vec![2, 3, 5, 4], &BTreeSet::from([5])).unwrap();
        assert_eq!(map.to_dense(), [7, 0, 0, 9]);
        assert_eq!(left_out, [3, 5]);
        assert_eq!(plan.sources(9), [4]);
        let only = Plan::new(&rules, &objects(), Some(9)).unwrap();
        let (map, left_out) = only.apply(grid(), vec![2, 2, 0, 4], &BTreeSet::new()).unwrap();
        assert_eq!((map.to_dense(), left_out), (vec![0, 0, 0, 9], vec![2]));
    }

    #[test]
    fn what_is_drawn_goes_out_in_the_labels_of_the_model() {
        let drawn = LabelMap::from_dense(grid(), &[7, 9, 7, 3]).unwrap();
        let plan = Plan::new(&[rule(2, "liver"), rule(5, "liver")], &objects(), None).unwrap();
        assert_eq!(plan.to_model(&drawn).to_dense(), [2, 0, 2, 0]);
        let one = Plan::new(&[], &objects(), Some(9)).unwrap();
        assert_eq!(one.to_model(&drawn).to_dense(), [0, 1, 0, 0]);
    }

    #[test]
    fn a_label_that_nobody_knows_is_refused() {
        let plan = Plan::new(&[rule(2, "liver")], &objects(), None).unwrap();
        let refused = plan.apply(grid(), vec![2, 6, 0, 0], &BTreeSet::from([5]));
        assert_eq!(refused, Err(AssistError::UnknownLabel { label: 6 }));
    }

    #[test]
    fn one_thing_has_one_label_whichever_it_is() {
        let plan = Plan::new(&[], &objects(), Some(7)).unwrap();
        let (map, _) = plan.apply(grid(), vec![0, 255, 255, 0], &BTreeSet::new()).unwrap();
        assert_eq!(map.to_dense(), [0, 7, 7, 0]);
        assert_eq!(plan.apply(grid(), vec![1, 2, 0, 0], &BTreeSet::new()), Err(AssistError::SeveralLabels));
        assert_eq!(plan.apply(grid(), vec![1], &BTreeSet::new()), Err(AssistError::GridDiffers));
    }

    #[test]
    fn an_answer_that_is_for_nothing_is_not_asked_for() {
        assert_eq!(Plan::new(&[], &objects(), None), Err(AssistError::NoTarget));
        assert_eq!(Plan::new(&[rule(1, "lung")], &objects(), None), Err(AssistError::NoTarget));
        let refused = Plan::new(&[rule(1, "liver")], &objects(), Some(9));
        assert_eq!(refused, Err(AssistError::InvalidPrompt { field: "object" }));
    }
}
