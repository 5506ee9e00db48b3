// What is said aloud of operations at the agent: seldom, and with what a person has to know.

import { expect, it } from "vitest";
import { previewNews, runNews } from "./preview-words";

const size = (voxels: number): string => `${voxels} voxels`;

it("a run is told of at each quarter of its way, and when the line is down", () => {
  const said = new Set(Array.from({ length: 101 }, (_, percent) => runNews({ name: "Grow", progress: percent / 100, lineDown: false })));
  expect([...said]).toEqual(["Grow is under way.", "Grow: 25 % done.", "Grow: 50 % done.", "Grow: 75 % done.", "Grow: 100 % done."]);
  expect(runNews({ name: "Grow", progress: undefined, lineDown: false })).toBe("Grow is under way.");
  expect(runNews({ name: "Grow", progress: 0.6, lineDown: true })).toBe("Grow: the line is down, and the agent goes on.");
});

it("a preview is told of with what it would add and remove, and the keys that decide", () => {
  expect(previewNews({ name: "Islands", map: { added: 0, removed: 7 } }, size)).toBe("Preview of Islands: 7 voxels removed. Enter accepts, Escape rejects.");
  expect(previewNews({ name: "Smooth", map: { added: 3, removed: 7 } }, size)).toBe("Preview of Smooth: 3 voxels added, 7 voxels removed. Enter accepts, Escape rejects.");
});
