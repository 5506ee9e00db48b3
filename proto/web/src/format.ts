// Numbers, times and sentences as the screens write them: English, exact, and never a zero where nothing was measured. Pure: the
// present time is an argument.

/** What stands where a number would stand if it were defined. */
export const DASH = "–";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** With a capital letter and a full stop, such as what a server named wrong, which has neither. */
export function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?]$/.test(start) ? start : `${start}.`;
}

/** 12345 → `12,345` */
export function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** `1 task`, `2 tasks` */
export function counted(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** With exactly so many decimals, and a true minus sign. */
export function decimal(value: number, decimals: number): string {
  const fixed = value.toFixed(decimals);
  return fixed.startsWith("-") ? `−${fixed.slice(1)}` : fixed;
}

/** Up to so many decimals, without trailing zeros: a spacing of 0.7 mm or 1 mm. */
export function trimmed(value: number, decimals: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: decimals });
}

/** `just now`, `4 min ago`, `3 h ago`, `2 days ago`; older than a month is a date. */
export function ago(at: string, nowMs: number): string {
  const thenMs = Date.parse(at);
  if (Number.isNaN(thenMs)) return DASH;
  const elapsedMs = nowMs - thenMs;
  if (elapsedMs < -MINUTE_MS) return `in ${span(-elapsedMs)}`;
  if (elapsedMs < MINUTE_MS) return "just now";
  if (elapsedMs > 30 * DAY_MS) return date(at);
  return `${span(elapsedMs)} ago`;
}

/** How far ahead: `in 14 min`; `expired` when it is past. */
export function ahead(at: string, nowMs: number): string {
  const thenMs = Date.parse(at);
  if (Number.isNaN(thenMs)) return DASH;
  return thenMs <= nowMs ? "expired" : `in ${span(thenMs - nowMs)}`;
}

function span(lengthMs: number): string {
  if (lengthMs < MINUTE_MS) return "less than a minute";
  if (lengthMs < HOUR_MS) return `${Math.floor(lengthMs / MINUTE_MS)} min`;
  if (lengthMs < DAY_MS) return `${Math.floor(lengthMs / HOUR_MS)} h`;
  const days = Math.floor(lengthMs / DAY_MS);
  return days === 1 ? "1 day" : `${days} days`;
}

/** `14 Dec 2026`, in the reader's time zone. */
export function date(at: string): string {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return DASH;
  return then.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** `14 Dec 2026, 14:02:31`, in the reader's time zone. */
export function dateTime(at: string): string {
  return new Date(at).toString() === "Invalid Date" ? DASH : `${date(at)}, ${timeOfDay(at)}`;
}

/** `14:02:31`, in the reader's time zone. */
export function timeOfDay(at: string): string {
  const then = new Date(at);
  return Number.isNaN(then.getTime()) ? DASH : then.toLocaleTimeString("en-GB");
}

/** A length of working time: `48 s`, `4.1 min`, `1.5 h`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${decimal(seconds / 60, 1)} min`;
  return `${decimal(seconds / 3600, 1)} h`;
}

/** A volume from cubic millimetres: `0.42 mL`, `142.1 mL`. */
export function millilitres(volumeMm3: number): string {
  const value = volumeMm3 / 1000;
  return `${decimal(value, value < 10 ? 2 : 1)} mL`;
}
