//! What can be wrong with the operator's interface.

use super::{At, Finder};
use crate::admin;
use crate::config::Config;

impl Finder<'_> {
    pub(super) fn admin(&mut self, config: &Config) {
        let key = |name| [At::Key("admin"), At::Key(name)];
        match config.admin.at(&config.gateway.data) {
            Err(what) => {
                self.add(&key("listen"), what, "write 127.0.0.1:10180, /run/x400gw/x400gw.sock, or off")
            }
            Ok(Some(admin::At::Tcp(address)))
                if !address.ip().is_loopback() && config.admin.token.is_none() =>
            {
                let what = format!("{address} is reached from other machines, and anybody could use it");
                self.add(&key("listen"), what, "set `token` in [admin], or use a loopback address");
            }
            Ok(_) => {}
        }
    }
}
