// A control plane made of memory, for looking at the console without one. It serves the built pages under the same
// policy as the real server, so that what the policy forbids fails here too.

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { assistance, models, preannotation } from "./assist.mjs";
import { agreement, assets, id, persons, results, sites } from "./data.mjs";
import { draft, parse, preview, published, versions } from "./draft.mjs";
import { assetDetail, datasetDetail, datasetJson, labels, taskDetail, tasks } from "./work.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2",
};

function policy(nonce) {
  return [
    "default-src 'none'", "script-src 'self'", "connect-src 'self'", "img-src 'self' blob:", `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'",
  ].join("; ");
}

class Refusal extends Error {
  constructor(status, code, title, members = {}) {
    super(title);
    this.document = { type: `about:blank#${code}`, status, code, title, ...members };
  }
}

function emptyState() {
  return { session: undefined, people: [], sites: [], assets: [], projects: [], tasks: [], datasets: [], results: undefined, preannotation: [], assistance: undefined };
}

const POLICY = { overlap: 1, gold_percent: 0, gold_seed: "0c5e1f9a7b3d2846", consensus: "majority", minimum_agreement: 0.7, arbitration: false };

function fullState(nowMs) {
  const frozen = (number, version, from, to, minutes) => ({
    id: id(7, number), name: "Liver 2026", version, asset_ids: assets(nowMs).slice(from, to).map((asset) => asset.id), created_at: new Date(nowMs - minutes * 60_000).toISOString(),
  });
  const project = {
    id: id(6, 1), title: "Liver lesions", state: "running", published_version: 2, draft,
    published: published(draft), policy: { ...POLICY, overlap: 3, gold_percent: 10, arbitration: true }, arbiter_ids: [id(1, 5)],
    annotators: persons.slice(0, 3), overlap: 3, asset_ids: tasks().map((task) => task.asset_id),
  };
  return {
    ...emptyState(), people: [...persons], sites: sites(nowMs).map((site) => ({ ...site, models: models(nowMs)[site.id] ?? [] })), assets: assets(nowMs), projects: [project],
    tasks: tasks(), datasets: [frozen(1, 1, 0, 12, 2900), frozen(2, 2, 0, 16, 120)], results: results(nowMs),
    preannotation: preannotation(nowMs), assistance: assistance(nowMs),
  };
}

function checkDraft(body) {
  const fields = [];
  if (body.title.trim() === "") fields.push({ field: "title", problem: "this may not be empty" });
  if (/<[a-z]/i.test(body.body_markdown)) fields.push({ field: "body_markdown", problem: "line 1: HTML is not allowed" });
  body.objects.forEach((object, index) => {
    if (object.key === "forbidden") fields.push({ field: `objects[${index}].key`, problem: "another object has this key" });
    if (object.name.trim() === "") fields.push({ field: `objects[${index}].name`, problem: "this may not be empty" });
  });
  body.questions.forEach((question, index) => {
    if (question.prompt.trim() === "") fields.push({ field: `questions[${index}].prompt`, problem: "this may not be empty" });
  });
  if (fields.length > 0) throw new Refusal(422, "invalid", "some fields are invalid", { fields });
}

function later(minutes) {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

function signIn(state, body) {
  if (body.password !== "correct horse battery") throw new Refusal(401, "wrong-credentials", "wrong user name or password");
  state.session = { person: { id: id(8, 1), user_name: body.user_name, display_name: "Ana Brandt", roles: ["administrator"] } };
  return [200, state.session];
}

function createProject(state, { title }) {
  const project = {
    id: id(6, state.projects.length + 1), title, state: "draft", published_version: null,
    draft: { title, body_markdown: "", objects: [], questions: [], rules: [] }, published: null, annotators: [], overlap: 1, asset_ids: [],
    policy: { ...POLICY }, arbiter_ids: [],
  };
  state.projects.push(project);
  return [201, { id: project.id, title, state: "draft", tasks: 0, submitted: 0 }];
}

function createTasks(state, project, body) {
  for (const assetId of body.gold_asset_ids) {
    if (!state.assets.find((asset) => asset.id === assetId)?.gold) throw new Refusal(422, "asset-has-no-gold", "asset has no gold");
  }
  const revoked = new Set(state.sites.filter((site) => site.state === "revoked").map((site) => site.id));
  const index = body.asset_ids.findIndex((assetId) => revoked.has(state.assets.find((asset) => asset.id === assetId)?.site_id));
  if (index >= 0) {
    const fields = [{ field: `asset_ids[${index}]`, problem: "its site is revoked" }];
    throw new Refusal(422, "invalid", "Some fields cannot be taken as they are.", { fields });
  }
  for (const assetId of body.asset_ids) {
    state.tasks.push({
      id: id(4, state.tasks.length + 1), asset_id: assetId, state: "open", overlap: body.overlap, submitted: 0,
      gold: body.gold_asset_ids.includes(assetId), leases: [], arbiter: null, instruction_version: project.published_version,
    });
  }
  project.state = "running";
  project.policy.overlap = body.overlap;
  return [201, { created: body.asset_ids.length }];
}

function readAgreement(state, query) {
  if (state.results === undefined) return [200, { objects: [], object_id: null, people: [], cells: [] }];
  const matrix = agreement(query.has("object") ? Number(query.get("object")) : undefined);
  if (matrix === undefined) throw new Refusal(422, "invalid", "some fields are invalid", { fields: [{ field: "object", problem: "no such object" }] });
  return [200, matrix];
}

function setPolicy(project, { arbiter_ids: arbiterIds, ...policy }) {
  const fields = [];
  if (policy.gold_percent > 50) fields.push({ field: "gold_percent", problem: "at most 50" });
  if (policy.minimum_agreement === 0.99) fields.push({ field: "minimum_agreement", problem: "nobody agrees as far as that" });
  if (fields.length > 0) throw new Refusal(422, "invalid", "Some fields cannot be taken as they are.", { fields });
  project.policy = { ...project.policy, ...policy };
  project.arbiter_ids = arbiterIds;
  return [204];
}

function startRun(state, { site_id: siteId, model_id: modelId }) {
  const site = state.preannotation.find((entry) => entry.site_id === siteId);
  const model = site?.models.find((entry) => entry.id === modelId);
  if (!model?.available) {
    throw new Refusal(422, "invalid", "Some fields cannot be taken as they are.", { fields: [{ field: "model_id", problem: "this model cannot be asked now" }] });
  }
  site.run = { model_id: modelId, run: (site.run?.run ?? 0) + 1, state: "ordered", progress: null };
  return [204];
}

function stopRun(state, { site_id: siteId }) {
  state.preannotation.find((entry) => entry.site_id === siteId).run.state = "stopped";
  return [204];
}

const NO_ASSISTANCE = { submissions: 0, assisted: 0, models: [], annotators: [] };

/** What is read by an id alone. */
function readOne(state, path) {
  const [, kind, one] = path.split("/");
  const found = { tasks: () => taskDetail(state, one, Date.now()), assets: () => assetDetail(state, one), datasets: () => datasetDetail(state, one) }[kind]?.();
  if (found === undefined) throw new Refusal(404, "not-found", "not found");
  return [200, found];
}

function projectCall(state, method, project, rest, { body, query }) {
  switch (`${method} ${rest}`) {
    case "GET ":
      return [200, project];
    case "POST instruction":
      checkDraft(body);
      project.draft = body;
      return [200, { body: parse(body.body_markdown) }];
    case "POST publish":
      project.published_version = (project.published_version ?? 0) + 1;
      project.published = published(project.draft);
      return [200, { version: project.published_version }];
    case "POST publish/preview":
      return [200, preview(project, state.tasks)];
    case "GET instructions":
      return [200, { versions: versions(project, Date.now()) }];
    case "POST policy":
      return setPolicy(project, body);
    case "GET labels":
      return [200, { labels: project.published === null ? [] : labels(state.results !== undefined) }];
    case "POST annotators":
      project.annotators = state.people.filter((person) => body.person_ids.includes(person.id));
      return [204];
    case "GET preannotation":
      return [200, { sites: state.preannotation }];
    case "POST preannotation":
      return startRun(state, body);
    case "POST preannotation/stop":
      return stopRun(state, body);
    case "GET assistance":
      return [200, { ...(state.assistance ?? NO_ASSISTANCE), as_of: new Date().toISOString() }];
    case "GET datasets":
      return [200, { datasets: state.datasets.map(datasetJson) }];
    case "POST datasets": {
      const version = state.datasets.filter((dataset) => dataset.name === body.name).length + 1;
      const made = { id: id(7, state.datasets.length + 1), name: body.name, version, asset_ids: body.asset_ids, created_at: later(0) };
      state.datasets.push(made);
      return [201, datasetJson(made)];
    }
    case "GET tasks":
      return [200, { tasks: state.tasks }];
    case "POST tasks":
      return createTasks(state, project, body);
    case "GET results":
      return [200, { ...(state.results ?? { labels: [], annotators: [], submissions: [], agreement: [] }), as_of: new Date().toISOString() }];
    case "GET agreement":
      return readAgreement(state, query);
    default:
      throw new Refusal(404, "not-found", "not found");
  }
}

function peopleCall(state, call, body) {
  if (call === "GET /people") return [200, { people: state.people }];
  const invitation = { code: "7QKD-93MX-ZT4H-2VNB", expires_at: later(60 * 72) };
  if (call === "POST /people") {
    if (state.people.some((person) => person.user_name === body.user_name)) {
      throw new Refusal(409, "exists", "There is one of this name already.");
    }
    const person = { id: id(1, state.people.length + 1), state: "invited", ...body };
    state.people.push(person);
    return [201, { person, ...invitation }];
  }
  return [201, invitation];
}

function sitesCall(state, call, body) {
  if (call === "GET /sites") return [200, { sites: state.sites }];
  if (call === "POST /sites") {
    const site = { id: id(2, state.sites.length + 1), name: body.name, state: "invited", connected: false, assets: 0, models: [] };
    state.sites.push(site);
    return [201, site];
  }
  const [, , siteId, action] = call.split("/");
  if (action === "join-tokens") {
    return [201, { join_string: `rg1.${"bG9jYWxob3N0Ojc0NDM".repeat(3)}.${"x3Vd8Qm1".repeat(6)}`, expires_at: later(60 * 24) }];
  }
  const site = state.sites.find((entry) => entry.id === siteId);
  site.state = "revoked";
  site.connected = false;
  return [204];
}

function answer(state, method, path, { body, query }) {
  const call = `${method} ${path}`;
  if (call === "POST /session") return signIn(state, body);
  if (state.session === undefined) throw new Refusal(401, "signed-out", "signed out");
  if (call === "GET /session") return [200, state.session];
  if (call === "POST /session/end") {
    state.session = undefined;
    return [204];
  }
  if (path.startsWith("/sites")) return sitesCall(state, call, body);
  if (path.startsWith("/people")) return peopleCall(state, call, body);
  if (call === "GET /assets") return [200, { assets: state.assets }];
  if (call === "POST /projects") return createProject(state, body);
  if (call === "GET /projects") {
    const projects = state.projects.map((project) => ({
      id: project.id, title: project.title, state: project.state, tasks: state.tasks.length,
      submitted: state.tasks.filter((task) => task.submitted > 0).length,
    }));
    return [200, { projects }];
  }
  const task = /^\/tasks\/([^/]+)\/withdraw$/.exec(path);
  if (task) {
    state.tasks.find((entry) => entry.id === task[1]).state = "withdrawn";
    return [204];
  }
  if (method === "GET" && /^\/(tasks|assets|datasets)\/[^/]+$/.test(path)) return readOne(state, path);
  const [, , projectId, ...parts] = path.split("/");
  const rest = parts.join("/");
  const project = state.projects.find((entry) => entry.id === projectId);
  if (project === undefined) throw new Refusal(404, "not-found", "not found");
  return projectCall(state, method, project, rest, { body, query });
}

async function readBody(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString("utf8");
  return text === "" ? undefined : JSON.parse(text);
}

async function api(state, request, response, { path, query }) {
  let [status, document] = [500, undefined];
  try {
    const body = await readBody(request);
    if (request.method === "POST" && request.headers["x-ringfence"] !== "1") throw new Refusal(403, "not-yours", "header is missing");
    [status, document] = answer(state, request.method, path, { body, query });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    document = error.document;
    status = document.status;
  }
  response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", "cache-control": "no-store" });
  response.end(document === undefined ? undefined : JSON.stringify(document));
}

async function file(root, response, path) {
  const wanted = extname(path) === "" ? "/index.html" : path;
  const type = TYPES[extname(wanted)] ?? "application/octet-stream";
  let bytes;
  try {
    bytes = await readFile(join(root, normalize(wanted)));
  } catch {
    response.writeHead(404).end();
    return;
  }
  const nonce = randomBytes(16).toString("base64");
  if (extname(wanted) === ".html") bytes = Buffer.from(bytes.toString("utf8").replaceAll("__CSP_NONCE__", nonce));
  response.writeHead(200, { "content-type": type, "content-security-policy": policy(nonce), "x-content-type-options": "nosniff" });
  response.end(bytes);
}

/** Starts the mock; `state` may be changed while it runs. */
export async function startMock({ root, full, port = 0 }) {
  const state = full ? fullState(Date.now()) : emptyState();
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url, "http://localhost");
    if (state.down) {
      request.socket.destroy();
      return;
    }
    const handled = pathname.startsWith("/api/v1/")
      ? api(state, request, response, { path: pathname.slice("/api/v1".length), query })
      : file(root, response, pathname);
    handled.catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500).end();
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { state, url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => server.close(resolve)) };
}
