//! C-FIND as a user: what a peer holds.

use super::{CallError, Caller, Proposal};
use crate::channel::Next;
use crate::classes::{PLAIN_SYNTAXES, STUDY_ROOT_FIND};
use crate::dimse::{Command, Operation};
use crate::peers::Peer;
use crate::query::{Charset, Key, Level, Writer, charset_for};
use crate::wire::WireError;
use agent_formats::prescan::{self, Element, Limits, Step, Visitor};
use agent_formats::syntax::Encoding;
use agent_phi::HeaderText;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// What a peer is asked for: a level, and for each attribute what it should be; empty for "tell me".
#[derive(Debug, Clone)]
pub struct Query {
    level: Level,
    keys: Vec<(&'static Key, String)>,
}

/// Why a query cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("{keyword} is no attribute that can be asked for at this level")]
    UnknownKey { keyword: String },
    #[error("the value of {keyword} is longer than 1,024 characters or has control characters")]
    Value { keyword: String },
    #[error("{keyword} is needed for a query at this level")]
    Needed { keyword: &'static str },
}

impl Query {
    /// A query that asks for every attribute of its level, and for these to have these values.
    ///
    /// # Errors
    /// `QueryError`: each level above must be named by one UID.
    pub fn new(level: Level, wanted: &[(String, String)]) -> Result<Self, QueryError> {
        let mut keys: Vec<(&'static Key, String)> = crate::query::KEYS
            .iter()
            .filter(|key| key.level == level)
            .map(|key| (key, String::new()))
            .collect();
        for (keyword, value) in wanted {
            let unknown = || QueryError::UnknownKey { keyword: keyword.clone() };
            let key = Key::named(keyword).filter(|key| key.level <= level).ok_or_else(unknown)?;
            let valid = value.chars().count() <= 1024 && !value.chars().any(char::is_control);
            if !valid {
                return Err(QueryError::Value { keyword: keyword.clone() });
            }
            keys.retain(|(known, _)| known.tag != key.tag);
            keys.push((key, value.clone()));
        }
        for above in Level::ALL.into_iter().filter(|above| *above < level) {
            let key = Key::of(above.unique_key());
            let named =
                keys.iter().any(|(known, value)| known.tag == above.unique_key() && !value.is_empty());
            if !named {
                return Err(QueryError::Needed { keyword: key.map_or("", |key| key.keyword) });
            }
        }
        keys.sort_by_key(|(key, _)| key.tag);
        Ok(Self { level, keys })
    }

    fn write(&self, encoding: Encoding) -> Vec<u8> {
        let mut elements: Vec<(Tag, VR, &str)> =
            self.keys.iter().map(|(key, value)| (key.tag, key.vr, value.as_str())).collect();
        elements.push((tags::QUERY_RETRIEVE_LEVEL, VR::CS, self.level.code()));
        if let Some(charset) = charset_for(self.keys.iter().map(|(_, value)| value.as_str())) {
            elements.push((tags::SPECIFIC_CHARACTER_SET, VR::CS, charset));
        }
        elements.sort_by_key(|(tag, _, _)| *tag);
        let mut writer = Writer::new(encoding);
        for (tag, vr, value) in elements {
            writer.text(tag, vr, value);
        }
        writer.finish()
    }
}

/// One match of a peer: keyword and text, in the order of the tags. What is empty is left out.
#[derive(Debug, Clone, Default)]
pub struct Found(pub Vec<(&'static str, HeaderText)>);

/// A match has a few dozen elements; what a peer adds on its own is not much more.
const LIMITS: Limits = Limits { elements_max: 4096, header_bytes_max: 1 << 20 };

#[derive(Default)]
struct Values(Vec<(Tag, Vec<u8>)>);

impl Visitor for Values {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        if path.is_empty() {
            self.0.push((element.tag, element.value.to_vec()));
        }
    }
}

fn read(bytes: &[u8], encoding: Encoding) -> Option<Found> {
    let mut values = Values::default();
    prescan::walk(bytes, encoding, LIMITS, &mut values).ok()?;
    let charset = values.0.iter().find(|(tag, _)| *tag == tags::SPECIFIC_CHARACTER_SET);
    let charset = charset.and_then(|(_, value)| std::str::from_utf8(value).ok()).map(Charset::new);
    let charset = charset.unwrap_or_default();
    let text = |(tag, value): &(Tag, Vec<u8>)| {
        let key = Key::of(*tag)?;
        let text = charset.decode(value).unwrap_or_else(|| String::from_utf8_lossy(value).into_owned());
        HeaderText::new(text).ok().map(|text| (key.keyword, text))
    };
    Some(Found(values.0.iter().filter_map(text).collect()))
}

impl Caller {
    /// Asks a peer what it holds; gives at most `limit` matches, and whether there were more.
    ///
    /// # Errors
    /// `CallError`.
    pub async fn find(
        &self,
        peer: &Peer,
        query: &Query,
        limit: usize,
    ) -> Result<(Vec<Found>, bool), CallError> {
        let mut called = self.call(peer, &[Proposal::using(STUDY_ROOT_FIND, &PLAIN_SYNTAXES)]).await?;
        let context = called.context(STUDY_ROOT_FIND, "queries")?;
        let encoding = called.contexts.get(&context).map(|(_, syntax)| syntax.encoding());
        let encoding = encoding.unwrap_or(Encoding::IMPLICIT_LITTLE);
        let mut command = Command::request(Operation::Find, called.message_id(), STUDY_ROOT_FIND);
        command.data_set_follows = true;
        called.channel.send(context, &command, Some(&query.write(encoding))).await?;
        let (mut found, mut more) = (Vec::new(), false);
        loop {
            let Next::Command { context: from, command: response } = called.channel.next().await? else {
                return Err(WireError::Closed.into());
            };
            if !response.response || !response.about(command.message_id) || from != context {
                return Err(WireError::Malformed.into());
            }
            let mut sink = self.intake.identifier();
            if response.data_set_follows {
                called.channel.data_into(context, &mut sink).await?;
            }
            match response.status {
                Some(0xFF00 | 0xFF01) if found.len() < limit => {
                    found.push(read(&sink.bytes, encoding).ok_or(WireError::Malformed)?);
                }
                Some(0xFF00 | 0xFF01) if more => {}
                Some(0xFF00 | 0xFF01) => {
                    more = true;
                    called.channel.send(context, &Command::cancel(command.message_id), None).await?;
                }
                Some(0 | 0xFE00) => break,
                status => return Err(CallError::Refused { status: status.unwrap_or_default() }),
            }
        }
        called.leave().await;
        Ok((found, more))
    }
}
