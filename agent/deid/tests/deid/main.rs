//! Whole objects through the engine: the answer key, planted identifiers, the actions of a scorer, odd encodings.

mod answer_key;
mod canaries;
mod encodings;
mod midi;
mod objects;
