"""Measures and consensus of label maps: ours beside SimpleITK, surface-distance, scipy and, where it is installed, MONAI.

measures_compare.py AGENT: AGENT is ringfence-agent. Masks are drawn at random on grids
of several spacings, two of them with parts of a real atlas where one is installed; all go through the command line as
NIfTI files, and every number is compared.
"""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import nibabel
import numpy as np
import SimpleITK as sitk
import surface_distance as sd
from scipy import ndimage, optimize

ATLAS = pathlib.Path("/usr/share/mricron/templates/aal.nii.gz")
TAU_MM = 2.0
warnings.filterwarnings("ignore")


def near(what, ours, theirs, tolerance=1e-6):
    if ours is None or not abs(ours - theirs) <= tolerance * max(1.0, abs(theirs)):
        raise SystemExit(f"{what}: ours {ours}, theirs {theirs}")


def blobs(random, shape, labels):
    """Smooth noise above its upper values: several parts of any form."""
    noise = [ndimage.gaussian_filter(random.standard_normal(shape), 2) for _ in range(labels)]
    label = np.argmax(noise, axis=0) + 1
    return np.where(np.max(noise, axis=0) > np.quantile(np.max(noise, axis=0), 0.7), label, 0).astype(np.uint16)


def other_hand(random, labels):
    """The same, moved and torn a little."""
    moved = np.roll(labels, random.integers(-1, 2, 3), (0, 1, 2))
    holes = ndimage.gaussian_filter(random.standard_normal(labels.shape), 1.5)
    return np.where(holes > np.quantile(holes, 0.93), 0, moved).astype(np.uint16)


def written(place, name, array, spacing):
    """Arrays are (k, j, i); so are spacings."""
    path = place / f"{name}.nii"
    path.unlink(missing_ok=True)
    nibabel.Nifti1Image(array.transpose(2, 1, 0), np.diag([*spacing[::-1], 1])).to_filename(path)
    return path


def ran(*arguments):
    run = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{arguments[1:4]}: {run.stderr}")
    return json.loads(run.stdout)


def image_of(array, spacing):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([float(mm) for mm in spacing[::-1]])
    return image


def surfaces(line, a, b, spacing):
    """Everything by area: the definitions of surface-distance are ours."""
    found = sd.compute_surface_distances(a, b, spacing)
    near("NSD", line["nsd"], sd.compute_surface_dice_at_tolerance(found, TAU_MM))
    near("HD95", line["hd95_mm"], sd.compute_robust_hausdorff(found, 95))
    near("HD", line["hd_mm"], sd.compute_robust_hausdorff(found, 100))
    one, other = sd.compute_average_surface_distance(found)
    near("MASD", line["masd_mm"], (one + other) / 2)
    areas = [found["surfel_areas_gt"].sum(), found["surfel_areas_pred"].sum()]
    near("ASSD", line["assd_mm"], (one * areas[0] + other * areas[1]) / sum(areas))
    return areas


def borders(line, a, b, spacing):
    """By border voxels: SimpleITK's Hausdorff distance is between all voxels of both, which gives the same maximum."""
    hausdorff = sitk.HausdorffDistanceImageFilter()
    hausdorff.Execute(*(image_of(mask.astype(np.uint8), spacing) for mask in (a, b)))
    away = [ndimage.distance_transform_edt(~mask, sampling=spacing) for mask in (a, b)]
    near("HD of voxels", hausdorff.GetHausdorffDistance(), max(away[1][a].max(), away[0][b].max()))
    edges = [mask ^ ndimage.binary_erosion(mask) for mask in (a, b)]
    to = [ndimage.distance_transform_edt(~edge, sampling=spacing) for edge in edges]
    distances = [to[1][edges[0]], to[0][edges[1]]]
    near("border HD", line["border_hd_mm"], max(d.max() for d in distances))
    near("border HD95", line["border_hd95_mm"], max(np.percentile(d, 95) for d in distances))
    near("border ASSD", line["border_assd_mm"], np.concatenate(distances).mean())
    near("border MASD", line["border_masd_mm"], sum(d.mean() for d in distances) / 2)
    near("border NSD", line["border_nsd"], (np.concatenate(distances) <= TAU_MM).mean())
    if importlib.util.find_spec("monai"):
        import torch
        from monai.metrics import compute_hausdorff_distance, compute_surface_dice

        tensors = [torch.from_numpy(np.stack([~mask, mask]))[None] for mask in (b, a)]
        near("MONAI HD", line["border_hd_mm"], float(compute_hausdorff_distance(*tensors, spacing=spacing)), 1e-5)
        near("MONAI NSD", line["border_nsd"], float(compute_surface_dice(*tensors, [TAU_MM], spacing=spacing)), 1e-5)


def segments(lines, masks, spacing, image, areas):
    for line, mask, area in zip(lines, masks, areas):
        near("surface", line["surface_mm2"], area)
        statistics = sitk.LabelStatisticsImageFilter()
        statistics.Execute(image_of(image, spacing), image_of(mask.astype(np.uint8), spacing))
        near("mean", line["mean"], statistics.GetMean(1))
        near("deviation", line["standard_deviation"], statistics.GetSigma(1))
        near("minimum", line["minimum"], statistics.GetMinimum(1))
        near("maximum", line["maximum"], statistics.GetMaximum(1))
        near("median", line["median"], np.median(image[mask]))
        near("5th percentile", line["percentile_5"], np.percentile(image[mask], 5))
        near("parts", line["components"], ndimage.label(mask, np.ones((3, 3, 3)))[1], 0)


def instances(line, a, b):
    """The best pairs by scipy, with those that are not allowed made dear."""
    parts = [ndimage.label(mask, np.ones((3, 3, 3)))[0] for mask in (a, b)]
    number = [part.max() for part in parts]
    both = np.zeros(np.add(number, 1))
    np.add.at(both, (parts[0].ravel(), parts[1].ravel()), 1)
    sizes = [np.bincount(part.ravel(), minlength=n + 1) for part, n in zip(parts, number)]
    overlap = (both / (sizes[0][:, None] + sizes[1][None] - both))[1:, 1:]
    cost = np.where(overlap >= 0.5, 1 - overlap, 1e6)
    pairs = [pair for pair in zip(*optimize.linear_sum_assignment(cost)) if cost[pair] < 1e6]
    near("true positives", line["true_positives"], len(pairs), 0)
    near("false positives", line["false_positives"], number[1] - len(pairs), 0)
    near("false negatives", line["false_negatives"], number[0] - len(pairs), 0)
    near("F1", line["f1"], 2 * len(pairs) / sum(number))
    near("overlap of the pairs", sum(pair["iou"] for pair in line["pairs"]), sum(overlap[pair] for pair in pairs))


def measures(agent, place, name, reference, candidate, spacing, random):
    image = np.round(random.normal(40, 120, reference.shape)).astype(np.int16)
    paths = [written(place, f"{name}-{at}", array, spacing) for at, array in enumerate((reference, candidate))]
    picture = written(place, f"{name}-image", image, spacing)
    found = ran(agent, "masks", "measure", *paths, "--tau-mm", TAU_MM, "--borders", "--instances", "parts",
                "--image", picture, "--json")
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(image_of(reference, spacing), image_of(candidate, spacing))
    both = 0
    for line, objects in zip(found["labels"], found["instances"]):
        label = line["label"]
        a, b = reference == label, candidate == label
        if not (a.any() and b.any()):
            continue
        both += 1
        near("Dice", line["dice"], overlap.GetDiceCoefficient(label))
        near("IoU", line["iou"], overlap.GetJaccardCoefficient(label))
        # SimpleITK's is 2 (target - source) / (target + source).
        near("volumes", line["symmetric_volume_difference"], 2 * (b.sum() - a.sum()) / (a.sum() + b.sum()))
        near("volume", line["volume_mm3"][0], a.sum() * np.prod(spacing))
        areas = surfaces(line, a, b, spacing)
        borders(line, a, b, spacing)
        segments([one for one in found["segments"] if one["label"] == label], (a, b), spacing, image, areas)
        instances(objects, a, b)
    return both


def consensus(agent, place, name, maps, spacing):
    """STAPLE over one region in both, the whole image."""
    paths = [written(place, f"{name}-{at}", array, spacing) for at, array in enumerate(maps)]
    out = place / f"{name}-out.nii.gz"

    def decided(*options):
        out.unlink(missing_ok=True)
        found = ran(agent, "masks", "consensus", *paths, *options, "-o", out, "--json")
        return found, np.asarray(nibabel.load(out).dataobj).transpose(2, 1, 0)

    found, painted = decided("--method", "staple", "--label", 1)
    staple = sitk.STAPLEImageFilter()
    weights = staple.Execute([image_of((array == 1).astype(np.uint8), spacing) for array in maps])
    for rater, p, q in zip(found["labels"][0]["raters"], staple.GetSensitivity(), staple.GetSpecificity()):
        near("sensitivity", rater["sensitivity"], p)
        near("specificity", rater["specificity"], q)
    if ((sitk.GetArrayFromImage(weights) >= 0.5) != (painted == 1)).any():
        raise SystemExit("STAPLE paints other voxels")
    highest = int(max(array.max() for array in maps))
    _, painted = decided("--method", "staple-multi", "--undecided", highest + 1)
    multi = sitk.MultiLabelSTAPLE([image_of(array, spacing) for array in maps], highest + 1)
    if (sitk.GetArrayFromImage(multi) != painted).any():
        raise SystemExit("multi-label STAPLE paints other voxels")
    _, painted = decided("--method", "shape-mean", "--label", 1)
    mean = 0
    for array in maps:
        mask = np.pad(array == 1, 1)
        mean = mean + ndimage.distance_transform_edt(~mask, sampling=spacing)
        mean = mean - ndimage.distance_transform_edt(mask, sampling=spacing)
    mean = mean[1:-1, 1:-1, 1:-1]
    if ((mean < 0) != (painted == 1))[np.abs(mean) > 1e-9].any():
        raise SystemExit("the mean shape is another one")


def main():
    with tempfile.TemporaryDirectory() as place:
        compare(sys.argv[1], pathlib.Path(place))


def compare(agent, place):
    random = np.random.default_rng(6)
    labels = 0
    for number in range(8):
        spacing = tuple(float(mm) for mm in random.uniform(0.4, 4, 3).round(2))
        reference = blobs(random, tuple(int(n) for n in random.integers(16, 48, 3)), 3)
        labels += measures(agent, place, f"random{number}", reference, other_hand(random, reference), spacing, random)
        # Voxels so small that our region, 10 mm around all marks, is the whole image.
        maps = [other_hand(random, reference) for _ in range(5)]
        consensus(agent, place, f"maps{number}", maps, (0.15, 0.2, 0.2) if number % 2 else (0.2, 0.2, 0.17))
    if ATLAS.exists():
        atlas = np.asarray(nibabel.load(ATLAS).dataobj).transpose(2, 1, 0)
        some = [int(label) for label in np.unique(atlas)[1:] if (atlas == label).sum() > 500][:4]
        real = np.where(np.isin(atlas, some), atlas, 0).astype(np.uint16)
        # Cut to what is marked, so that the others are done in time.
        marked = [np.flatnonzero((real > 0).any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
        real = np.ascontiguousarray(real[tuple(slice(max(0, at[0] - 3), at[-1] + 4) for at in marked)])
        labels += measures(agent, place, "atlas", real, other_hand(random, real), (1.5, 1.0, 0.8), random)
    print(f"{labels} labels of {'random and real' if ATLAS.exists() else 'random'} masks: overlap, surfaces, borders, "
          "statistics and objects equal; STAPLE, for one and all labels, and mean shapes equal")


if __name__ == "__main__":
    main()
