//! The text of an instruction: typed blocks, no HTML.

use proto_instruction::{Block, Inline};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum BlockJson {
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
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum InlineJson {
    Text {
        text: String,
    },
    Strong {
        #[schema(no_recursion)]
        inlines: Vec<InlineJson>,
    },
    Emphasis {
        #[schema(no_recursion)]
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

impl BlockJson {
    pub(crate) fn of(block: &Block) -> Self {
        match block {
            Block::Heading { level, inlines } => {
                Self::Heading { level: *level, inlines: InlineJson::all(inlines) }
            }
            Block::Paragraph { inlines } => Self::Paragraph { inlines: InlineJson::all(inlines) },
            Block::List { ordered, items } => Self::List {
                ordered: *ordered,
                items: items.iter().map(|item| InlineJson::all(item)).collect(),
            },
        }
    }
}

impl InlineJson {
    fn all(inlines: &[Inline]) -> Vec<Self> {
        let one = |inline: &Inline| match inline {
            Inline::Text(text) => Self::Text { text: text.clone() },
            Inline::Strong(inlines) => Self::Strong { inlines: Self::all(inlines) },
            Inline::Emphasis(inlines) => Self::Emphasis { inlines: Self::all(inlines) },
            Inline::Code(text) => Self::Code { text: text.clone() },
        };
        inlines.iter().map(one).collect()
    }
}
