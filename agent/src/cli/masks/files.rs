//! Label maps as files.

use std::path::Path;

use agent_formats::nifti;
use agent_imaging::LabelMap;
use anyhow::Context;

pub(super) fn read(path: &Path) -> anyhow::Result<LabelMap> {
    let named = || format!("cannot use {}", path.display());
    let bytes = std::fs::read(path).with_context(named)?;
    let (grid, labels) = nifti::read_labels(&bytes).with_context(named)?;
    LabelMap::from_dense(grid, &labels).with_context(named)
}

/// Never over a file that is there: nobody loses a mask by a slip of the hand.
pub(super) fn write(path: &Path, map: &LabelMap) -> anyhow::Result<()> {
    use std::io::Write;
    let bytes = nifti::write_labels(map.grid(), &map.to_dense())?;
    let named = || format!("cannot write {}", path.display());
    let mut file = std::fs::File::options().write(true).create_new(true).open(path).with_context(named)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).with_context(named)
}
