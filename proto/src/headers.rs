//! The text that an agent sends beside its messages. Headers are text too, so each is a constant and
//! stands in the golden list of what leaves the hospital.

/// `user-agent`, put before the one of the gRPC library.
pub const USER_AGENT: &str = "ringfence-agent";

/// Every header that an agent's request carries, with the values it can have. `:authority` is the host
/// and port out of the join string, which the control plane wrote.
pub const SENT: [(&str, &str); 8] = [
    (":method", "POST"),
    (":scheme", "https"),
    (":path", "/ringfence.agent.v1.{service}/{method}, the six calls of the schema"),
    (":authority", "host and port out of the join string"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
    ("user-agent", "ringfence-agent and the version of the gRPC library"),
    ("grpc-timeout", "a constant, on the unary calls"),
];
