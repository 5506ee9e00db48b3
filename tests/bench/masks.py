"""Measures of label maps and STAPLE: ours beside SimpleITK, surface-distance and, where it is installed, MONAI.

masks.py EXAMPLE PLACE: EXAMPLE is the example program measure_bench of agent-imaging, built for release; PLACE a folder
to work in. Two label maps of 512 by 512 by 300 voxels with five organs, and three more for STAPLE. Each tool runs in a
process of its own, so that its memory is its own, on the same files, and does what people do with it to get Dice, NSD
at 2 mm, HD95 and the volumes of all labels. All times are without reading the files. Prints JSON.
"""

import importlib.util
import json
import pathlib
import resource
import subprocess
import sys
import time

import numpy as np

SHAPE = (300, 512, 512)
SPACING = (1.0, 0.7, 0.7)
TAU_MM = 2.0
# Centre and radii along (k, j, i) in voxels: liver, spleen, both kidneys, stomach.
ORGANS = [
    ((170, 230, 180), (75, 110, 120)),
    ((185, 300, 390), (45, 45, 65)),
    ((110, 310, 170), (50, 35, 35)),
    ((115, 310, 360), (50, 35, 35)),
    ((200, 190, 350), (40, 50, 50)),
]
FILES = 5


def organs(seed):
    """Ellipsoids with bumps of a few waves, as another hand would draw them; later ones lie on top."""
    random = np.random.default_rng(seed)
    labels = np.zeros(SHAPE, np.uint8)
    for label, (centre, radii) in enumerate(ORGANS, 1):
        centre = np.array(centre) + random.uniform(-1.5, 1.5, 3) * (seed > 0)
        radii = np.array(radii) * (1 + random.uniform(-0.02, 0.02, 3) * (seed > 0))
        low = np.maximum(0, np.floor(centre - 1.3 * radii)).astype(int)
        high = np.minimum(SHAPE, np.ceil(centre + 1.3 * radii)).astype(int)
        grids = np.ogrid[tuple(slice(a, b) for a, b in zip(low, high))]
        k, j, i = ((grid - c) / r for grid, c, r in zip(grids, centre, radii))
        shape = np.random.default_rng(label)
        waves = sum(
            shape.uniform(0.02, 0.06) * np.sin(a * k + b * j + c * i + p)
            for a, b, c, p in shape.uniform(1, 5, (4, 4))
        )
        hand = 0.015 * np.sin(9 * k + random.uniform(0, 6)) * np.sin(9 * j) * np.sin(9 * i) * (seed > 0)
        inside = k * k + j * j + i * i <= (1 + waves + hand) ** 2
        labels[tuple(slice(a, b) for a, b in zip(low, high))][inside] = label
    return labels


def load(place, number):
    return np.fromfile(place / f"{number}.raw", np.uint8).reshape(SHAPE)


def by_simpleitk(reference, candidate):
    import SimpleITK as sitk

    images = [sitk.GetImageFromArray(array) for array in (reference, candidate)]
    for image in images:
        image.SetSpacing(SPACING[::-1])
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*images)
    found = []
    for label in range(1, len(ORGANS) + 1):
        # The box of the label, as whoever wants it fast would cut it; the library does not.
        boxes = sitk.LabelShapeStatisticsImageFilter()
        masks = [image == label for image in images]
        boxes.Execute(masks[0] | masks[1])
        box = boxes.GetBoundingBox(1)
        low = [max(0, box[axis] - 1) for axis in range(3)]
        high = [min(images[0].GetSize()[axis], box[axis] + box[axis + 3] + 1) for axis in range(3)]
        masks = [mask[low[0]:high[0], low[1]:high[1], low[2]:high[2]] for mask in masks]
        voxels = [sitk.GetArrayViewFromImage(mask).sum() for mask in masks]
        distances = []
        contours = [sitk.LabelContour(mask, fullyConnected=False) for mask in masks]
        for one, other in ((0, 1), (1, 0)):
            away = sitk.Abs(sitk.SignedMaurerDistanceMap(contours[other], squaredDistance=False, useImageSpacing=True))
            on = sitk.GetArrayViewFromImage(contours[one]) == 1
            distances.append(sitk.GetArrayViewFromImage(away)[on])
        near = sum((d <= TAU_MM).sum() for d in distances) / sum(len(d) for d in distances)
        hd95 = max(np.percentile(d, 95) for d in distances)
        volumes = [float(n * np.prod(SPACING)) for n in voxels]
        found.append((overlap.GetDiceCoefficient(label), float(near), float(hd95), volumes))
    return found


def by_surface_distance(reference, candidate):
    import surface_distance as sd

    found = []
    for label in range(1, len(ORGANS) + 1):
        a, b = reference == label, candidate == label
        surfaces = sd.compute_surface_distances(a, b, SPACING)
        found.append((
            float(sd.compute_dice_coefficient(a, b)),
            float(sd.compute_surface_dice_at_tolerance(surfaces, TAU_MM)),
            float(sd.compute_robust_hausdorff(surfaces, 95)),
            [float(mask.sum() * np.prod(SPACING)) for mask in (a, b)],
        ))
    return found


def by_monai(reference, candidate):
    import torch
    from monai.metrics import compute_dice, compute_hausdorff_distance, compute_surface_dice

    def one_hot(array):
        return torch.stack([torch.from_numpy(array == label) for label in range(len(ORGANS) + 1)])[None]

    a, b = one_hot(reference), one_hot(candidate)
    dice = compute_dice(b, a, include_background=False)[0]
    near = compute_surface_dice(b, a, [TAU_MM] * len(ORGANS), spacing=SPACING)[0]
    hd95 = compute_hausdorff_distance(b, a, percentile=95, spacing=SPACING)[0]
    volumes = [[float(mask[0, label].sum() * np.prod(SPACING)) for mask in (a, b)] for label in range(1, len(ORGANS) + 1)]
    return [(float(d), float(n), float(h), v) for d, n, h, v in zip(dice, near, hd95, volumes)]


def by_staple(*maps):
    import SimpleITK as sitk

    staple = sitk.STAPLEImageFilter()
    staple.SetForegroundValue(1)
    masks = [array == 1 for array in maps]
    # Our region: the box around all masks and 10 mm, so that both find the same.
    either = np.logical_or.reduce(masks)
    box = []
    for axis, (length, mm) in enumerate(zip(SHAPE, SPACING)):
        marked = np.flatnonzero(either.any(axis=tuple({0, 1, 2} - {axis})))
        margin = int(np.ceil(10 / mm - 1e-6))
        box.append(slice(max(0, marked[0] - margin), min(length, marked[-1] + margin + 1)))
    weights = staple.Execute([sitk.GetImageFromArray(mask[tuple(box)].astype(np.uint8)) for mask in masks])
    return int((sitk.GetArrayViewFromImage(weights) >= 0.5).sum())


TOOLS = {
    "SimpleITK": ("SimpleITK", by_simpleitk, 2),
    "surface-distance": ("surface_distance", by_surface_distance, 2),
    "MONAI": ("monai", by_monai, 2),
    "SimpleITK STAPLE": ("SimpleITK", by_staple, FILES),
}


def main():
    if sys.argv[1] == "--one":
        place, (_, work, files) = pathlib.Path(sys.argv[2]), TOOLS[sys.argv[3]]
        maps = [load(place, number) for number in range(files)]
        started = time.perf_counter()
        found = work(*maps)
        seconds = time.perf_counter() - started
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "peak_mib": peak_mib, "found": found}))
        return
    example, place = sys.argv[1], pathlib.Path(sys.argv[2])
    place.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        organs(number).tofile(place / f"{number}.raw")
    files = [str(place / f"{number}.raw") for number in range(FILES)]
    ours = json.loads(subprocess.run([example, *files], check=True, capture_output=True, text=True).stdout)
    pair = json.loads(subprocess.run([example, *files[:2]], check=True, capture_output=True, text=True).stdout)
    ours["pair_peak_mib"] = pair["measure_peak_mib"]
    result = {"ours": ours, "peers": {}}
    for name, (module, _, _) in TOOLS.items():
        if importlib.util.find_spec(module):
            run = subprocess.run([sys.executable, __file__, "--one", str(place), name], check=True, capture_output=True, text=True)
            result["peers"][name] = json.loads(run.stdout)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
