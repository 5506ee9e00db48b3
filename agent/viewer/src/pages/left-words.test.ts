import { describe, expect, it } from "vitest";
import type { EgressDay } from "../api/types";
import { dayName, inMessages, leftInWords } from "./left-words";

const DAY: EgressDay = { day: "2026-11-30", messages: 214, numbers: 1204, assets: 86, credentials: 0, texts: 0, unread: 0 };

describe("what left, in words", () => {
  it("counts numbers and assets", () => {
    expect(leftInWords(DAY)).toBe("1,204 numbers about 86 assets; no text, no images");
    expect(leftInWords({ ...DAY, numbers: 1, assets: 1 })).toBe("1 number about 1 asset; no text, no images");
    expect(leftInWords({ ...DAY, assets: 0 })).toBe("1,204 numbers; no text, no images");
  });

  it("names keys and proofs, which are no numbers", () => {
    expect(inMessages({ ...DAY, credentials: 1 })).toBe("in 214 messages, 1 of them with a key and a proof for this agent's own certificate");
    expect(inMessages(DAY)).toBe("in 214 messages");
  });

  it("never says that there was no text where there was some, or where it cannot know", () => {
    expect(leftInWords({ ...DAY, texts: 2 })).toContain("2 fields of text");
    expect(leftInWords({ ...DAY, unread: 3 })).toBe("1,204 numbers about 86 assets, and 3 messages that this version cannot read");
  });

  it("says when nothing was sent", () => {
    expect(leftInWords({ ...DAY, messages: 0 })).toBe("Nothing was sent");
  });

  it("names a day as the agent counts it", () => {
    expect(dayName("2026-11-30")).toBe("Mon 30 Nov");
    expect(dayName("soon")).toBe("soon");
  });
});
