// The place that an address asks for, such as `/?focus=120,88,40`: a voxel, as indices along i, j and k counted from 0.

import type { Presentation } from "../volume/description";
import type { Vector3 } from "../volume/grid";

export type FocusLink =
  | { readonly kind: "none" }
  | { readonly kind: "voxel"; readonly index: Vector3 }
  /** `why` is a sentence for the person who followed the address. */
  | { readonly kind: "refused"; readonly why: string };

const NAME = "focus";

/** What the query of an address asks for in these images. */
export function focusOf(query: string, { grid, inPicture }: Pick<Presentation, "grid" | "inPicture">): FocusLink {
  const asked = new URLSearchParams(query).getAll(NAME);
  if (asked.length === 0) return { kind: "none" };
  // Nine digits are more than any axis has, and are exact as a number.
  const [, i, j, k] = /^(\d{1,9}),(\d{1,9}),(\d{1,9})$/.exec(asked.length === 1 ? (asked[0] ?? "") : "") ?? [];
  if (i === undefined || j === undefined || k === undefined) {
    return refused("The address asks for a place (focus) that is not three whole numbers, such as focus=120,88,40.");
  }
  const index: Vector3 = [Number(i), Number(j), Number(k)];
  if (index.some((place, axis) => place >= (grid.dimensions[axis] ?? 0))) {
    return refused(`The address asks for voxel ${index.join(", ")} (focus), and the images have ${grid.dimensions.join(" × ")} voxels.`);
  }
  if (!inPicture(index)) return refused(`The address asks for voxel ${index.join(", ")} (focus), and the picture of that slice does not reach so far.`);
  return { kind: "voxel", index };
}

function refused(why: string): FocusLink {
  return { kind: "refused", why: `${why} The middle is shown.` };
}

/** The address without the place that it asked for, which was one of another task. */
export function withoutFocus(address: string): string {
  const url = new URL(address);
  url.searchParams.delete(NAME);
  return url.href;
}
