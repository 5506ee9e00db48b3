//! What agents may call.
