//! How a request went, in the numbers of the standard.

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal $meaning:literal,)+) => {
        /// How a request went. Values: PS3.7 Annex C; PS3.4 Tables B.2-1, C.4-1, C.4-2, C.4-3.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Status { $($(#[$doc])* $name),+ }

        impl Status {
            /// Every status that we answer with.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            pub(crate) fn code(self) -> u16 {
                match self { $(Self::$name => $code),+ }
            }

            /// What it says, for the conformance statement.
            pub(crate) fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }
        }
    };
}

statuses! {
    Success = 0x0000 "success",
    ProcessingFailure = 0x0110 "processing failure: the store failed",
    NoSuchInstance = 0x0112 "no such SOP instance",
    InvalidArgument = 0x0115 "an attribute of the action has no valid value",
    ClassInstanceConflict = 0x0119 "the SOP instance is of another class",
    SopClassNotSupported = 0x0122 "the SOP class differs from the presentation context's",
    NoSuchAction = 0x0123 "no such action type",
    UnrecognisedOperation = 0x0211 "the operation is not offered",
    OutOfResources = 0xA700 "out of resources: nothing was kept",
    SubOperationsImpossible = 0xA702 "unable to perform sub-operations",
    MoveDestinationUnknown = 0xA801 "the move destination is not configured, or may not receive",
    DataSetDoesNotMatch = 0xA900 "the data set or identifier does not match the SOP class",
    SomeSubOperationsFailed = 0xB000 "sub-operations complete, one or more failures or warnings",
    CannotUnderstand = 0xC000 "the data set or identifier cannot be understood",
    Cancelled = 0xFE00 "ended by a cancel request",
    Pending = 0xFF00 "matches or sub-operations are continuing",
    /// Some of the keys were not looked at.
    PendingUnsupportedKeys = 0xFF01 "matches are continuing; a key of the identifier is not supported",
}

impl Status {
    /// The word under which it is counted.
    pub(crate) fn label(self) -> String {
        format!("{:04X}", self.code())
    }
}

/// A status and, for a failure, a sentence that names a keyword and no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) comment: Option<String>,
}

impl Answer {
    pub(crate) fn success() -> Self {
        Self::of(Status::Success)
    }

    pub(crate) fn of(status: Status) -> Self {
        Self { status, comment: None }
    }

    pub(crate) fn failure(status: Status, comment: impl Into<String>) -> Self {
        Self { status, comment: Some(comment.into()) }
    }
}
