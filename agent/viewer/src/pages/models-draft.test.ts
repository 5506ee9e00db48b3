// Facts about what is typed of a model: what is sent, and where a refusal is shown.

import { describe, expect, it } from "vitest";
import type { SiteModel } from "../api/types";
import { EMPTY_FORM, changedRow, checked, draftOf, formOf, refusedFields, switched, withRow, withoutRow } from "./models-draft";

const MODEL: SiteModel = {
  id: "a", short: "a", name: "Liver", provider: "kserve_v2", address: "https://models:8001", model: "liver", labels: [{ model_label: 1, object_key: "liver" }],
  modalities: ["CT", "MR"], licence: "Research", enabled: true, available: true, trouble: "",
};

describe("a model", () => {
  it("that is opened and saved again is the same", () => {
    const { id: _, short: __, available: ___, trouble: ____, ...draft } = MODEL;
    expect(draftOf(formOf(MODEL))).toEqual(draft);
    expect(switched(MODEL, false)).toEqual({ ...draft, enabled: false });
  });

  it("is sent without the spaces around what was typed", () => {
    const form = changedRow(withRow({ ...EMPTY_FORM, name: " Liver ", address: " http://models:8000 ", model: " liver ", modalities: "ct, mr  pt" }), 0, { objectKey: " liver " });
    expect(draftOf(form)).toEqual({
      name: "Liver", provider: "monai_label", address: "http://models:8000", model: "liver", labels: [{ model_label: 1, object_key: "liver" }], modalities: ["CT", "MR", "PT"], licence: "", enabled: true,
    });
  });

  it("needs a name, an address and a name at its server, and the built-in one only a name", () => {
    expect([...checked(EMPTY_FORM).keys()]).toEqual(["name", "address", "model"]);
    expect([...checked({ ...EMPTY_FORM, provider: "built_in" }).keys()]).toEqual(["name"]);
  });

  it("maps each label once, to an object that is named", () => {
    let form = withRow(withRow(withRow(withRow(formOf(MODEL)))));
    expect(form.labels.map((row) => row.label)).toEqual(["1", "2", "3", "4", "5"]);
    form = withoutRow(form, 4);
    form = changedRow(form, 1, { label: "1", objectKey: "lesion" });
    form = changedRow(form, 2, { label: "1.5", objectKey: "spleen" });
    expect([...checked(form)]).toEqual([
      ["labels[1]", "Label 1 is mapped twice."],
      ["labels[2]", "A label is a whole number from 1."],
      ["labels[3]", "The key of the object that label 4 means is needed."],
    ]);
  });
});

describe("a refusal", () => {
  it("stands at the field that it is about, and elsewhere when it is about none", () => {
    const problem = { status: 422, code: "invalid", title: "invalid", members: {} };
    const fields = [{ field: "address", problem: "the address is link-local" }, { field: "labels[2].object_key", problem: "empty" }, { field: "id", problem: "taken" }, { problem: "no field" }];
    expect([...refusedFields({ ...problem, fields })]).toEqual([["address", "The address is link-local."], ["labels[2]", "Empty."]]);
  });
});
