// The mock agent's register of models, with the checks that the real one makes of each field.

import { randomUUID } from "node:crypto";
import type { ModelDraft, SiteModel } from "../../src/api/types";
import type { Answered } from "./previews";

interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

const BUILT_IN: SiteModel = { id: "00000000000000000000000000000001", name: "Random walker", provider: "built_in", address: "", model: "", labels: [], modalities: [], licence: "", enabled: true, available: true, trouble: "" };

const LIVER: SiteModel = {
  id: "00000000000000000000000000000002", name: "Liver and lesions", provider: "monai_label", address: "http://models.hospital.lan:8000", model: "liver_unet",
  labels: [{ model_label: 1, object_key: "liver" }, { model_label: 2, object_key: "lesion" }], modalities: ["CT"], licence: "Research only, not for care", enabled: true, available: false, trouble: "did not answer three times; asked again at 14:05",
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
    if (action) return { status: 200, body: model.provider === "built_in" ? { ok: true, message: "built in, always there" } : { ok: false, message: "models.hospital.lan did not answer within 5 s" } };
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
    const model: SiteModel = { ...draft, id: randomUUID().replaceAll("-", ""), available: true, trouble: "" };
    this.#models.set(model.id, model);
    return { status: 201, body: model };
  }

  #remove(model: SiteModel): Answered {
    if (model.provider === "built_in") return { status: 409, code: "built-in" };
    this.#models.delete(model.id);
    return { status: 204 };
  }
}

function problems({ name, address, model, labels }: ModelDraft): readonly FieldProblem[] {
  const found: FieldProblem[] = [];
  if (name.trim() === "") found.push({ field: "name", problem: "a name is needed" });
  if (!/^https?:\/\/[^\s/]+/.test(address)) found.push({ field: "address", problem: "not an address such as http://host:8000" });
  if (model.trim() === "") found.push({ field: "model", problem: "the name of the model at its server is needed" });
  labels.forEach((label, n) => {
    if (label.object_key.trim() === "") found.push({ field: `labels[${n}].object_key`, problem: "the key of an object is needed" });
    if (labels.findIndex((other) => other.model_label === label.model_label) < n) found.push({ field: `labels[${n}].model_label`, problem: "this label is there twice" });
  });
  return found;
}
