//! What tools mark: the definitions that every tool of the product is held to.

pub mod brush;
