"""Files that pydicom's test data has no example of, made the same way every time.

`make(folder)` writes them and gives, for each file name, the pixels it was made of: a lossless coding must give just
these back. Encoders are others': CharLS, OpenJPEG (with OpenJPH for high throughput), libjxl, libjpeg-turbo.
"""

import imagecodecs
import numpy as np
from jpeg_ls import encode_buffer
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

EXPLICIT = "1.2.840.10008.1.2.1"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
ENCAPSULATED = "1.2.840.10008.1.2.1.98"
EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
HTJ2K, HTJ2K_LOSSY = (f"1.2.840.10008.1.2.4.{n}" for n in (201, 203))
# MPEG2: as long as those of JPEG XL.
STAND_IN = "1.2.840.10008.1.2.4.100"
JXL, JXL_RECOMPRESSED, JXL_LOSSY = (f"1.2.840.10008.1.2.4.{n}" for n in (110, 111, 112))


def picture(rows, columns, bits, samples=1, signed=False, noise=0.02, seed=1):
    """Smooth hills, a flat part, an edge, and noise, over the whole range of values."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    planes = []
    for sample in range(samples):
        plane = 0.5 + 0.4 * np.sin(7 * x + sample) * np.cos(5 * y) + noise * random.standard_normal((rows, columns))
        plane[rows // 4 : rows // 2, : columns // 2] = 0.25 * (sample + 1)
        plane[rows // 2 :, columns - columns // 4 :] = 1.0
        planes.append(plane)
    image = np.stack(planes, -1) if samples > 1 else planes[0]
    highest = 2**bits - 1
    image = np.rint(np.clip(image, 0, 1) * highest).astype(np.int64)
    if signed:
        image -= 2 ** (bits - 1)
        return image.astype(np.int8 if bits <= 8 else np.int16)
    return image.astype(np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32)


def dataset(image, syntax, bits, data, photometric=None, frames=None, allocated=None, vr=None):
    shape = image.shape[1:] if frames else image.shape
    colour = len(shape) == 3
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = "2.25.3"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "2.25.1", "2.25.2", "OT"
    ds.Rows, ds.Columns = shape[:2]
    ds.SamplesPerPixel = 3 if colour else 1
    ds.PhotometricInterpretation = photometric or ("RGB" if colour else "MONOCHROME2")
    if colour:
        ds.PlanarConfiguration = 0
    if frames:
        ds.NumberOfFrames = frames
    ds.BitsAllocated = allocated or image.dtype.itemsize * 8
    ds.BitsStored, ds.HighBit = bits, bits - 1
    ds.PixelRepresentation = int(image.dtype.kind == "i")
    ds.add_new("PixelData", vr or ("OB" if ds.BitsAllocated <= 8 or isinstance(data, list) else "OW"), b"")
    ds.PixelData = encapsulate(data) if isinstance(data, list) else data + b"\0" * (len(data) % 2)
    ds["PixelData"].is_undefined_length = isinstance(data, list)
    return ds


def charls_of_colours(image, near, interleave):
    """CharLS takes colours plane by plane, or pixel by pixel and puts them into lines itself."""
    axes, mode = {"none": ((2, 0, 1), 0), "line": ((0, 1, 2), 1), "sample": ((0, 1, 2), 2)}[interleave]
    return charls(image.transpose(axes), image.shape, 8, near, mode)


def charls(image, shape, bits, near=0, mode=0):
    samples = image.size // (shape[0] * shape[1])
    return bytes(encode_buffer(np.ascontiguousarray(image).tobytes(), *shape[:2], samples, bits, near, mode))


def compressed():
    """Name, picture, bits, syntax, its one frame."""
    for bits in (2, 5, 8, 9, 12, 15, 16):
        image = picture(61, 47, bits)
        yield f"jls_{bits}.dcm", image, bits, JPEG_LS, charls(image, image.shape, bits)
        if bits >= 8:
            yield f"jls_{bits}_near.dcm", image, bits, JPEG_LS_NEAR, charls(image, image.shape, bits, near=2)
    noise = picture(40, 50, 16, noise=2.0)
    yield "jls_16_noise.dcm", noise, 16, JPEG_LS, charls(noise, noise.shape, 16)
    signed = picture(40, 50, 16, signed=True)
    yield "jls_16_signed.dcm", signed, 16, JPEG_LS, charls(signed.view(np.uint16), signed.shape, 16)
    for mode in ("none", "line", "sample"):
        colours = picture(33, 29, 8, samples=3)
        yield f"jls_rgb_{mode}.dcm", colours, 8, JPEG_LS, charls_of_colours(colours, 0, mode)
        yield f"jls_rgb_{mode}_near.dcm", colours, 8, JPEG_LS_NEAR, charls_of_colours(colours, 3, mode)
    for bits in (8, 12, 16):
        image = picture(75, 130, bits)
        yield f"htj2k_{bits}.dcm", image, bits, HTJ2K, imagecodecs.htj2k_encode(image, reversible=True)
        options = {"lossless": True, "effort": 3, "usecontainer": False}
        yield f"jxl_{bits}.dcm", image, bits, JXL, imagecodecs.jpegxl_encode(image, bitspersample=bits, **options)
    colours = picture(75, 130, 8, samples=3)
    yield "htj2k_rgb.dcm", colours, 8, HTJ2K, imagecodecs.htj2k_encode(colours, reversible=True, tlm=False)
    grey = picture(75, 130, 8)
    yield "htj2k_8_lossy.dcm", grey, 8, HTJ2K_LOSSY, imagecodecs.htj2k_encode(grey, reversible=False, level=0.01)
    yield "jxl_rgb.dcm", colours, 8, JXL, imagecodecs.jpegxl_encode(colours, lossless=True, effort=3)
    yield "jxl_8_lossy.dcm", grey, 8, JXL_LOSSY, imagecodecs.jpegxl_encode(grey, level=90, effort=3)
    yield "jxl_rgb_lossy.dcm", colours, 8, JXL_LOSSY, imagecodecs.jpegxl_encode(colours, level=90, effort=3)
    jpeg = imagecodecs.jpeg8_encode(colours, level=90, subsampling="420")
    yield "jxl_rgb_jpeg.dcm", colours, 8, JXL_RECOMPRESSED, imagecodecs.jpegxl_encode_jpeg(jpeg)
    for rows, columns in ((64, 64), (61, 47), (5, 3)):
        image = picture(rows, columns, 12, noise=0.0)
        coded = imagecodecs.jpeg8_encode(image, level=95, bitspersample=12)
        yield f"jpeg12_{rows}x{columns}.dcm", image, 12, EXTENDED, coded


def native():
    """Name, picture, the data set."""
    bits = (picture(7, 13, 8) > 128).astype(np.uint8)
    frames = np.stack([bits, 1 - bits, np.roll(bits, 3, 0)])
    packed = np.packbits(frames.ravel(), bitorder="little").tobytes()
    yield "bits_odd.dcm", frames, dataset(frames, EXPLICIT, 1, packed, frames=3, allocated=1)
    yield "bits_odd_big.dcm", frames, dataset(frames, BIG_ENDIAN, 1, packed, frames=3, allocated=1, vr="OB")
    odd = np.stack([picture(5, 7, 8), picture(5, 7, 8, seed=2), picture(5, 7, 8, seed=3)])
    yield "bytes_odd.dcm", odd, dataset(odd, EXPLICIT, 8, odd.tobytes(), frames=3)
    yield "bytes_odd_big_ob.dcm", odd, dataset(odd, BIG_ENDIAN, 8, odd.tobytes(), frames=3, vr="OB")
    swapped = np.frombuffer(odd.tobytes() + b"\0", "u2").byteswap().tobytes()
    yield "bytes_odd_big_ow.dcm", odd, dataset(odd, BIG_ENDIAN, 8, swapped, frames=3, vr="OW")
    for bits in (10, 12, 16):
        signed = picture(20, 21, bits, signed=True)
        yield f"signed_{bits}.dcm", signed, dataset(signed, EXPLICIT, bits, signed.tobytes())
    wide = picture(9, 10, 31)
    yield "unsigned_31.dcm", wide, dataset(wide, EXPLICIT, 32, wide.tobytes())
    signed = picture(9, 10, 31).astype(np.int64) - 2**30
    signed = signed.astype(np.int32)
    yield "signed_32.dcm", signed, dataset(signed, EXPLICIT, 32, signed.tobytes())
    image = picture(30, 31, 16)
    fragments = [image.tobytes()]
    yield "encapsulated_uncompressed.dcm", image, dataset(image, ENCAPSULATED, 16, fragments)


def save(ds, path):
    """Writes under any syntax: pydicom refuses to write those that it does not know."""
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax in (JXL, JXL_RECOMPRESSED, JXL_LOSSY):
        ds.file_meta.TransferSyntaxUID = UID(STAND_IN)
    ds.save_as(path, enforce_file_format=True)
    file = path.read_bytes()
    path.write_bytes(file.replace(STAND_IN.encode(), str(syntax).encode(), 1))


def make(folder):
    made = {}
    for name, image, bits, syntax, frame in compressed():
        ds = dataset(image, syntax, bits, [bytes(frame)])
        if syntax == JXL_RECOMPRESSED:
            ds.PhotometricInterpretation = "YBR_FULL_422"
        save(ds, folder / name)
        made[name] = image
    for name, image, ds in native():
        ds.save_as(folder / name, enforce_file_format=True)
        made[name] = image
    return made
