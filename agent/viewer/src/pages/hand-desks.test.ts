// Brushes, scissors and rulers under a hand, without a screen: pane points are slice indices here.

import { describe, expect, it } from "vitest";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { ChangeSlice, PaintTool, Task } from "../api/types";
import { Labels } from "../segmentation/labels";
import { Store } from "../ui/store";
import type { Point } from "../volume/affine";
import type { Presentation } from "../volume/description";
import { offsetOf } from "../volume/grid";
import type { Grid } from "../volume/grid";
import { PaintDesk } from "./paint-desk";
import type { PaintRoom } from "./paint-desk";
import { RulerDesk, lengthOf } from "./ruler-desk";
import { ScissorsDesk } from "./scissors-desk";
import { firstSettings } from "./settings";
import type { Settings } from "./settings";
import type { Place } from "./shape-desk";

const GRID: Grid = { dimensions: [30, 24, 9], spacingMm: [1, 1.5, 4], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
const LIVER = { id: 1, key: "liver", geometry: { type: "label_map", label: 3, tolerance_mm: 1 } } as unknown as InstructionObject;
const TASK = { volume: { windows: [], default_window: 0, minimum: 0, maximum: 100, spacing_mm: GRID.spacingMm }, instruction: { objects: [LIVER] } } as unknown as Task;

class Room implements PaintRoom {
  readonly labels = new Labels(GRID);
  readonly presentation = { gridAt: () => GRID, inPicture: () => true } as unknown as Presentation;
  readonly settings = new Store<Settings>(firstSettings(TASK));
  readonly chosenObject: InstructionObject | undefined = LIVER;
  readonly saved: { readonly tool: PaintTool; readonly changes: readonly ChangeSlice[] }[] = [];
  mayDraw = true;
  /** Slices that have arrived. */
  ready = 9;

  place(_name: string, point: Point): Place {
    return { axis: 2, slice: 4, affine: { origin: [0, 0], perA: [1, 0], perB: [0, 1] }, inSlice: point, inside: point[0] >= 0 && point[1] >= 0 };
  }

  /** Rises along i; the last slices have not come. */
  valueOf(offset: number): number | undefined {
    return Math.floor(offset / 720) < this.ready ? offset % 30 : undefined;
  }

  noteEdit(): void {}
  noteRead(): void {}
  drawing(): void {}
  unpainted(): void {}

  painted(tool: PaintTool, changes: readonly ChangeSlice[]): void {
    this.saved.push({ tool, changes });
  }

  change(settings: Partial<Settings>): void {
    this.settings.set(settings);
  }
}

function click(desk: PaintDesk, at: Point): void {
  desk.begin("axial", at)?.end();
}

describe("a brush", () => {
  it("with a range writes into voxels of the range alone, and into none whose value has not come", () => {
    const room = new Room();
    const desk = new PaintDesk(room);
    room.change({ tool: "threshold", radiusMm: 6, threshold: { low: 10, high: 12 }, ball: true });
    room.ready = 5;
    click(desk, [11, 10]);
    const drawn: number[] = [];
    for (let offset = 0; offset < 30 * 24 * 9; offset += 1) if (room.labels.at(offset) === 3) drawn.push(offset);
    expect(drawn.length).toBeGreaterThan(20);
    expect(drawn.every((offset) => offset % 30 >= 10 && offset % 30 <= 12 && offset < 5 * 720)).toBe(true);
    expect(room.saved.map(({ tool }) => tool)).toEqual(["threshold"]);
  });

  it("takes its range from the disc under it", () => {
    const room = new Room();
    const desk = new PaintDesk(room);
    room.change({ tool: "threshold", radiusMm: 0.4 });
    desk.sample("axial", [17, 3]);
    expect(room.settings.value.threshold).toEqual({ low: 17, high: 17 });
    room.change({ radiusMm: 1 });
    desk.sample("axial", [17, 3]);
    // 16, 17, 18: mean 17, variance 2/3.
    expect(room.settings.value.threshold.low).toBeCloseTo(17 - 2 * Math.sqrt(2 / 3), 2);
    room.ready = 0;
    desk.sample("axial", [5, 3]);
    expect(room.settings.value.threshold.high).toBeCloseTo(17 + 2 * Math.sqrt(2 / 3), 2);
  });

  it("writes only where something may change, by the label that was there", () => {
    const room = new Room();
    const desk = new PaintDesk(room);
    const other = offsetOf(GRID, [11, 10, 4]);
    room.labels.set(other, 5);
    const { masking } = room.settings.value;
    room.change({ radiusMm: 3, masking: { ...masking, overwrite: "nothing" } });
    click(desk, [11, 10]);
    expect([room.labels.at(other), room.labels.voxelsOf(3) > 10]).toEqual([5, true]);
    room.change({ tool: "eraser" });
    click(desk, [11, 10]);
    expect([room.labels.at(other), room.labels.voxelsOf(3)]).toEqual([5, 0]);
    room.change({ tool: "brush", masking: { ...masking, area: "inside", areaLabel: 5 } });
    click(desk, [11, 10]);
    expect([room.labels.at(other), room.labels.voxelsOf(3)]).toEqual([3, 1]);
  });

  it("that is broken off leaves nothing, and draws nothing while nothing may be drawn", () => {
    const room = new Room();
    const desk = new PaintDesk(room);
    room.change({ tool: "sphere", radiusMm: 5 });
    const drag = desk.begin("axial", [10, 10]);
    expect(desk.busy).toBe(true);
    expect(room.labels.voxelsOf(3)).toBeGreaterThan(50);
    expect(desk.escape()).toBe(true);
    drag?.move([12, 12]);
    drag?.end();
    expect([room.labels.voxelsOf(3), room.saved.length, desk.escape()]).toEqual([0, 0, false]);
    room.mayDraw = false;
    expect(desk.begin("axial", [10, 10])).toBeUndefined();
  });
});

describe("scissors", () => {
  it("erase the chosen object alone, and are one operation", () => {
    const room = new Room();
    const desk = new ScissorsDesk(room);
    for (let k = 0; k < 9; k += 1) for (let i = 5; i < 15; i += 1) room.labels.set(offsetOf(GRID, [i, 8, k]), i < 10 ? 3 : 7);
    room.change({ tool: "scissors", cut: { action: "erase_inside", reach: "depth", depthMm: 4 } });
    for (const corner of [[0, 2], [20, 2], [20, 12], [0, 12]] as const) desk.press("axial", corner)?.end();
    expect(desk.close()).toBe(true);
    expect([room.labels.voxelsOf(3), room.labels.voxelsOf(7)]).toEqual([5 * 6, 5 * 9]);
    expect(room.saved).toEqual([{ tool: "scissors", changes: [3, 4, 5].map((k) => ({ k, runs: [[8 * 30 + 5, 5, 3, 0]] })) }]);
    expect(desk.busy).toBe(false);
  });

  it("cut only where something may change", () => {
    const room = new Room();
    const desk = new ScissorsDesk(room);
    room.labels.set(offsetOf(GRID, [6, 8, 4]), 7);
    room.change({ tool: "scissors", cut: { action: "fill_inside", reach: "slice", depthMm: 1 }, masking: { ...room.settings.value.masking, overwrite: "nothing" } });
    for (const corner of [[0, 2], [20, 2], [20, 12], [0, 12]] as const) desk.press("axial", corner)?.end();
    expect(desk.close()).toBe(true);
    expect([5, 6, 7, 8].map((i) => room.labels.at(offsetOf(GRID, [i, 8, 4])))).toEqual([3, 7, 3, 3]);
  });

  it("need three corners, stay in the pane they began in, and close on their first corner", () => {
    const room = new Room();
    const desk = new ScissorsDesk(room);
    room.change({ cut: { action: "fill_inside", reach: "slice", depthMm: 1 } });
    desk.press("axial", [2, 2]);
    expect(desk.press("coronal", [9, 9])).toBeUndefined();
    desk.press("axial", [28, 2]);
    expect(desk.close()).toBe(false);
    desk.press("axial", [15, 20]);
    desk.press("axial", [3, 3]);
    expect(desk.busy).toBe(false);
    expect(room.labels.voxelsOf(3)).toBeGreaterThan(150);
  });
});

describe("a ruler", () => {
  it("measures along the slice in mm, is moved as a whole or by an end, and a click measures nothing", () => {
    const desk = new RulerDesk(new Room());
    desk.begin("axial", [2, 3])?.end();
    expect(desk.state.value.measurements).toEqual([]);
    const drag = desk.begin("axial", [2, 3]);
    drag?.move([22, 13]);
    drag?.end();
    const only = desk.state.value.measurements[0];
    if (!only) throw new Error("nothing was measured");
    expect(lengthOf(GRID, only)).toBeCloseTo(Math.hypot(20, 15), 9);
    const moved = desk.begin("axial", [12, 8]);
    moved?.move([14, 12]);
    moved?.end();
    expect(desk.state.value.measurements[0]).toMatchObject({ from: [4, 7], to: [24, 17] });
    const end = desk.begin("axial", [24, 17]);
    end?.move([20, 17]);
    end?.cancel();
    expect(desk.state.value.measurements[0]).toMatchObject({ from: [4, 7], to: [24, 17] });
    expect(desk.removeSelected()).toBe(true);
    expect(desk.removeSelected()).toBe(false);
  });
});
