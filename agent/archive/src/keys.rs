//! Keys: one master key of the site, one random key for each study in a file of its own.
//!
//! The master key wraps the study keys and gives, by HMAC, the key under which lookups are hashed and the
//! key for what belongs to the site and no study. Destroying a study's key file makes everything that was
//! sealed under it unreadable, wherever copies of the ciphertext are. Does not decide what is sealed.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proto_ids::StudyToken;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::{KeyError, StorageError};

const KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const KEY_FILE_VERSION: u8 = 1;

/// A key that seals records.
#[derive(Clone)]
pub(crate) struct SealKey(Arc<LessSafeKey>);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// The keys of one store.
pub(crate) struct Keys {
    directory: PathBuf,
    random: SystemRandom,
    wrapping: SealKey,
    site: SealKey,
    lookup: hmac::Key,
    digest: [u8; KEY_BYTES],
    studies: Mutex<HashMap<StudyToken, SealKey>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// Opens the keys in `directory`; makes the master key at the first start.
    pub(crate) fn open(directory: &Path) -> Result<Self, KeyError> {
        let failed = |cause| KeyError::Io { path: directory.to_path_buf(), cause };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let random = SystemRandom::new();
        let path = directory.join("master");
        let master = match read_file(&path)? {
            Some(bytes) => <[u8; KEY_BYTES]>::try_from(bytes.as_slice())
                .map_err(|_| KeyError::Malformed { path: path.clone() })?,
            None => {
                let master = random_bytes(&random)?;
                write_new_file(directory, &path, &master)?;
                // Without the directory's own entry every key in it would be lost with the power.
                if let Some(parent) = directory.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                    sync_directory(parent)?;
                }
                master
            }
        };
        let derived = |purpose: &str| derive(&master, purpose);
        Ok(Self {
            directory: directory.to_path_buf(),
            random,
            wrapping: seal_key(&derived("wrap study keys"), &path)?,
            site: seal_key(&derived("seal site records"), &path)?,
            lookup: hmac::Key::new(hmac::HMAC_SHA256, &derived("hash lookups")),
            digest: derived("hash contents"),
            studies: Mutex::new(HashMap::new()),
        })
    }

    /// 16 random bytes for an id.
    pub(crate) fn random_id(&self) -> Result<[u8; 16], KeyError> {
        random_bytes(&self.random)
    }

    /// 32 random bytes for somebody's secret.
    pub(crate) fn secret(&self) -> Result<[u8; 32], KeyError> {
        random_bytes(&self.random)
    }

    /// The key for what belongs to the site and to no study.
    pub(crate) fn site(&self) -> &SealKey {
        &self.site
    }

    /// What stands for `value` in the keys of an index; `kind` keeps a study apart from a series.
    pub(crate) fn lookup(&self, kind: &str, value: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.lookup);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(value);
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// A digest of contents that means nothing without the site's key.
    pub(crate) fn digest(&self, bytes: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.digest, bytes).as_bytes()
    }

    /// Makes and keeps the key of a new study. It is on disk when this returns.
    pub(crate) fn study_create(&self, study: StudyToken) -> Result<(), KeyError> {
        let path = self.study_path(study);
        let key: [u8; KEY_BYTES] = random_bytes(&self.random)?;
        let nonce: [u8; NONCE_LEN] = random_bytes(&self.random)?;
        let mut wrapped = key.to_vec();
        self.wrapping
            .0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(study.bytes()),
                &mut wrapped,
            )
            .map_err(|_| KeyError::Malformed { path: path.clone() })?;
        let mut file = vec![KEY_FILE_VERSION];
        file.extend_from_slice(&nonce);
        file.extend_from_slice(&wrapped);
        write_new_file(&self.directory, &path, &file)?;
        let key = seal_key(&key, &path)?;
        self.cache().insert(study, key);
        Ok(())
    }

    /// The key of a study.
    pub(crate) fn study(&self, study: StudyToken) -> Result<SealKey, KeyError> {
        // Held until the key is in: one that is destroyed meanwhile must not come back into memory.
        let mut cache = self.cache();
        if let Some(key) = cache.get(&study) {
            return Ok(key.clone());
        }
        let path = self.study_path(study);
        let malformed = || KeyError::Malformed { path: path.clone() };
        let file = read_file(&path)?.ok_or(KeyError::Destroyed)?;
        if file.len() != 1 + NONCE_LEN + KEY_BYTES + TAG_BYTES || file[0] != KEY_FILE_VERSION {
            return Err(malformed());
        }
        let nonce = Nonce::try_assume_unique_for_key(&file[1..=NONCE_LEN]).map_err(|_| malformed())?;
        let mut wrapped = file[1 + NONCE_LEN..].to_vec();
        let key = self
            .wrapping
            .0
            .open_in_place(nonce, Aad::from(study.bytes()), &mut wrapped)
            .map_err(|_| malformed())?;
        let key = seal_key(key, &path)?;
        cache.insert(study, key.clone());
        Ok(key)
    }

    /// Destroys the key of a study; done twice it is still destroyed. It is gone from disk when this returns.
    pub(crate) fn study_destroy(&self, study: StudyToken) -> Result<(), KeyError> {
        let mut cache = self.cache();
        cache.remove(&study);
        let path = self.study_path(study);
        let failed = |cause| KeyError::Io { path: path.clone(), cause };
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        // Where the file system writes in place, the bytes themselves go too.
        file.write_all(&[0; 1 + NONCE_LEN + KEY_BYTES + TAG_BYTES]).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::remove_file(&path).map_err(failed)?;
        sync_directory(&self.directory)
    }

    fn study_path(&self, study: StudyToken) -> PathBuf {
        let name: String = study.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(name)
    }

    fn cache(&self) -> MutexGuard<'_, HashMap<StudyToken, SealKey>> {
        // A map of keys is whole after any panic, since each change is one call.
        self.studies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seals `bytes` in place and gives the nonce that opens them.
    pub(crate) fn seal_blob(
        &self,
        key: &SealKey,
        place: Place<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<[u8; NONCE_LEN], StorageError> {
        let nonce = random_bytes(&self.random)?;
        key.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.aad()), bytes)
            .map_err(|_| StorageError::Seal { table: place.table })?;
        Ok(nonce)
    }

    /// Seals a small record; the nonce stands before it.
    pub(crate) fn seal(
        &self,
        key: &SealKey,
        place: Place<'_>,
        mut bytes: Vec<u8>,
    ) -> Result<Vec<u8>, StorageError> {
        let nonce = self.seal_blob(key, place, &mut bytes)?;
        Ok([nonce.as_slice(), &bytes].concat())
    }
}

/// Where a sealed record stands: it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) key: &'a [u8],
}

impl Place<'_> {
    fn aad(self) -> Vec<u8> {
        [self.table.as_bytes(), &[0], self.key].concat()
    }
}

/// Opens what [`Keys::seal_blob`] sealed.
pub(crate) fn open_blob(
    key: &SealKey,
    place: Place<'_>,
    nonce: &[u8],
    mut bytes: Vec<u8>,
) -> Result<Vec<u8>, StorageError> {
    let refused = || StorageError::Seal { table: place.table };
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
    let length = key.0.open_in_place(nonce, Aad::from(place.aad()), &mut bytes).map_err(|_| refused())?.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// Opens what [`Keys::seal`] sealed.
pub(crate) fn open_sealed(key: &SealKey, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, StorageError> {
    let (nonce, bytes) =
        sealed.split_at_checked(NONCE_LEN).ok_or(StorageError::Seal { table: place.table })?;
    open_blob(key, place, nonce, bytes.to_vec())
}

fn derive(master: &[u8; KEY_BYTES], purpose: &str) -> [u8; KEY_BYTES] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, master), purpose.as_bytes());
    let mut key = [0; KEY_BYTES];
    key.copy_from_slice(tag.as_ref());
    key
}

fn seal_key(bytes: &[u8], path: &Path) -> Result<SealKey, KeyError> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .map(|key| SealKey(Arc::new(LessSafeKey::new(key))))
        .map_err(|_| KeyError::Malformed { path: path.to_path_buf() })
}

fn random_bytes<const N: usize>(random: &SystemRandom) -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    random.fill(&mut bytes).map_err(|_| KeyError::NoRandomness)?;
    Ok(bytes)
}

fn read_file(path: &Path) -> Result<Option<Vec<u8>>, KeyError> {
    let failed = |cause| KeyError::Io { path: path.to_path_buf(), cause };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    // No key file of ours is longer than 61 bytes.
    file.take(256).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

/// Writes beside and renames, so that a key file is whole or not there.
fn write_new_file(directory: &Path, path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let beside = path.with_extension("new");
    let failed = |cause| KeyError::Io { path: path.to_path_buf(), cause };
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)?;
    sync_directory(directory)
}

fn sync_directory(directory: &Path) -> Result<(), KeyError> {
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(|cause| KeyError::Io { path: directory.to_path_buf(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { table: "table", key: b"key" };

    fn study() -> StudyToken {
        StudyToken::from_random([7; 16])
    }

    #[test]
    fn a_study_key_survives_a_restart_and_not_its_destruction() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = Keys::open(directory.path()).expect("keys");
        keys.study_create(study()).expect("a key");
        let key = keys.study(study()).expect("the key");
        let sealed = keys.seal(&key, PLACE, b"value".to_vec()).expect("sealed");
        drop(keys);
        let keys = Keys::open(directory.path()).expect("keys");
        let key = keys.study(study()).expect("the key");
        assert_eq!(open_sealed(&key, PLACE, &sealed).expect("opened"), b"value");
        keys.study_destroy(study()).expect("destroyed");
        keys.study_destroy(study()).expect("still destroyed");
        assert!(matches!(keys.study(study()), Err(KeyError::Destroyed)));
        assert_eq!(std::fs::read_dir(directory.path()).expect("a listing").count(), 1);
    }

    #[test]
    fn a_sealed_record_opens_at_its_place_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = Keys::open(directory.path()).expect("keys");
        let mut sealed = keys.seal(keys.site(), PLACE, b"value".to_vec()).expect("sealed");
        let elsewhere = Place { table: "table", key: b"other" };
        assert!(open_sealed(keys.site(), elsewhere, &sealed).is_err());
        *sealed.last_mut().expect("a byte") ^= 1;
        assert!(open_sealed(keys.site(), PLACE, &sealed).is_err());
        assert!(open_sealed(keys.site(), PLACE, b"short").is_err());
    }

    #[test]
    fn key_files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let keys = Keys::open(directory.path()).expect("keys");
        keys.study_create(study()).expect("a key");
        for entry in std::fs::read_dir(directory.path()).expect("a listing") {
            let mode = entry.expect("an entry").metadata().expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
