// Devices in words. Pure.

import type { Device } from "../api/types";

/** `Acme Echo 5, 3.1` */
export function deviceName({ manufacturer, model, software_version: version }: Device): string {
  return [`${manufacturer} ${model}`.trim(), ...(version === undefined ? [] : [version])].join(", ");
}
