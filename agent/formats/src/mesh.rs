//! Surfaces as binary STL and PLY, in LPS and millimetres, and back.

use agent_imaging::surface_mesh::Mesh;
use std::collections::BTreeMap;

/// What 3D Slicer looks for to know which space the numbers are in.
const SPACE: &[u8] = b"SPACE=LPS; millimetres";
const STL_HEADER_BYTES: usize = 80;
/// A normal, three corners of three numbers each, and two bytes.
const STL_TRIANGLE_BYTES: usize = 50;

/// Why a surface was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MeshError {
    #[error("not a binary STL file, or one of another length than it says")]
    Stl,
    #[error("not a PLY file of the form that is written here")]
    Ply,
}

/// Writes binary STL. Numbers have single precision.
#[must_use]
pub fn write_stl(mesh: &Mesh) -> Vec<u8> {
    let mut file = SPACE.to_vec();
    file.resize(STL_HEADER_BYTES, 0);
    file.reserve(4 + mesh.triangles.len() * STL_TRIANGLE_BYTES);
    let triangles = mesh.triangles.iter().filter_map(|triangle| corners(mesh, *triangle));
    let triangles: Vec<[[f64; 3]; 3]> = triangles.collect();
    file.extend(u32::try_from(triangles.len()).unwrap_or(u32::MAX).to_le_bytes());
    for corners in triangles {
        put(&mut file, normal(corners));
        corners.into_iter().for_each(|corner| put(&mut file, corner));
        file.extend([0, 0]);
    }
    file
}

fn corners(mesh: &Mesh, triangle: [u32; 3]) -> Option<[[f64; 3]; 3]> {
    let [a, b, c] = triangle.map(|vertex| mesh.vertices.get(vertex as usize).copied());
    Some([a?, b?, c?])
}

/// The unit normal, or nothing for a triangle without area.
fn normal([a, b, c]: [[f64; 3]; 3]) -> [f64; 3] {
    let to = |[x, y, z]: [f64; 3], [u, v, w]: [f64; 3]| [u - x, v - y, w - z];
    let ([x, y, z], [u, v, w]) = (to(a, b), to(a, c));
    let normal = [y * w - z * v, z * u - x * w, x * v - y * u];
    let length = normal.iter().map(|part| part * part).sum::<f64>().sqrt();
    if length > 0.0 { normal.map(|part| part / length) } else { [0.0; 3] }
}

fn put(file: &mut Vec<u8>, numbers: [f64; 3]) {
    file.extend(numbers.iter().flat_map(|number| (*number as f32).to_le_bytes()));
}

/// Reads binary STL. Corners at one place become one.
///
/// # Errors
/// `Stl` when the file does not have the length that its number of triangles asks for.
pub fn read_stl(file: &[u8]) -> Result<Mesh, MeshError> {
    let count = file.get(STL_HEADER_BYTES..STL_HEADER_BYTES + 4).and_then(|count| count.try_into().ok());
    let count = u32::from_le_bytes(count.ok_or(MeshError::Stl)?) as usize;
    let triangles = file.get(STL_HEADER_BYTES + 4..).unwrap_or_default();
    if count.checked_mul(STL_TRIANGLE_BYTES) != Some(triangles.len()) {
        return Err(MeshError::Stl);
    }
    let mut mesh = Mesh::default();
    let mut known = BTreeMap::new();
    for triangle in triangles.chunks_exact(STL_TRIANGLE_BYTES) {
        let mut corners = triangle.get(12..48).unwrap_or_default().as_chunks::<12>().0.iter().map(|corner| {
            *known.entry(*corner).or_insert_with(|| {
                mesh.vertices.push(numbers(corner));
                // No more than corners of triangles that have 32 bits of count.
                (mesh.vertices.len() - 1) as u32
            })
        });
        if let (Some(a), Some(b), Some(c)) = (corners.next(), corners.next(), corners.next()) {
            mesh.triangles.push([a, b, c]);
        }
    }
    Ok(mesh)
}

fn numbers(bytes: &[u8; 12]) -> [f64; 3] {
    let [a, b, c] = *bytes.as_chunks::<4>().0 else { return [0.0; 3] };
    [a, b, c].map(|number| f64::from(f32::from_le_bytes(number)))
}

fn ply_header(vertices: usize, triangles: usize) -> String {
    format!(
        "ply\nformat binary_little_endian 1.0\ncomment {}\nelement vertex {vertices}\nproperty float x\n\
         property float y\nproperty float z\nelement face {triangles}\nproperty list uchar uint vertex_indices\n\
         end_header\n",
        String::from_utf8_lossy(SPACE)
    )
}

/// Writes binary PLY. Numbers have single precision.
#[must_use]
pub fn write_ply(mesh: &Mesh) -> Vec<u8> {
    let mut file = ply_header(mesh.vertices.len(), mesh.triangles.len()).into_bytes();
    mesh.vertices.iter().for_each(|vertex| put(&mut file, *vertex));
    for triangle in &mesh.triangles {
        file.push(3);
        file.extend(triangle.iter().flat_map(|vertex| vertex.to_le_bytes()));
    }
    file
}

/// Reads PLY as [`write_ply`] writes it.
///
/// # Errors
/// `Ply` for any other.
pub fn read_ply(file: &[u8]) -> Result<Mesh, MeshError> {
    let text = file.get(..file.len().min(1024)).unwrap_or_default();
    let count = |name: &str| {
        let text = String::from_utf8_lossy(text);
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<usize>().ok())
    };
    let (vertices, triangles) = (count("element vertex"), count("element face"));
    let (vertices, triangles) = vertices.zip(triangles).ok_or(MeshError::Ply)?;
    let body = file.strip_prefix(ply_header(vertices, triangles).as_bytes()).ok_or(MeshError::Ply)?;
    let split =
        vertices.checked_mul(12).and_then(|bytes| body.split_at_checked(bytes)).ok_or(MeshError::Ply)?;
    if triangles.checked_mul(13) != Some(split.1.len()) {
        return Err(MeshError::Ply);
    }
    let triangle = |face: &[u8; 13]| {
        let [3, corners @ ..] = face else { return Err(MeshError::Ply) };
        let [a, b, c] = *corners.as_chunks::<4>().0 else { return Err(MeshError::Ply) };
        Ok([a, b, c].map(u32::from_le_bytes))
    };
    Ok(Mesh {
        vertices: split.0.as_chunks::<12>().0.iter().map(numbers).collect(),
        triangles: split.1.as_chunks::<13>().0.iter().map(triangle).collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_imaging::surface_mesh::{enclosed, surface_mesh};
    use agent_imaging::{Grid, LabelMap};
    use proptest::prelude::*;

    fn grid() -> Grid {
        let (sine, cosine) = 0.4_f64.sin_cos();
        let direction = [[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([4, 3, 2], [0.7, 0.9, 2.5], [-310.0, 120.0, 55.5], direction).unwrap()
    }

    proptest! {
        #[test]
        fn voxels_come_back_out_of_both(labels in proptest::collection::vec(0_u16..2, 24)) {
            let map = LabelMap::from_dense(grid(), &labels).unwrap();
            prop_assume!(!map.is_empty());
            let mesh = surface_mesh(&map, 1).unwrap();
            let found = [read_stl(&write_stl(&mesh)).unwrap(), read_ply(&write_ply(&mesh)).unwrap()];
            for found in found {
                prop_assert_eq!(enclosed(&found, map.grid(), 1).unwrap(), map.clone());
            }
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (read_stl(&bytes), read_ply(&bytes));
        }
    }

    #[test]
    fn a_file_that_was_cut_is_refused() {
        let map = LabelMap::from_dense(grid(), &[1; 24]).unwrap();
        let mesh = surface_mesh(&map, 1).unwrap();
        let (stl, ply) = (write_stl(&mesh), write_ply(&mesh));
        assert_eq!(read_stl(&stl[..stl.len() - 1]), Err(MeshError::Stl));
        assert_eq!(read_ply(&ply[..ply.len() - 1]), Err(MeshError::Ply));
        assert_eq!(read_ply(b"ply\n"), Err(MeshError::Ply));
    }
}
