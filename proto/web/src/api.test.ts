// Facts about the calls to a server: the header against forged requests, and what becomes of refusals.

import { describe, expect, it } from "vitest";

import { createApi, ProblemError, problemFrom, problemOfError } from "./api";
import { problemText } from "./problem-text";

function answering(status: number, body: unknown, seen: Request[] = []): typeof fetch {
  return async (input, init) => {
    seen.push(new Request(new URL(String(input), "https://localhost"), init));
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  };
}

describe("a state change", () => {
  it("carries the header that a foreign page cannot set", async () => {
    const seen: Request[] = [];
    const api = createApi({ base: "/api/v1", fetch: answering(204, undefined, seen) });
    expect(await api.post("/sites", { name: "North" })).toBeUndefined();
    expect(seen[0]?.headers.get("x-ringfence")).toBe("1");
    expect(seen[0]?.headers.get("content-type")).toBe("application/json");
    expect(await seen[0]?.json()).toEqual({ name: "North" });
  });

  it("that replaces or removes carries it, too", async () => {
    const seen: Request[] = [];
    const api = createApi({ base: "/api/v1", fetch: answering(204, undefined, seen) });
    await api.put("/sites/1", { name: "South" });
    await api.remove("/sites/1");
    expect(seen.map((request) => [request.method, request.headers.get("x-ringfence")])).toEqual([["PUT", "1"], ["DELETE", "1"]]);
    expect(await seen[0]?.json()).toEqual({ name: "South" });
  });

  it("that removes tells what became of what hung on it", async () => {
    const api = createApi({ base: "/api/v1", fetch: answering(200, { returned: 2 }) });
    expect(await api.remove<{ readonly returned: number }>("/rules/1")).toEqual({ returned: 2 });
  });
});

describe("a refusal", () => {
  it("names its fields", async () => {
    const body = { code: "invalid", title: "invalid", fields: [{ field: "objects[0].name", problem: "missing" }] };
    const api = createApi({ base: "/api/v1", fetch: answering(422, body) });
    const error: unknown = await api.post("/x", {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProblemError);
    expect(problemOfError(error).fields).toEqual([{ field: "objects[0].name", problem: "missing" }]);
  });

  it("keeps the further members of its document", () => {
    expect(problemFrom(409, { code: "revision-conflict", title: "t", revision: 7 }).members["revision"]).toBe(7);
  });

  it("is told to the page when the session has ended, but not when a password was wrong", async () => {
    let signedOut = 0;
    const onSignedOut = (): void => {
      signedOut += 1;
    };
    const ended = createApi({ base: "", onSignedOut, fetch: answering(401, { code: "signed-out", title: "t" }) });
    await ended.get("/session").catch(() => undefined);
    expect(signedOut).toBe(1);
    const wrong = createApi({ base: "", onSignedOut, fetch: answering(401, { code: "wrong-credentials", title: "t" }) });
    await wrong.post("/session", {}).catch(() => undefined);
    expect(signedOut).toBe(1);
  });

  it("stays a problem when its document cannot be read", async () => {
    const broken: typeof fetch = async () => new Response("<html>", { status: 502 });
    const error: unknown = await createApi({ base: "", fetch: broken }).get("/x").catch((caught: unknown) => caught);
    expect(problemOfError(error).code).toBe("unreadable");
  });

  it("is unreachable when no answer came", async () => {
    const dead: typeof fetch = async () => Promise.reject(new TypeError("failed"));
    const error: unknown = await createApi({ base: "", fetch: dead }).get("/x").catch((caught: unknown) => caught);
    expect(problemOfError(error).code).toBe("unreachable");
    expect(problemText(problemOfError(error))).toMatch(/^The server does not answer/);
  });
});

describe("the text of a problem", () => {
  it("is the page's own where the page knows the code", () => {
    const problem = problemFrom(422, { code: "asset-has-no-gold", title: "asset has no gold" });
    expect(problemText(problem, { "asset-has-no-gold": "One of these assets has no gold." })).toBe(
      "One of these assets has no gold.",
    );
    expect(problemText(problem)).toBe("Asset has no gold.");
  });
});
