//! A schema as plain as a test needs one: a message is a kind of number each byte, or a token of 16.

use agent_archive::MessageKind;
use agent_viewer_api::{EgressContent, EgressField, EgressSchema};
use proto_ids::AssetToken;

pub struct PlainSchema;

fn field(path: String, value: String, content: EgressContent) -> EgressField {
    EgressField { path, value, content, class: "measure".to_owned(), why: "because of the test".to_owned() }
}

impl EgressSchema for PlainSchema {
    fn call(&self, _kind: MessageKind) -> &'static str {
        "Results.Push"
    }

    fn words(&self, kind: MessageKind) -> String {
        format!("words about {}", kind.code())
    }

    fn fields(&self, kind: MessageKind, bytes: &[u8]) -> Option<Vec<EgressField>> {
        let bytes = bytes.strip_prefix(b"+")?;
        let (token, numbers) = match bytes.first_chunk::<16>() {
            Some(token) => (Some(AssetToken::from_bytes(*token)), &bytes[16..]),
            None => (None, bytes),
        };
        let token = token
            .map(|token| field(format!("{}.asset", kind.code()), token.to_string(), EgressContent::Token));
        let number = |(index, byte): (usize, &u8)| {
            let content =
                if kind == MessageKind::Renew { EgressContent::Credential } else { EgressContent::Number };
            field(format!("numbers[{index}]"), byte.to_string(), content)
        };
        Some(token.into_iter().chain(numbers.iter().enumerate().map(number)).collect())
    }
}
