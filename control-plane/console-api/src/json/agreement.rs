//! Who agrees with whom, as JSON.

use control_plane_app::AgreementView;
use control_plane_domain::AgreementCell;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PersonJson;

/// Which object to compare.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AgreementQuery {
    /// The object, by its number in the instruction. Without it: the first that was compared.
    #[param(required = false)]
    pub(crate) object: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementMatrixJson {
    /// What was compared.
    objects: Vec<ObjectNameJson>,
    /// The object of the cells.
    #[schema(required = true)]
    object_id: Option<u32>,
    people: Vec<PersonJson>,
    /// One for each two people who share a task.
    cells: Vec<AgreementCellJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ObjectNameJson {
    object_id: u32,
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct AgreementCellJson {
    /// Id of one person.
    a: String,
    /// Id of the other.
    b: String,
    /// Tasks of both in which at least one marked the object.
    n: usize,
    /// Mean over those tasks; none without any.
    #[schema(required = true)]
    dice_mean: Option<f64>,
    /// Tasks of both in which neither marked the object.
    n_both_empty: usize,
}

impl AgreementMatrixJson {
    pub(crate) fn of(view: &AgreementView) -> Self {
        let object =
            |(object_id, name): &(u32, String)| ObjectNameJson { object_id: *object_id, name: name.clone() };
        Self {
            objects: view.objects.iter().map(object).collect(),
            object_id: view.object_id,
            people: view.people.iter().map(PersonJson::of).collect(),
            cells: view.cells.iter().map(AgreementCellJson::of).collect(),
        }
    }
}

impl AgreementCellJson {
    fn of(cell: &AgreementCell) -> Self {
        Self {
            a: cell.a.to_string(),
            b: cell.b.to_string(),
            n: cell.dice.n,
            dice_mean: cell.dice.mean,
            n_both_empty: cell.dice.n_both_empty,
        }
    }
}
