//! Storage commitment as a provider: objects are read again before anything is promised. Source: PS3.4 Annex J.
//!
//! The report goes over the association on which it was asked for as long as that is open, else over a new one to
//! the peer's own address.

use super::{Asked, Association};
use crate::association::Shared;
use crate::catalogue::{Catalogue, Commitment, PeerAct};
use crate::channel::Next;
use crate::classes::{COMMITMENT, COMMITMENT_INSTANCE, PLAIN_SYNTAXES, Service};
use crate::dimse::{Answer, Command, Operation, Status};
use crate::peers::Peer;
use crate::query::Writer;
use crate::user::{CallError, Proposal};
use crate::wire::WireError;
use agent_formats::part10::valid_uid;
use agent_formats::prescan::{self, Element, Limits, Step, Visitor};
use agent_formats::syntax::Encoding;
use agent_phi::InstanceUid;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

/// A list of 50,000 objects.
const LIMITS: Limits = Limits { elements_max: 200_000, header_bytes_max: 8 << 20 };
/// How long a report is tried again when the peer cannot be reached.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Reports that one association may have waiting.
const REPORTS_MAX: usize = 4;

/// PS3.4 §J.3.2: request storage commitment.
const REQUEST: u16 = 1;
/// PS3.4 §J.3.3: everything is kept; something is not.
const ALL_KEPT: u16 = 1;
const SOME_FAILED: u16 = 2;

/// One object that is asked about.
#[derive(Clone, Default, PartialEq, Eq)]
struct Reference {
    class: String,
    instance: String,
}

/// What is asked about.
struct Transaction {
    uid: String,
    references: Vec<Reference>,
}

/// What came out.
pub(crate) struct Report {
    transaction: String,
    kept: Vec<Reference>,
    failed: Vec<(Reference, Status)>,
}

#[derive(Default)]
struct Found {
    uid: Option<String>,
    references: Vec<(u32, Reference)>,
}

impl Visitor for Found {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let text = || {
            std::str::from_utf8(element.value).ok().map(|text| text.trim_end_matches(['\0', ' ']).to_owned())
        };
        match path {
            [] if element.tag == tags::TRANSACTION_UID => self.uid = text(),
            [step] if step.sequence == tags::REFERENCED_SOP_SEQUENCE => {
                self.reference(step.item, element.tag, text())
            }
            _ => {}
        }
    }
}

impl Found {
    fn reference(&mut self, item: u32, tag: Tag, text: Option<String>) {
        if self.references.last().is_none_or(|(last, _)| *last != item) {
            self.references.push((item, Reference::default()));
        }
        let Some((_, reference)) = self.references.last_mut() else { return };
        match tag {
            tags::REFERENCED_SOP_CLASS_UID => reference.class = text.unwrap_or_default(),
            tags::REFERENCED_SOP_INSTANCE_UID => reference.instance = text.unwrap_or_default(),
            _ => {}
        }
    }
}

fn read(bytes: &[u8], encoding: Encoding) -> Result<Transaction, Answer> {
    let invalid = |comment| Answer::failure(Status::InvalidArgument, comment);
    let mut found = Found::default();
    prescan::walk(bytes, encoding, LIMITS, &mut found).map_err(|cause| invalid(cause.to_string()))?;
    let uid = found.uid.filter(|uid| valid_uid(uid));
    let uid = uid.ok_or_else(|| invalid("TransactionUID is missing or has no valid value".to_owned()))?;
    let references: Vec<Reference> = found.references.into_iter().map(|(_, reference)| reference).collect();
    let valid = |one: &Reference| valid_uid(&one.class) && valid_uid(&one.instance);
    if references.is_empty() || !references.iter().all(valid) {
        return Err(invalid("ReferencedSOPSequence is missing or has no valid value".to_owned()));
    }
    Ok(Transaction { uid, references })
}

/// Reads every object again. Blocks.
fn verify(catalogue: &dyn Catalogue, asked: Transaction) -> Report {
    let mut report = Report { transaction: asked.uid, kept: Vec::new(), failed: Vec::new() };
    for reference in asked.references {
        let found = InstanceUid::new(reference.instance.as_str()).map_err(|_| ());
        let found = found.and_then(|uid| catalogue.committed(&reference.class, &uid).map_err(|_| ()));
        match found {
            Ok(Commitment::Kept) => report.kept.push(reference),
            Ok(Commitment::NoSuchInstance) => report.failed.push((reference, Status::NoSuchInstance)),
            Ok(Commitment::OtherClass) => report.failed.push((reference, Status::ClassInstanceConflict)),
            Ok(Commitment::Damaged) | Err(()) => report.failed.push((reference, Status::ProcessingFailure)),
        }
    }
    report
}

impl Report {
    fn command(&self, message_id: u16) -> Command {
        let mut command = Command::request(Operation::EventReport, message_id, COMMITMENT);
        command.sop_instance_uid = Some(COMMITMENT_INSTANCE.to_owned());
        command.event_type = Some(if self.failed.is_empty() { ALL_KEPT } else { SOME_FAILED });
        command.data_set_follows = true;
        command
    }

    fn data_set(&self, encoding: Encoding) -> Vec<u8> {
        let item = |reference: &Reference| {
            let mut item = Writer::new(encoding);
            item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &reference.class);
            item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &reference.instance);
            item
        };
        let mut writer = Writer::new(encoding);
        writer.text(tags::TRANSACTION_UID, VR::UI, &self.transaction);
        if !self.failed.is_empty() {
            let failed = self.failed.iter().map(|(reference, reason)| {
                let mut item = item(reference);
                item.short(tags::FAILURE_REASON, reason.code());
                item
            });
            writer.sequence(tags::FAILED_SOP_SEQUENCE, failed.collect());
        }
        if !self.kept.is_empty() {
            writer.sequence(tags::REFERENCED_SOP_SEQUENCE, self.kept.iter().map(item).collect());
        }
        writer.finish()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Association<'_, S> {
    pub(super) async fn commitment(&mut self, asked: Asked<'_>) -> Result<(), WireError> {
        let bytes = match self.identifier(&asked).await? {
            Ok(bytes) => bytes,
            Err(refused) => return self.answer(asked, refused).await,
        };
        let transaction = match self.transaction(&asked, &bytes).await {
            Ok(transaction) => transaction,
            Err(refused) => return self.answer(asked, refused).await,
        };
        let catalogue = Arc::clone(&self.shared.catalogue);
        self.reports.spawn_blocking(move || Some(verify(&*catalogue, transaction)));
        self.answer(asked, Answer::success()).await
    }

    async fn transaction(&self, asked: &Asked<'_>, bytes: &[u8]) -> Result<Transaction, Answer> {
        if asked.command.requested_sop_instance_uid.as_deref() != Some(COMMITMENT_INSTANCE) {
            let comment = "RequestedSOPInstanceUID is not the well-known one";
            return Err(Answer::failure(Status::NoSuchInstance, comment));
        }
        if asked.command.action_type != Some(REQUEST) {
            return Err(Answer::failure(Status::NoSuchAction, "ActionTypeID is not 1"));
        }
        let transaction = read(bytes, asked.accepted.syntax.encoding())?;
        if self.reports.len() >= REPORTS_MAX {
            return Err(Answer::failure(Status::OutOfResources, "too many reports are waiting"));
        }
        self.noted(PeerAct::CommitmentAnswered).await?;
        Ok(transaction)
    }

    /// Sends the reports that are ready, as long as the caller says nothing itself.
    pub(super) async fn report_what_is_known(&mut self) -> Result<(), WireError> {
        while !self.reports.is_empty() {
            let report = tokio::select! {
                biased;
                () = self.channel.wire.readable() => return Ok(()),
                report = self.reports.join_next() => report,
            };
            if let Some(Ok(Some(report))) = report {
                self.report(report).await?;
            }
        }
        Ok(())
    }

    async fn report(&mut self, report: Report) -> Result<(), WireError> {
        let context = self.agreed.contexts.iter().find(|(_, one)| one.service == Service::Commitment);
        let Some((context, encoding)) = context.map(|(id, one)| (*id, one.syntax.encoding())) else {
            return Ok(());
        };
        let command = report.command(self.next_message_id());
        self.channel.send(context, &command, Some(&report.data_set(encoding))).await?;
        match self.channel.next().await? {
            Next::Command { command: said, .. } if said.response && said.about(command.message_id) => {
                if said.data_set_follows {
                    self.channel.data_skip(context).await?;
                }
                told(said.status.unwrap_or_default());
                Ok(())
            }
            // Who hangs up, or asks for more, instead of answering is told again by a call of our own.
            Next::Release => {
                self.reports.spawn(async move { Some(report) });
                self.channel.released().await?;
                Err(WireError::Closed)
            }
            Next::Command { context, command } => {
                self.reports.spawn(async move { Some(report) });
                Box::pin(self.command(context, &command)).await
            }
        }
    }
}

fn told(status: u16) {
    metrics::counter!("ringfence_dicom_commitments_total", "outcome" => "reported").increment(1);
    if status != 0 {
        tracing::warn!(status, "a peer did not like the report of a storage commitment");
    }
}

/// Reports that were not sent over the association on which they were asked for.
pub(crate) struct Owed {
    peer: Peer,
    reports: JoinSet<Option<Report>>,
}

impl Owed {
    pub(crate) fn new(peer: Peer, reports: JoinSet<Option<Report>>) -> Self {
        Self { peer, reports }
    }
}

/// Calls the peer and tells it what is owed.
pub(crate) async fn deliver(mut owed: Owed, shared: &Shared) {
    while let Some(report) = owed.reports.join_next().await {
        let Ok(Some(report)) = report else { continue };
        let mut pause = FIRST_PAUSE;
        for last in (0..TRIES).rev() {
            match call(&owed.peer, &report, shared).await {
                Ok(()) => break,
                Err(error) if last == 0 || matches!(error, CallError::NoAddress) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(peer = owed.peer.name, error, "a storage commitment cannot be reported");
                    metrics::counter!("ringfence_dicom_commitments_total", "outcome" => "undelivered")
                        .increment(1);
                    break;
                }
                Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 4;
        }
    }
}

async fn call(peer: &Peer, report: &Report, shared: &Shared) -> Result<(), CallError> {
    let proposal = Proposal::providing(COMMITMENT, &PLAIN_SYNTAXES);
    let mut called = shared.caller.call(peer, &[proposal]).await?;
    let context = called.context(COMMITMENT, "reports of storage commitment")?;
    let encoding = called.contexts.get(&context).map(|(_, syntax)| syntax.encoding());
    let encoding = encoding.unwrap_or(Encoding::IMPLICIT_LITTLE);
    let command = report.command(called.message_id());
    called.channel.send(context, &command, Some(&report.data_set(encoding))).await?;
    let response = called.response(command.message_id).await?;
    called.leave().await;
    told(response.status.unwrap_or_default());
    Ok(())
}
