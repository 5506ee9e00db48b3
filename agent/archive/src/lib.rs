//! Studies, work, outbox, ledger and audit on disk.
