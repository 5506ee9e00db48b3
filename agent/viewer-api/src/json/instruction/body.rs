//! The text of an instruction: typed blocks, no HTML.

use proto_instruction::{Block, Inline};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum BlockJson {
    Heading {
        #[schema(schema_with = heading_level)]
        level: u8,
        inlines: Vec<InlineJson>,
    },
    Paragraph {
        inlines: Vec<InlineJson>,
    },
    List {
        ordered: bool,
        items: Vec<Vec<InlineJson>>,
    },
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum InlineJson {
    Text {
        text: String,
    },
    #[schema(no_recursion)]
    Strong {
        inlines: Vec<InlineJson>,
    },
    #[schema(no_recursion)]
    Emphasis {
        inlines: Vec<InlineJson>,
    },
    Code {
        text: String,
    },
}

/// A heading has one of three levels.
fn heading_level() -> utoipa::openapi::Object {
    ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([1, 2, 3])).build()
}

impl From<&Block> for BlockJson {
    fn from(block: &Block) -> Self {
        match block {
            Block::Heading { level, inlines } => Self::Heading { level: *level, inlines: line(inlines) },
            Block::Paragraph { inlines } => Self::Paragraph { inlines: line(inlines) },
            Block::List { ordered, items } => {
                Self::List { ordered: *ordered, items: items.iter().map(|item| line(item)).collect() }
            }
        }
    }
}

fn line(inlines: &[Inline]) -> Vec<InlineJson> {
    inlines.iter().map(InlineJson::from).collect()
}

impl From<&Inline> for InlineJson {
    fn from(inline: &Inline) -> Self {
        match inline {
            Inline::Text(text) => Self::Text { text: text.clone() },
            Inline::Strong(inlines) => Self::Strong { inlines: line(inlines) },
            Inline::Emphasis(inlines) => Self::Emphasis { inlines: line(inlines) },
            Inline::Code(text) => Self::Code { text: text.clone() },
        }
    }
}
