// The three-dimensional picture: surfaces of the labels, or the volume looked through, drawn by vtk.js into a canvas of its
// own. It draws what it is told, when it is told, and says how long it took.

import "@kitware/vtk.js/Rendering/Profiles/Geometry";
import "@kitware/vtk.js/Rendering/Profiles/Volume";
import vtkDataArray from "@kitware/vtk.js/Common/Core/DataArray";
import vtkImageData from "@kitware/vtk.js/Common/DataModel/ImageData";
import vtkPiecewiseFunction from "@kitware/vtk.js/Common/DataModel/PiecewiseFunction";
import vtkPolyData from "@kitware/vtk.js/Common/DataModel/PolyData";
import vtkActor from "@kitware/vtk.js/Rendering/Core/Actor";
import vtkColorTransferFunction from "@kitware/vtk.js/Rendering/Core/ColorTransferFunction";
import vtkMapper from "@kitware/vtk.js/Rendering/Core/Mapper";
import vtkRenderer from "@kitware/vtk.js/Rendering/Core/Renderer";
import vtkRenderWindow from "@kitware/vtk.js/Rendering/Core/RenderWindow";
import vtkRenderWindowInteractor from "@kitware/vtk.js/Rendering/Core/RenderWindowInteractor";
import vtkVolume from "@kitware/vtk.js/Rendering/Core/Volume";
import vtkVolumeMapper from "@kitware/vtk.js/Rendering/Core/VolumeMapper";
import vtkOpenGLRenderWindow from "@kitware/vtk.js/Rendering/OpenGL/RenderWindow";
import type { CoarseVolume } from "./coarse";
import type { Rgb } from "./colour";
import { AXES, indexToWorld, scaled, sum } from "./grid";
import type { Grid, Vector3 } from "./grid";
import type { Graphics } from "./graphics";
import type { Orbit } from "./orbit";
import type { Mesh } from "./surface-nets";
import type { VolumePreset } from "./volume-presets";

/** How often it is asked whether a frame is done. */
const POLL_MS = 8;
/** Opacities of the presets are those of this way through the volume. */
const OPACITY_WAY_MM = 3;
const SEEN_THROUGH = 0.5;

export class Scene {
  readonly #grid: Grid;
  readonly #graphics: Graphics;
  readonly #window = vtkRenderWindow.newInstance();
  readonly #renderer = vtkRenderer.newInstance({ background: [0, 0, 0] });
  readonly #view = vtkOpenGLRenderWindow.newInstance();
  readonly #actors = new Map<number, vtkActor>();
  #volume: vtkVolume | undefined;
  #closed = false;

  constructor(container: HTMLElement, grid: Grid, graphics: Graphics) {
    this.#grid = grid;
    this.#graphics = graphics;
    this.#window.addRenderer(this.#renderer);
    this.#view.setContainer(container);
    this.#window.addView(this.#view);
    // Listens to nothing; volumes ask it whether an animation is under way.
    const interactor = vtkRenderWindowInteractor.newInstance();
    interactor.setView(this.#view);
    this.#renderer.getActiveCamera().setParallelProjection(true);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const context = this.#context;
    this.#view.setContainer(null as unknown as HTMLElement);
    this.#view.delete();
    // A page has few contexts; waiting for the garbage collection would starve the next task.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }

  get #context(): WebGL2RenderingContext | undefined {
    return this.#view.getCanvas()?.getContext("webgl2") ?? undefined;
  }

  get triangles(): number {
    return [...this.#actors.values()].reduce((total, actor) => total + trianglesOf(actor), 0);
  }

  setMesh(label: number, mesh: Mesh | undefined, colour: Rgb): void {
    const old = this.#actors.get(label);
    if (old) this.#renderer.removeActor(old);
    this.#actors.delete(label);
    if (!mesh || mesh.triangles.length === 0) return;
    const actor = actorOf(mesh, colour);
    this.#actors.set(label, actor);
    this.#renderer.addActor(actor);
  }

  /** The chosen one is seen as a whole; others are seen through, since it may lie inside of them. */
  choose(label: number | undefined): void {
    const alone = this.#actors.size === 1;
    for (const [one, actor] of this.#actors) actor.getProperty().setOpacity(alone || one === label || !this.#actors.has(label ?? -1) ? 1 : SEEN_THROUGH);
  }

  showSurfaces(shown: boolean): void {
    for (const actor of this.#actors.values()) actor.setVisibility(shown);
  }

  setVolume(coarse: CoarseVolume | undefined, preset?: VolumePreset): void {
    if (this.#volume) this.#renderer.removeVolume(this.#volume);
    this.#volume = undefined;
    if (!coarse || !preset) return;
    this.#volume = volumeOf(coarse, this.#grid, preset, this.#graphics);
    this.#renderer.addVolume(this.#volume);
  }

  /** Draws a picture of so many pixels and answers with the ms that it took the machine. */
  async draw(orbit: Orbit, { centre, radiusMm }: { readonly centre: Vector3; readonly radiusMm: number }, [width, height]: readonly [number, number]): Promise<number> {
    const camera = this.#renderer.getActiveCamera();
    this.#view.setSize(width, height);
    const eye = sum(centre, scaled(orbit.towardsEye, 4 * radiusMm));
    camera.setFocalPoint(...centre);
    camera.setPosition(...eye);
    camera.setViewUp(...orbit.up);
    camera.setParallelScale(radiusMm / orbit.zoom);
    camera.setClippingRange(0.1 * radiusMm, 8 * radiusMm);
    const start = performance.now();
    // Not by the window: it would leave it to an interactor that is not listening.
    this.#view.traverseAllPasses();
    await this.#finished();
    return performance.now() - start;
  }

  /** Resolves when the graphics card, or what stands in for it, has done its work. */
  async #finished(): Promise<void> {
    const context = this.#context;
    const fence = context?.fenceSync(context.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!context || !fence) return;
    context.flush();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (this.#closed || context.isContextLost()) return;
      const state = context.clientWaitSync(fence, 0, 0);
      if (state !== context.TIMEOUT_EXPIRED) break;
    }
    context.deleteSync(fence);
  }
}

function trianglesOf(actor: vtkActor): number {
  const mapper = actor.getMapper() as vtkMapper | null;
  return (mapper?.getInputData() as vtkPolyData | undefined)?.getNumberOfPolys() ?? 0;
}

function actorOf(mesh: Mesh, colour: Rgb): vtkActor {
  const data = vtkPolyData.newInstance();
  data.getPoints().setData(mesh.positions, 3);
  const count = mesh.triangles.length / 3;
  const cells = new Uint32Array(count * 4);
  for (let n = 0; n < count; n += 1) {
    cells[4 * n] = 3;
    cells.set(mesh.triangles.subarray(3 * n, 3 * n + 3), 4 * n + 1);
  }
  data.getPolys().setData(cells);
  data.getPointData().setNormals(vtkDataArray.newInstance({ name: "Normals", numberOfComponents: 3, values: mesh.normals }));
  const mapper = vtkMapper.newInstance({ scalarVisibility: false });
  mapper.setInputData(data);
  const actor = vtkActor.newInstance();
  actor.setMapper(mapper);
  const property = actor.getProperty();
  property.setColor(colour[0] / 255, colour[1] / 255, colour[2] / 255);
  property.setAmbient(0.2);
  property.setDiffuse(0.8);
  property.setSpecular(0.15);
  property.setSpecularPower(20);
  return actor;
}

function volumeOf(coarse: CoarseVolume, grid: Grid, { points }: VolumePreset, graphics: Graphics): vtkVolume {
  const data = vtkImageData.newInstance();
  const spacing = AXES.map((axis) => grid.spacingMm[axis] * coarse.step[axis]) as [number, number, number];
  data.setDimensions([...coarse.size]);
  data.setSpacing(spacing);
  // The first coarse voxel is the mean of the first few.
  data.setOrigin([...indexToWorld(grid, [(coarse.step[0] - 1) / 2, (coarse.step[1] - 1) / 2, (coarse.step[2] - 1) / 2])]);
  const [i, j, k] = grid.directions;
  data.setDirection([...i, ...j, ...k]);
  data.getPointData().setScalars(vtkDataArray.newInstance({ name: "Values", numberOfComponents: 1, values: coarse.values }));
  const mapper = vtkVolumeMapper.newInstance();
  mapper.setInputData(data);
  const finest = Math.min(...spacing);
  mapper.setSampleDistance(graphics === "software" ? 1.5 * finest : 0.6 * finest);
  mapper.setMaximumSamplesPerRay(2_000);
  const colours = vtkColorTransferFunction.newInstance();
  const opacities = vtkPiecewiseFunction.newInstance();
  for (const { value, colour, opacity } of points) {
    const step = ((value - coarse.low) / (coarse.high - coarse.low)) * 255;
    colours.addRGBPoint(step, ...colour);
    opacities.addPoint(step, opacity);
  }
  const volume = vtkVolume.newInstance();
  volume.setMapper(mapper);
  const property = volume.getProperty();
  property.setRGBTransferFunction(0, colours);
  property.setScalarOpacity(0, opacities);
  property.setScalarOpacityUnitDistance(0, OPACITY_WAY_MM);
  property.setInterpolationTypeToLinear();
  property.setShade(graphics === "card");
  property.setAmbient(0.3);
  property.setDiffuse(0.8);
  return volume;
}
