// What both planes call a model. The hospital knows its name; the control plane knows how it is asked and a token. The first
// six digits of that token stand on the screens of both, so that people can speak of the same one.

/** How a model is asked. */
export type ModelProvider = "built_in" | "monai_label" | "kserve_v2";

export const PROVIDER_NAMES: Readonly<Record<ModelProvider, string>> = {
  built_in: "Built-in",
  monai_label: "MONAI Label",
  kserve_v2: "KServe v2",
};

const SHOWN_DIGITS = 6;

/** The first six hex digits of a model's id, lower case. */
export function modelDigits(id: string): string {
  return id.slice(0, SHOWN_DIGITS).toLowerCase();
}

/** Such as `MONAI Label · 9ac4e0`. */
export function modelName({ provider, id }: { readonly provider: ModelProvider; readonly id: string }): string {
  return `${PROVIDER_NAMES[provider]} · ${modelDigits(id)}`;
}
