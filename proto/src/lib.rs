//! What both planes share on the wire: generated messages, clients and servers, and no behaviour
//! beyond reading exactly what was written.
//!
//! The schema is `wire/`; start with `wire/ringfence/agent/v1`. `exact` is how a message on its way
//! up is read, `results` the one call that carries reports as bytes.
//! Nothing here knows what a message means: each plane has its own types and converts.

pub mod exact;
pub mod headers;
pub mod results;

/// Messages, clients and servers of the calls between the planes.
pub mod agent {
    /// Package `ringfence.agent.v1`.
    #[allow(
        clippy::all,
        clippy::allow_attributes_without_reason,
        clippy::missing_errors_doc,
        clippy::too_many_lines,
        clippy::wildcard_enum_match_arm,
        missing_debug_implementations,
        unused_qualifications,
        reason = "generated"
    )]
    pub mod v1 {
        tonic::include_proto!("ringfence.agent.v1");
        include!(concat!(env!("OUT_DIR"), "/servers/ringfence.agent.v1.rs"));
    }
}

/// Types that messages are made of.
pub mod types {
    /// Package `ringfence.types.v1`.
    #[allow(clippy::all, missing_debug_implementations, unused_qualifications, reason = "generated")]
    pub mod v1 {
        tonic::include_proto!("ringfence.types.v1");
    }
}

/// The compiled schema, an encoded `google.protobuf.FileDescriptorSet` with the custom options.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/wire.bin"));
