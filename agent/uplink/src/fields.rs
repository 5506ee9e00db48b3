//! A message that left, field by field, each with the schema's own reason why it may leave.
//!
//! Reads the bytes by the compiled schema, so that a field that is added there is shown without a change
//! here. Says what is in the bytes: a number that is zero takes no bytes and is not listed.

use std::sync::OnceLock;

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, MessageDescriptor, ReflectMessage, Value,
};
use proto_ids::AssetToken;

use crate::calls::Call;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A number, a truth value, or one name of a closed list.
    Number,
    /// A random token, or an id that the control plane issued.
    Token,
    /// A key or a proof of the enrolment.
    Credential,
    /// Text. The schema has none on the way up, and a test holds it to that.
    Text,
}

/// One field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it stands, such as `submission.scores[0].dice.value`.
    pub path: String,
    /// Its value in words.
    pub value: String,
    /// What it holds.
    pub content: Content,
    /// Its privacy class as the schema has it, without prefix and in lower case.
    pub class: String,
    /// Why it may leave, as the schema has it.
    pub why: String,
}

/// The fields in a message of a call, in the order of the schema. `None` when the bytes are not a message
/// that this version knows.
pub fn fields(call: Call, bytes: &[u8]) -> Option<Vec<Field>> {
    let schema = Schema::get()?;
    let message = DynamicMessage::decode(schema.request(call)?, bytes).ok()?;
    let mut fields = Vec::new();
    schema.message(&message, "", &mut fields)?;
    Some(fields)
}

/// What a message of this kind tells, in the words of the schema where it is a report.
pub fn kind_in_words(kind: &str) -> String {
    let told = match kind {
        "begin" => "opens an enrolment: the slot number out of the join string",
        "enrol" => "a certificate request, the public identity key and a proof of the join secret",
        "rejoin" => "a certificate request and a signature of the identity key, after a long outage",
        "renew" => "a certificate request for the next certificate",
        "follow" => "the question what is new, from the last event that is stored",
        "empty" => "nothing: holds the place of a number whose message did not leave",
        "receipt" => "the control plane's receipt",
        report => return Schema::get().and_then(|schema| schema.report(report)).unwrap_or_default(),
    };
    told.to_owned()
}

struct Schema {
    pool: DescriptorPool,
    class: prost_reflect::ExtensionDescriptor,
    why: prost_reflect::ExtensionDescriptor,
}

impl Schema {
    /// The schema that this program was built with.
    fn get() -> Option<&'static Self> {
        static SCHEMA: OnceLock<Option<Schema>> = OnceLock::new();
        SCHEMA.get_or_init(Self::load).as_ref()
    }

    fn load() -> Option<Self> {
        let pool = DescriptorPool::decode(proto::DESCRIPTOR_SET).ok()?;
        let class = pool.get_extension_by_name("ringfence.privacy.v1.class")?;
        let why = pool.get_extension_by_name("ringfence.privacy.v1.why")?;
        Some(Self { pool, class, why })
    }

    fn request(&self, call: Call) -> Option<MessageDescriptor> {
        let (service, method) = call.name().split_once('.')?;
        let service = self.pool.get_service_by_name(&format!("ringfence.agent.v1.{service}"))?;
        service.methods().find(|known| known.name() == method).map(|method| method.input())
    }

    fn report(&self, kind: &str) -> Option<String> {
        let report = self.request(Call::Push)?;
        Some(self.privacy(&report.get_field_by_name(kind)?).1)
    }

    /// Class and reason of a field.
    fn privacy(&self, field: &FieldDescriptor) -> (String, String) {
        let options = field.options();
        let class = match (options.get_extension(&self.class).as_ref(), self.class.kind()) {
            (Value::EnumNumber(number), prost_reflect::Kind::Enum(classes)) => name_of(&classes, *number),
            _ => String::new(),
        };
        let why = options.get_extension(&self.why).as_ref().as_str().unwrap_or_default().to_owned();
        (class.to_lowercase(), why)
    }

    fn message(&self, message: &DynamicMessage, path: &str, fields: &mut Vec<Field>) -> Option<()> {
        if message.unknown_fields().next().is_some() {
            return None;
        }
        for (field, value) in message.fields() {
            let path =
                if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
            match value.as_list() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(&field, item, format!("{path}[{index}]"), fields)?;
                    }
                }
                None => self.value(&field, value, path, fields)?,
            }
        }
        Some(())
    }

    fn value(
        &self,
        field: &FieldDescriptor,
        value: &Value,
        path: String,
        fields: &mut Vec<Field>,
    ) -> Option<()> {
        let (value, content) = match value {
            Value::Message(inner) => match token(inner) {
                Some(token) => (token, Content::Token),
                None if inner.fields().next().is_none() => ("present".to_owned(), Content::Number),
                None => return self.message(inner, &path, fields),
            },
            Value::Bytes(bytes) => (hex(bytes), Content::Credential),
            Value::String(text) => (text.clone(), Content::Text),
            Value::EnumNumber(number) => {
                let kind = field.kind();
                (name_of(kind.as_enum()?, *number), Content::Number)
            }
            Value::Bool(true) => ("yes".to_owned(), Content::Number),
            Value::Bool(false) => ("no".to_owned(), Content::Number),
            Value::I32(number) => (number.to_string(), Content::Number),
            Value::I64(number) => (number.to_string(), Content::Number),
            Value::U32(number) => (number.to_string(), Content::Number),
            Value::U64(number) => (number.to_string(), Content::Number),
            Value::F32(number) => (number.to_string(), Content::Number),
            Value::F64(number) => (number.to_string(), Content::Number),
            // The schema has no maps, and lists were taken apart above.
            Value::List(_) | Value::Map(_) => return None,
        };
        let (class, why) = self.privacy(field);
        fields.push(Field { path, value, content, class, why });
        Some(())
    }
}

/// The name of a value without the name of its list; its number where the schema has none.
fn name_of(names: &EnumDescriptor, number: i32) -> String {
    let Some(value) = names.get_value(number) else { return number.to_string() };
    let prefix =
        names.values().next().and_then(|first| first.name().strip_suffix("UNSPECIFIED").map(str::to_owned));
    let name = value.name();
    prefix.and_then(|prefix| name.strip_prefix(prefix.as_str())).unwrap_or(name).replace('_', " ")
}

/// A message of two halves is one id.
fn token(message: &DynamicMessage) -> Option<String> {
    if message.descriptor().full_name() != "ringfence.types.v1.Id" {
        return None;
    }
    let half = |name| message.get_field_by_name(name).and_then(|half| half.as_u64());
    // Any of the typed ids has this form.
    Some(AssetToken::from_halves(half("high")?, half("low")?).to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use proto::agent::v1 as wire;

    use super::*;
    use crate::outbound::{GoldPresence, Health, Outbound};

    #[test]
    fn a_report_is_told_field_by_field_with_the_reasons_of_the_schema() {
        let asset = AssetToken::from_random([7; 16]);
        let report = Outbound::Gold(GoldPresence { asset, present: true }).numbered(12);
        let told = fields(Call::Push, &report).unwrap();
        let line =
            |field: &Field| (field.path.clone(), field.value.clone(), field.class.clone(), field.content);
        let expected = [
            ("sequence".to_owned(), "12".to_owned(), "sequence".to_owned(), Content::Number),
            ("gold.asset".to_owned(), asset.to_string(), "token".to_owned(), Content::Token),
            ("gold.present".to_owned(), "yes".to_owned(), "enumeration".to_owned(), Content::Number),
        ];
        assert_eq!(told.iter().map(line).collect::<Vec<_>>(), expected);
        assert_eq!(told[1].why, "random token, drawn for this asset at this site");
        assert_eq!(kind_in_words("gold"), "that an asset has a gold annotation");
    }

    #[test]
    fn keys_and_proofs_are_told_as_what_they_are() {
        let enrol = wire::EnrolRequest {
            slot: 3,
            csr_der: vec![0x30, 0x82],
            identity_key: vec![1],
            proof: vec![0xff],
        };
        let told = fields(Call::Enrol, &enrol.encode_to_vec()).unwrap();
        let values: Vec<&str> = told.iter().map(|field| field.value.as_str()).collect();
        assert_eq!(values, ["3", "3082", "01", "ff"]);
        assert_eq!((told[1].content, told[1].class.as_str()), (Content::Credential, "credential"));
    }

    #[test]
    fn bytes_of_an_unknown_form_are_not_told_by_half() {
        let health = Health { version: 1, queue_depth: 2, disk_free_percent: 50, certificate_days_left: 3 };
        let mut report = Outbound::Health(health).numbered(1);
        report.extend_from_slice(&[0x7a, 1, b'x']);
        assert_eq!(fields(Call::Push, &report), None);
        assert_eq!(fields(Call::Push, &[0xff]), None);
    }

    #[test]
    fn every_kind_has_words() {
        let pool = DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
        let report = pool.get_message_by_name("ringfence.agent.v1.Report").unwrap();
        for kind in report.oneofs().next().unwrap().fields() {
            assert!(kind_in_words(kind.name()).len() > 5, "{}", kind.name());
        }
    }
}
