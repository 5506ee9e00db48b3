"""The operations of the mask engine beside SimpleITK and SciPy.

    ops_compare.py AGENT            what `AGENT masks apply` makes of small masks, voxel by voxel
    ops_compare.py --bench PROGRAM  how long the operations take, PROGRAM being agent-imaging's example ops_bench

Where definitions coincide the answers must be equal. Distances that SimpleITK finds in single precision may decide a
tie; its voxels within a thousandth of a millimetre of the margin are left out, and SciPy's, in double precision, are
not. Left out because they are other things: SimpleITK's median and its structuring elements are boxes and ellipsoids
of whole voxels and not balls in millimetres (SciPy is given the ball); Slicer's level tracing and scissors have no
counterpart in either.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

SPACINGS = [(1.0, 1.0, 1.0), (0.7, 0.9, 2.5), (2.0, 0.6, 1.1)]
SIZE = (38, 33, 24)
# As far as the balls reach: there the ends of the volume, where definitions differ, have no part.
RIM = 10
# What agent-imaging's margin adds, because NIfTI keeps spacings in single precision.
ROUNDING = 1 + 1e-6
MARGINS = [0.8, 1.0, 2.4, 3.0, 5.0]
RADII = [1.0, 2.0, 3.1]


def blobs(shape, rng, labels):
    """Labels as smooth random shapes with holes, islands and thin parts; axes (k, j, i)."""
    found = np.zeros(shape, np.uint16)
    for label in range(1, labels + 1):
        field = ndimage.gaussian_filter(rng.standard_normal(shape), rng.uniform(1.0, 3.0))
        found[field > np.quantile(field, 0.86)] = label
    noise = rng.random(shape)
    found[(noise < 0.02) & (found > 0)] = 0
    found[noise > 0.995] = 1
    return found


def image_of(array, spacing):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    return image


class Agent:
    """`masks apply` on files."""

    def __init__(self, program, place):
        self.program, self.place, self.calls = program, Path(place), 0

    def apply(self, operation, labels, spacing, *arguments, image=None):
        self.calls += 1
        source, result = self.place / f"in{self.calls}.nii", self.place / f"out{self.calls}.nii.gz"
        sitk.WriteImage(image_of(labels, spacing), str(source))
        if image is not None:
            values = self.place / f"image{self.calls}.nii"
            sitk.WriteImage(image_of(image, spacing), str(values))
            arguments = (*arguments, "--image", str(values))
        words = [self.program, "masks", "apply", operation, str(source), "-o", str(result), *map(str, arguments)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(words)}: {done.stderr}")
        return sitk.GetArrayFromImage(sitk.ReadImage(str(result))).astype(np.uint16)


class Account:
    def __init__(self):
        self.equal, self.differ = {}, []

    def check(self, what, ours, theirs, where=None):
        wrong = ours != theirs
        if where is not None:
            wrong &= where
        if wrong.any():
            self.differ.append(f"{what}: {int(wrong.sum())} voxels differ, the first at (k, j, i) {tuple(np.argwhere(wrong)[0])}")
        else:
            self.equal[what.split(":")[0]] = self.equal.get(what.split(":")[0], 0) + 1


def ball(radius, spacing):
    """The voxels of a ball in millimetres; axes (k, j, i)."""
    steps = [np.arange(-int(radius / mm), int(radius / mm) + 1) * mm for mm in reversed(spacing)]
    k, j, i = np.meshgrid(*steps, indexing="ij")
    return k * k + j * j + i * i <= radius * radius


def margins(agent, account, labels, spacing):
    mask = labels == 1
    own = image_of(mask.astype(np.uint8), spacing)
    maurer = lambda image: sitk.GetArrayFromImage(sitk.SignedMaurerDistanceMap(image, False, False, True))
    outside, inside = maurer(own), maurer(sitk.Not(own))
    exact = [ndimage.distance_transform_edt(side, sampling=tuple(reversed(spacing))) for side in (~mask, mask)]
    for mm in MARGINS:
        grown = agent.apply("margin", labels, spacing, "--label", 1, "--mm", mm) == 1
        shrunk = agent.apply("margin", labels, spacing, "--label", 1, "--mm", -mm) == 1
        account.check(f"margin beside SimpleITK's Maurer distances: +{mm}", grown, outside <= mm, np.abs(outside - mm) > 1e-3)
        account.check(f"margin beside SimpleITK's Maurer distances: -{mm}", shrunk, inside > mm, np.abs(inside - mm) > 1e-3)
        account.check(f"margin beside SciPy's distances: +{mm}", grown, exact[0] <= mm * (ROUNDING))
        account.check(f"margin beside SciPy's distances: -{mm}", shrunk, exact[1] > mm * (ROUNDING))
        shell = agent.apply("shell", labels, spacing, "--label", 1, "--mm", mm, "--side", "inward") == 1
        account.check(f"shell beside SciPy's distances: {mm}", shell, mask & (exact[1] <= mm * (ROUNDING)))


def smoothing(agent, account, labels, spacing):
    padded = np.pad(labels, RIM)
    mask = padded == 1
    for mm in RADII:
        footprint = ball(mm, spacing)
        for method, theirs in [
            ("median", ndimage.median_filter(mask.astype(np.uint8), footprint=footprint) == 1),
            ("open", ndimage.binary_opening(mask, footprint)),
            ("close", ndimage.binary_closing(mask, footprint)),
        ]:
            ours = agent.apply("smooth", padded, spacing, "--label", 1, "--method", method, "--mm", mm)
            account.check(f"{method} beside SciPy's: {mm}", ours == 1, theirs)


def parts(agent, account, labels, spacing):
    mask = (labels == 1).astype(np.uint8)
    for neighbours, full in [(6, False), (26, True)]:
        components = sitk.ConnectedComponent(image_of(mask, spacing), full)
        sizes = sitk.GetArrayFromImage(sitk.RelabelComponent(components))
        counts = np.bincount(sizes.ravel())[1:]
        kept = agent.apply("islands", labels, spacing, "--label", 1, "--rule", "keep-largest", "--neighbours", neighbours)
        if len(counts) < 2 or counts[0] > counts[1]:
            account.check(f"largest island beside SimpleITK's: {neighbours}", kept == 1, sizes == 1)
        for least in (2, 9, 40):
            left = sitk.GetArrayFromImage(sitk.RelabelComponent(components, least)) > 0
            ours = agent.apply("islands", labels, spacing, "--label", 1, "--rule", "remove-small", "--minimum-voxels", least, "--neighbours", neighbours)
            account.check(f"islands of a size beside SimpleITK's: {neighbours} {least}", ours == 1, left)
    edges, _ = ndimage.label(mask, ndimage.generate_binary_structure(3, 2))
    counts = np.bincount(edges.ravel())
    counts[0] = 0
    ours = agent.apply("islands", labels, spacing, "--label", 1, "--rule", "remove-small", "--minimum-voxels", 9, "--neighbours", 18)
    account.check("islands of a size beside SciPy's: 18", ours == 1, counts[edges] >= 9)


def holes(agent, account, labels, spacing):
    mask = labels == 1
    ours = agent.apply("fill-holes", labels, spacing, "--label", 1) == 1
    theirs = sitk.GetArrayFromImage(sitk.BinaryFillhole(image_of(mask.astype(np.uint8), spacing), False)) > 0
    account.check("holes beside SimpleITK's", ours, theirs)
    account.check("holes beside SciPy's", ours, ndimage.binary_fill_holes(mask))
    for axis, name in enumerate("kji"):
        ours = agent.apply("fill-holes", labels, spacing, "--label", 1, "--axis", name) == 1
        slices = [ndimage.binary_fill_holes(one) for one in np.moveaxis(mask, axis, 0)]
        account.check(f"holes in slices beside SciPy's: {name}", ours, np.moveaxis(np.array(slices), 0, axis))


def regions(agent, account, labels, spacing, rng):
    values = (ndimage.gaussian_filter(rng.standard_normal(labels.shape), 1.5) * 1000).astype(np.int16)
    k, j, i = np.unravel_index(int(values.argmax()), values.shape)
    lower = int(np.quantile(values, 0.7))
    seed = f"{i},{j},{k}"
    ours = agent.apply("region-grow", labels, spacing, "--label", 9, "--seed", seed, "--range", lower, 32000, image=values)
    theirs = sitk.ConnectedThreshold(image_of(values, spacing), [(int(i), int(j), int(k))], lower, 32000)
    account.check("region growing beside SimpleITK's", ours == 9, sitk.GetArrayFromImage(theirs) > 0)
    ours = agent.apply("threshold", labels, spacing, "--label", 9, "--range", lower, 32000, image=values)
    theirs = sitk.BinaryThreshold(image_of(values, spacing), lower, 32000)
    account.check("threshold beside SimpleITK's", ours == 9, sitk.GetArrayFromImage(theirs) > 0)
    ours = agent.apply("logic", labels, spacing, "--label", 1, "--how", "subtract", "--with", 2, "--from", other_of(agent, labels, spacing, rng))
    account.check("logic beside NumPy's", ours == 1, (labels == 1) & (agent.other != 2))


def other_of(agent, labels, spacing, rng):
    agent.other = blobs(labels.shape, rng, 3)
    file = agent.place / f"other{agent.calls}.nii"
    sitk.WriteImage(image_of(agent.other, spacing), str(file))
    return file


def compare(program):
    rng = np.random.default_rng(20)
    account = Account()
    with tempfile.TemporaryDirectory() as place:
        agent = Agent(program, place)
        for spacing in SPACINGS:
            for _ in range(2):
                labels = blobs(tuple(reversed(SIZE)), rng, 3)
                margins(agent, account, labels, spacing)
                smoothing(agent, account, labels, spacing)
                parts(agent, account, labels, spacing)
                holes(agent, account, labels, spacing)
                regions(agent, account, labels, spacing, rng)
    for what, count in account.equal.items():
        print(f"{what}: {count} answers are equal")
    for line in account.differ:
        print(f"DIFFERS {line}")
    if account.differ or not account.equal:
        raise SystemExit(1)


def phantom(shape):
    """Five organs of a body, a sixth label on every fifth slice, holes and crumbs; and an image of them."""
    rng = np.random.default_rng(7)
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    inside = lambda centre, radii: sum(((axis - at * size) / (radius * size)) ** 2 for axis, at, radius, size in zip((k, j, i), centre, radii, shape)) <= 1
    labels = np.zeros(shape, np.uint16)
    for label, centre, radii in [
        (1, (0.5, 0.45, 0.5), (0.35, 0.25, 0.3)), (2, (0.5, 0.75, 0.3), (0.3, 0.15, 0.12)),
        (3, (0.5, 0.75, 0.7), (0.3, 0.15, 0.12)), (4, (0.6, 0.2, 0.5), (0.25, 0.1, 0.2)),
        (5, (0.25, 0.5, 0.82), (0.15, 0.2, 0.1)),
    ]:
        labels[inside(centre, radii)] = label
    edge = ndimage.gaussian_filter(rng.standard_normal([side // 4 for side in shape]).astype(np.float32), 2)
    edge = np.kron(edge, np.ones((4, 4, 4), np.float32))
    edge = np.pad(edge, [(0, side - have) for side, have in zip(shape, edge.shape)])
    labels[(edge > 0.12) & (labels == 1)] = 0
    labels[rng.random(shape, dtype=np.float32) > 0.9999] = 1
    drawn = inside((0.5, 0.1, 0.15), (0.3, 0.08, 0.1)) & (k % 5 == 0)
    labels[drawn & (labels == 0)] = 6
    values = rng.normal(20, 15, shape).astype(np.int16)
    values[labels > 0] += 100
    return labels, values


def equivalents(mask, labels, values, spacing):
    """For each operation, what does the same or the nearest thing in SimpleITK; of several the fastest counts."""
    one = image_of(mask.astype(np.uint8), spacing)
    others = {label: image_of((labels == label).astype(np.uint8), spacing) for label in range(1, 6)}
    image = image_of(values, spacing)
    voxels = lambda mm: [max(1, int(mm / step)) for step in spacing]
    maurer = lambda: sitk.SignedMaurerDistanceMap(one, False, False, True)
    real = {label: sitk.Cast(other, sitk.sitkFloat32) for label, other in others.items()}
    components = lambda: sitk.ConnectedComponent(one, True)
    middle = [size // 2 for size in one.GetSize()]

    def joint():
        averages = [sitk.SmoothingRecursiveGaussian(real[label], 1.5) for label in real]
        return np.argmax([sitk.GetArrayViewFromImage(average) for average in averages], axis=0)

    def slices():
        return [sitk.BinaryFillhole(one[:, :, k], False) for k in range(one.GetDepth())]

    return {
        "margin-grow": [lambda: maurer() <= 3.0, lambda: sitk.BinaryDilate(one, voxels(3), sitk.sitkBall)],
        "margin-shrink": [lambda: maurer() <= -3.0, lambda: sitk.BinaryErode(one, voxels(3), sitk.sitkBall)],
        "shell-medial": [lambda: sitk.Abs(maurer()) <= 2.0],
        "median": [lambda: sitk.BinaryMedian(one, voxels(3))],
        "open": [lambda: sitk.BinaryMorphologicalOpening(one, voxels(3), sitk.sitkBall)],
        "close": [lambda: sitk.BinaryMorphologicalClosing(one, voxels(3), sitk.sitkBall)],
        "gaussian": [lambda: sitk.SmoothingRecursiveGaussian(real[1], 1.5) >= 0.5, lambda: sitk.DiscreteGaussian(real[1], 2.25) >= 0.5],
        "joint": [joint],
        "keep-largest": [lambda: sitk.RelabelComponent(components()) == 1],
        "remove-small": [lambda: sitk.RelabelComponent(components(), 500) > 0],
        "fill-holes": [lambda: sitk.BinaryFillhole(one, False)],
        "fill-holes-k": [slices],
        "threshold": [lambda: sitk.BinaryThreshold(image, 150, 400)],
        "region-grow": [lambda: sitk.ConnectedThreshold(image, [middle], 60, 400)],
        "add": [lambda: sitk.Or(one, others[2])],
        "invert": [lambda: sitk.BinaryNot(one, 1, 0)],
    }


def bench(program):
    """Both in their own process, without reading files: SimpleITK is handed binary images ready to use."""
    spacing, shape = (0.7, 0.7, 1.0), (300, 512, 512)
    labels, values = phantom(shape)
    theirs = {}
    for name, ways in equivalents(labels == 1, labels, values, spacing).items():
        times = []
        for way in ways:
            begun = time.perf_counter()
            way()
            times.append(time.perf_counter() - begun)
        theirs[name] = min(times)
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        place.joinpath("grid.txt").write_text(" ".join(map(str, (*reversed(shape), *spacing))))
        labels.astype("<u2").tofile(place / "labels.u16")
        values.astype("<i2").tofile(place / "image.i16")
        done = subprocess.run([program, str(place), "3"], capture_output=True, text=True, check=True)
    behind = []
    print(f"operations on {shape[2]}x{shape[1]}x{shape[0]} with 5 labels, seconds; SimpleITK on {os.cpu_count()} processors, ours on one")
    for line in done.stdout.splitlines():
        found = json.loads(line)
        name, seconds = found["operation"], found["seconds"]
        if name not in theirs:
            print(f"{name:14} {seconds:8.3f}  no equivalent in SimpleITK")
            continue
        ratio = theirs[name] / seconds
        print(f"{name:14} {seconds:8.3f}  SimpleITK {theirs[name]:8.3f}  ahead {ratio:.1f} times{'' if ratio >= 1 else '  MISSED'}")
        if ratio < 1:
            behind.append(name)
    if behind:
        raise SystemExit(1)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--bench":
        bench(sys.argv[2])
    elif len(sys.argv) == 2:
        compare(sys.argv[1])
    else:
        raise SystemExit(__doc__)
