"""A MONAI Label app without weights: thresholds, so that each answer can be computed by hand.

Serves the tests of agent/assist against the real server. Start it with `tests/run peers --live`.
"""

import tempfile
import time

import nibabel
import numpy
from monailabel.interfaces.app import MONAILabelApp
from monailabel.interfaces.tasks.infer_v2 import InferTask, InferType
from monailabel.tasks.activelearning.random import Random


def image_of(request):
    """The NIfTI image of the request's session or file, and its values with axes (i, j, k)."""
    image = nibabel.load(request["image"])
    return image, numpy.asanyarray(image.dataobj).astype(numpy.float64)


def answer(labels, affine):
    """Writes a label map for the server to send; the server deletes it."""
    path = tempfile.NamedTemporaryFile(suffix=".nii.gz", delete=False).name
    nibabel.save(nibabel.Nifti1Image(labels.astype(numpy.uint8), affine), path)
    return path


class Task(InferTask):
    """What all tasks of this app share."""

    kind = InferType.OTHERS
    names = {"object": 1}

    def __init__(self):
        super().__init__(type=self.kind, labels=self.names, dimension=3, description=self.__doc__)

    def is_valid(self):
        return True

    def __call__(self, request, callbacks=None):
        image, values = image_of(request)
        labels = self.labels_of(values, request)
        return answer(labels, image.affine), {"voxels": int((labels > 0).sum())}


class Region(Task):
    """Within `roi` (all without): no further than 50 from the mean of the positive clicks' values, and nearer to a
    positive than to any negative click. Without clicks: at or above 300."""

    kind = InferType.DEEPGROW

    def labels_of(self, values, request):
        inside = numpy.zeros(values.shape, bool)
        roi = request.get("roi") or [side for size in values.shape for side in (0, size - 1)]
        inside[tuple(slice(roi[2 * axis], roi[2 * axis + 1] + 1) for axis in range(3))] = True
        clicks = request.get("foreground") or []
        if not clicks:
            return inside & (values >= 300)
        mean = numpy.mean([values[tuple(click)] for click in clicks])
        places = numpy.indices(values.shape)

        def nearest(points):
            far = numpy.full(values.shape, numpy.inf)
            for point in points:
                apart = sum((places[axis] - point[axis]) ** 2 for axis in range(3))
                far = numpy.minimum(far, apart)
            return far

        nearer = nearest(clicks) < nearest(request.get("background") or [])
        return inside & (abs(values - mean) <= 50) & nearer


class Organs(Task):
    """1 at or above 300, 2 from 100 to 299, 3 below -500."""

    kind = InferType.SEGMENTATION
    names = {"bright": 1, "middle": 2, "air": 3}

    def labels_of(self, values, request):
        return (values >= 300) * 1 + ((values >= 100) & (values < 300)) * 2 + (values < -500) * 3


class Strokes(Task):
    """Nearer in value to the mean under strokes of the object (3) than under those of the background (2)."""

    kind = InferType.SCRIBBLES

    def labels_of(self, values, request):
        strokes = numpy.asanyarray(nibabel.load(request["label"]).dataobj)
        inside, outside = values[strokes == 3].mean(), values[strokes == 2].mean()
        return abs(values - inside) < abs(values - outside)


class Refine(Task):
    """What of the initial mask is at or above 300."""

    def labels_of(self, values, request):
        mask = numpy.asanyarray(nibabel.load(request["label"]).dataobj)
        return (mask > 0) & (values >= 300)


class Unknown(Task):
    """Answers with a label that it does not list."""

    kind = InferType.SEGMENTATION

    def labels_of(self, values, request):
        return (values >= 300) * 9


class Elsewhere(Task):
    """Answers on a grid that lies 5 mm beside the image's."""

    kind = InferType.SEGMENTATION

    def __call__(self, request, callbacks=None):
        image, values = image_of(request)
        affine = image.affine.copy()
        affine[0, 3] += 5.0
        return answer(values >= 300, affine), {}


class Numbers(Task):
    """Answers with numbers and no label map."""

    kind = InferType.SEGMENTATION

    def __call__(self, request, callbacks=None):
        return None, {"voxels": int((image_of(request)[1] >= 300).sum())}


class Slow(Task):
    """Takes six seconds, in which the server answers nobody."""

    kind = InferType.SEGMENTATION

    def labels_of(self, values, request):
        time.sleep(6)
        return values >= 300


class App(MONAILabelApp):
    """The app that the server looks for."""

    def __init__(self, app_dir, studies, conf):
        labels = {"object": 1}
        super().__init__(app_dir, studies, conf, "thresholds", "An app without weights", version="1.2", labels=labels)

    def init_infers(self):
        tasks = [Region, Organs, Strokes, Refine, Unknown, Elsewhere, Numbers, Slow]
        return {task.__name__.lower(): task() for task in tasks}

    def init_trainers(self):
        return {}

    def init_strategies(self):
        return {"random": Random()}
