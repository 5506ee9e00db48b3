//! Joins the uplink, the DICOM room and the viewer's API to the archive, through the ports that
//! they declare.

use std::sync::Arc;

use agent_archive::{
    Archive, Direction, InstructionCopy, Invitation, MessageKind, NewLedgerEntry, PersonCopy, ProjectCopy,
    Stored, TaskCopy, WorklistCursor, WorklistItem,
};
use agent_dicom::{ReceivedInstance, StoreOutcome, StoreRefusal};
use agent_uplink as uplink;
use agent_uplink::{Cursor, InboundError, InboundItem, OutboxError, Refusal, RefusalReason, Sent, Waiting};
use proto_ids::EpochId;
use proto_instruction as instruction;
use tokio::sync::watch;

use crate::import::instance;

/// The archive's outbox and ledger, as the uplink drains them.
#[derive(Debug)]
pub(crate) struct ArchiveOutbox {
    archive: Arc<Archive>,
    changes: watch::Sender<u64>,
}

impl ArchiveOutbox {
    /// Listens to the archive's outbox; there is one of these for each archive.
    pub(crate) fn listening(archive: Arc<Archive>) -> Self {
        let (changes, _) = watch::channel(0);
        let tell = changes.clone();
        archive.outbox_listen(move || tell.send_modify(|count| *count += 1));
        Self { archive, changes }
    }
}

fn outbox_error(error: impl std::error::Error + Send + Sync + 'static) -> OutboxError {
    OutboxError(Box::new(error))
}

impl uplink::Outbox for ArchiveOutbox {
    fn peek(&self, after: u64, limit: usize) -> Result<Vec<Waiting>, OutboxError> {
        let rows = self.archive.outbox_peek(after, limit).map_err(outbox_error)?;
        Ok(rows.into_iter().map(|row| Waiting { sequence: row.sequence, report: row.bytes }).collect())
    }

    fn sent(&self, rows: &[Sent]) -> Result<(), OutboxError> {
        let entries = rows.iter().map(|row| NewLedgerEntry {
            direction: Direction::Sent,
            kind: MessageKind::from_code(row.kind).unwrap_or(MessageKind::Empty),
            outbox_sequence: row.sequence,
            bytes: row.bytes.clone(),
        });
        self.archive.ledger_append(entries.collect()).map(|_| ()).map_err(outbox_error)
    }

    fn dealt_with(&self, up_to: u64) -> Result<(), OutboxError> {
        self.archive.outbox_done(up_to).map_err(outbox_error)
    }

    fn shelve(&self, refusal: &Refusal) -> Result<(), OutboxError> {
        let reason = match refusal.reason {
            RefusalReason::MayNotLeave => 1,
            RefusalReason::InvalidField => 2,
            RefusalReason::UnknownField => 3,
            RefusalReason::UnknownThing => 4,
            RefusalReason::ForeignSite => 5,
            RefusalReason::Other => 0,
        };
        self.archive.outbox_shelve(refusal.sequence, reason, &refusal.field).map(|_| ()).map_err(outbox_error)
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// The archive, as received instances are kept in it.
#[derive(Debug)]
pub(crate) struct ArchiveStorage(pub(crate) Arc<Archive>);

impl agent_dicom::Storage for ArchiveStorage {
    fn store(&self, received: ReceivedInstance) -> Result<StoreOutcome, StoreRefusal> {
        let mut new = instance(received.identity, received.bytes);
        new.calling_ae = received.calling_ae;
        match self.0.instance_store(new) {
            Ok(Stored::New(_)) => Ok(StoreOutcome::New),
            Ok(Stored::Duplicate(_)) => Ok(StoreOutcome::Duplicate),
            Ok(Stored::KeptBeside(_)) => Ok(StoreOutcome::KeptBeside),
            Err(error) => {
                self.0.arrivals_refused(1);
                tracing::error!(error = &error as &dyn std::error::Error, "an instance cannot be stored");
                Err(StoreRefusal::OutOfResources)
            }
        }
    }
}

/// The archive's copy of what the control plane says.
#[derive(Debug)]
pub(crate) struct ArchiveInbound(pub(crate) Arc<Archive>);

fn inbound_error(error: impl std::error::Error + Send + Sync + 'static) -> InboundError {
    InboundError(Box::new(error))
}

impl uplink::Inbound for ArchiveInbound {
    fn cursor(&self) -> Result<Cursor, InboundError> {
        let cursor = self.0.worklist_cursor().map_err(inbound_error)?;
        Ok(Cursor {
            epoch: cursor.map(|cursor| cursor.epoch),
            sequence: cursor.map_or(0, |cursor| cursor.sequence),
        })
    }

    fn apply(&self, epoch: EpochId, sequence: u64, item: InboundItem) -> Result<(), InboundError> {
        let cursor = WorklistCursor { epoch, sequence };
        let item = worklist_item(item).map_err(inbound_error)?;
        self.0.worklist_apply(cursor, &item).map(|_| ()).map_err(inbound_error)
    }
}

fn worklist_item(item: InboundItem) -> Result<WorklistItem, instruction::InvalidColour> {
    Ok(match item {
        InboundItem::Project(project) => WorklistItem::Project(ProjectCopy {
            project: project.project,
            title: project.title,
            instruction_version: project.instruction_version,
            annotators: project.annotators,
            closed: project.closed,
        }),
        InboundItem::Instruction(version) => WorklistItem::Instruction(InstructionCopy {
            project: version.project,
            version: version.version,
            instruction: instruction_of(version)?,
        }),
        InboundItem::Person(person) => WorklistItem::Person(PersonCopy {
            person: person.person,
            user_name: person.user_name,
            display_name: person.display_name,
            invitation: person
                .invitation
                .map(|one| Invitation { sha256: one.sha256, expires_at: one.expires_at }),
            suspended: person.suspended,
        }),
        InboundItem::Task(task) => WorklistItem::Task(TaskCopy {
            task: task.task,
            project: task.project,
            asset: task.asset,
            instruction_version: task.instruction_version,
            overlap: u32::from(task.overlap),
            gold: task.gold,
            withdrawn: task.withdrawn,
        }),
    })
}

fn instruction_of(
    version: uplink::Instruction,
) -> Result<instruction::Instruction, instruction::InvalidColour> {
    let objects: Result<_, _> = version.objects.into_iter().map(object).collect();
    Ok(instruction::Instruction {
        title: version.title,
        body: version.body.into_iter().map(block).collect(),
        objects: objects?,
        questions: version.questions.into_iter().map(question).collect(),
    })
}

fn block(block: uplink::Block) -> instruction::Block {
    match block {
        uplink::Block::Heading { level, inlines: text } => {
            instruction::Block::Heading { level, inlines: inlines(text) }
        }
        uplink::Block::Paragraph(text) => instruction::Block::Paragraph { inlines: inlines(text) },
        uplink::Block::List { ordered, items } => {
            instruction::Block::List { ordered, items: items.into_iter().map(inlines).collect() }
        }
    }
}

fn inlines(text: Vec<uplink::Inline>) -> Vec<instruction::Inline> {
    let inline = |inline| match inline {
        uplink::Inline::Text(text) => instruction::Inline::Text(text),
        uplink::Inline::Strong(inner) => instruction::Inline::Strong(inlines(inner)),
        uplink::Inline::Emphasis(inner) => instruction::Inline::Emphasis(inlines(inner)),
        uplink::Inline::Code(text) => instruction::Inline::Code(text),
    };
    text.into_iter().map(inline).collect()
}

fn object(object: uplink::Object) -> Result<instruction::Object, instruction::InvalidColour> {
    Ok(instruction::Object {
        id: object.id,
        key: object.key,
        name: object.name,
        colour: instruction::Colour::from_rgb(object.colour)?,
        hotkey: object.hotkey,
        label: object.label,
        tolerance_mm: object.tolerance_mm,
    })
}

fn question(question: uplink::Question) -> instruction::Question {
    let kind = match question.kind {
        uplink::QuestionKind::Choice(options) => instruction::QuestionKind::Choice {
            options: options
                .into_iter()
                .map(|option| instruction::ChoiceOption { id: option.id, text: option.text })
                .collect(),
        },
        uplink::QuestionKind::Number { min, max, step, unit } => {
            let grid = instruction::NumberGrid { minimum: min, maximum: max, step, unit };
            instruction::QuestionKind::Number(grid)
        }
        uplink::QuestionKind::Text { max_length } => instruction::QuestionKind::Text { max_length },
    };
    instruction::Question { id: question.id, prompt: question.prompt, required: question.required, kind }
}
