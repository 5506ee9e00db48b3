//! What the archive is given of an object that arrives, by whichever door.

use agent_archive::{NewInstance, StudyHeader};
use agent_formats::StudyText;
use agent_formats::header::Identity;

/// An instance for the archive, out of what was read of its header. Nobody is named as its sender.
#[must_use]
pub fn new_instance(identity: Identity, bytes: Vec<u8>) -> NewInstance {
    let text: StudyText = identity.text;
    NewInstance {
        study_uid: identity.study,
        series_uid: identity.series,
        instance_uid: identity.instance,
        sop_class_uid: identity.sop_class_uid,
        transfer_syntax_uid: identity.syntax.uid().to_owned(),
        calling_ae: None,
        header: StudyHeader {
            patient_name: text.patient_name,
            patient_id: text.patient_id,
            patient_birth_date: text.patient_birth_date,
            patient_sex: text.patient_sex,
            study_date: text.study_date,
            study_time: text.study_time,
            study_id: text.study_id,
            accession_number: text.accession_number,
            study_description: text.study_description,
            referring_physician: text.referring_physician,
            modality: text.modality,
            series_number: text.series_number,
            series_description: text.series_description,
            body_part: text.body_part,
            instance_number: text.instance_number,
        },
        bytes,
    }
}
