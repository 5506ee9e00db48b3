// The mock agent's register of models, with the checks that the real one makes of each field.

import { randomUUID } from "node:crypto";
import type { ModelDraft, SiteModel } from "../../src/api/types";
import type { Answered } from "./previews";

interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

const BUILT_IN: SiteModel = { id: "00000000000000000000000000000001", short: "000000", name: "Random walker", provider: "built_in", address: "", model: "", labels: [], modalities: [], licence: "", enabled: true, available: true, trouble: "" };

const LIVER: SiteModel = {
  id: "3f0a0000000000000000000000000002", short: "3f0a00", name: "Liver and lesions", provider: "monai_label", address: "http://models.hospital.lan:8000", model: "liver_unet",
  labels: [{ model_label: 1, object_key: "liver" }, { model_label: 2, object_key: "lesion" }], modalities: ["CT"], licence: "Research only, not for care", enabled: true, available: false, trouble: "The model server failed several times and is given 30 s of rest.",
};

export class MockModels {
  readonly #models = new Map<string, SiteModel>([BUILT_IN, LIVER].map((model) => [model.id, model]));

  get all(): readonly SiteModel[] {
    return [...this.#models.values()];
  }

  /** Undefined when the route is another one. */
  answer(route: string, body: Readonly<Record<string, unknown>>): Answered | undefined {
    const [method, path] = route.split(" ");
    const [, id, action] = /^\/admin\/models(?:\/([0-9a-f]{32})(\/try)?)?$/.exec(path ?? "") ?? [];
    if (!path?.startsWith("/admin/models")) return undefined;
    if (id === undefined) return method === "GET" ? { status: 200, body: { models: this.all } } : this.#add(body as unknown as ModelDraft);
    const model = this.#models.get(id);
    if (!model) return { status: 404, code: "not-found" };
    if (action) return { status: 200, body: model.provider === "built_in" ? { ok: true, message: "The model answers, version random-walker-1; it takes points, box, scribbles, mask." } : { ok: false, message: "The model server cannot be reached." } };
    if (method === "DELETE") return this.#remove(model);
    const draft = body as unknown as ModelDraft;
    const fields = model.provider === "built_in" ? [] : problems(draft);
    if (fields.length > 0) return { status: 422, code: "invalid", body: { fields } };
    const changed = model.provider === "built_in" ? { ...model, enabled: draft.enabled } : { ...model, ...draft };
    this.#models.set(id, changed);
    return { status: 200, body: changed };
  }

  #add(draft: ModelDraft): Answered {
    const fields = problems(draft);
    if (fields.length > 0) return { status: 422, code: "invalid", body: { fields } };
    const id = randomUUID().replaceAll("-", "");
    const model: SiteModel = { ...draft, id, short: id.slice(0, 6), available: true, trouble: "" };
    this.#models.set(model.id, model);
    return { status: 201, body: model };
  }

  #remove(model: SiteModel): Answered {
    if (model.provider === "built_in") return { status: 422, code: "invalid", body: { fields: [{ field: "provider", problem: "the built-in model stays, and has no server" }] } };
    this.#models.delete(model.id);
    return { status: 204 };
  }
}

/** The first that is wrong, as the agent tells it. */
function problems({ name, address, model, labels, modalities }: ModelDraft): readonly FieldProblem[] {
  const found: FieldProblem[] = [];
  if (modalities.some((code) => !["CT", "MR", "PT", "CR", "DX", "MG", "US", "XA", "NM", "RF"].includes(code))) found.push({ field: "modalities", problem: "this is no code of a modality, such as CT" });
  if (name.trim() === "") found.push({ field: "name", problem: "name is empty" });
  if (model.trim() === "") found.push({ field: "model", problem: "model is empty" });
  if (!/^https?:\/\/[^\s/]+/.test(address)) found.push({ field: "address", problem: "the address is not http:// or https:// with a host and nothing behind the path" });
  if (labels.some((label) => label.object_key.trim() === "")) found.push({ field: "labels", problem: "labels is empty" });
  const twice = labels.find((label, n) => label.model_label === 0 || labels.findIndex((other) => other.model_label === label.model_label) < n);
  if (twice) found.push({ field: "labels", problem: `model label ${twice.model_label} is mapped twice, or is 0` });
  return found.slice(0, 1);
}
