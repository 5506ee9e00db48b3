//! Why an operation does not enter the log.

use proto_instruction::AnswerProblem;

/// Why an operation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationRefusal {
    #[error("the operation builds on another revision than {revision}")]
    RevisionConflict { revision: u64 },
    #[error("the id belongs to another operation")]
    IdReused,
    #[error("a paint operation has at least one run")]
    EmptyPaint,
    #[error("slices and runs rise and do not overlap")]
    Unordered,
    #[error("slice {k} or a run in it lies outside of the volume")]
    OutOfVolume { k: u32 },
    #[error("on slice {k}, the picture is smaller than what was drawn")]
    OutOfPicture { k: u32 },
    #[error("the instruction has no label {label}")]
    UnknownLabel { label: u16 },
    #[error("the brush sets a label and the eraser sets 0")]
    WrongTool,
    #[error("slice {k} has other labels than the operation says")]
    OutOfStep { k: u32 },
    #[error("the instruction has no object {object_id}")]
    UnknownObject { object_id: u32 },
    #[error("object {object_id} is not drawn in this form")]
    WrongForm { object_id: u32 },
    #[error("the shape lies outside of the volume or its corners are in the wrong order")]
    ShapeOutOfVolume,
    #[error("there may be at most {} shapes", crate::MAX_SHAPES)]
    TooManyShapes,
    #[error("there is no such shape")]
    UnknownShape,
    #[error("it is not stated whether object {object_id} is there")]
    NotStated { object_id: u32 },
    #[error("only the newest operation that stands can be undone")]
    NotNewest,
    #[error("only the operation that was undone last can be redone")]
    NotUndone,
    #[error("the instruction has no question {question_id}")]
    UnknownQuestion { question_id: u32 },
    #[error("question {question_id} does not take the answer")]
    InvalidAnswer {
        question_id: u32,
        #[source]
        problem: AnswerProblem,
    },
}

impl OperationRefusal {
    /// Short name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::RevisionConflict { .. } => "revision-conflict",
            Self::IdReused => "id-reused",
            Self::EmptyPaint => "empty-paint",
            Self::Unordered => "unordered",
            Self::OutOfVolume { .. } => "out-of-volume",
            Self::OutOfPicture { .. } => "out-of-picture",
            Self::UnknownLabel { .. } => "unknown-label",
            Self::WrongTool => "wrong-tool",
            Self::OutOfStep { .. } => "out-of-step",
            Self::UnknownObject { .. } => "unknown-object",
            Self::WrongForm { .. } => "wrong-form",
            Self::ShapeOutOfVolume => "shape-out-of-volume",
            Self::TooManyShapes => "too-many-shapes",
            Self::UnknownShape => "unknown-shape",
            Self::NotStated { .. } => "not-stated",
            Self::NotNewest => "not-newest",
            Self::NotUndone => "not-undone",
            Self::UnknownQuestion { .. } => "unknown-question",
            Self::InvalidAnswer { .. } => "invalid-answer",
        }
    }
}
