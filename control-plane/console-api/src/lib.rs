//! HTTPS and JSON for the console.
