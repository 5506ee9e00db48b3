//! The work tree as data: where it is, which files it has, which crates depend on which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Top of the work tree.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// Files that git knows or would take, relative to the top, sorted.
///
/// # Errors
/// When git does not run here.
pub fn files() -> std::io::Result<Vec<String>> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()?;
    if !listed.status.success() {
        return Err(std::io::Error::other("git ls-files failed"));
    }
    let mut names: Vec<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|name| root().join(name).is_file())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Everything that a crate reaches through ordinary dependencies, by name. Unlike `cargo
/// metadata`, `cargo tree -p` does not mix in the features that other crates ask for.
///
/// # Errors
/// When cargo does not run here or does not know the crate.
pub fn reaches(name: &str) -> std::io::Result<BTreeSet<String>> {
    let listed = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "-p", name, "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()?;
    if !listed.status.success() {
        return Err(std::io::Error::other(format!("cargo tree -p {name} failed")));
    }
    let text = String::from_utf8_lossy(&listed.stdout);
    let names = text.lines().filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(|reached| *reached != name).map(str::to_owned).collect())
}

/// Our crates: name, and the crates of ours that it names as ordinary dependencies.
///
/// # Errors
/// When a manifest cannot be read.
pub fn crate_graph() -> std::io::Result<BTreeMap<String, BTreeSet<String>>> {
    let mut manifests = BTreeMap::new();
    // Targets of the fuzzer are a workspace of their own: they are in no product and built with other flags.
    let apart = excluded(&std::fs::read_to_string(root().join("Cargo.toml"))?);
    let of_the_house =
        |file: &&String| file.ends_with("/Cargo.toml") && !apart.iter().any(|room| file.starts_with(room));
    for file in files()?.iter().filter(of_the_house) {
        let text = std::fs::read_to_string(root().join(file))?;
        if let Some(name) = value_of(&text, "name") {
            manifests.insert(name, text);
        }
    }
    let ours: BTreeSet<String> = manifests.keys().cloned().collect();
    let graph = manifests.iter().map(|(name, text)| {
        let named = dependencies(text).filter(|dependency| ours.contains(dependency)).collect();
        (name.clone(), named)
    });
    Ok(graph.collect())
}

/// The directories that a workspace's manifest leaves out, each with a slash at its end.
fn excluded(manifest: &str) -> Vec<String> {
    let line = manifest.lines().find(|line| line.starts_with("exclude = ["));
    let quoted = line.into_iter().flat_map(|line| line.split('"').skip(1).step_by(2));
    quoted.map(|room| format!("{room}/")).collect()
}

fn value_of(manifest: &str, key: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.split('=').next().is_some_and(|name| name.trim() == key))?;
    Some(line.split('"').nth(1)?.to_owned())
}

fn dependencies(manifest: &str) -> impl Iterator<Item = String> + '_ {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
}
