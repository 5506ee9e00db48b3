// Who a key belongs to: the control with the focus, or the pictures. While the pointer is over a pane it is the pictures,
// save for a text that is being typed.

const TEXTLESS_INPUTS: ReadonlySet<string> = new Set(["radio", "checkbox", "range", "button", "submit", "file"]);

/** True while keys go into a text that stays where it is. */
export function typesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !TEXTLESS_INPUTS.has(target.type);
}

/** Controls that do something of their own with the space bar, Enter and the arrows. */
export function ownsKey(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLInputElement) return key === " " || key.startsWith("Arrow") || key.startsWith("Page");
  if (target instanceof HTMLAnchorElement) return key === "Enter";
  return (key === " " || key === "Enter") && (target instanceof HTMLButtonElement || (target instanceof HTMLElement && target.tagName === "SUMMARY"));
}

/** Takes the keys from a chosen answer, a slider or a button, so that a key meant for the pictures does not change it. */
export function leaveControl(active: Element | null): void {
  if (active instanceof HTMLElement && !typesText(active) && ownsKey(active, " ")) active.blur();
}
