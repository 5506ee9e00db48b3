//! The lines in front of the voxels.

use super::{HEADER_BYTES_MAX, LAYERS_MAX, NrrdError, VOXELS_MAX};
use agent_imaging::Grid;
use agent_imaging::geometry::InvalidGrid;
use std::collections::BTreeMap;

/// How one voxel is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VoxelType {
    Unsigned8,
    Signed8,
    Signed16,
    Unsigned16,
    Signed32,
    Unsigned32,
    Signed64,
    Unsigned64,
    Float32,
    Float64,
}

impl VoxelType {
    fn from_name(name: &str) -> Result<Self, NrrdError> {
        Ok(match name {
            "uchar" | "unsigned char" | "uint8" | "uint8_t" => Self::Unsigned8,
            "signed char" | "int8" | "int8_t" => Self::Signed8,
            "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => {
                Self::Signed16
            }
            "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Self::Unsigned16,
            "int" | "signed int" | "int32" | "int32_t" => Self::Signed32,
            "uint" | "unsigned int" | "uint32" | "uint32_t" => Self::Unsigned32,
            "longlong"
            | "long long"
            | "long long int"
            | "signed long long"
            | "signed long long int"
            | "int64"
            | "int64_t" => Self::Signed64,
            "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => {
                Self::Unsigned64
            }
            "float" => Self::Float32,
            "double" => Self::Float64,
            _ => return Err(NrrdError::Type),
        })
    }

    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 | Self::Signed8 => 1,
            Self::Signed16 | Self::Unsigned16 => 2,
            Self::Signed32 | Self::Unsigned32 | Self::Float32 => 4,
            Self::Signed64 | Self::Unsigned64 | Self::Float64 => 8,
        }
    }
}

/// A header whose fields have been checked.
pub(super) struct Header<'a> {
    pub(super) voxel_type: VoxelType,
    pub(super) big_endian: bool,
    pub(super) gzipped: bool,
    pub(super) layers: u32,
    pub(super) grid: Grid,
    /// The pairs behind `:=`.
    pub(super) keys: BTreeMap<&'a str, &'a str>,
    /// Where the voxels begin.
    pub(super) data_at: usize,
}

pub(super) fn read(file: &[u8]) -> Result<Header<'_>, NrrdError> {
    if !file.starts_with(b"NRRD000") {
        return Err(NrrdError::NotNrrd);
    }
    let lines = Lines::of(file)?;
    if ["data file", "datafile"].iter().any(|name| lines.fields.contains_key(*name)) {
        return Err(NrrdError::Detached);
    }
    for (name, field) in [
        ("line skip", "line skip"),
        ("lineskip", "line skip"),
        ("byte skip", "byte skip"),
        ("byteskip", "byte skip"),
    ] {
        if lines.fields.get(name).is_some_and(|value| *value != "0") {
            return Err(NrrdError::Invalid { field });
        }
    }
    let voxel_type = VoxelType::from_name(&lines.needed("type")?.to_ascii_lowercase())?;
    let gzipped = match lines.needed("encoding")?.to_ascii_lowercase().as_str() {
        "raw" => false,
        "gzip" | "gz" => true,
        _ => return Err(NrrdError::Encoding),
    };
    let big_endian = match lines.fields.get("endian").copied() {
        Some("little") => false,
        Some("big") => true,
        None if voxel_type.bytes() == 1 => false,
        None => return Err(NrrdError::Missing { field: "endian" }),
        Some(_) => return Err(NrrdError::Invalid { field: "endian" }),
    };
    let (layers, size) = sizes(&lines)?;
    Ok(Header {
        voxel_type,
        big_endian,
        gzipped,
        layers,
        grid: grid(&lines, size, layers_listed(&lines))?,
        data_at: lines.data_at,
        keys: lines.keys,
    })
}

struct Lines<'a> {
    fields: BTreeMap<String, &'a str>,
    keys: BTreeMap<&'a str, &'a str>,
    data_at: usize,
}

impl<'a> Lines<'a> {
    fn of(file: &'a [u8]) -> Result<Self, NrrdError> {
        let mut found = Self { fields: BTreeMap::new(), keys: BTreeMap::new(), data_at: 0 };
        let within = file.get(..file.len().min(HEADER_BYTES_MAX)).unwrap_or_default();
        for line in within.split_inclusive(|byte| *byte == b'\n') {
            found.data_at += line.len();
            let line = line.strip_suffix(b"\n").ok_or(NrrdError::Header)?;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                return Ok(found);
            }
            let line = std::str::from_utf8(line).map_err(|_| NrrdError::Header)?;
            // A field's name has no colon, and a key may have none of the other kind in front of its own.
            let key = line.split_once(":=");
            let field = line.split_once(": ");
            match (key, field) {
                (Some((key, value)), field) if field.is_none_or(|(name, _)| key.len() <= name.len()) => {
                    found.keys.insert(key, value);
                }
                (_, Some((name, value))) => {
                    found.fields.insert(name.to_ascii_lowercase(), value.trim());
                }
                // The first line, and comments.
                (_, None) => {}
            }
        }
        Err(NrrdError::Header)
    }

    fn needed(&self, field: &'static str) -> Result<&'a str, NrrdError> {
        self.fields.get(field).copied().ok_or(NrrdError::Missing { field })
    }
}

fn layers_listed(lines: &Lines<'_>) -> bool {
    lines.fields.get("dimension").is_some_and(|dimension| *dimension == "4")
}

/// Layers, and voxels along (i, j, k).
fn sizes(lines: &Lines<'_>) -> Result<(u32, [u32; 3]), NrrdError> {
    let invalid = NrrdError::Invalid { field: "sizes" };
    let sizes: Vec<u32> = lines
        .needed("sizes")?
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| invalid)?;
    let (layers, size) = match (lines.needed("dimension")?, sizes.as_slice()) {
        ("3", [i, j, k]) => (1, [*i, *j, *k]),
        ("4", [layers, i, j, k]) => {
            // Only a list of layers comes first; a series in time is something else.
            let kinds = lines.needed("kinds")?;
            if kinds.split_whitespace().next() != Some("list") {
                return Err(NrrdError::Dimensions);
            }
            (*layers, [*i, *j, *k])
        }
        ("3" | "4", _) => return Err(invalid),
        _ => return Err(NrrdError::Dimensions),
    };
    // Each axis has 32 bits, and all of them may not fit 64.
    let voxels =
        size.iter().try_fold(u64::from(layers), |voxels, length| voxels.checked_mul(u64::from(*length)));
    if layers == 0 || layers > LAYERS_MAX || voxels.is_none_or(|voxels| voxels > VOXELS_MAX) {
        return Err(NrrdError::TooLarge);
    }
    Ok((layers, size))
}

fn grid(lines: &Lines<'_>, size: [u32; 3], listed: bool) -> Result<Grid, NrrdError> {
    let space = lines.fields.get("space").ok_or(NrrdError::NoOrientation)?;
    // To left, posterior, superior.
    let [flip_x, flip_y] = match space.to_ascii_lowercase().as_str() {
        "left-posterior-superior" | "lps" => [1.0, 1.0],
        "right-anterior-superior" | "ras" => [-1.0, -1.0],
        "left-anterior-superior" | "las" => [1.0, -1.0],
        _ => return Err(NrrdError::NoOrientation),
    };
    let flip = |[x, y, z]: [f64; 3]| [x * flip_x, y * flip_y, z];
    let field = "space directions";
    let text = lines.fields.get(field).ok_or(NrrdError::NoOrientation)?;
    let axes = match listed {
        true => text.trim_start().strip_prefix("none").ok_or(NrrdError::Invalid { field })?,
        false => text,
    };
    let axes = vectors(axes).and_then(|axes| <[[f64; 3]; 3]>::try_from(axes).ok());
    let axes = axes.ok_or(NrrdError::Invalid { field })?;
    let origin = vectors(lines.fields.get("space origin").ok_or(NrrdError::NoOrientation)?);
    let origin = origin.and_then(|origin| <[[f64; 3]; 1]>::try_from(origin).ok());
    let [origin] = origin.ok_or(NrrdError::Invalid { field: "space origin" })?;
    let lengths = axes.map(|axis| axis.iter().map(|part| part * part).sum::<f64>().sqrt());
    if lengths.iter().any(|length| !(length.is_finite() && *length > 1e-9)) {
        return Err(NrrdError::Invalid { field });
    }
    let mut direction = axes;
    for (axis, length) in direction.iter_mut().zip(lengths) {
        *axis = flip(axis.map(|part| part / length));
    }
    Grid::new(size, lengths, flip(origin), direction).map_err(|cause| match cause {
        InvalidGrid::Size => NrrdError::Invalid { field: "sizes" },
        InvalidGrid::Spacing => NrrdError::Invalid { field },
        InvalidGrid::Origin => NrrdError::Invalid { field: "space origin" },
        InvalidGrid::Direction => NrrdError::Sheared,
    })
}

/// `(1,0,0) (0,1,0)`: three numbers each.
fn vectors(text: &str) -> Option<Vec<[f64; 3]>> {
    let mut vectors = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (inside, after) = rest.strip_prefix('(')?.split_once(')')?;
        let numbers: Vec<f64> =
            inside.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        vectors.push(numbers.try_into().ok()?);
        rest = after.trim_start();
    }
    Some(vectors)
}
