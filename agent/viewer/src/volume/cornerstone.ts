// Starts Cornerstone once and feeds it from our streams: the image loader of the `agent:` scheme and the metadata that
// goes with it. Cornerstone keeps loaders and providers in module state, so this file has to as well.

import { Enums, imageLoader, init, metaData, utilities } from "@cornerstonejs/core";
import type { Types } from "@cornerstonejs/core";
import { init as initTools } from "@cornerstonejs/tools";
import type { VolumeDescription } from "../api/types";
import { indexToWorld } from "./grid";
import type { Grid } from "./grid";
import type { VoxelStream } from "./stream";

export interface ImageSource {
  readonly grid: Grid;
  readonly description: VolumeDescription;
  readonly stream: VoxelStream;
}

const sources = new Map<string, ImageSource>();
let started = false;

const SCHEME = "agent";

export function imageIdOf(key: string, k: number): string {
  return `${SCHEME}:${key}/${k}`;
}

/** The slice that an image id of ours stands for. */
export function sliceOfImageId(imageId: string): number {
  return Number(imageId.slice(imageId.lastIndexOf("/") + 1));
}

function sourceOf(imageId: string): ImageSource | undefined {
  if (!imageId.startsWith(`${SCHEME}:`)) return undefined;
  return sources.get(imageId.slice(SCHEME.length + 1, imageId.lastIndexOf("/")));
}

export function addSource(key: string, source: ImageSource): void {
  sources.set(key, source);
}

export function removeSource(key: string): void {
  sources.delete(key);
}

export function startCornerstone(): void {
  if (started) return;
  started = true;
  init();
  initTools();
  imageLoader.registerImageLoader(SCHEME, (imageId) => ({ promise: loadImage(imageId) }));
  metaData.addProvider((type: string, imageId: unknown) => (typeof imageId === "string" ? moduleOf(type, imageId) : undefined), 10_000);
}

async function loadImage(imageId: string): Promise<Types.IImage> {
  const source = sourceOf(imageId);
  if (!source) throw new Error("no volume is open under this image id");
  const k = sliceOfImageId(imageId);
  await source.stream.whenReady(k);
  const { grid, description } = source;
  const [width, height] = grid.dimensions;
  const pixels = source.stream.slice(k);
  const preset = description.windows[description.default_window];
  return {
    imageId,
    dataType: description.data_type === "int16" ? "Int16Array" : "Float32Array",
    rows: height,
    columns: width,
    width,
    height,
    color: false,
    rgba: false,
    numberOfComponents: 1,
    slope: 1,
    intercept: 0,
    windowCenter: preset?.centre ?? (description.minimum + description.maximum) / 2,
    windowWidth: preset?.width ?? Math.max(1, description.maximum - description.minimum),
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    invert: false,
    minPixelValue: description.minimum,
    maxPixelValue: description.maximum,
    rowPixelSpacing: grid.spacingMm[1],
    columnPixelSpacing: grid.spacingMm[0],
    sizeInBytes: pixels.byteLength,
    getPixelData: () => pixels,
    getCanvas: () => document.createElement("canvas"),
    voxelManager: utilities.VoxelManager.createImageVoxelManager({
      width,
      height,
      numberOfComponents: 1,
      scalarData: pixels,
    }),
    preScale: { enabled: true, scaled: true, scalingParameters: { rescaleSlope: 1, rescaleIntercept: 0 } },
    imageQualityStatus: Enums.ImageQualityStatus.FULL_RESOLUTION,
  } as Types.IImage;
}

function planeModule({ grid }: ImageSource, k: number): object {
  const [row, column] = grid.directions;
  return {
    // One frame of reference for every slice; which one it was at the scanner stays at the agent.
    frameOfReferenceUID: "volume",
    rows: grid.dimensions[1],
    columns: grid.dimensions[0],
    imageOrientationPatient: [...row, ...column],
    rowCosines: row,
    columnCosines: column,
    imagePositionPatient: indexToWorld(grid, [0, 0, k]),
    pixelSpacing: [grid.spacingMm[1], grid.spacingMm[0]],
    rowPixelSpacing: grid.spacingMm[1],
    columnPixelSpacing: grid.spacingMm[0],
    sliceThickness: grid.spacingMm[2],
    spacingBetweenSlices: grid.spacingMm[2],
    sliceLocation: k * grid.spacingMm[2],
    usingDefaultValues: false,
  };
}

function moduleOf(type: string, imageId: string): object | undefined {
  const source = sourceOf(imageId);
  if (!source) return undefined;
  const k = sliceOfImageId(imageId);
  const { description } = source;
  const float = description.data_type === "float32";
  switch (type) {
    case "imagePlaneModule":
      return planeModule(source, k);
    case "imagePixelModule":
      return {
        bitsAllocated: float ? 32 : 16,
        bitsStored: float ? 32 : 16,
        highBit: float ? 31 : 15,
        pixelRepresentation: 1,
        samplesPerPixel: 1,
        photometricInterpretation: "MONOCHROME2",
        rows: source.grid.dimensions[1],
        columns: source.grid.dimensions[0],
      };
    case "generalSeriesModule":
      return { modality: description.modality, seriesInstanceUID: "series" };
    case "modalityLutModule":
      return { rescaleSlope: 1, rescaleIntercept: 0 };
    case "voiLutModule": {
      const preset = description.windows[description.default_window];
      return preset ? { windowCenter: [preset.centre], windowWidth: [preset.width] } : undefined;
    }
    case "sopCommonModule":
      return { sopInstanceUID: `slice-${k}` };
    case "transferSyntax":
      return { transferSyntaxUID: "1.2.840.10008.1.2.1" };
    case "generalImageModule":
      return { instanceNumber: k + 1 };
    default:
      return undefined;
  }
}
