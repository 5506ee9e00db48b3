"""Models without weights for MLServer, a server of the open inference protocol (KServe v2).

Thresholds, so that each answer can be computed by hand. Tensors have axes (depth, row, column).
"""

import asyncio

import numpy
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


def tensor(payload, name):
    """An input as an array."""
    return next(NumpyCodec.decode_input(given) for given in payload.inputs if given.name == name)


class Model(MLModel):
    """What all models of this file share."""

    async def load(self):
        return True

    async def predict(self, payload):
        found = await self.compute(payload)
        output = NumpyCodec.encode_output("labels", found)
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=[output])


class Region(Model):
    """Within the box: no further than 50 from the mean of the positive points' values, and no further than 20 mm
    from one of them. Without points: at or above 300."""

    async def compute(self, payload):
        values = tensor(payload, "image")[0, 0]
        spacing = tensor(payload, "spacing")
        (lower, upper) = tensor(payload, "box")
        points, signs = tensor(payload, "points"), tensor(payload, "point_labels")
        inside = numpy.zeros(values.shape, bool)
        inside[tuple(slice(a, b + 1) for a, b in zip(lower, upper))] = True
        positive = points[signs == 1] if len(points) else points
        if len(positive) == 0:
            return (inside & (values >= 300)).astype(numpy.uint8)[None, None]
        mean = numpy.mean([values[tuple(point)] for point in positive])
        places = numpy.indices(values.shape)
        near = numpy.zeros(values.shape, bool)
        for point in positive:
            apart = sum(((places[axis] - point[axis]) * spacing[axis]) ** 2 for axis in range(3))
            near |= apart <= 20.0**2
        return (inside & near & (abs(values - mean) <= 50)).astype(numpy.uint8)[None, None]


class Scores(Model):
    """Scores of three channels: none, 100 to 299, at or above 300."""

    async def compute(self, payload):
        values = tensor(payload, "image").astype(numpy.float32)
        middle = 100 - abs(values - 200)
        return numpy.stack([numpy.zeros_like(values), middle, values - 299.5])[None].astype(numpy.float32)


class Strokes(Model):
    """Nearer in value to the strokes of the object than to those of the background, or in the initial mask."""

    async def compute(self, payload):
        values, strokes = tensor(payload, "image"), tensor(payload, "scribbles")
        inside, outside = values[strokes == 1].mean(), values[strokes == 2].mean()
        nearer = abs(values - inside) < abs(values - outside)
        return (nearer | (tensor(payload, "mask") > 0)).astype(numpy.int64)


class Slow(Model):
    """Takes twenty seconds."""

    async def compute(self, payload):
        await asyncio.sleep(20)
        return (tensor(payload, "image") >= 300).astype(numpy.uint8)
