// Where the voxels of the shown slice lie on the screen: a small affine map between slice indices and pane pixels.

export type Point = readonly [number, number];

/** Pane point of slice index (a, b) = origin + a · perA + b · perB, in CSS pixels from the pane's top left corner. */
export interface SliceAffine {
  readonly origin: Point;
  readonly perA: Point;
  readonly perB: Point;
}

export function toPane(affine: SliceAffine, index: Point): Point {
  return [
    affine.origin[0] + index[0] * affine.perA[0] + index[1] * affine.perB[0],
    affine.origin[1] + index[0] * affine.perA[1] + index[1] * affine.perB[1],
  ];
}

/** The fractional slice index under a point of the pane. */
export function toSlice(affine: SliceAffine, point: Point): Point {
  const [ax, ay] = affine.perA;
  const [bx, by] = affine.perB;
  const determinant = ax * by - bx * ay;
  const x = point[0] - affine.origin[0];
  const y = point[1] - affine.origin[1];
  return [(x * by - y * bx) / determinant, (y * ax - x * ay) / determinant];
}
