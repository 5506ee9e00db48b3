// The keys of the tools of the agent: each has one, alone or with Shift, and the list of keys names it.

import { expect, it } from "vitest";
import type { TaskSession } from "../pages/task-session";
import { painted, taskOf } from "../pages/test-objects";
import { KEY_HELP, keyDown } from "./keys";

const PRESS = { code: "", ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, repeat: false };
const ACTIONS = { submit: () => undefined, showKeys: () => undefined };

function chosenBy(key: string, shiftKey: boolean): string | undefined {
  let chosen: string | undefined;
  const session = {
    task: taskOf([painted(1, "Liver", 1)]), presentation: { kind: "volume" }, planes: [], hover: { value: {} }, settings: { value: {} }, change: () => undefined, fitAll: () => undefined, scene: { reset: () => undefined },
    chooseTool: (tool: string) => {
      chosen = tool;
    },
  } as unknown as TaskSession;
  expect(keyDown(session, ACTIONS, { ...PRESS, key, shiftKey })).toBe(true);
  return chosen;
}

it("letters with Shift choose tools, and by themselves do what they did", () => {
  expect(["R", "M", "C"].map((key) => chosenBy(key, true))).toEqual(["region", "margin", "combine"]);
  expect(["r", "m", "c", "R"].map((key) => chosenBy(key, false))).toEqual([undefined, undefined, "crosshair", undefined]);
  // A letter without a second meaning has its own with Shift, too.
  expect(chosenBy("G", true)).toBe("grow");
});

it("the list of keys names them, and nothing twice", () => {
  const keys = KEY_HELP.map(({ keys: names }) => names.join("+"));
  expect(keys).toEqual(expect.arrayContaining(["Shift+R", "Shift+M", "Shift+C"]));
  expect(new Set(KEY_HELP.map(({ what }) => what)).size).toBe(KEY_HELP.length);
});
