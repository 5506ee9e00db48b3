//! What goes down, as wire messages. The parts of an instruction are in `instruction/`.

mod condition;
mod object;
mod question;

use control_plane_domain::{
    ConsensusKind, ConsensusRule, InstructionVersion, PersonOrder, ProjectOrder, TaskOrder, WorklistItem,
};
use proto::agent::v1 as agent;
use proto::agent::v1::worklist_event::Of;
use proto::types::v1 as types;
use proto_ids::PersonId;
use proto_instruction::{Block, Inline, Instruction};

pub(crate) fn id((high, low): (u64, u64)) -> Option<types::Id> {
    Some(types::Id { high, low })
}

/// One thing that a site has to know.
pub(crate) fn item(item: WorklistItem) -> Of {
    match item {
        WorklistItem::Project(order) => Of::Project(project(order)),
        WorklistItem::Instruction(version) => Of::Instruction(instruction_version(&version)),
        WorklistItem::Person(order) => Of::Person(person(order)),
        WorklistItem::Task(order) => Of::Task(task(&order)),
    }
}

fn project(order: ProjectOrder) -> agent::Project {
    let people = |people: &[PersonId]| people.iter().filter_map(|person| id(person.halves())).collect();
    agent::Project {
        project: id(order.project.halves()),
        title: order.title,
        instruction_version: order.instruction_version,
        annotators: people(&order.annotators),
        closed: order.closed,
        arbiters: people(&order.arbiters),
        gold_percent: order.gold_percent,
        gold_seed: order.gold_seed,
        preannotation: order
            .preannotation
            .map(|order| agent::PreannotationOrder { model: id(order.model.halves()), run: order.run }),
    }
}

fn person(order: PersonOrder) -> agent::Person {
    agent::Person {
        person: id(order.person.halves()),
        user_name: order.user_name,
        display_name: order.display_name,
        invitation_sha256: order.invitation.as_ref().map_or_else(Vec::new, |open| open.code_sha256.to_vec()),
        invitation_expires_at: order.invitation.map_or(0, |open| open.expires_at.millis()),
        suspended: order.suspended,
    }
}

fn task(order: &TaskOrder) -> agent::TaskOrder {
    agent::TaskOrder {
        task: id(order.task.halves()),
        project: id(order.project.halves()),
        asset: id(order.asset.halves()),
        instruction_version: order.instruction_version,
        overlap: order.overlap,
        gold: order.gold,
        withdrawn: order.withdrawn,
        consensus: order.consensus.iter().map(consensus).collect(),
        arbitration: order.arbitration,
    }
}

fn consensus(rule: &ConsensusRule) -> agent::ConsensusRule {
    let kind = match rule.kind {
        ConsensusKind::Majority => agent::ConsensusKind::Majority,
        ConsensusKind::Staple => agent::ConsensusKind::Staple,
    };
    agent::ConsensusRule {
        object_id: rule.object_id,
        submissions: rule.submissions.iter().filter_map(|submission| id(submission.halves())).collect(),
        kind: kind.into(),
        truth_table: rule.truth_table.clone(),
    }
}

fn instruction_version(version: &InstructionVersion) -> agent::InstructionVersion {
    agent::InstructionVersion {
        project: id(version.project.halves()),
        version: version.version,
        instruction: Some(instruction(&version.instruction)),
    }
}

fn instruction(instruction: &Instruction) -> types::Instruction {
    types::Instruction {
        title: instruction.title.clone(),
        body: instruction.body.iter().map(block).collect(),
        objects: instruction.objects.iter().map(object::object).collect(),
        questions: instruction.questions.iter().map(question::question).collect(),
        rules: instruction.rules.iter().map(condition::rule).collect(),
    }
}

fn block(block: &Block) -> types::Block {
    use types::block::Of;
    let of = match block {
        Block::Heading { level, inlines: text } => {
            Of::Heading(types::Heading { level: u32::from(*level), inlines: inlines(text) })
        }
        Block::Paragraph { inlines: text } => Of::Paragraph(types::Paragraph { inlines: inlines(text) }),
        Block::List { ordered, items } => Of::List(types::List {
            ordered: *ordered,
            items: items.iter().map(|item| types::ListItem { inlines: inlines(item) }).collect(),
        }),
    };
    types::Block { of: Some(of) }
}

fn inlines(text: &[Inline]) -> Vec<types::Inline> {
    text.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> types::Inline {
    use types::inline::Of;
    let of = match inline {
        Inline::Text(text) => Of::Text(text.clone()),
        Inline::Strong(span) => Of::Strong(types::Span { inlines: inlines(span) }),
        Inline::Emphasis(span) => Of::Emphasis(types::Span { inlines: inlines(span) }),
        Inline::Code(code) => Of::Code(code.clone()),
    };
    types::Inline { of: Some(of) }
}

#[cfg(test)]
mod tests;
