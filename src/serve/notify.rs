//! What is told to a service manager: that the gateway is ready, reads its configuration again, or ends (`sd_notify(3)`). One
//! datagram each to the socket that `NOTIFY_SOCKET` names; without one nothing is said.
#![expect(clippy::disallowed_methods, reason = "shell: reads the environment, sends a datagram")]

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Tells the service manager, if there is one.
pub(super) fn tell(state: &str) {
    let Ok(socket) = std::env::var("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(socket, %error, "the service manager was not told");
    }
}

/// What is said when a reload begins: the manager waits for the next `READY=1`.
pub(super) fn reloading() {
    // CLOCK_MONOTONIC is what `Type=notify-reload` compares; `Type=notify` does without.
    tell("RELOADING=1");
}

/// A name that begins with `@` is in the abstract namespace.
fn send(socket: &str, state: &str) -> io::Result<()> {
    let address = match socket.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let from = UnixDatagram::unbound()?;
    from.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_manager_hears_in_either_namespace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("@x400gw-test-{}", std::process::id());
        let abstract_address = SocketAddr::from_abstract_name(&name[1..]).unwrap();
        for (socket, listener) in [
            (path.to_str().unwrap(), UnixDatagram::bind(&path).unwrap()),
            (name.as_str(), UnixDatagram::bind_addr(&abstract_address).unwrap()),
        ] {
            send(socket, "READY=1").unwrap();
            let mut octets = [0; 64];
            let length = listener.recv(&mut octets).unwrap();
            assert_eq!(&octets[..length], b"READY=1");
        }
        assert!(send("/nowhere/at/all", "READY=1").is_err());
    }
}
