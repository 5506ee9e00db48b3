//! Queries: what is asked (an identifier), what answers it (a match), and what becomes of it (another identifier).
//!
//! Pure. The table in `keys` says which attributes may be asked for at which level and how each is compared; the
//! conformance statement is made of it.

mod answer;
mod data_set;
mod identifier;
mod keys;
mod matching;
mod text;

pub(crate) use answer::{Row, answer};
pub(crate) use data_set::Writer;
pub(crate) use identifier::{Identifier, IdentifierError, Retrieval};
pub use keys::Level;
pub(crate) use keys::{KEYS, Key, Kind, Matching};
pub(crate) use matching::{Compiled, matches};
pub(crate) use text::{Charset, charset_for};
