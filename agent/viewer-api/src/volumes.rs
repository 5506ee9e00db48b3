//! Decoded volumes, kept while they are looked at. Decodes each once, off the async threads.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex, PoisonError};

use agent_archive::{AssetRow, Showing};
use agent_imaging::window::Window;
use agent_imaging::{Volume, VoxelType};
use proto_ids::AssetToken;
use tokio::sync::{OnceCell, Semaphore};

use crate::problem::Problem;

/// A volume and how to show it.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) volume: Arc<Volume>,
    pub(crate) description: Arc<Description>,
}

/// What a viewer has to know of voxels before they come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Description {
    pub(crate) voxel_type: VoxelType,
    /// Lowest and highest value; of a large volume, of some of its slices.
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
    /// None for colours.
    pub(crate) windows: Vec<Window>,
    /// Whether the lowest value is to be shown white.
    pub(crate) inverted: bool,
    /// Time from one slice to the next of a cine loop, in milliseconds.
    pub(crate) frame_time_ms: Option<f64>,
}

/// An asset as it was at one time: one that nobody has begun anything with may still grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AssetVersion {
    pub(crate) token: AssetToken,
    pub(crate) arrivals_seen: u32,
    /// Stands for the regions that are painted over.
    pub(crate) painted: u64,
}

impl AssetVersion {
    pub(crate) fn of(asset: &AssetRow, showing: &Showing) -> Self {
        let painted = BuildHasherDefault::<DefaultHasher>::default().hash_one(showing);
        Self { token: asset.token, arrivals_seen: asset.arrivals_seen, painted }
    }
}

/// More descriptions than this are not kept; one is made in less than a second.
const DESCRIPTIONS: usize = 1_000;

/// A bounded cache: what was not asked for longest goes first.
#[derive(Debug)]
pub(crate) struct VolumeCache {
    kept: Mutex<Kept>,
    /// Descriptions of large volumes, which are not kept themselves.
    described: Mutex<HashMap<AssetVersion, Arc<Description>>>,
    /// Two volumes are decoded at a time, so that memory is bounded too.
    decoders: Arc<Semaphore>,
}

#[derive(Debug)]
struct Kept {
    most_bytes: u64,
    uses: u64,
    entries: HashMap<AssetVersion, Entry>,
}

#[derive(Debug)]
struct Entry {
    cell: Arc<OnceCell<Arc<Prepared>>>,
    used: u64,
}

impl VolumeCache {
    pub(crate) fn new(most_bytes: u64) -> Self {
        let kept = Kept { most_bytes, uses: 0, entries: HashMap::new() };
        Self { kept: Mutex::new(kept), described: Mutex::default(), decoders: Arc::new(Semaphore::new(2)) }
    }

    /// The description of a large asset; `load` makes it when it is not kept.
    pub(crate) async fn described<L>(&self, asset: AssetVersion, load: L) -> Result<Arc<Description>, Problem>
    where
        L: FnOnce() -> Result<Description, Problem> + Send + 'static,
    {
        let kept = || self.described.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().get(&asset) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(self.decode(load).await?);
        let mut kept = kept();
        if kept.len() >= DESCRIPTIONS {
            kept.clear();
        }
        kept.insert(asset, Arc::clone(&made));
        Ok(made)
    }

    /// The volume of an asset; `load` decodes it when it is not kept, and runs once however many ask.
    pub(crate) async fn get<L>(&self, asset: AssetVersion, load: L) -> Result<Arc<Prepared>, Problem>
    where
        L: FnOnce() -> Result<Prepared, Problem> + Send + 'static,
    {
        let cell = self.lock(|kept| kept.cell(asset));
        let decoded = cell.get_or_try_init(|| async move { self.decode(load).await.map(Arc::new) });
        let prepared = decoded.await.cloned();
        self.lock(|kept| match &prepared {
            Ok(_) => kept.shrink(asset),
            Err(_) => kept.forget(asset),
        });
        prepared
    }

    async fn decode<T, L>(&self, load: L) -> Result<T, Problem>
    where
        T: Send + 'static,
        L: FnOnce() -> Result<T, Problem> + Send + 'static,
    {
        let permit =
            Arc::clone(&self.decoders).acquire_owned().await.map_err(|cause| Problem::ours(&cause))?;
        // The permit goes along: a caller that gave up does not free the place of a decoder at work.
        let decoding = tokio::task::spawn_blocking(move || {
            let prepared = load();
            drop(permit);
            prepared
        });
        decoding.await.map_err(|cause| Problem::ours(&cause))?
    }

    fn lock<R>(&self, act: impl FnOnce(&mut Kept) -> R) -> R {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn cell(&mut self, asset: AssetVersion) -> Arc<OnceCell<Arc<Prepared>>> {
        self.uses += 1;
        let used = self.uses;
        let entry = self.entries.entry(asset).or_insert_with(|| Entry { cell: Arc::default(), used });
        entry.used = used;
        Arc::clone(&entry.cell)
    }

    /// Lets go of what was not asked for longest until the rest fits; `newest` stays in any case.
    fn shrink(&mut self, newest: AssetVersion) {
        let mut bytes: u64 = self.entries.values().map(Entry::bytes).sum();
        while bytes > self.most_bytes {
            let others = self.entries.iter().filter(|(asset, entry)| **asset != newest && entry.bytes() > 0);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.used).map(|(asset, _)| *asset) else {
                return;
            };
            bytes -= self.entries.remove(&oldest).map_or(0, |entry| entry.bytes());
        }
    }

    fn forget(&mut self, asset: AssetVersion) {
        if self.entries.get(&asset).is_some_and(|entry| !entry.cell.initialized()) {
            self.entries.remove(&asset);
        }
    }
}

impl Entry {
    fn bytes(&self) -> u64 {
        self.cell.get().map_or(0, |prepared| voxel_bytes(&prepared.volume))
    }
}

/// How many bytes the voxels of a volume take, in memory and on the way to the browser.
pub(crate) fn voxel_bytes(volume: &Volume) -> u64 {
    (volume.voxels().len() * volume.voxels().voxel_type().bytes()) as u64
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use agent_imaging::{Grid, Voxels};

    use super::*;

    fn prepared() -> Prepared {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([5, 1, 1], [1.0; 3], [0.0; 3], direction).unwrap();
        Prepared {
            volume: Arc::new(Volume::new(grid, Voxels::Int16(vec![0; 5])).unwrap()),
            description: Arc::new(description()),
        }
    }

    fn description() -> Description {
        Description {
            voxel_type: VoxelType::Int16,
            minimum: 0.0,
            maximum: 0.0,
            windows: Vec::new(),
            inverted: false,
            frame_time_ms: None,
        }
    }

    const fn asset(number: u8) -> AssetVersion {
        AssetVersion { token: AssetToken::from_bytes([number; 16]), arrivals_seen: 1, painted: 0 }
    }

    #[tokio::test]
    async fn many_askers_decode_once() {
        let cache = VolumeCache::new(100);
        let decoded = Arc::new(AtomicU32::new(0));
        let ask = || {
            let decoded = Arc::clone(&decoded);
            cache.get(asset(1), move || {
                decoded.fetch_add(1, Ordering::SeqCst);
                Ok(prepared())
            })
        };
        let (first, second, third) = tokio::join!(ask(), ask(), ask());
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert_eq!(decoded.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn an_asset_that_has_grown_is_decoded_again() {
        let cache = VolumeCache::new(100);
        let before = cache.get(asset(1), || Ok(prepared())).await.unwrap();
        let grown = AssetVersion { arrivals_seen: 2, ..asset(1) };
        let changed = || Prepared {
            description: Arc::new(Description { inverted: true, ..description() }),
            ..prepared()
        };
        let after = cache.get(grown, move || Ok(changed())).await.unwrap();
        assert_eq!((before.description.inverted, after.description.inverted), (false, true));
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let cache = VolumeCache::new(100);
        assert!(cache.get(asset(1), || Err(Problem::unavailable())).await.is_err());
        assert!(cache.get(asset(1), || Ok(prepared())).await.is_ok());
    }

    #[tokio::test]
    async fn what_was_not_asked_for_longest_goes_first() {
        let cache = VolumeCache::new(20);
        for number in [1, 2, 1, 3] {
            cache.get(asset(number), || Ok(prepared())).await.unwrap();
        }
        let mut kept: Vec<AssetVersion> = cache.lock(|kept| kept.entries.keys().copied().collect());
        kept.sort();
        assert_eq!(kept, [asset(1), asset(3)]);
    }
}
