//! What a program can find out about itself when it is asked whether it is well.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// Long enough for a busy machine; whoever asks waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// A file system hands out space in blocks of this size.
const PROBE: [u8; 4096] = [0; 4096];

/// Whether bytes that are written below `directory` now reach the disk.
pub fn takes_writes(directory: &Path) -> bool {
    let path = directory.join("write-probe");
    let written = std::fs::File::create(&path).and_then(|mut file| {
        file.write_all(&PROBE)?;
        file.sync_data()
    });
    // Two who ask at once use the same file; the second finds nothing to remove.
    let _ = std::fs::remove_file(&path);
    written.is_ok()
}

/// Whether `address` takes connections. A listener that accepts none any more fills its queue and does not.
pub fn takes_connections(address: SocketAddr) -> bool {
    let here: IpAddr = match (address.ip().is_unspecified(), address.is_ipv4()) {
        (false, _) => address.ip(),
        (true, true) => Ipv4Addr::LOCALHOST.into(),
        (true, false) => Ipv6Addr::LOCALHOST.into(),
    };
    TcpStream::connect_timeout(&SocketAddr::new(here, address.port()), PATIENCE).is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_probe_leaves_nothing_behind_and_a_missing_directory_takes_no_writes() {
        let place = tempfile::tempdir().unwrap();
        assert!(takes_writes(place.path()));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        assert!(!takes_writes(&place.path().join("missing")));
    }

    #[test]
    fn a_listener_on_every_address_is_found_until_it_is_gone() {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert!(takes_connections(address));
        drop(listener);
        assert!(!takes_connections(address));
    }
}
