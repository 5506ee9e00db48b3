//! Associations over a pipe, with a clock that the test moves.

use super::*;
use crate::channel::ABORT;
use crate::channel::{DATA, RELEASE_REQUEST, RELEASE_RESPONSE};
use crate::classes::VERIFICATION;
use crate::config::ScpConfig;
use crate::dimse::tests as dimse_tests;
use crate::dimse::{Command, Operation};
use crate::memory::Memory;
use crate::negotiate::tests as negotiate_tests;
use crate::storage::StoreRefusal;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;

/// A caller on one end of a pipe, the association on the other.
pub(crate) struct Visitor {
    pub(crate) pipe: DuplexStream,
    pub(crate) memory: Arc<Memory>,
    ended: JoinHandle<Result<Ending, WireError>>,
    shutdown: watch::Sender<bool>,
}

pub(crate) fn shared(memory: &Arc<Memory>, config: ScpConfig, shutdown: watch::Receiver<bool>) -> Shared {
    let storage: Arc<dyn crate::storage::Storage> = Arc::<Memory>::clone(memory);
    let intake = Intake::new(storage, config.sizes);
    let (ae_title, patience) = (config.ae_title.clone(), config.patience);
    let caller = Caller { ae_title, tls: None, patience, intake: intake.clone(), shutdown: shutdown.clone() };
    let catalogue: Arc<dyn Catalogue> = Arc::<Memory>::clone(memory);
    Shared { config, intake, catalogue, caller, shutdown }
}

pub(crate) fn call_with(memory: Memory, change: &dyn Fn(&mut ScpConfig)) -> Visitor {
    let (pipe, other) = duplex(64 * 1024);
    let memory = Arc::new(memory);
    let (shutdown, asked) = watch::channel(false);
    let mut config = negotiate_tests::config();
    change(&mut config);
    let shared = shared(&memory, config, asked);
    let ended = tokio::spawn(async move { run(other, negotiate_tests::HERE, &shared).await.how });
    Visitor { pipe, memory, ended, shutdown }
}

pub(crate) fn call() -> Visitor {
    call_with(Memory::default(), &|_| {})
}

impl Visitor {
    pub(crate) async fn unit(&mut self) -> (u8, Vec<u8>) {
        let mut header = [0; 6];
        self.pipe.read_exact(&mut header).await.unwrap();
        let mut body = vec![0; u32::from_be_bytes(header[2..].try_into().unwrap()) as usize];
        self.pipe.read_exact(&mut body).await.unwrap();
        (header[0], body)
    }

    async fn associate(&mut self) {
        self.associate_as(negotiate_tests::request()).await;
    }

    pub(crate) async fn associate_as(&mut self, request: AssociationRQ) {
        let bytes = encoded(&Pdu::AssociationRQ(request)).unwrap();
        self.pipe.write_all(&bytes).await.unwrap();
        assert_eq!(self.unit().await.0, 0x02);
    }

    pub(crate) async fn value(&mut self, context: u8, control: u8, value: &[u8]) {
        let length = value.len() as u32;
        let mut unit = vec![DATA, 0];
        unit.extend((length + 6).to_be_bytes());
        unit.extend((length + 2).to_be_bytes());
        unit.extend([context, control]);
        unit.extend(value);
        self.pipe.write_all(&unit).await.unwrap();
    }

    pub(crate) async fn status(&mut self) -> u16 {
        let (kind, body) = self.unit().await;
        assert_eq!(kind, DATA);
        dimse_tests::status(&body).unwrap()
    }

    async fn store(&mut self, data_set: &[u8]) -> u16 {
        self.value(3, 3, &dimse_tests::store(1).write()).await;
        for part in data_set.chunks(50) {
            self.value(3, 0, part).await;
        }
        self.value(3, 2, &[]).await;
        self.status().await
    }

    async fn echo(&mut self) -> u16 {
        let request = Command::request(Operation::Echo, 9, VERIFICATION);
        self.value(1, 3, &request.write()).await;
        self.status().await
    }

    async fn error(self) -> &'static str {
        drop(self.pipe);
        self.ended.await.unwrap().unwrap_err().code()
    }
}

fn element(tag: (u16, u16), vr: &str, value: &str) -> Vec<u8> {
    let mut bytes = tag.0.to_le_bytes().to_vec();
    bytes.extend(tag.1.to_le_bytes());
    bytes.extend(vr.bytes());
    bytes.extend((value.len() as u16 + value.len() as u16 % 2).to_le_bytes());
    bytes.extend(value.bytes());
    bytes.resize(bytes.len() + value.len() % 2, 0);
    bytes
}

pub(crate) fn data_set(instance: &str) -> Vec<u8> {
    [
        element((0x0008, 0x0016), "UI", "1.2.840.10008.5.1.4.1.1.4"),
        element((0x0008, 0x0018), "UI", instance),
        element((0x0008, 0x0060), "CS", "MR"),
        element((0x0020, 0x000D), "UI", "1.2"),
        element((0x0020, 0x000E), "UI", "1.2.1"),
    ]
    .concat()
}

#[tokio::test]
async fn a_stored_object_is_a_whole_file_with_a_zeroed_preamble() {
    let mut caller = call();
    caller.associate().await;
    assert_eq!(caller.store(&data_set("1.2.3")).await, 0x0000);
    assert_eq!(caller.echo().await, 0x0000);
    caller.pipe.write_all(&[RELEASE_REQUEST, 0, 0, 0, 0, 4, 0, 0, 0, 0]).await.unwrap();
    assert_eq!(caller.unit().await.0, RELEASE_RESPONSE);
    let kept = caller.memory.kept.lock().unwrap().pop().unwrap();
    assert_eq!(kept.bytes[..128], [0; 128]);
    assert!(kept.bytes.ends_with(&data_set("1.2.3")));
    assert_eq!(
        agent_formats::header::identity(&kept.bytes).unwrap().sop_class_uid,
        "1.2.840.10008.5.1.4.1.1.4"
    );
    drop(caller.pipe);
    assert_eq!(caller.ended.await.unwrap().unwrap(), Ending::Released);
}

#[tokio::test]
async fn a_bad_object_is_refused_and_the_association_lives_on() {
    let mut caller = call();
    caller.associate().await;
    assert_eq!(caller.store(&data_set("1.2.4")).await, 0xA900);
    assert_eq!(caller.store(&[0xFF; 300]).await, 0xC000);
    assert_eq!(caller.store(&data_set("1.2.3")[..40]).await, 0xC000);
    let mut deep = data_set("1.2.3");
    for _ in 0..100_000 {
        deep.extend([0x40, 0x00, 0x30, 0xA7, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        deep.extend([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
    assert_eq!(caller.store(&deep).await, 0xC000);
    assert_eq!(caller.store(&[]).await, 0xC000);
    assert!(caller.memory.kept.lock().unwrap().is_empty());
    assert_eq!(caller.store(&data_set("1.2.3")).await, 0x0000);
}

#[tokio::test]
async fn a_full_store_answers_out_of_resources() {
    let full = Memory { refusal: Some(StoreRefusal::OutOfResources), ..Memory::default() };
    let mut caller = call_with(full, &|_| {});
    caller.associate().await;
    assert_eq!(caller.store(&data_set("1.2.3")).await, 0xA700);
    let mut caller = call_with(Memory::default(), &|config| config.sizes.object_bytes_max = 1000);
    caller.associate().await;
    assert_eq!(caller.store(&[0; 5000]).await, 0xA700);
    assert_eq!(caller.store(&data_set("1.2.3")).await, 0x0000);
    let mut caller = call_with(Memory::default(), &|config| config.sizes.buffered_bytes_max = 600);
    caller.associate().await;
    assert_eq!(caller.store(&[0; 5000]).await, 0xA700);
    assert_eq!(caller.store(&data_set("1.2.3")).await, 0x0000);
}

#[tokio::test]
async fn an_unknown_operation_is_refused_with_its_data_set() {
    let mut caller = call();
    caller.associate().await;
    let mut find = dimse_tests::store(4);
    find.operation = Operation::Find;
    caller.value(3, 3, &find.write()).await;
    caller.value(3, 2, &[1, 2, 3, 4]).await;
    assert_eq!(caller.status().await, 0x0211);
    assert_eq!(caller.echo().await, 0x0000);
}

#[tokio::test]
async fn a_stranger_is_rejected_before_anything_else() {
    let mut caller = call();
    let mut request = negotiate_tests::request();
    request.calling_ae_title = "EVIL".into();
    caller.pipe.write_all(&encoded(&Pdu::AssociationRQ(request)).unwrap()).await.unwrap();
    let (kind, body) = caller.unit().await;
    assert_eq!((kind, body[1], body[2], body[3]), (0x03, 1, 1, 3));
    drop(caller.pipe);
    assert_eq!(caller.ended.await.unwrap().unwrap(), Ending::Rejected(Rejection::CallingAe));
}

/// Bytes that break the protocol after the association, and how the listener names what they did.
#[tokio::test]
async fn broken_units_abort_the_association() {
    let value = |length: u32, value_length: u32| {
        let mut unit = vec![DATA, 0];
        unit.extend(length.to_be_bytes());
        unit.extend(value_length.to_be_bytes());
        unit.extend([3, 3]);
        unit.extend([0; 64]);
        unit
    };
    let cases: [(Vec<u8>, &str); 8] = [
        (vec![DATA, 0, 0xFF, 0xFF, 0xFF, 0xFF], "too-long"),
        (vec![DATA, 0, 0, 0, 0, 5, 0, 0, 0, 1, 3], "malformed"),
        (value(20, 100), "malformed"),
        (value(20, 0xFFFF_FFFF), "malformed"),
        (value(20, 0), "malformed"),
        (vec![0x09, 0, 0, 0, 0, 0], "unexpected"),
        (vec![0x01, 0, 0, 0, 0, 0], "unexpected"),
        (value(20, 16), "malformed"),
    ];
    for (bytes, expect) in cases {
        let mut caller = call();
        caller.associate().await;
        caller.pipe.write_all(&bytes).await.unwrap();
        assert_eq!(caller.unit().await.0, ABORT, "{expect}");
        assert_eq!(caller.error().await, expect);
    }
}

#[tokio::test]
async fn broken_requests_are_aborted() {
    let cases: [(Vec<u8>, &str); 5] = [
        (vec![0x01, 0, 0xFF, 0xFF, 0xFF, 0xFF], "too-long"),
        (vec![0x01, 0, 0, 0, 0, 0], "malformed"),
        (vec![0x01, 0, 0, 0, 0, 5, 0, 1, 0, 0, 0], "malformed"),
        (vec![0x04, 0, 0, 0, 0, 0], "unexpected"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "unexpected"),
    ];
    for (bytes, expect) in cases {
        let mut caller = call();
        caller.pipe.write_all(&bytes).await.unwrap();
        assert_eq!(caller.unit().await.0, ABORT, "{expect}");
        assert_eq!(caller.error().await, expect);
    }
}

#[tokio::test]
async fn an_endless_command_is_cut_off() {
    let mut caller = call();
    caller.associate().await;
    for _ in 0..3 {
        caller.value(3, 1, &[0; 30_000]).await;
    }
    assert_eq!(caller.unit().await.0, ABORT);
    assert_eq!(caller.error().await, "malformed");
}

#[tokio::test]
async fn a_caller_that_hangs_up_is_no_error_of_ours() {
    let mut caller = call();
    caller.associate().await;
    caller.pipe.write_all(&[DATA, 0, 0]).await.unwrap();
    drop(caller.pipe);
    assert_eq!(caller.ended.await.unwrap().unwrap_err().code(), "closed");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_says_nothing_is_cut_off() {
    let mut caller = call();
    caller.pipe.write_all(&[0x01, 0, 0]).await.unwrap();
    assert_eq!(caller.unit().await.0, ABORT);
    assert_eq!(caller.error().await, "slow");
    let mut silent = call();
    assert_eq!(silent.unit().await.0, ABORT);
    assert_eq!(silent.error().await, "idle");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_drips_is_cut_off() {
    let mut caller = call();
    caller.associate().await;
    caller.pipe.write_all(&[DATA, 0, 0, 0, 1, 0]).await.unwrap();
    let begun = tokio::time::Instant::now();
    while caller.pipe.write_all(&[0]).await.is_ok() && begun.elapsed() < Duration::from_secs(100) {
        tokio::time::advance(Duration::from_secs(10)).await;
        tokio::task::yield_now().await;
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(caller.error().await, "slow");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_takes_no_answer_is_cut_off() {
    let (pipe, other) = duplex(16);
    let (_stop, asked) = watch::channel(false);
    let shared = shared(&Arc::new(Memory::default()), negotiate_tests::config(), asked);
    let ended = tokio::spawn(async move { run(other, negotiate_tests::HERE, &shared).await.how });
    let (_reader, mut writer) = tokio::io::split(pipe);
    writer.write_all(&encoded(&Pdu::AssociationRQ(negotiate_tests::request())).unwrap()).await.unwrap();
    assert_eq!(ended.await.unwrap().unwrap_err().code(), "not-taken");
}

#[tokio::test]
async fn a_shutdown_waits_for_the_message_in_progress() {
    let mut caller = call();
    caller.associate().await;
    *caller.memory.asks_shutdown.lock().unwrap() = Some(caller.shutdown.clone());
    assert_eq!(caller.store(&data_set("1.2.3")).await, 0x0000);
    assert_eq!(caller.unit().await.0, ABORT);
    assert_eq!(caller.error().await, "shutdown");
}
