//! Keyed pseudonyms: the same value under the same key gives the same pseudonym, and nothing leads back without it.

use ring::hmac;

/// Why bytes are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a project key has 32 to 1,024 bytes")]
pub struct InvalidKey;

/// The secret of a project. Objects de-identified under one key stay consistent with each other.
#[derive(Clone)]
pub struct ProjectKey(hmac::Key);

impl std::fmt::Debug for ProjectKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ProjectKey(..)")
    }
}

/// What a pseudonym stands for, so that one value in two roles has two pseudonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Uid,
    Patient,
    Days,
    File,
}

/// The largest shift of dates, in days: five years.
pub(crate) const DAYS_MAX: u32 = 1_826;

impl ProjectKey {
    /// A key of random bytes.
    ///
    /// # Errors
    /// When they are too few to be a secret or too many to be meant as one.
    pub fn new(secret: &[u8]) -> Result<Self, InvalidKey> {
        if !(32..=1024).contains(&secret.len()) {
            return Err(InvalidKey);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// A UID in the place of another, in the form of PS3.5 B.2.
    #[must_use]
    pub fn uid(&self, uid: &[u8]) -> String {
        let mut bits = self.bits(Role::Uid, uid);
        // RFC 9562: version 8, made by a rule of one's own, and the variant of that document.
        bits = bits & !(0xF << 76) | 8 << 76;
        bits = bits & !(0b11 << 62) | 0b10 << 62;
        format!("2.25.{bits}")
    }

    /// A patient's pseudonym: 16 characters of the repertoire of LO, SH, CS and PN.
    #[must_use]
    pub fn patient(&self, patient: &[u8]) -> String {
        // 13 digits of base 36 hold 67 bits, more than enough for all people there ever were.
        format!("RF-{}", base36(self.bits(Role::Patient, patient), 13))
    }

    /// By how many days a patient's dates move into the past: 1 to [`DAYS_MAX`].
    #[must_use]
    pub fn days(&self, patient: &[u8]) -> u32 {
        let drawn = self.bits(Role::Days, patient) % u128::from(DAYS_MAX);
        1 + u32::try_from(drawn).unwrap_or_default()
    }

    /// A name for a file, without a suffix.
    #[must_use]
    pub fn file(&self, contents: &[u8]) -> String {
        base36(self.bits(Role::File, contents), 20)
    }

    fn bits(&self, role: Role, value: &[u8]) -> u128 {
        let role = match role {
            Role::Uid => b"uid\0".as_slice(),
            Role::Patient => b"patient\0",
            Role::Days => b"days\0",
            Role::File => b"file\0",
        };
        let mut context = hmac::Context::with_key(&self.0);
        context.update(role);
        context.update(value);
        let tag = context.sign();
        tag.as_ref().iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }
}

fn base36(mut bits: u128, digits: usize) -> String {
    let mut text = String::with_capacity(digits);
    for _ in 0..digits {
        let digit = u32::try_from(bits % 36).unwrap_or_default();
        text.push(char::from_digit(digit, 36).unwrap_or('0').to_ascii_uppercase());
        bits /= 36;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> ProjectKey {
        ProjectKey::new(&[byte; 32]).expect("a key")
    }

    #[test]
    fn one_value_has_one_pseudonym_a_key_and_role() {
        assert_eq!(key(1).uid(b"1.2.3"), key(1).uid(b"1.2.3"));
        assert_ne!(key(1).uid(b"1.2.3"), key(2).uid(b"1.2.3"));
        assert_ne!(key(1).uid(b"1.2.3"), key(1).uid(b"1.2.4"));
        assert_ne!(key(1).patient(b"A"), key(2).patient(b"A"));
    }

    #[test]
    fn pseudonyms_have_the_form_of_their_representation() {
        for value in 0..200_u32 {
            let bytes = value.to_le_bytes();
            let uid = key(3).uid(&bytes);
            assert!(uid.len() <= 64 && !uid["2.25.".len()..].starts_with('0'), "{uid}");
            assert_eq!(key(3).patient(&bytes).len(), 16);
            assert!((1..=DAYS_MAX).contains(&key(3).days(&bytes)));
        }
    }

    #[test]
    fn a_guessable_key_is_refused() {
        assert_eq!(ProjectKey::new(&[0; 31]).err(), Some(InvalidKey));
        assert_eq!(ProjectKey::new(&[0; 1025]).err(), Some(InvalidKey));
    }
}
