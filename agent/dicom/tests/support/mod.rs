//! A listener of ours, files to send, and the programs of others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    dead_code,
    reason = "helpers of a test fail as the test does, and each test uses some of them"
)]

pub mod memory;
pub mod tls;

use agent_dicom::{
    AeTitle, Behind, Caller, Catalogue, Doors, InstanceEntry, Intake, Peer, PeerAddress, Peers,
    ReceivedInstance, Right, ScpConfig, Storage, serve,
};
use agent_formats::TransferSyntax;
use agent_formats::part10::{FileMeta, file_meta};
use agent_phi::{SeriesUid, StudyUid};
pub use memory::Memory;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// An agent's DICOM side.
pub struct Listener {
    pub port: String,
    pub tls_port: String,
    pub memory: Arc<Memory>,
    pub caller: Caller,
    shutdown: watch::Sender<bool>,
    served: JoinHandle<Result<(), agent_dicom::ServeError>>,
}

/// A peer without an address.
pub fn peer(title: &str, rights: &[Right]) -> Peer {
    let rights = rights.iter().copied().collect();
    Peer { rights, ..Peer::sender(AeTitle::new(title).unwrap()) }
}

/// A peer that may do everything and listens on this port.
pub fn pacs(title: &str, port: u16) -> Peer {
    let address = PeerAddress { host: "127.0.0.1".into(), port, tls_name: None };
    Peer { address: Some(address), ..peer(title, Right::ALL) }
}

/// What a call hears that is to go on.
pub const GO_ON: ControlFlow<()> = ControlFlow::Continue(());

/// Everything but receiving, which needs an address.
pub const ASKS: [Right; 5] = [Right::Store, Right::Find, Right::Move, Right::Get, Right::Commit];

/// Starts a listener with these peers.
pub async fn listen(peers: Vec<Peer>, change: impl Fn(&mut ScpConfig)) -> Listener {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sealed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port().to_string();
    let tls_port = sealed.local_addr().unwrap().port().to_string();
    let mut config = ScpConfig::new(AeTitle::new("RINGFENCE").unwrap(), Peers::new(peers).unwrap());
    change(&mut config);
    let memory = Arc::new(Memory::default());
    let storage: Arc<dyn Storage> = Arc::<Memory>::clone(&memory);
    let catalogue: Arc<dyn Catalogue> = Arc::<Memory>::clone(&memory);
    let (shutdown, asked) = watch::channel(false);
    let caller = Caller {
        ae_title: config.ae_title.clone(),
        tls: Some(tls::client()),
        patience: config.patience,
        intake: Intake::new(storage, config.sizes),
        shutdown: asked,
    };
    let doors = Doors { plain, tls: Some((sealed, tls::server())) };
    let behind = Behind { catalogue, caller: caller.clone() };
    let served = tokio::spawn(serve(doors, config, behind));
    Listener { port, tls_port, memory, caller, shutdown, served }
}

/// A listener for DCMTK's senders.
pub async fn listen_to_senders(change: impl Fn(&mut ScpConfig)) -> Listener {
    let senders = ["CT1", "ECHOSCU", "STORESCU"].map(|title| Peer::sender(AeTitle::new(title).unwrap()));
    listen(senders.to_vec(), change).await
}

impl Listener {
    /// What is held of series `1.2.3.4` of study `1.2.3`.
    pub fn entries(&self) -> Vec<InstanceEntry> {
        let mut entries = Vec::new();
        let (study, series) = (StudyUid::new("1.2.3").unwrap(), SeriesUid::new("1.2.3.4").unwrap());
        let each = &mut |entry| {
            entries.push(entry);
            ControlFlow::Continue(())
        };
        self.memory.instances(&study, &series, each).unwrap();
        entries
    }

    pub async fn stop(self) -> Vec<ReceivedInstance> {
        self.shutdown.send(true).unwrap();
        self.served.await.unwrap().unwrap();
        std::mem::take(&mut *self.memory.kept.lock().unwrap())
    }

    pub fn port(&self) -> u16 {
        self.port.parse().unwrap()
    }

    /// Puts slices into the archive, as if they had been sent.
    pub fn hold(&self, files: impl Iterator<Item = Vec<u8>>) {
        let held = files.map(|bytes| {
            let identity = agent_formats::header::identity(&bytes).unwrap();
            ReceivedInstance { identity, calling_ae: None, bytes }
        });
        self.memory.kept.lock().unwrap().extend(held);
    }
}

pub async fn run(program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    // PS3.8 says nothing of Nagle's algorithm; Debian's builds leave it on, at 40 ms an answer.
    command.args(arguments).env("TCP_NODELAY", "1");
    command.output().await.expect("the package dcmtk is installed")
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// A port on which nobody listens at this moment.
pub async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// Starts a server of others and waits until it takes connections.
pub async fn start(program: &str, arguments: &[&str], port: u16) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).env("TCP_NODELAY", "1").kill_on_drop(true);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(child.try_wait().unwrap().is_none(), "{program} ended before it listened");
        tick.tick().await;
    }
    child
}

fn put(bytes: &mut Vec<u8>, tag: (u16, u16), vr: &str, value: &[u8]) {
    bytes.extend(tag.0.to_le_bytes());
    bytes.extend(tag.1.to_le_bytes());
    bytes.extend(vr.bytes());
    let length = value.len() + value.len() % 2;
    if vr == "OW" {
        bytes.extend([0, 0]);
        bytes.extend((length as u32).to_le_bytes());
    } else {
        bytes.extend((length as u16).to_le_bytes());
    }
    bytes.extend(value);
    bytes.resize(bytes.len() + value.len() % 2, if vr == "UI" { 0 } else { b' ' });
}

/// One MR slice of study `1.2.3`, explicit VR little endian.
pub fn slice(number: usize, side: u16) -> Vec<u8> {
    slice_of("1.2.3", number, side)
}

/// One MR slice of series `STUDY.4`, explicit VR little endian.
pub fn slice_of(study: &str, number: usize, side: u16) -> Vec<u8> {
    let series = format!("{study}.4");
    let instance = format!("{series}.{number}");
    let class = "1.2.840.10008.5.1.4.1.1.4";
    let meta = FileMeta {
        sop_class_uid: class,
        sop_instance_uid: &instance,
        syntax: TransferSyntax::ExplicitLittle,
    };
    let mut file = file_meta(&meta).unwrap();
    let short = |value: u16| value.to_le_bytes();
    put(&mut file, (0x0008, 0x0005), "CS", b"ISO_IR 100");
    put(&mut file, (0x0008, 0x0016), "UI", class.as_bytes());
    put(&mut file, (0x0008, 0x0018), "UI", instance.as_bytes());
    put(&mut file, (0x0008, 0x0020), "DA", b"20240229");
    put(&mut file, (0x0008, 0x0060), "CS", b"MR");
    put(&mut file, (0x0010, 0x0010), "PN", b"M\xFCller^Jane");
    put(&mut file, (0x0010, 0x0020), "LO", b"4711");
    put(&mut file, (0x0020, 0x000D), "UI", study.as_bytes());
    put(&mut file, (0x0020, 0x000E), "UI", series.as_bytes());
    put(&mut file, (0x0020, 0x0010), "SH", b"77");
    put(&mut file, (0x0020, 0x0011), "IS", b"4");
    put(&mut file, (0x0020, 0x0013), "IS", number.to_string().as_bytes());
    put(&mut file, (0x0020, 0x0032), "DS", format!("0\\0\\{number}").as_bytes());
    put(&mut file, (0x0020, 0x0037), "DS", b"1\\0\\0\\0\\1\\0");
    put(&mut file, (0x0028, 0x0002), "US", &short(1));
    put(&mut file, (0x0028, 0x0004), "CS", b"MONOCHROME2");
    put(&mut file, (0x0028, 0x0010), "US", &short(side));
    put(&mut file, (0x0028, 0x0011), "US", &short(side));
    put(&mut file, (0x0028, 0x0030), "DS", b"1\\1");
    put(&mut file, (0x0028, 0x0100), "US", &short(16));
    put(&mut file, (0x0028, 0x0101), "US", &short(16));
    put(&mut file, (0x0028, 0x0102), "US", &short(15));
    put(&mut file, (0x0028, 0x0103), "US", &short(0));
    let samples = u32::from(side) * u32::from(side);
    let pixels: Vec<u8> =
        (0..samples).flat_map(|at| ((at * 7 + number as u32) as u16).to_le_bytes()).collect();
    put(&mut file, (0x7FE0, 0x0010), "OW", &pixels);
    file
}

pub fn series(directory: &Path, count: usize, side: u16) {
    for number in 0..count {
        std::fs::write(directory.join(format!("{number:04}.dcm")), slice(number, side)).unwrap();
    }
}

/// The files of a folder that hold DICOM.
pub fn files_in(directory: &Path) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.extend(
                std::fs::read(path).ok().filter(|bytes| agent_formats::part10::looks_like_part10(bytes)),
            );
        }
    }
    files
}
