//! Names of de-identified files: they say nothing of what the file was called.

use crate::pseudonym::ProjectKey;

/// The name of a de-identified DICOM file: its new SOP Instance UID, or what stands for its contents.
#[must_use]
pub fn dicom(key: &ProjectKey, instance_uid: &str, contents: &[u8]) -> String {
    let formed = !instance_uid.is_empty()
        && instance_uid.len() <= 64
        && instance_uid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if formed { format!("{instance_uid}.dcm") } else { format!("{}.dcm", key.file(contents)) }
}

/// The name of a de-identified NIfTI file; `suffix` is `nii`, `nii.gz` or `hdr`.
#[must_use]
pub fn nifti(key: &ProjectKey, contents: &[u8], suffix: &str) -> String {
    format!("{}.{suffix}", key.file(contents))
}
