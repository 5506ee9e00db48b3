//! The small part of Markdown that an instruction may be written in, parsed into a typed tree.
//!
//! Headings 1 to 3, paragraphs, lists of one level, strong, emphasis, inline code. All else is
//! refused by name, so that nothing is silently dropped. Never makes HTML.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

use crate::{Block, Inline, Limits};

/// Markup that an instruction may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    Html,
    Link,
    Image,
    Quote,
    CodeBlock,
    Rule,
    DeepHeading,
    NestedList,
    SecondParagraphInItem,
    BlockInItem,
    DeepNesting,
    TooLong,
    ControlCharacter,
    Unknown,
}

impl Markup {
    /// For the manager to read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Html => "HTML is not allowed",
            Self::Link => "links are not allowed",
            Self::Image => "images are not allowed",
            Self::Quote => "block quotes are not allowed",
            Self::CodeBlock => "code blocks are not allowed; an indent of four spaces makes one",
            Self::Rule => "horizontal rules are not allowed",
            Self::DeepHeading => "headings have level 1, 2 or 3",
            Self::NestedList => "lists inside lists are not allowed",
            Self::SecondParagraphInItem => "a list item has one paragraph",
            Self::BlockInItem => "a list item holds text only",
            Self::DeepNesting => "strong and emphasis are nested too deep",
            Self::TooLong => "the text is too long",
            Self::ControlCharacter => "the text has a control character in it",
            Self::Unknown => "this markup is not allowed",
        }
    }
}

/// Why a text is refused, and the line where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {}", .markup.name())]
pub struct MarkdownRefusal {
    pub markup: Markup,
    /// From 1.
    pub line: usize,
}

/// The typed tree of `text`.
///
/// # Errors
/// The first markup that is not allowed.
pub fn parse(text: &str) -> Result<Vec<Block>, MarkdownRefusal> {
    let refuse = |markup, at: usize| MarkdownRefusal { markup, line: line_of(text, at) };
    if text.chars().count() > Limits::BODY {
        return Err(refuse(Markup::TooLong, 0));
    }
    let control = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    if let Some(at) = text.find(control) {
        return Err(refuse(Markup::ControlCharacter, at));
    }
    let mut builder = Builder::default();
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        let Range { start, .. } = range;
        builder.take(event).map_err(|markup| refuse(markup, start))?;
    }
    if builder.blocks.len() > Limits::BLOCKS {
        return Err(refuse(Markup::TooLong, 0));
    }
    Ok(builder.blocks)
}

/// Whether strong and emphasis nest deeper than `limit`. Goes no deeper than that itself.
pub(crate) fn deeper_than(inlines: &[Inline], limit: usize) -> bool {
    inlines.iter().any(|inline| match inline {
        Inline::Text(_) | Inline::Code(_) => false,
        Inline::Strong(inner) | Inline::Emphasis(inner) => limit == 0 || deeper_than(inner, limit - 1),
    })
}

/// How many characters a run of text has; only for text whose depth was checked.
pub(crate) fn characters(inlines: &[Inline]) -> usize {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) => text.chars().count(),
            Inline::Strong(inner) | Inline::Emphasis(inner) => characters(inner),
        })
        .sum()
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

#[derive(Default)]
struct Builder {
    blocks: Vec<Block>,
    list: Option<(bool, Vec<Vec<Inline>>)>,
    /// Inside a list item; true once its paragraph has ended.
    item: Option<bool>,
    heading: Option<u8>,
    /// The run that is being filled, and the runs around it.
    runs: Vec<Vec<Inline>>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), Markup> {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => {
                self.end(tag);
                Ok(())
            }
            Event::Text(text) => self.text(&text),
            Event::Code(code) => self.push(Inline::Code(code.into_string())),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.text("\n"),
            Event::Html(_) | Event::InlineHtml(_) => Err(Markup::Html),
            Event::Rule => Err(Markup::Rule),
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => Err(Markup::Unknown),
        }
    }

    fn start(&mut self, tag: Tag<'_>) -> Result<(), Markup> {
        match tag {
            Tag::Paragraph => {
                if self.item == Some(true) {
                    return Err(Markup::SecondParagraphInItem);
                }
                if self.item.is_none() {
                    self.runs.push(Vec::new());
                }
            }
            Tag::Heading { level, .. } => {
                if self.item.is_some() {
                    return Err(Markup::BlockInItem);
                }
                self.heading = Some(heading_level(level)?);
                self.runs.push(Vec::new());
            }
            Tag::List(start) => {
                if self.list.is_some() {
                    return Err(Markup::NestedList);
                }
                self.list = Some((start.is_some(), Vec::new()));
            }
            Tag::Item => {
                self.item = Some(false);
                self.runs.push(Vec::new());
            }
            Tag::Strong | Tag::Emphasis => {
                if self.runs.len() > Limits::INLINE_DEPTH {
                    return Err(Markup::DeepNesting);
                }
                self.runs.push(Vec::new());
            }
            Tag::HtmlBlock => return Err(Markup::Html),
            Tag::Link { .. } => return Err(Markup::Link),
            Tag::Image { .. } => return Err(Markup::Image),
            Tag::BlockQuote(_) => return Err(Markup::Quote),
            Tag::CodeBlock(_) => return Err(Markup::CodeBlock),
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => return Err(Markup::Unknown),
        }
        Ok(())
    }

    fn end(&mut self, tag: pulldown_cmark::TagEnd) {
        use pulldown_cmark::TagEnd;
        // Every other tag was refused at its start.
        if matches!(tag, TagEnd::Paragraph) && self.item.is_some() {
            self.item = Some(true);
            return;
        }
        if matches!(tag, TagEnd::List(_)) {
            if let Some((ordered, items)) = self.list.take() {
                self.blocks.push(Block::List { ordered, items });
            }
            return;
        }
        let inlines = self.runs.pop().unwrap_or_default();
        if matches!(tag, TagEnd::Item) {
            self.item = None;
            if let Some((_, items)) = &mut self.list {
                items.push(inlines);
            }
        } else if matches!(tag, TagEnd::Paragraph) {
            self.blocks.push(Block::Paragraph { inlines });
        } else if matches!(tag, TagEnd::Heading(_)) {
            let level = self.heading.take().unwrap_or(1);
            self.blocks.push(Block::Heading { level, inlines });
        } else if let Some(around) = self.runs.last_mut() {
            let strong = matches!(tag, TagEnd::Strong);
            around.push(if strong { Inline::Strong(inlines) } else { Inline::Emphasis(inlines) });
        }
    }

    fn text(&mut self, more: &str) -> Result<(), Markup> {
        if let Some(Inline::Text(text)) = self.runs.last_mut().and_then(|run| run.last_mut()) {
            text.push_str(more);
            return Ok(());
        }
        self.push(Inline::Text(more.to_owned()))
    }

    fn push(&mut self, inline: Inline) -> Result<(), Markup> {
        if self.item == Some(true) {
            return Err(Markup::SecondParagraphInItem);
        }
        self.runs.last_mut().ok_or(Markup::Unknown)?.push(inline);
        Ok(())
    }
}

fn heading_level(level: HeadingLevel) -> Result<u8, Markup> {
    match level {
        HeadingLevel::H1 => Ok(1),
        HeadingLevel::H2 => Ok(2),
        HeadingLevel::H3 => Ok(3),
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => Err(Markup::DeepHeading),
    }
}
