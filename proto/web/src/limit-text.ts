// The limits of an object in words, in millimetres and slices, as the instruction and the objects' help show them.

import { counted, trimmed } from "./format";
import { isStated } from "./instruction";
import type { GeometryType, InstructionObject } from "./instruction";

export const GEOMETRY_NAMES: Readonly<Record<GeometryType, string>> = {
  label_map: "Area",
  box: "Box",
  point: "Point",
  line: "Line",
  classification: "Classification",
};

/** `12.4 mm`, `1,250 mm³`: up to four decimals, none that are zero. */
export function millimetres(value: number, unit: "mm" | "mm³" = "mm"): string {
  return `${trimmed(value, 4)} ${unit}`;
}

/** `at least 5 mm`, `at most 250 mm`, `5 to 250 mm`; undefined without a limit. */
function range(
  minimum: number | null,
  maximum: number | null,
  figure: (value: number) => string,
  bare: (value: number) => string,
): string | undefined {
  if (minimum !== null && maximum !== null) {
    return minimum === maximum ? `exactly ${figure(maximum)}` : `${bare(minimum)} to ${figure(maximum)}`;
  }
  if (minimum !== null) return `at least ${figure(minimum)}`;
  return maximum === null ? undefined : `at most ${figure(maximum)}`;
}

const slices = (value: number): string => counted(value, "slice", "slices");
const plain = (value: number): string => trimmed(value, 4);

/** What the limits of an object say, a phrase each; empty without limits. */
export function limitTexts({ geometry, count, limits }: InstructionObject): readonly string[] {
  const length = geometry.type === "line" ? "length" : "largest diameter";
  const least = count.minimum === 0 ? null : count.minimum;
  const linear = (value: number): string => millimetres(value);
  const cubic = (value: number): string => millimetres(value, "mm³");
  const texts: readonly (readonly [string, string | undefined])[] = [
    ["", range(least, count.maximum, plain, plain)],
    [`${length} `, range(limits.minimum_diameter_mm, limits.maximum_diameter_mm, linear, plain)],
    ["volume ", range(limits.minimum_volume_mm3, limits.maximum_volume_mm3, cubic, plain)],
    ["", range(limits.minimum_slices, limits.maximum_slices, slices, plain)],
    ["elongation ", range(null, limits.maximum_elongation, plain, plain)],
    ["", limits.no_cavities ? "no enclosed empty space" : undefined],
  ];
  return texts.flatMap(([name, text]) => (text === undefined ? [] : [`${name}${text}`]));
}

/** What has to be said about an object that is not drawn; undefined when nothing has. */
export function statementText(object: InstructionObject): string | undefined {
  if (!isStated(object)) return undefined;
  return object.geometry.type === "classification"
    ? "state present, absent or not assessable"
    : "where it is not drawn, state absent or not assessable";
}
