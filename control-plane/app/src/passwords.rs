//! Passwords of people who sign in here: Argon2id, a least length, a short list of refused ones.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::{AppError, Chance, FieldProblem};

/// Least number of characters.
const MIN_LENGTH: usize = 10;
/// Longest password that is hashed, in bytes, so that a request cannot buy much work.
const MAX_BYTES: usize = 1024;
/// Memory of a hash in KiB: 19 MiB (OWASP, Argon2id with t = 2, p = 1).
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;

/// What is most often found in breached lists, of 10 characters or more.
const COMMON: [&str; 12] = [
    "1234567890",
    "password123",
    "password1234",
    "qwertyuiop",
    "1q2w3e4r5t",
    "0123456789",
    "administrator",
    "1111111111",
    "0987654321",
    "iloveyou123",
    "passwordpassword",
    "qwerty123456",
];

/// Checks a new password.
///
/// # Errors
/// [`AppError::Invalid`] with the field `password`.
pub fn check_new_password(password: &str) -> Result<(), AppError> {
    let problem = if password.chars().count() < MIN_LENGTH {
        "at least 10 characters"
    } else if password.len() > MAX_BYTES {
        "at most 1024 bytes"
    } else if COMMON.contains(&password.to_lowercase().as_str()) {
        "one of the most common passwords"
    } else {
        return Ok(());
    };
    Err(AppError::Invalid(vec![FieldProblem::new("password", problem)]))
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password that was checked, with a new salt. Takes tens of milliseconds.
pub(crate) fn hash(password: &str, chance: &Chance) -> Result<String, AppError> {
    let salt = SaltString::encode_b64(&chance.bytes::<16>()?).map_err(|_| AppError::NoRandomness)?;
    let hasher = hasher().ok_or(AppError::NoRandomness)?;
    let hash = hasher.hash_password(password.as_bytes(), &salt).map_err(|_| AppError::NoRandomness)?;
    Ok(hash.to_string())
}

/// Whether a password has this hash. Takes as long when there is no hash, so that the time does not
/// tell whether a user name exists.
pub(crate) fn matches(password: &str, hash: Option<&str>) -> bool {
    // Of a password that nobody has, with the same cost.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    if password.len() > MAX_BYTES {
        return false;
    }
    let (Some(hasher), Ok(parsed)) = (hasher(), PasswordHash::new(hash.unwrap_or(NOBODY))) else {
        return false;
    };
    let good = hasher.verify_password(password.as_bytes(), &parsed).is_ok();
    good && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_argon2id_and_matches_its_password_only() {
        let hash = hash("correct horse", &Chance::default()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches("correct horse", Some(&hash)));
        assert!(!matches("correct house", Some(&hash)));
        assert!(!matches("correct horse", None));
    }

    #[test]
    fn short_and_common_passwords_are_refused() {
        for bad in ["short", "Password123", ""] {
            assert!(check_new_password(bad).is_err(), "{bad}");
        }
        assert!(check_new_password("a long sentence").is_ok());
    }
}
