// Makes surfaces beside the page, so that a stroke never waits for one.

import type { Grid, Vector3 } from "./grid";
import { meshOf, netOf, relax } from "./surface-nets";
import type { MaskBox, Mesh } from "./surface-nets";

export interface SurfaceJob extends MaskBox {
  readonly grid: Grid;
  /** The first voxel of the box, and how many voxels one of its own stands for. */
  readonly lower: Vector3;
  readonly step: number;
}

addEventListener("message", ({ data }: MessageEvent<SurfaceJob>) => {
  const net = netOf(data);
  relax(net);
  const mesh: Mesh = meshOf(net, data.grid, data.lower, data.step);
  postMessage(mesh, { transfer: [mesh.positions.buffer, mesh.normals.buffer, mesh.triangles.buffer] });
});
