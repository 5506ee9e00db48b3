"""Label maps through `ringfence-agent masks convert`, beside what other programs write and read.

  formats_compare.py --agent PATH [--pydicom2 PYTHON] [--work FOLDER]

Makes an oblique series and a label map with holes, corners, edges and empty slices. Writes it with ours and reads it
with theirs, and the other way round; voxels must be the same, and dciodvfy must have no error. `--pydicom2` is the
Python of an environment that has pydicom-seg and dicompyler-core, which need pydicom 2. Exits with 1 on any difference.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import highdicom as hd
import nibabel
import nrrd
import numpy as np
import pydicom
import SimpleITK as sitk
from highdicom.sr.coding import CodedConcept
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    MRImageStorage,
    RLELossless,
)
from pycocotools import mask as coco_mask

warnings.filterwarnings("ignore")
COLUMNS, ROWS, SLICES = 45, 38, 14
SPACING = (0.7, 0.9, 2.5)  # along i, j and k, in mm
ORIGIN = np.array([-31.5, 12.25, 88.0])
AXES = sitk.Euler3DTransform((0.0, 0.0, 0.0), 0.2, -0.3, 0.15)
DIRECTION = np.array(AXES.GetMatrix()).reshape(3, 3)  # columns are the axes i, j and k
BIN = Path(sys.executable).parent
failures = []


def check(name, fact, seen=""):
    print(f"{'same' if fact else 'DIFFERS'}\t{name}\t{seen}")
    if not fact:
        failures.append(name)


def guarded(name, part, *arguments):
    try:
        part(*arguments)
    except Exception as error:  # One program that fails must not hide the others.
        check(name, False, f"{type(error).__name__}: {str(error)[:300]}")


def make_series(folder):
    """Slices in the order of k; the files are named so that their order is another."""
    folder.mkdir()
    study, series, frame = (pydicom.uid.generate_uid(prefix=None) for _ in range(3))
    made = []
    for k in range(SLICES):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = MRImageStorage
        meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid(prefix=None)
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        one = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        one.SpecificCharacterSet = "ISO_IR 100"
        one.ImageType = ["ORIGINAL", "PRIMARY", "M"]
        one.SOPClassUID, one.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
        one.StudyDate, one.StudyTime, one.AccessionNumber = "20260102", "101112", "A1"
        one.Modality, one.Manufacturer, one.ReferringPhysicianName = "MR", "Nobody", ""
        one.PatientName, one.PatientID, one.PatientBirthDate, one.PatientSex = "Müller^Änne", "4711", "19700101", "F"
        one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, series, frame
        one.StudyID, one.SeriesNumber, one.InstanceNumber = "1", 1, k + 1
        one.ImagePositionPatient = [f"{x:.10g}" for x in ORIGIN + DIRECTION[:, 2] * SPACING[2] * k]
        one.ImageOrientationPatient = [f"{x:.10g}" for x in (*DIRECTION[:, 0], *DIRECTION[:, 1])]
        one.SliceThickness, one.PixelSpacing = SPACING[2], [SPACING[1], SPACING[0]]
        one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
        one.Rows, one.Columns, one.BitsAllocated, one.BitsStored = ROWS, COLUMNS, 16, 12
        one.HighBit, one.PixelRepresentation = 11, 0
        one.PixelData = np.full((ROWS, COLUMNS), k, np.uint16).tobytes()
        one.save_as(folder / f"{(k * 13) % SLICES:03}.dcm", enforce_file_format=True)
        made.append(one)
    return made


def make_labels():
    """k, j, i. Balls with a hole, a checkerboard, the rim of a slice, a single voxel; the first two slices empty."""
    k, j, i = np.mgrid[:SLICES, :ROWS, :COLUMNS]
    labels = np.zeros((SLICES, ROWS, COLUMNS), np.uint16)
    ball = ((i - 15) * 0.7) ** 2 + ((j - 15) * 0.9) ** 2 + ((k - 7) * 2.5) ** 2
    labels[ball < 90] = 1
    labels[ball < 20] = 0
    labels[(abs(i - 33) < 6) & (abs(j - 20) < 6) & (abs(k - 6) < 2) & ((i + j + k) % 2 == 0)] = 2
    rim = (i == 0) | (i == COLUMNS - 1) | (j == 0) | (j == ROWS - 1)
    labels[rim & (k == SLICES - 1)] = 3
    labels[5, 30, 40] = 4
    labels[2:] = np.where(labels[2:] == 0, np.where((j + 2 * i)[2:] % 41 == 0, 5, 0), labels[2:])
    labels[:2] = 0
    return labels


def affine_ras():
    affine = np.eye(4)
    affine[:3, :3] = DIRECTION * np.array(SPACING)
    affine[:3, 3] = ORIGIN
    return np.diag([-1, -1, 1, 1]) @ affine


def save_nifti(labels, path):
    nibabel.save(nibabel.Nifti1Image(labels.transpose(2, 1, 0), affine_ras()), path)


class Agent:
    def __init__(self, program, work, series):
        self.program, self.work, self.series, self.count = program, work, series, 0

    def convert(self, source, end, *options, reference=True):
        self.count += 1
        target = self.work / f"ours-{self.count}{end}"
        command = [self.program, "masks", "convert", source, target, "--json", *options]
        if reference:
            command += ["--reference", self.series]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return target, json.loads(done.stdout)

    def labels(self, source, *options):
        """What ours reads, as k, j, i on the grid of the series."""
        target, _ = self.convert(source, ".nii.gz", *options)
        image = nibabel.load(target)
        assert np.allclose(image.affine, affine_ras(), atol=1e-4), "not on the grid of the series"
        return np.asarray(image.dataobj).transpose(2, 1, 0)


def dciodvfy(name, path):
    done = subprocess.run([BIN / "dciodvfy", "-new", path], capture_output=True, text=True)
    errors = [line for line in (done.stderr + done.stdout).splitlines() if line.startswith("Error")]
    check(f"dciodvfy has no error: {name}", not errors, " | ".join(errors[:6]))


def highdicom_labels(path):
    seg = hd.seg.segread(path)
    numbers = [int(number) for number in seg.segment_numbers]
    volume = seg.get_volume(combine_segments=False, rescale_fractional=False)
    full = np.zeros((SLICES, ROWS, COLUMNS), np.uint16)
    matrix = np.linalg.inv(volume.affine)  # LPS
    # Where the volume's first voxel lies in ours, whichever slices it left out.
    start = np.linalg.inv(lps_of_kji()) @ volume.affine @ np.array([0, 0, 0, 1.0])
    k = int(round(start[0]))
    step = np.linalg.inv(lps_of_kji())[:3, :3] @ volume.affine[:3, :3]
    assert np.allclose(abs(step), np.eye(3), atol=1e-3), matrix
    array = volume.array if step[0, 0] > 0 else volume.array[::-1]
    k = k if step[0, 0] > 0 else k - array.shape[0] + 1
    for place, number in enumerate(numbers):
        full[k : k + array.shape[0]][array[..., place] > 0] = number
    return full


def lps_of_kji():
    affine = np.eye(4)
    affine[:3, :3] = (DIRECTION * np.array(SPACING))[:, ::-1]
    affine[:3, 3] = ORIGIN
    return affine


def itk_labels(path):
    """A file of SimpleITK's on the grid of the series, k, j, i."""
    image = sitk.ReadImage(str(path))
    reference = sitk.Image(COLUMNS, ROWS, SLICES, sitk.sitkUInt16)
    reference.SetSpacing(SPACING)
    reference.SetOrigin(ORIGIN.tolist())
    reference.SetDirection(DIRECTION.ravel().tolist())
    return sitk.GetArrayFromImage(sitk.Resample(image, reference, sitk.Transform(), sitk.sitkNearestNeighbor))


def seg_ours(agent, nifti, labels, python2):
    for kind in ("seg", "label-map"):
        path, said = agent.convert(nifti, ".dcm", "--as", kind)
        check(f"certificate of {kind}", said["certificate"]["voxels"] == "exact")
        dciodvfy(kind, path)
        guarded(f"highdicom reads {kind}", lambda: check(
            f"highdicom reads {kind}", np.array_equal(highdicom_labels(path), labels)))
        check(f"ours reads {kind}", np.array_equal(agent.labels(path), labels))
        if kind == "seg":
            guarded("dcmqi reads seg", dcmqi_reads, agent.work, path, labels)
            if python2:
                guarded("pydicom-seg reads seg", pydicom_seg_reads, python2, agent.work, path, labels)


def dcmqi_reads(work, path, labels):
    out = work / "dcmqi"
    out.mkdir()
    subprocess.run([BIN / "segimage2itkimage", "--inputDICOM", path, "--outputDirectory", out, "--outputType", "nrrd",
                    "--mergeSegments"], check=True, capture_output=True)
    found = np.zeros_like(labels)
    for file in sorted(out.glob("*.nrrd")):
        found = np.maximum(found, itk_labels(file).astype(np.uint16))
    check("dcmqi reads seg", np.array_equal(found, labels), f"{(found != labels).sum()} voxels differ")


def pydicom_seg_reads(python2, work, path, labels):
    program = (
        "import sys, pydicom, pydicom_seg, SimpleITK as sitk\n"
        "read = pydicom_seg.MultiClassReader().read(pydicom.dcmread(sys.argv[1]))\n"
        "sitk.WriteImage(read.image, sys.argv[2])\n"
    )
    out = work / "pydicom-seg.nrrd"
    subprocess.run([python2, "-c", program, path, out], check=True, capture_output=True)
    check("pydicom-seg reads seg", np.array_equal(itk_labels(out), labels))


def descriptions(numbers):
    return [hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=f"part {number}",
        segmented_property_category=CodedConcept("123037004", "SCT", "Anatomical Structure"),
        segmented_property_type=CodedConcept("64033007", "SCT", "Kidney"),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
        tracking_uid=hd.UID(), tracking_id=f"object {number}",
        display_color=hd.color.CIELabColor(50.0, 10.0 * number, -20.0),
    ) for number in numbers]


def highdicom_writes(series, pixels, kind, syntax, **more):
    return hd.seg.Segmentation(
        source_images=series, pixel_array=pixels, segmentation_type=kind, segment_descriptions=descriptions(range(1, 6)),
        series_instance_uid=hd.UID(), series_number=9, sop_instance_uid=hd.UID(), instance_number=1,
        manufacturer="m", manufacturer_model_name="n", software_versions="1", device_serial_number="2",
        transfer_syntax_uid=syntax, **more)


def seg_theirs(agent, series, labels):
    Types = hd.seg.SegmentationTypeValues
    dense = labels.astype(np.uint8)
    cases = [(Types.BINARY, ExplicitVRLittleEndian, {}), (Types.BINARY, ExplicitVRLittleEndian, {"omit_empty_frames": False})]
    for syntax in (ExplicitVRLittleEndian, RLELossless, JPEG2000Lossless, JPEGLSLossless):
        cases += [(Types.LABELMAP, syntax, {}), (Types.FRACTIONAL, syntax, {})]
    for kind, syntax, more in cases:
        name = f"ours reads highdicom {kind.value} {syntax.name} {more or ''}"

        def part():
            path = agent.work / f"highdicom-{kind.value}-{syntax}-{len(more)}.dcm"
            highdicom_writes(series, dense, kind, syntax, **more).save_as(path)
            check(name, np.array_equal(agent.labels(path), labels))

        guarded(name, part)


def dcmqi_writes(agent, labels):
    itk = sitk.GetImageFromArray(labels)
    itk.SetSpacing(SPACING), itk.SetOrigin(ORIGIN.tolist()), itk.SetDirection(DIRECTION.ravel().tolist())
    image, meta, path = (agent.work / f"dcmqi-in{end}" for end in (".nrrd", ".json", ".dcm"))
    sitk.WriteImage(itk, str(image))
    code = {"CodeValue": "85756007", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Tissue"}
    segments = [{"labelID": number, "SegmentDescription": f"part {number}", "SegmentAlgorithmType": "MANUAL",
                 "SegmentedPropertyCategoryCodeSequence": code, "SegmentedPropertyTypeCodeSequence": code,
                 "recommendedDisplayRGBValue": [10 * number, 200, 30]} for number in range(1, 6)]
    meta.write_text(json.dumps({"ContentCreatorName": "x", "SeriesNumber": "7", "InstanceNumber": "1",
                                "SeriesDescription": "s", "ContentLabel": "L", "ContentDescription": "d",
                                "segmentAttributes": [segments]}))
    subprocess.run([BIN / "itkimage2segimage", "--inputImageList", image, "--inputDICOMDirectory", agent.series,
                    "--inputMetadata", meta, "--outputDICOM", path], check=True, capture_output=True)
    check("ours reads dcmqi", np.array_equal(agent.labels(path), labels))


def rtstruct_ours(agent, nifti, labels, python2):
    path, said = agent.convert(nifti, ".dcm", "--as", "rtstruct")
    check("certificate of rtstruct", said["certificate"]["voxels"] == "exact")
    dciodvfy("rtstruct", path)
    check("ours reads rtstruct", np.array_equal(agent.labels(path), labels))
    if python2:
        guarded("dicompyler-core reads rtstruct", dicompyler_reads, python2, path)


def dicompyler_reads(python2, path):
    program = (
        "import sys, json\n"
        "from dicompylercore import dicomparser\n"
        "found = dicomparser.DicomParser(sys.argv[1])\n"
        "planes = {number: found.GetStructureCoordinates(number).values() for number in found.GetStructures()}\n"
        "print(json.dumps({number: sum(len(plane) for plane in of) for number, of in planes.items()}))\n"
    )
    done = subprocess.run([python2, "-c", program, path], check=True, capture_output=True, text=True)
    contours = {int(number): count for number, count in json.loads(done.stdout.splitlines()[-1]).items()}
    regions = pydicom.dcmread(path).ROIContourSequence
    expected = {int(region.ReferencedROINumber): len(region.ContourSequence) for region in regions}
    check("dicompyler-core reads rtstruct", contours == expected and len(contours) == 5, str(contours))


def rt_utils_reads(agent, nifti, labels):
    path, _ = agent.convert(nifti, ".dcm", "--as", "rtstruct")
    from rt_utils import RTStructBuilder

    loaded = RTStructBuilder.create_from(dicom_series_path=str(agent.series), rt_struct_path=str(path))
    one = labels == 1
    mask = loaded.get_roi_mask_by_name("Segment 1").transpose(2, 0, 1)
    # It draws the line itself too, rounded to whole pixels: what differs lies along the outlines, inside or outside.
    near = [(j, i) for j in (-1, 0, 1) for i in (-1, 0, 1)]
    grown = np.any([np.roll(one, step, (1, 2)) for step in near], axis=0)
    inner = np.all([np.roll(one, step, (1, 2)) for step in near], axis=0)
    check("rt-utils reads rtstruct, but for a rim", not (inner & ~mask).any() and not (mask & ~grown).any(),
          f"{(mask & ~one).sum()} voxels more and {(one & ~mask).sum()} fewer of {one.sum()}")


def rt_utils_writes(agent, labels):
    from rt_utils import RTStructBuilder

    made = RTStructBuilder.create_new(dicom_series_path=str(agent.series))
    names = {1: "ball", 3: "rim", 4: "dot"}
    for number, name in names.items():
        made.add_roi(mask=(labels == number).transpose(1, 2, 0), name=name)
    path = agent.work / "rt-utils.dcm"
    made.save(str(path))
    found = agent.labels(path)
    for place, number in enumerate(names, 1):
        same = np.array_equal(found == place, labels == number)
        check(f"ours reads rt-utils, {names[number]}", same, f"{((found == place) != (labels == number)).sum()} voxels differ")


def rt_utils(program, work):
    """On square images of square pixels: rt-utils takes rows for columns, and their distances for each other's."""
    global SPACING, ROWS
    SPACING, ROWS = (0.8, 0.8, 2.5), COLUMNS
    series, nifti, labels = work / "square", work / "square.nii.gz", make_labels()
    make_series(series)
    save_nifti(labels, nifti)
    (work / "rt-utils").mkdir()
    agent = Agent(program, work / "rt-utils", series)
    guarded("rt-utils reads rtstruct", rt_utils_reads, agent, nifti, labels)
    guarded("ours reads rt-utils", rt_utils_writes, agent, labels)


def others(agent, nifti, labels):
    path, said = agent.convert(nifti, ".seg.nrrd")
    check("certificate of seg.nrrd", said["certificate"]["voxels"] == "exact")
    check("SimpleITK reads seg.nrrd", np.array_equal(itk_labels(path), labels))
    data, header = nrrd.read(str(path))
    same = np.array_equal(data.transpose(2, 1, 0), labels) and header["Segment0_ID"] == "Segment_1"
    check("pynrrd reads seg.nrrd", same)
    theirs = agent.work / "pynrrd.seg.nrrd"
    keys = {key: value for key, value in header.items() if key.startswith("Seg")}
    base = {"space": "right-anterior-superior", "space directions": (affine_ras()[:3, :3]).T,
            "space origin": affine_ras()[:3, 3], "kinds": ["domain"] * 3, "encoding": "gzip"}
    nrrd.write(str(theirs), labels.transpose(2, 1, 0), {**base, **keys})
    check("ours reads pynrrd", np.array_equal(agent.labels(theirs), labels))

    path, said = agent.convert(nifti, ".nii.gz", reference=False)
    image = nibabel.load(path)
    same = np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), labels)
    check("nibabel overlays NIfTI", same and np.allclose(image.affine, affine_ras(), atol=1e-5))
    turned = agent.work / "turned.nii.gz"
    nibabel.save(nibabel.as_closest_canonical(nibabel.load(nifti)), turned)
    check("ours reads NIfTI with other axes", np.array_equal(agent.labels(turned), labels))

    path, said = agent.convert(nifti, ".json")
    check("certificate of COCO", said["certificate"]["voxels"] == "exact")
    found = np.zeros_like(labels)
    for one in json.loads(path.read_text())["annotations"]:
        mask = coco_mask.decode(one["segmentation"]).astype(bool)
        found[one["image_id"] - 1][mask] = one["category_id"]
        area, box = coco_mask.area(one["segmentation"]), coco_mask.toBbox(one["segmentation"]).tolist()
        assert area == one["area"] and box == one["bbox"], one["id"]
    check("pycocotools reads COCO", np.array_equal(found, labels))


def surfaces(agent, nifti, labels):
    import trimesh

    for end in (".stl", ".ply"):
        path, said = agent.convert(nifti, end, "--segment", "1")
        check(f"certificate of {end}", said["certificate"]["voxels"] == "exact")
        read = trimesh.load(path)
        volume = (labels == 1).sum() * np.prod(SPACING)
        # Every edge is run along as often one way as the other. Where voxels touch along an edge, four triangles do.
        edges = read.edges
        turn = np.where(edges[:, 0] < edges[:, 1], 1, -1)
        _, place = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True)
        closed = not np.bincount(place.ravel(), turn).any()
        check(f"trimesh finds {end} closed", closed and abs(read.volume / volume - 1) < 0.15,
              f"{read.volume:.1f} of {volume:.1f} mm3")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True, type=Path)
    parser.add_argument("--pydicom2", type=Path)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="ringfence-formats-"))
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    series, labels, nifti = make_series(work / "series"), make_labels(), work / "labels.nii.gz"
    save_nifti(labels, nifti)
    agent = Agent(options.agent.resolve(), work, work / "series")
    guarded("seg", seg_ours, agent, nifti, labels, options.pydicom2)
    guarded("highdicom", seg_theirs, agent, series, labels)
    guarded("ours reads dcmqi", dcmqi_writes, agent, labels)
    guarded("rtstruct", rtstruct_ours, agent, nifti, labels, options.pydicom2)
    guarded("nrrd, NIfTI, COCO", others, agent, nifti, labels)
    guarded("surfaces", surfaces, agent, nifti, labels)
    rt_utils(options.agent.resolve(), work)
    if not options.work:
        shutil.rmtree(work)
    print(f"{len(failures)} differences" if failures else "no difference")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
