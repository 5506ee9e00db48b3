//! The join string that a site's administrator copies from the console.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Why a text is not a join string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJoinString {
    /// It does not start with the mark of a join string.
    #[error("a join string starts with rg1. and has five parts")]
    Form,
    /// The slot is not 16 hexadecimal digits.
    #[error("the second part of the join string is not a slot number")]
    Slot,
    /// The secret is not 32 bytes.
    #[error("the third part of the join string is not a secret")]
    Secret,
    /// The pin is not 32 bytes.
    #[error("the fourth part of the join string is not the digest of a key")]
    Pin,
    /// The last part is not `host:port`.
    #[error("the last part of the join string is not host:port")]
    Endpoint,
}

/// `rg1.<slot>.<secret>.<pin>.<host:port>`. Its `Debug` keeps the secret.
#[derive(Clone)]
pub struct JoinString {
    pub(crate) slot: u64,
    pub(crate) secret: [u8; 32],
    pub(crate) pin: [u8; 32],
    pub(crate) endpoint: String,
}

impl JoinString {
    /// `host:port` of the control plane.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl std::fmt::Debug for JoinString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinString")
            .field("slot", &self.slot)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl std::str::FromStr for JoinString {
    type Err = InvalidJoinString;

    fn from_str(text: &str) -> Result<Self, InvalidJoinString> {
        let mut parts = text.trim().splitn(5, '.');
        let mut part = || parts.next().ok_or(InvalidJoinString::Form);
        if part()? != "rg1" {
            return Err(InvalidJoinString::Form);
        }
        let (slot, secret, pin, endpoint) = (part()?, part()?, part()?, part()?);
        let hexadecimal = slot.len() == 16 && slot.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !hexadecimal {
            return Err(InvalidJoinString::Slot);
        }
        Ok(Self {
            slot: u64::from_str_radix(slot, 16).map_err(|_| InvalidJoinString::Slot)?,
            secret: bytes(secret).ok_or(InvalidJoinString::Secret)?,
            pin: bytes(pin).ok_or(InvalidJoinString::Pin)?,
            endpoint: host_and_port(endpoint).ok_or(InvalidJoinString::Endpoint)?,
        })
    }
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// `text` if it is `host:port`, the host being a name or an address.
pub(crate) fn host_and_port(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    let _: u16 = port.parse().ok().filter(|port| *port != 0)?;
    let _ = server_name(host)?;
    Some(text.to_owned())
}

/// The name that the certificate of `host` must bear.
pub(crate) fn server_name(host: &str) -> Option<rustls_pki_types::ServerName<'static>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    rustls_pki_types::ServerName::try_from(bare.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn parse(text: &str) -> Result<JoinString, InvalidJoinString> {
        text.parse()
    }

    #[test]
    fn a_join_string_reads_back_and_keeps_its_secret() {
        let join = parse(&format!("rg1.00000000000000ff.{KEY}.{KEY}.plane.example.org:7443\n")).unwrap();
        assert_eq!((join.slot, join.endpoint()), (255, "plane.example.org:7443"));
        assert!(!format!("{join:?}").contains("secret"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(rg1\\.)?[ -~]{0,200}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn each_wrong_part_is_named() {
        let check = |text: String, expected| assert_eq!(parse(&text).unwrap_err(), expected, "{text}");
        check("rg2.a.b.c.d:1".into(), InvalidJoinString::Form);
        check(format!("rg1.ff.{KEY}.{KEY}.localhost:1"), InvalidJoinString::Slot);
        check(format!("rg1.00000000000000ff.short.{KEY}.localhost:1"), InvalidJoinString::Secret);
        check(format!("rg1.00000000000000ff.{KEY}.{KEY}A.localhost:1"), InvalidJoinString::Pin);
        for endpoint in ["localhost", "localhost:0", "localhost:99999", ":1", "a b:1"] {
            check(format!("rg1.00000000000000ff.{KEY}.{KEY}.{endpoint}"), InvalidJoinString::Endpoint);
        }
    }
}
