//! DICOM associations.
