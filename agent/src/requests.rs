//! What the command line asks of the store: the same requests, whether this process opens the
//! store itself or hands them to the running agent through its socket.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::egress::Selection;
use crate::peers::PeerRequest;
use crate::segments::SegmentRequest;

/// One request. Paths are absolute; secrets come as file names, never as values.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Takes files and folders of DICOM and NIfTI.
    Import {
        /// Files and folders.
        paths: Vec<PathBuf>,
    },
    /// Makes a label map the gold annotation of an asset.
    Gold {
        /// The asset's id.
        asset: String,
        /// The label map.
        file: PathBuf,
    },
    /// Lists assets.
    Assets,
    /// Deletes the study that an asset belongs to, with everything drawn on it, and destroys its key.
    StudyDelete {
        /// The asset's id.
        asset: String,
    },
    /// Adds an account of the hospital's own.
    UserAdd {
        /// Name to sign in with.
        name: String,
        /// What the account may do.
        roles: Vec<String>,
        /// Holds the password.
        password_file: PathBuf,
    },
    /// Lists accounts.
    UserList,
    /// Takes an account's access away.
    UserSuspend {
        /// Name to sign in with.
        name: String,
    },
    /// Gives it back.
    UserResume {
        /// Name to sign in with.
        name: String,
    },
    /// Makes a DICOMweb token.
    TokenCreate {
        /// What it is for.
        name: String,
        /// The project under whose secret objects are de-identified; none for objects as they arrived.
        #[serde(default)]
        project: Option<String>,
        /// Whether its holder may bring objects in.
        #[serde(default)]
        store: bool,
    },
    /// Lists DICOMweb tokens, without their values.
    TokenList,
    /// Makes a DICOMweb token useless.
    TokenRevoke {
        /// What it was for.
        name: String,
    },
    /// Asks the running agent whether it is well.
    Check,
    /// Calls another DICOM system of the hospital.
    Peer {
        /// What is asked of it.
        call: PeerRequest,
    },
    /// Lists or moves closed segments of images.
    Segments {
        /// What is asked.
        call: SegmentRequest,
    },
    /// Joins a control plane. What is sent for that goes through the ledger, so whoever has the store open does it.
    Enrol {
        /// Holds the join string.
        join_file: PathBuf,
    },
    /// Lists what left the hospital.
    LedgerList {
        /// The newest so many.
        limit: u64,
        /// Of these.
        #[serde(default)]
        selection: Selection,
    },
    /// Notes down that the ledger was exported at the command line.
    LedgerExported,
    /// Shows one message that left the hospital, field by field.
    LedgerShow {
        /// Number in the ledger.
        sequence: u64,
    },
}
