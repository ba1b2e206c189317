//! oids
