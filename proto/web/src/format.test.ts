// Facts about how numbers and times are written.

import { describe, expect, it } from "vitest";

import { ago, ahead, count, counted, DASH, decimal, duration, millilitres, sentence, trimmed } from "./format";
import { contrast, isColour, nextColour, OBJECT_COLOURS } from "./palette";

const NOW = Date.parse("2026-11-23T12:00:00Z");

describe("a sentence", () => {
  it("begins with a capital letter and ends with one full stop", () => {
    expect(sentence("the address is no address")).toBe("The address is no address.");
    expect(sentence("Is it there?")).toBe("Is it there?");
    expect(sentence("It is away.")).toBe("It is away.");
  });
});

describe("a time", () => {
  it("is relative when young and a date when old", () => {
    expect(ago("2026-11-23T11:59:30Z", NOW)).toBe("just now");
    expect(ago("2026-11-23T11:56:00Z", NOW)).toBe("4 min ago");
    expect(ago("2026-11-23T09:00:00Z", NOW)).toBe("3 h ago");
    expect(ago("2026-11-22T11:00:00Z", NOW)).toBe("1 day ago");
    expect(ago("2026-09-01T12:00:00Z", NOW)).toBe("1 Sept 2026");
    expect(ago("nonsense", NOW)).toBe(DASH);
  });

  it("ahead is a distance until it has passed", () => {
    expect(ahead("2026-11-23T12:14:20Z", NOW)).toBe("in 14 min");
    expect(ahead("2026-11-23T12:00:00Z", NOW)).toBe("expired");
  });
});

describe("a number", () => {
  it("has thousands separators, fixed decimals and a true minus sign", () => {
    expect(count(12345)).toBe("12,345");
    expect(counted(1, "task", "tasks")).toBe("1 task");
    expect(counted(0, "task", "tasks")).toBe("0 tasks");
    expect(decimal(-0.25, 1)).toBe("−0.3");
    expect(trimmed(0.7, 2)).toBe("0.7");
    expect(duration(48.2)).toBe("48 s");
    expect(duration(246)).toBe("4.1 min");
    expect(millilitres(142_100)).toBe("142.1 mL");
    expect(millilitres(420)).toBe("0.42 mL");
  });
});

describe("the palette", () => {
  it("stands at least 3:1 against the black canvas", () => {
    for (const colour of OBJECT_COLOURS) {
      expect(isColour(colour)).toBe(true);
      expect(contrast(colour, "#000000")).toBeGreaterThanOrEqual(3);
    }
  });

  it("gives a free colour first", () => {
    expect(nextColour([])).toBe(OBJECT_COLOURS[0]);
    expect(nextColour([OBJECT_COLOURS[0] ?? ""])).toBe(OBJECT_COLOURS[1]);
    expect(OBJECT_COLOURS).toContain(nextColour(OBJECT_COLOURS));
  });
});
