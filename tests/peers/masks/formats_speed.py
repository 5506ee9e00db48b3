"""A segmentation of many segments, written and read by ours and by highdicom; prints the times and their ratios.

  formats_speed.py --ours PATH [--segments 100] [--slices 300] [--size 512] [--work FOLDER]

PATH is the example `seg_speed` of agent-formats, built with --release. Both write a binary segmentation with a frame
for each slice of each segment that has a voxel there, to a file, and read it from the file to one label map in memory.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import highdicom as hd
import nibabel
import numpy as np
from highdicom.sr.coding import CodedConcept

import formats_compare as small

warnings.filterwarnings("ignore")


def make_labels(segments, slices, size):
    """Tubes side by side that reach through all slices and lean over: every segment has a frame on each."""
    across = int(np.ceil(np.sqrt(segments)))
    cell = size / across
    j, i = np.mgrid[:size, :size]
    labels = np.zeros((slices, size, size), np.uint16)
    for k in range(slices):
        lean = np.sin(k / 20) * cell / 6
        column, row = (i // cell).astype(int), (j // cell).astype(int)
        inside = ((i + 0.5) % cell - cell / 2 - lean) ** 2 + ((j + 0.5) % cell - cell / 2) ** 2 < (cell / 3.2) ** 2
        number = row * across + column + 1
        labels[k] = np.where(inside & (number <= segments), number, 0)
    return labels


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, type=Path)
    parser.add_argument("--segments", type=int, default=100)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="ringfence-speed-"))
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    small.COLUMNS = small.ROWS = options.size
    small.SLICES = options.slices
    series = small.make_series(work / "series")
    labels = make_labels(options.segments, options.slices, options.size)
    nibabel.save(nibabel.Nifti1Image(labels.transpose(2, 1, 0), small.affine_ras()), work / "labels.nii.gz")

    done = subprocess.run([options.ours, work / "series", work / "labels.nii.gz", work / "ours.dcm"],
                          check=True, capture_output=True, text=True)
    ours = json.loads(done.stdout)

    tissue = CodedConcept("85756007", "SCT", "Tissue")
    described = [hd.seg.SegmentDescription(
        segment_number=number, segment_label=f"Segment {number}", segmented_property_category=tissue,
        segmented_property_type=tissue, algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL)
        for number in range(1, options.segments + 1)]
    begun = time.perf_counter()
    seg = hd.seg.Segmentation(
        source_images=series, pixel_array=labels, segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=described, series_instance_uid=hd.UID(), series_number=9, sop_instance_uid=hd.UID(),
        instance_number=1, manufacturer="m", manufacturer_model_name="n", software_versions="1",
        device_serial_number="2")
    seg.save_as(work / "highdicom.dcm")
    write_s = time.perf_counter() - begun
    frames = int(seg.NumberOfFrames)
    del seg
    begun = time.perf_counter()
    read = hd.seg.segread(work / "highdicom.dcm")
    volume = read.get_volume(combine_segments=True)
    read_s = time.perf_counter() - begun
    array = volume.array if volume.array.shape[0] == options.slices else None
    same = array is not None and (np.array_equal(array, labels) or np.array_equal(array[::-1], labels))
    theirs = {"write_s": write_s, "read_s": read_s}
    print(json.dumps({
        "segments": options.segments, "slices": options.slices, "size": options.size, "frames": frames,
        "ours": ours, "highdicom": theirs, "highdicom_reads_the_same": bool(same),
        "ratio": {key: round(theirs[key] / ours[key], 1) for key in ours},
    }, indent=1))
    if not options.work:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
