// The surface of a set of voxels as triangles. Marching cubes shows the stairs of a binary mask; a constrained elastic
// net does not: each cell of eight voxel centres that the surface crosses has one vertex, which is drawn to its
// neighbours but never leaves its cell, so that the surface stays within half a voxel of where the mask ends.
//
// Source: Gibson, Constrained elastic surface nets, MICCAI 1998, LNCS 1496.

import { axesInSlice, cross, dot, indexToWorld, scaled, sum } from "./grid";
import type { Axis, Grid, Vector3 } from "./grid";

/** A box of voxels, i fastest, not 0 where inside. */
export interface MaskBox {
  readonly mask: Uint8Array;
  readonly size: Vector3;
}

/** Places in the indices of the box (voxel centres at whole numbers), and quadrilaterals whose corners turn left seen from outside. */
export interface Net {
  readonly places: Float32Array;
  readonly quads: Uint32Array;
}

export interface Mesh {
  /** x, y, z of each vertex in LPS, mm. */
  readonly positions: Float32Array;
  /** Unit vectors that point outwards. */
  readonly normals: Float32Array;
  readonly triangles: Uint32Array;
}

const RELAXATIONS = 16;
// Drawing alone would shrink what is round; every other time the vertices are pushed out again a little further.
// Source: Taubin, A signal processing approach to fair surface design, SIGGRAPH 1995.
const SHRINK = 0.6;
const SWELL = -0.64;
/** How far a vertex may go from the middle of its cell, in voxels. */
const FREEDOM = 0.5;

/** Growing typed array: the number of vertices is known only afterwards. */
class Numbers {
  #values = new Float64Array(1 << 12);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.length);
  }
}

/** The net around the voxels of a box, before it is relaxed. Outside of the box nothing is inside. */
export function netOf({ mask, size }: MaskBox): Net {
  const [nx, ny, nz] = size;
  // Cell (i, j, k) has the voxel centres i − 1 to i, and so on; there is one more than voxels along each axis.
  const cells = new Int32Array((nx + 1) * (ny + 1) * (nz + 1)).fill(-1);
  const strides: Vector3 = [1, nx + 1, (nx + 1) * (ny + 1)];
  const places = new Numbers();
  const quads = new Numbers();
  const vertex = (cell: number): number => {
    const known = cells[cell] ?? -1;
    if (known >= 0) return known;
    const made = places.length / 3;
    cells[cell] = made;
    places.push((cell % strides[1]) - 0.5);
    places.push((Math.floor(cell / strides[1]) % (ny + 1)) - 0.5);
    places.push(Math.floor(cell / strides[2]) - 0.5);
    return made;
  };
  const at = (i: number, j: number, k: number): boolean => i < nx && j < ny && k < nz && i >= 0 && j >= 0 && k >= 0 && mask[(k * ny + j) * nx + i] !== 0;
  const cross4 = (axis: Axis, cell: number, outwards: boolean): void => {
    const [first, second] = axesInSlice(axis);
    // The second axis turns left from the first one around i and k, and right around j.
    const [a, b] = outwards === (axis !== 1) ? [strides[first], strides[second]] : [strides[second], strides[first]];
    for (const corner of [cell, cell + a, cell + a + b, cell + b]) quads.push(vertex(corner));
  };
  for (let k = -1; k < nz; k += 1)
    for (let j = -1; j < ny; j += 1)
      for (let i = -1; i < nx; i += 1) {
        const here = at(i, j, k);
        // The edge from this voxel to the next along an axis is shared by four cells; the first is the one before it along
        // the other two axes.
        const cell = i + strides[1] * j + strides[2] * k;
        if (j >= 0 && k >= 0 && here !== at(i + 1, j, k)) cross4(0, cell + 1, here);
        if (i >= 0 && k >= 0 && here !== at(i, j + 1, k)) cross4(1, cell + strides[1], here);
        if (i >= 0 && j >= 0 && here !== at(i, j, k + 1)) cross4(2, cell + strides[2], here);
      }
  return { places: Float32Array.from(places.values), quads: Uint32Array.from(quads.values) };
}

/** Smooths: draws each vertex to the mean of its neighbours and out again, within its cell. Changes the places of the net. */
export function relax({ places, quads }: Net, times = RELAXATIONS): void {
  const middle = places.slice();
  const pull = new Float32Array(places.length);
  const count = new Uint16Array(places.length / 3);
  for (let time = 0; time < times; time += 1) {
    const strength = time % 2 === 0 ? SHRINK : SWELL;
    pull.fill(0);
    count.fill(0);
    for (let quad = 0; quad < quads.length; quad += 4) {
      for (let corner = 0; corner < 4; corner += 1) {
        const one = quads[quad + corner] ?? 0;
        const other = quads[quad + ((corner + 1) & 3)] ?? 0;
        for (let axis = 0; axis < 3; axis += 1) {
          pull[3 * one + axis] = (pull[3 * one + axis] ?? 0) + (places[3 * other + axis] ?? 0);
          pull[3 * other + axis] = (pull[3 * other + axis] ?? 0) + (places[3 * one + axis] ?? 0);
        }
        count[one] = (count[one] ?? 0) + 1;
        count[other] = (count[other] ?? 0) + 1;
      }
    }
    for (let n = 0; n < places.length; n += 1) {
      const here = places[n] ?? 0;
      const wanted = here + strength * ((pull[n] ?? 0) / (count[Math.floor(n / 3)] ?? 1) - here);
      const cell = middle[n] ?? 0;
      places[n] = Math.min(cell + FREEDOM, Math.max(cell - FREEDOM, wanted));
    }
  }
}

/** The net in patient space. `lower` and `step` say where the box lies: index = lower + step · place + (step − 1) / 2. */
export function meshOf(net: Net, grid: Grid, lower: Vector3, step: number): Mesh {
  const count = net.places.length / 3;
  const positions = new Float32Array(net.places.length);
  for (let n = 0; n < count; n += 1) {
    const index = [0, 1, 2].map((axis) => (lower[axis] ?? 0) + step * (net.places[3 * n + axis] ?? 0) + (step - 1) / 2);
    positions.set(indexToWorld(grid, [index[0] ?? 0, index[1] ?? 0, index[2] ?? 0]), 3 * n);
  }
  const [i, j, k] = grid.directions;
  const mirrored = dot(cross(i, j), k) < 0;
  const triangles = new Uint32Array((net.quads.length / 4) * 6);
  for (let quad = 0; quad < net.quads.length / 4; quad += 1) {
    const [a, b, c, d] = net.quads.subarray(4 * quad, 4 * quad + 4);
    const corners = mirrored ? [a, d, c, b] : [a, b, c, d];
    triangles.set([corners[0] ?? 0, corners[1] ?? 0, corners[2] ?? 0, corners[0] ?? 0, corners[2] ?? 0, corners[3] ?? 0], 6 * quad);
  }
  return { positions, normals: normalsOf(positions, triangles), triangles };
}

/** Mean direction of the faces around each vertex, the larger ones counting more. */
function normalsOf(positions: Float32Array, triangles: Uint32Array): Float32Array {
  const normals = new Float32Array(positions.length);
  const at = (vertex: number): Vector3 => [positions[3 * vertex] ?? 0, positions[3 * vertex + 1] ?? 0, positions[3 * vertex + 2] ?? 0];
  for (let n = 0; n < triangles.length; n += 3) {
    const corners = [triangles[n] ?? 0, triangles[n + 1] ?? 0, triangles[n + 2] ?? 0] as const;
    const origin = scaled(at(corners[0]), -1);
    const face = cross(sum(at(corners[1]), origin), sum(at(corners[2]), origin));
    for (const corner of corners) for (let axis = 0; axis < 3; axis += 1) normals[3 * corner + axis] = (normals[3 * corner + axis] ?? 0) + (face[axis] ?? 0);
  }
  for (let n = 0; n < normals.length; n += 3) {
    const length = Math.hypot(normals[n] ?? 0, normals[n + 1] ?? 0, normals[n + 2] ?? 0);
    if (length === 0) continue;
    for (let axis = 0; axis < 3; axis += 1) normals[n + axis] = (normals[n + axis] ?? 0) / length;
  }
  return normals;
}
