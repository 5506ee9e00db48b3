// Chromium on the built viewer and a mock agent: starts both, signs in, and finds voxels on the screen.

import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { MockAgent, PASSWORD } from "./mock/agent";
import type { MockOptions } from "./mock/agent";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeWindow {
  readonly axe: { readonly run: () => Promise<{ readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[] }> };
}

const FLAGS = [
  "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
];

export interface Viewport {
  readonly width: number;
  readonly height: number;
}

export interface PaneGeometry {
  readonly axes: readonly ["i" | "j", "j" | "k"];
  readonly slice: number;
  readonly origin: readonly [number, number];
  readonly perA: readonly [number, number];
  readonly perB: readonly [number, number];
}

export class TestBed {
  readonly agent: MockAgent;
  readonly page: Page;
  readonly url: string;
  /** Complaints of the page: errors, refused content, requests to elsewhere. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;

  private constructor(agent: MockAgent, url: string, browser: Browser, page: Page) {
    this.agent = agent;
    this.url = url;
    this.#browser = browser;
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) this.complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) this.complaints.push(`request: ${request.url()}`);
    });
  }

  static async start(options: MockOptions, viewport: Viewport = { width: 1280, height: 800 }): Promise<TestBed> {
    const agent = new MockAgent(options);
    const url = await agent.listen();
    const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    const browser = await chromium.launch({ executablePath, args: FLAGS, headless: true });
    const page = await browser.newPage({ viewport, locale: "en-GB", timezoneId: "UTC" });
    return new TestBed(agent, url, browser, page);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.agent.close();
  }

  async signIn(userName = "m.keller", path = "/"): Promise<void> {
    await this.page.goto(new URL(path, this.url).href);
    await this.page.getByLabel("User name").fill(userName);
    await this.page.getByLabel("Password").fill(PASSWORD);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Waits until all slices are here and every pane is drawn. */
  async opened(): Promise<void> {
    await this.page.getByTestId("panes").and(this.page.locator("[data-complete]")).waitFor({ timeout: 60_000 });
    await this.page.waitForFunction(() => {
      const panes = [...document.querySelectorAll("[data-plane].pane")];
      return panes.length > 0 && panes.every((pane) => pane.hasAttribute("data-voxel-to-pane"));
    }, undefined, { timeout: 60_000 });
    await this.page.getByTestId("submit").and(this.page.locator(":enabled")).waitFor({ timeout: 60_000 });
  }

  async saved(revision: number): Promise<void> {
    await this.page.locator(`[data-testid=task][data-saved-revision="${revision}"][data-unsaved="0"]`).waitFor({ timeout: 20_000 });
  }

  async geometry(plane: string): Promise<PaneGeometry> {
    const text = await this.page.getByTestId(`pane-${plane}`).getAttribute("data-voxel-to-pane");
    return JSON.parse(text ?? "null") as PaneGeometry;
  }

  /** A whole page pixel near the centre of an in-plane voxel, and the exact slice index under that pixel. */
  async spot(plane: string, index: readonly [number, number]): Promise<{ readonly page: readonly [number, number]; readonly inSlice: readonly [number, number] }> {
    const { origin, perA, perB } = await this.geometry(plane);
    const box = await this.page.getByTestId(`pane-${plane}`).boundingBox();
    if (!box) throw new Error("the pane is not on the page");
    const x = Math.round(box.x + origin[0] + index[0] * perA[0] + index[1] * perB[0]);
    const y = Math.round(box.y + origin[1] + index[0] * perA[1] + index[1] * perB[1]);
    const determinant = perA[0] * perB[1] - perB[0] * perA[1];
    const [dx, dy] = [x - box.x - origin[0], y - box.y - origin[1]];
    return { page: [x, y], inSlice: [(dx * perB[1] - dy * perB[0]) / determinant, (dy * perA[0] - dx * perA[1]) / determinant] };
  }

  /** The colour that stands at a page pixel. */
  async pixel(at: readonly [number, number]): Promise<readonly [number, number, number]> {
    const png = await this.page.screenshot({ clip: { x: at[0], y: at[1], width: 1, height: 1 } });
    return this.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      context?.drawImage(bitmap, 0, 0);
      const [red, green, blue] = context?.getImageData(0, 0, 1, 1).data ?? [];
      return [red ?? 0, green ?? 0, blue ?? 0] as const;
    }, png.toString("base64"));
  }

  /** What axe finds on the page as it is. */
  async violations(): Promise<readonly string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate(async () => (await (window as unknown as AxeWindow).axe.run()).violations.map((found) => `${found.id}: ${found.nodes[0]?.html}`));
  }

  /** Drags with the left button between two whole page pixels. */
  async drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    await this.page.mouse.move(...from);
    await this.page.mouse.down();
    await this.page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
    await this.page.mouse.move(...to);
    await this.page.mouse.up();
  }

  /** Keeps a picture for a person to look at, where a folder for that is named. */
  async picture(name: string): Promise<void> {
    const folder = process.env["E2E_PICTURES"];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: `${folder}/${name}.png` });
  }
}
