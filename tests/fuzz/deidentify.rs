//! De-identification of bytes from outside: whatever they are, what comes out holds no preamble and no private text
//! that was not there to be read.

use agent_deid::{Deidentifier, File, Nothing, Options, ProjectKey, nifti, risk};

/// De-identifies a DICOM or NIfTI file; what came out is read again and comes out the same.
pub(crate) fn deid(bytes: &[u8]) {
    if let Ok(cleaned) = nifti::clean(bytes) {
        assert_eq!(nifti::clean(&cleaned.bytes).map(|again| again.bytes), Ok(cleaned.bytes));
    }
    let Ok(file) = File::open(bytes) else { return };
    let Ok(set) = file.set() else { return };
    let _ = risk::assess(&set);
    let Ok(key) = ProjectKey::new(&[7; 32]) else { return };
    let Ok(done) = Deidentifier::new(Options::default(), key).file(&file, &mut Nothing) else { return };
    assert!(done.bytes.get(..128).is_some_and(|preamble| preamble.iter().all(|byte| *byte == 0)));
    let written = File::open(&done.bytes).expect("what was written is a file");
    assert!(written.set().is_ok());
}
