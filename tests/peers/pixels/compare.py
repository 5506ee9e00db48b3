"""Our decoders against pydicom's, file by file; see README.md.

compare.py DECODE PLACE [--write FOLDER]: DECODE is the example program of agent-formats, PLACE a folder to work in.
`--write` writes the table anew, and into FOLDER what the tests of agent-formats take from it.
"""

import logging
import pathlib
import shutil
import subprocess
import sys
import warnings
import zlib

import data_store
import imagecodecs
import made
import numpy as np
import pydicom
from pydicom.encaps import generate_frames
from pydicom.pixels import apply_color_lut, pixel_array

TABLE = pathlib.Path(__file__).with_name("table.tsv")
NEAR = 3
LOSSY = {f"1.2.840.10008.1.2.4.{n}" for n in ("50", "51", "91", "203", "111", "112")}
# Does not keep all, but leaves decoders no choice.
NEAR_LOSSLESS = "1.2.840.10008.1.2.4.81"
JPEG_XL = {f"1.2.840.10008.1.2.4.{n}" for n in ("110", "111", "112")}
KEPT = [
    "bits_odd.dcm", "bytes_odd_big_ow.dcm", "encapsulated_uncompressed.dcm", "signed_12.dcm", "unsigned_31.dcm",
    "jls_2.dcm", "jls_12.dcm", "jls_16_noise.dcm", "jls_16_signed.dcm", "jls_8_near.dcm", "jls_rgb_none_near.dcm",
    "jls_rgb_line.dcm", "jls_rgb_sample_near.dcm", "htj2k_12.dcm", "htj2k_rgb.dcm", "jxl_12.dcm", "jxl_16.dcm",
    "jxl_rgb.dcm",
]
SOURCES = {}
NOT_DATA = {".py", ".pyc", ".txt", ".json", ".md", ".hash"}


def corpus(place):
    """Name in the table, path."""
    wheel = pathlib.Path(pydicom.__file__).parent / "data" / "test_files"
    data = pathlib.Path(data_store.__file__).parent / "data"
    for name, root in (("pydicom", wheel), ("pydicom-data", data)):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix not in NOT_DATA and "__pycache__" not in path.parts:
                yield f"{name}/{path.relative_to(root)}", path
    yield from ((f"made/{path.name}", path) for path in sorted((place / "made").iterdir()))
    yield from ((f"completed/{path.name}", path) for path in sorted((place / "completed").iterdir()))


def complete(folder):
    """Copies of the files with pixels whose identifiers are missing or invalid, with identifiers put in."""
    wheel = pathlib.Path(pydicom.__file__).parent / "data" / "test_files"
    data = pathlib.Path(data_store.__file__).parent / "data"
    names = ["JPEGLSNearLossless_08.dcm", "JPEGLSNearLossless_16.dcm", "SC_rgb_jls_lossy_line.dcm"]
    names += ["SC_rgb_jls_lossy_sample.dcm", "bad_sequence.dcm"]
    for name in names:
        path = wheel / name if (wheel / name).exists() else data / name
        ds = pydicom.dcmread(path)
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = "2.25.1", "2.25.2", "2.25.3"
        ds.save_as(folder / name)


def reference(path, source):
    """Syntax, pixels or none: as pydicom decodes them, colours as red, green and blue of 8 bits."""
    ds = pydicom.dcmread(path, force=True)
    syntax = str(getattr(ds, "file_meta", {}).get("TransferSyntaxUID", "none") or "none")
    if syntax in JPEG_XL:
        frames = [imagecodecs.jpegxl_decode(frame) for frame in generate_frames(ds.PixelData, number_of_frames=1)]
        return syntax, source if syntax not in LOSSY else frames[0]
    try:
        pixels = pixel_array(ds)
        if ds.PhotometricInterpretation == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, ds)
            # What has 16 bits is shown by its high byte; many palettes have 8 bits in words of 16.
            pixels = pixels >> 8 if pixels.max() > 255 else pixels
    except Exception:  # Whatever pydicom or a plug-in of it throws: it has no pixels.
        pixels = None
    if source is None or syntax in LOSSY or syntax == NEAR_LOSSLESS:
        return syntax, pixels
    if pixels is None:
        return syntax, source
    if not np.array_equal(pixels, source):
        raise SystemExit(f"{path}: the reference does not give back what the file was made of")
    return syntax, pixels


def fixture(folder, place):
    """Small made files and what the reference finds in them, for the tests of agent-formats, which need no pydicom."""
    lines = []
    for name in KEPT:
        path = place / "made" / name
        _, pixels = reference(path, SOURCES[name])
        kind, width = ("rgb", "u1") if pixels.shape[-1] == 3 else ("grey", "<i4")
        lines.append(f"{name} {kind} {pixels.size} {zlib.crc32(pixels.astype(width).tobytes()):08x}")
        shutil.copy(path, folder / name)
    (folder / "pixels.txt").write_text("\n".join(lines) + "\n")


def result(line, pixels, syntax, path):
    kind, *rest = line.split("\t")
    if kind == "refused":
        return f"refused: {rest[0]}" if pixels is not None else f"no image: {rest[0]}"
    if pixels is None:
        return "WRONG: decoded, which the reference does not"
    ours = np.frombuffer(path.read_bytes(), "<i4" if kind == "grey" else "u1").astype(np.int64)
    if ours.size != pixels.size:
        return f"WRONG: {ours.size} samples"
    off = int(np.abs(ours - pixels.astype(np.int64).ravel()).max())
    if off == 0 and syntax not in LOSSY:
        return "exact"
    if off <= NEAR and syntax in LOSSY:
        return "near"
    return f"WRONG: off by {off}"


def table(decode, place):
    for folder in ("made", "completed", "decoded"):
        (place / folder).mkdir(parents=True, exist_ok=True)
        for old in (place / folder).iterdir():
            old.unlink()
    SOURCES.update(made.make(place / "made"))
    complete(place / "completed")
    files = list(corpus(place))
    run = subprocess.run([decode, place / "decoded", *(path for _, path in files)], check=True, capture_output=True, text=True)
    lines = run.stdout.splitlines()
    if len(lines) != len(files):
        raise SystemExit("the decoder did not answer for every file")
    rows = ["file\tsyntax\treference\tresult"]
    for number, ((name, path), line) in enumerate(zip(files, lines)):
        syntax, pixels = reference(path, SOURCES.get(path.name) if name.startswith("made/") else None)
        shape = "none" if pixels is None else "x".join(map(str, pixels.shape))
        rows.append(f"{name}\t{syntax}\t{shape}\t{result(line, pixels, syntax, place / 'decoded' / str(number))}")
    return rows


def main():
    decode, place, *options = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    rows = table(decode, pathlib.Path(place))
    wrong = [row for row in rows if "WRONG" in row]
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        raise SystemExit("pixels differ from the reference's")
    text = "\n".join(rows) + "\n"
    if options[:1] == ["--write"]:
        TABLE.write_text(text)
        fixture(pathlib.Path(options[1]), pathlib.Path(place))
    written = TABLE.read_text().splitlines()
    drifted = [f"- {row}" for row in written if row not in rows] + [f"+ {row}" for row in rows if row not in written]
    if drifted:
        print(*drifted, sep="\n", file=sys.stderr)
        raise SystemExit("the decoders do not do what table.tsv says")
    count = lambda word: sum(row.split("\t")[3].startswith(word) for row in rows[1:])
    print(f"{len(rows) - 1} files: " + ", ".join(f"{count(word)} {word}" for word in ("exact", "near", "refused", "no image")))


if __name__ == "__main__":
    main()
