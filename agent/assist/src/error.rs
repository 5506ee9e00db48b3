//! What can go wrong between a prompt and a mask.

/// Which wait of a call ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// For the connection.
    Connect,
    /// For the first byte of an answer.
    FirstByte,
    /// For the whole call.
    Total,
    /// Until the deadline that the caller set.
    Deadline,
}

/// Whether asking the same again later can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would be refused again.
    No,
    /// The server took the request and failed. It may be the server, or the request.
    Perhaps,
    /// The server was not asked, or could not be: nothing is known of the request.
    Yes,
}

/// Why there is no answer. The text is for people; [`AssistError::code`] is stable. Nothing that a server
/// wrote is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssistError {
    #[error("there is no such model")]
    UnknownModel,
    #[error("the model is switched off")]
    Disabled,
    #[error("the model is not made for images of this kind")]
    WrongModality,
    #[error("models take grey images only, and this one has colours")]
    ColourImage,
    #[error("{field} does not fit the image")]
    InvalidPrompt { field: &'static str },
    #[error("the model does not understand {what}")]
    PromptNotTaken { what: &'static str },
    #[error("the model needs {what}")]
    PromptMissing { what: &'static str },
    #[error("choose the object that the model's answer is for")]
    NoTarget,
    #[error("the model server failed several times and is given {seconds} s of rest")]
    Resting { seconds: u64 },
    #[error("the model server cannot be reached")]
    Unreachable,
    #[error("the model server did not prove who it is")]
    Untrusted,
    #[error("the model server did not answer in time")]
    Timeout { wait: Wait },
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the model server does not have this model")]
    NotServed,
    #[error("the model server refused the request (status {status})")]
    Refused { status: u16 },
    #[error("the model server failed (status {status})")]
    ServerFailed { status: u16 },
    #[error("the model server wanted to send us elsewhere, which is not followed")]
    Redirected,
    #[error("the model's answer is larger than {limit_mib} MiB")]
    AnswerTooLarge { limit_mib: u64 },
    #[error("the model's answer cannot be read: {what}")]
    InvalidAnswer { what: &'static str },
    #[error("the model's answer lies on another grid than the image")]
    GridDiffers,
    #[error("the model answered with label {label}, which is not in its list")]
    UnknownLabel { label: u16 },
    #[error("the model answered with several labels, and none is mapped to an object")]
    SeveralLabels,
    #[error("the model's tensors do not fit: {what}")]
    Tensors { what: &'static str },
    #[error("the image is too large for this model")]
    ImageTooLarge,
    #[error("assistance failed inside the agent")]
    Internal,
}

impl AssistError {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownModel => "unknown-model",
            Self::Disabled => "model-disabled",
            Self::WrongModality => "wrong-modality",
            Self::ColourImage => "colour-image",
            Self::InvalidPrompt { .. } => "invalid-prompt",
            Self::PromptNotTaken { .. } => "prompt-not-taken",
            Self::PromptMissing { .. } => "prompt-missing",
            Self::NoTarget => "no-target",
            Self::Resting { .. } => "resting",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::Timeout { .. } => "timeout",
            Self::Cancelled => "cancelled",
            Self::NotServed => "not-served",
            Self::Refused { .. } => "refused",
            Self::ServerFailed { .. } => "server-failed",
            Self::Redirected => "redirected",
            Self::AnswerTooLarge { .. } => "answer-too-large",
            Self::InvalidAnswer { .. } => "invalid-answer",
            Self::GridDiffers => "grid-differs",
            Self::UnknownLabel { .. } => "unknown-label",
            Self::SeveralLabels => "several-labels",
            Self::Tensors { .. } => "tensors",
            Self::ImageTooLarge => "image-too-large",
            Self::Internal => "internal",
        }
    }

    /// Whether asking again later, unchanged, can help.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            // Hospital IT can switch a model on again, and mend a server's certificate.
            Self::Disabled
            | Self::Resting { .. }
            | Self::Unreachable
            | Self::Untrusted
            | Self::Timeout { wait: Wait::Connect }
            | Self::Cancelled => Retry::Yes,
            Self::Timeout { wait: Wait::FirstByte | Wait::Total | Wait::Deadline }
            | Self::NotServed
            | Self::ServerFailed { .. }
            | Self::Redirected
            | Self::Internal => Retry::Perhaps,
            Self::UnknownModel
            | Self::WrongModality
            | Self::ColourImage
            | Self::InvalidPrompt { .. }
            | Self::PromptNotTaken { .. }
            | Self::PromptMissing { .. }
            | Self::NoTarget
            | Self::Refused { .. }
            | Self::AnswerTooLarge { .. }
            | Self::InvalidAnswer { .. }
            | Self::GridDiffers
            | Self::UnknownLabel { .. }
            | Self::SeveralLabels
            | Self::Tensors { .. }
            | Self::ImageTooLarge => Retry::No,
        }
    }

    /// Whether it says that the server is not well, and so counts for its circuit breaker. A request that was
    /// refused or an answer that does not fit says nothing about the next one.
    #[must_use]
    pub(crate) const fn server_unwell(&self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Untrusted
                | Self::Timeout { .. }
                | Self::ServerFailed { .. }
                | Self::Redirected
        )
    }
}
