//! The operator's interface.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::admin::At;

/// Where the HTTP interface is, and who may use it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Admin {
    /// An address and port, the path of a Unix socket, or `off`; without one it is the socket [`SOCKET`] in the folder of
    /// the queue.
    pub listen: Option<String>,
    /// A file with the token that callers over TCP give; without one only this machine is listened to.
    pub token: Option<PathBuf>,
}

/// What the socket is called unless something else is said.
pub const SOCKET: &str = "x400gw.sock";

/// What turns the interface off.
const OFF: &str = "off";

impl Admin {
    /// Where the interface is; `None` if there is none. `data` is the folder of the queue.
    ///
    /// # Errors
    /// What is written is neither an address nor a path.
    pub fn at(&self, data: &Path) -> Result<Option<At>, String> {
        match self.listen.as_deref() {
            None => Ok(Some(At::Socket(data.join(SOCKET)))),
            Some(OFF) => Ok(None),
            Some(written) => written.parse().map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::admin::At;
    use crate::config::Config;

    #[test]
    fn the_interface_is_where_the_operator_says_and_never_open_to_everybody() {
        let at = |admin: &str| {
            let text = format!(
                "[gateway]\ndata = \"/queue\"\n\
                 [[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\n[admin]\n{admin}"
            );
            let config = Config::parse("x400gw.toml", &text).map_err(|report| report.render())?;
            config.admin.at(&config.gateway.data)
        };
        let socket = |path: &str| Some(At::Socket(path.into()));
        for (admin, expected) in [
            ("", socket("/queue/x400gw.sock")),
            ("listen = \"off\"", None),
            ("listen = \"/run/gw.sock\"", socket("/run/gw.sock")),
            ("listen = \"gw.sock\"", socket("gw.sock")),
            ("listen = \"127.0.0.1:10180\"", "127.0.0.1:10180".parse().ok()),
            ("listen = \"[::1]:10180\"", "[::1]:10180".parse().ok()),
            ("listen = \"192.0.2.1:10180\"\ntoken = \"/token\"", "192.0.2.1:10180".parse().ok()),
        ] {
            assert_eq!(at(admin), Ok(expected), "{admin}");
        }
        for (admin, said) in [
            ("listen = \"192.0.2.1:10180\"", "anybody could use it"),
            ("listen = \"0.0.0.0:10180\"", "anybody could use it"),
            ("listen = \"nowhere\"", "neither an IP address"),
            ("listen = \"localhost:10180\"", "neither an IP address"),
            ("tokn = \"x\"", "did you mean `token`?"),
        ] {
            let report = at(admin).unwrap_err();
            assert!(report.contains(said), "{admin}: {report}");
        }
    }
}
