//! tpkt
