//! What this room needs to tell the bytes of a message in words: the schema, which only the uplink knows.

use agent_archive::MessageKind;

/// The schema's words for what left. Joined in where the agent is wired.
pub trait EgressSchema: Send + Sync {
    /// The call that carries messages of this kind, as the schema names it.
    fn call(&self, kind: MessageKind) -> &'static str;

    /// What a message of this kind tells, in words.
    fn words(&self, kind: MessageKind) -> String;

    /// The message field by field. `None` when this version cannot read it.
    fn fields(&self, kind: MessageKind, bytes: &[u8]) -> Option<Vec<EgressField>>;
}

/// One field of a message that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressField {
    /// Where it stands in the message, such as `asset.modality`.
    pub path: String,
    /// Its value in words.
    pub value: String,
    pub content: EgressContent,
    /// The privacy class of the schema.
    pub class: String,
    /// Why the schema lets it leave.
    pub why: String,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EgressContent {
    /// A number, a truth value, or one name of a closed list.
    Number,
    /// A random token, or an id that the control plane issued.
    Token,
    /// A key or a proof of the enrolment.
    Credential,
    /// Text, which the schema does not have on the way up.
    Text,
}
