//! Passwords: which are taken, how they are kept, whether one is right.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::secrets;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    #[error("a password has at least 10 characters")]
    TooShort,
    #[error("a password has at most 1,000 characters")]
    TooLong,
    #[error("this password is among the first that are tried")]
    Common,
    #[error("the password cannot be hashed now")]
    Unavailable,
}

const SHORTEST: usize = 10;
const LONGEST: usize = 1_000;

// Passwords of ten and more characters that head the published lists of broken ones.
const COMMON: [&str; 40] = [
    "1234567890",
    "12345678910",
    "0123456789",
    "123456789a",
    "1q2w3e4r5t",
    "qwertyuiop",
    "qwerty12345",
    "1qaz2wsx3edc",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "passwordpassword",
    "iloveyou12",
    "1111111111",
    "0000000000",
    "9876543210",
    "0987654321",
    "1122334455",
    "1234512345",
    "abcdefghij",
    "abcd123456",
    "abc1234567",
    "asdfghjkl1",
    "asdfghjkl;",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "zxcvbnm123",
    "administrator",
    "admin12345",
    "changeme123",
    "letmein123",
    "welcome123",
    "welcome1234",
    "hospital123",
    "radiology1",
    "radiology123",
    "ringfence1",
    "ringfence123",
    "1q2w3e4r5t6y",
];

/// The Argon2id hash of a new password, in PHC form. Takes tens of milliseconds and 19 MiB.
///
/// # Errors
/// [`PasswordRefusal`] when the password is too short, too long or among the commonest.
pub fn password_hash(password: &str) -> Result<String, PasswordRefusal> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(PasswordRefusal::TooShort);
    }
    if length > LONGEST {
        return Err(PasswordRefusal::TooLong);
    }
    let first = password.chars().next();
    let repeated = password.chars().all(|next| Some(next) == first);
    if repeated || COMMON.contains(&password.to_lowercase().as_str()) {
        return Err(PasswordRefusal::Common);
    }
    hash(password)
}

/// Whether `password` is the one that was hashed. An unknown person has no hash: the same work is
/// done, so that the time tells nothing.
pub(crate) fn password_right(password: &str, stored: Option<&str>) -> bool {
    let Some(stored) = stored else {
        let _ = hash(password);
        return false;
    };
    let Ok(parsed) = PasswordHash::new(stored) else { return false };
    hasher().is_ok_and(|hasher| hasher.verify_password(password.as_bytes(), &parsed).is_ok())
}

fn hash(password: &str) -> Result<String, PasswordRefusal> {
    let salt = secrets::random::<16>().map_err(|_| PasswordRefusal::Unavailable)?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordRefusal::Unavailable)?;
    let hash = hasher()?.hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| PasswordRefusal::Unavailable)
}

fn hasher() -> Result<Argon2<'static>, PasswordRefusal> {
    // OWASP's first choice of 2023: 19 MiB, two passes, one lane.
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|_| PasswordRefusal::Unavailable)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_by_name() {
        assert_eq!(password_hash("short"), Err(PasswordRefusal::TooShort));
        assert_eq!(password_hash("Password123"), Err(PasswordRefusal::Common));
        assert_eq!(password_hash("xxxxxxxxxxxx"), Err(PasswordRefusal::Common));
        assert_eq!(password_hash(&"ab".repeat(501)), Err(PasswordRefusal::TooLong));
    }

    #[test]
    fn only_the_right_password_opens() {
        let stored = password_hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(password_right("correct horse battery", Some(&stored)));
        assert!(!password_right("correct horse batterz", Some(&stored)));
        assert!(!password_right("correct horse battery", None));
        assert!(!password_right("", Some("not a hash")));
    }
}
