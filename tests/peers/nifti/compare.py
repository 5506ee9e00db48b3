"""World coordinates and voxels of our NIfTI reader against nibabel's.

compare.py DECODE PLACE [--write FOLDER]: DECODE is the example program of agent-formats, PLACE a folder to work in.
100 random affines: oblique, left-handed, axes in any order; by sform, by qform, by both where they disagree; NIfTI-1
and -2, either byte order, plain and gzipped, each data type, scaled and not. With `--write`, the plain files and what
nibabel makes of them are put into FOLDER for the tests of agent-formats, which need no nibabel.
"""

import itertools
import pathlib
import subprocess
import sys

import nibabel
import numpy as np

FAR_MM = 1e-4
COUNT = 100
TYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8", "i8", "u8"]


def rotation(random):
    """Uniform over all rotations; every second one mirrored."""
    matrix, triangle = np.linalg.qr(random.standard_normal((3, 3)))
    matrix *= np.sign(np.diag(triangle))
    return matrix if random.integers(2) else matrix @ np.diag([1, 1, -1])


def affine(random):
    scaled = rotation(random) @ np.diag(random.uniform(0.3, 6, 3))
    return np.block([[scaled, random.uniform(-300, 300, (3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]])


def image(random, number):
    version = nibabel.Nifti1Image if number % 2 else nibabel.Nifti2Image
    dtype = np.dtype(TYPES[number % len(TYPES)])
    shape = tuple(random.integers(2, 9, 3))
    low, high = (-100, 120) if dtype.kind != "u" else (0, 250)
    stored = random.integers(low, high, shape).astype(dtype)
    forms = ["sform", "qform", "both"][number % 3]
    built = version(stored, affine(random), dtype=dtype)
    header = built.header
    header.set_data_dtype(dtype)
    header.set_xyzt_units("mm")
    built.set_sform(affine(random), code=0 if forms == "qform" else 2)
    built.set_qform(affine(random), code=0 if forms == "sform" else 1)
    if number % 4 == 0:
        header.set_slope_inter(0.5, -3)
    return built, stored


def written(built, stored, path, big_endian):
    """The header as it stands, so that nibabel does not scale the voxels anew."""
    header = built.header.as_byteswapped(">") if big_endian else built.header
    offset = 352 if built.header.sizeof_hdr == 348 else 544
    header["vox_offset"] = offset
    voxels = stored.astype(stored.dtype.newbyteorder(">" if big_endian else "<"))
    content = header.binaryblock + b"\0" * 4 + voxels.tobytes(order="F")
    with nibabel.openers.Opener(str(path), "wb") as file:
        file.write(content)


def make(folder):
    random = np.random.default_rng(2)
    for number in range(COUNT):
        built, stored = image(random, number)
        path = folder / f"{number:03}.nii{'.gz' if number % 5 == 4 else ''}"
        written(built, stored, path, big_endian=number % 7 == 6)
        yield path


def check(path, line, ours):
    theirs = nibabel.load(path)
    kind, *numbers = line.split("\t")
    if kind != "nifti":
        return f"{path.name}: {line}"
    size, rows = tuple(map(int, numbers[:3])), np.array(numbers[3:], float).reshape(3, 4)
    if size != theirs.shape:
        return f"{path.name}: size {size} is not {theirs.shape}"
    corners = np.array([[*corner, 1] for corner in itertools.product(*((0, n - 1) for n in size))]).T
    # Theirs grow towards right and front, ours towards left and back.
    apart = np.linalg.norm(rows @ corners - np.diag([-1, -1, 1]) @ theirs.affine[:3] @ corners, axis=0).max()
    if not apart <= FAR_MM:
        return f"{path.name}: {apart} mm apart"
    values = np.asarray(theirs.dataobj, dtype=np.float32).ravel(order="F")
    return None if np.array_equal(ours, values) else f"{path.name}: voxels differ"


def fixture(folder, paths):
    """One file of all plain files, each behind its length, and one line a file: its affine, RAS, and its voxels' sum."""
    plain = [path for path in paths if path.suffix == ".nii"]
    content = b"".join(len(path.read_bytes()).to_bytes(4, "little") + path.read_bytes() for path in plain)
    lines = []
    for path in plain:
        loaded = nibabel.load(path)
        numbers = [*loaded.shape, *loaded.affine[:3].ravel(), np.asarray(loaded.dataobj, dtype=np.float64).sum()]
        lines.append(" ".join(repr(float(number)) for number in numbers))
    (folder / "affines.bin").write_bytes(content)
    (folder / "affines.txt").write_text("\n".join(lines) + "\n")


def main():
    decode, place, *options = sys.argv[1:]
    place = pathlib.Path(place)
    for folder in ("files", "decoded"):
        (place / folder).mkdir(parents=True, exist_ok=True)
        for old in (place / folder).iterdir():
            old.unlink()
    paths = list(make(place / "files"))
    run = subprocess.run([decode, place / "decoded", *paths], check=True, capture_output=True, text=True)
    lines = run.stdout.splitlines()
    ours = [np.frombuffer((place / "decoded" / str(number)).read_bytes(), "<f4") for number in range(len(paths))]
    faults = [fault for fault in map(check, paths, lines, ours) if fault]
    if faults or len(lines) != COUNT:
        print(*faults, sep="\n", file=sys.stderr)
        raise SystemExit("NIfTI files are not read as nibabel reads them")
    if options[:1] == ["--write"]:
        fixture(pathlib.Path(options[1]), paths)
    print(f"{COUNT} files: world coordinates within {FAR_MM} mm, voxels equal")


if __name__ == "__main__":
    main()
