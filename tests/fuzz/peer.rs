//! A DICOM caller that says anything at all, to the real listener's side of an association in memory.

#[path = "../../agent/dicom/tests/support/memory.rs"]
#[allow(clippy::unwrap_used, reason = "an archive for tests")]
mod memory;

use std::sync::Arc;

use agent_dicom::{AeTitle, Behind, Caller, Intake, Peer, Peers, Right, ScpConfig, serve_one};
use agent_formats::header;
use dicom_ul::pdu::{AssociationRQ, Pdu, PresentationContextProposed, UserVariableItem, write_pdu};
use memory::Memory;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::sync::watch;

const APPLICATION: &str = "1.2.840.10008.3.1.1.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
/// Verification, CT and MR Image Storage, Study Root FIND, MOVE and GET, storage commitment (PS3.6 Table A-1).
const CLASSES: [&str; 7] = [
    "1.2.840.10008.1.1",
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.4",
    "1.2.840.10008.5.1.4.1.2.2.1",
    "1.2.840.10008.5.1.4.1.2.2.2",
    "1.2.840.10008.5.1.4.1.2.2.3",
    "1.2.840.10008.1.20.1",
];
/// C-ECHO, C-STORE twice, C-FIND, C-MOVE, C-GET, N-ACTION (PS3.7 Table E.1-1), in the order of the classes.
const FIELDS: [u16; 7] = [0x0030, 0x0001, 0x0001, 0x0020, 0x0021, 0x0010, 0x0130];

/// Sends the bytes as they are: the first says whether behind an association that was agreed.
pub(crate) fn association(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let mut sent = if first & 1 == 1 { request() } else { Vec::new() };
    sent.extend_from_slice(rest);
    talk(&sent);
}

/// Sends well-formed messages with the bytes as their data sets: of each, one byte is the class, two are the length.
pub(crate) fn messages(bytes: &[u8]) {
    let mut sent = request();
    let mut rest = bytes;
    while let [class, low, high, tail @ ..] = rest {
        let (class, length) = (usize::from(*class) % CLASSES.len(), usize::from(u16::from_le_bytes([*low, *high])));
        let (data, tail) = tail.split_at(length.min(tail.len()));
        let context = (class * 2 + 1) as u8;
        put_value(&mut sent, context, 0x03, &command(class, !data.is_empty()));
        if !data.is_empty() {
            put_value(&mut sent, context, 0x02, data);
        }
        rest = tail;
    }
    talk(&sent);
}

fn request() -> Vec<u8> {
    let contexts = CLASSES.iter().enumerate().map(|(place, class)| PresentationContextProposed {
        id: (place * 2 + 1) as u8,
        abstract_syntax: (*class).to_owned(),
        transfer_syntaxes: vec![[EXPLICIT, IMPLICIT][place % 2].to_owned()],
    });
    let request = AssociationRQ {
        protocol_version: 1,
        calling_ae_title: "PACS".to_owned(),
        called_ae_title: "RINGFENCE".to_owned(),
        application_context_name: APPLICATION.to_owned(),
        presentation_contexts: contexts.collect(),
        user_variables: vec![UserVariableItem::MaxLength(16_384)],
    };
    let mut bytes = Vec::new();
    write_pdu(&mut bytes, &Pdu::AssociationRQ(request)).expect("memory does not fail");
    bytes
}

/// A command set for a class, implicit VR little endian (PS3.7 §6.3.1).
fn command(class: usize, data_follows: bool) -> Vec<u8> {
    let mut elements = Vec::new();
    let mut put = |element: u16, value: &[u8]| {
        elements.extend([0, 0]);
        elements.extend(element.to_le_bytes());
        elements.extend((value.len().next_multiple_of(2) as u32).to_le_bytes());
        elements.extend(value);
        elements.extend(&[0][..value.len() % 2]);
    };
    let field = FIELDS[class];
    // N-ACTION names what it asks for, the others what they are about.
    put(if field == 0x0130 { 0x0003 } else { 0x0002 }, CLASSES[class].as_bytes());
    put(0x0100, &field.to_le_bytes());
    put(0x0110, &1u16.to_le_bytes());
    if field == 0x0021 {
        put(0x0600, b"PACS");
    }
    put(0x0700, &0u16.to_le_bytes());
    put(0x0800, &(if data_follows { 1u16 } else { 0x0101 }).to_le_bytes());
    match field {
        0x0001 => put(0x1000, b"1.2.3"),
        0x0130 => {
            put(0x1001, b"1.2.840.10008.1.20.1.1");
            put(0x1008, &1u16.to_le_bytes());
        }
        _ => {}
    }
    let mut set = vec![0, 0, 0, 0, 4, 0, 0, 0];
    set.extend((elements.len() as u32).to_le_bytes());
    set.append(&mut elements);
    set
}

/// One presentation data value in a unit of its own (PS3.8 §9.3.5).
fn put_value(sent: &mut Vec<u8>, context: u8, control: u8, value: &[u8]) {
    let length = value.len() as u32;
    sent.extend([4, 0]);
    sent.extend((length + 6).to_be_bytes());
    sent.extend((length + 2).to_be_bytes());
    sent.extend([context, control]);
    sent.extend(value);
}

/// Says it all, hears what is answered, and hangs up. Whatever was kept is an object that can be read.
fn talk(sent: &[u8]) {
    let memory = Arc::new(Memory::default());
    // The clock stands still but where everything waits, so time-outs cost no time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let (near, far) = duplex(64 * 1024);
        let (mut reader, mut writer) = tokio::io::split(near);
        let (_shutdown, asked) = watch::channel(false);
        let (config, behind) = agent(&memory, asked);
        let said = async move {
            // The agent may hang up first.
            let _ = writer.write_all(sent).await;
            let _ = writer.shutdown().await;
        };
        let heard = async move {
            let mut heard = Vec::new();
            let _ = reader.read_to_end(&mut heard).await;
            heard.len()
        };
        let (served, (), heard) = tokio::join!(serve_one(far, config, behind), said, heard);
        assert!(served.is_ok());
        assert!(heard <= 16 * 1024 * 1024, "{heard} bytes were answered to {}", sent.len());
    });
    for kept in memory.kept.lock().expect("nobody panicked").iter() {
        assert!(header::identity(&kept.bytes).is_ok());
    }
}

fn agent(memory: &Arc<Memory>, shutdown: watch::Receiver<bool>) -> (ScpConfig, Behind) {
    let ae_title = AeTitle::new("RINGFENCE").expect("a title");
    let mut pacs = Peer::sender(AeTitle::new("PACS").expect("a title"));
    pacs.rights = Right::ALL.iter().copied().collect();
    let config = ScpConfig::new(ae_title.clone(), Peers::new(vec![pacs]).expect("one peer"));
    let intake = Intake::new(Arc::<Memory>::clone(memory), config.sizes);
    let caller = Caller { ae_title, tls: None, patience: config.patience, intake, shutdown };
    (config, Behind { catalogue: Arc::<Memory>::clone(memory), caller })
}
