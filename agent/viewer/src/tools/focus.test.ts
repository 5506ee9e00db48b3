// @vitest-environment happy-dom
// Facts about who a key belongs to once the pointer is over the pictures.

import { afterEach, expect, it } from "vitest";
import { leaveControl, ownsKey, typesText } from "./focus";

afterEach(() => document.body.replaceChildren());

function focused(html: string): HTMLElement {
  document.body.innerHTML = html;
  const element = document.body.firstElementChild;
  if (!(element instanceof HTMLElement)) throw new Error("nothing to focus");
  element.focus();
  expect(document.activeElement).toBe(element);
  return element;
}

it.each(['<input type="radio">', '<input type="range">', "<button>Submit</button>"])("takes the keys from %s", (html) => {
  const element = focused(html);
  expect(ownsKey(element, " ")).toBe(true);
  leaveControl(document.activeElement);
  expect(document.activeElement).toBe(document.body);
});

it.each(['<input type="text">', "<textarea></textarea>", '<div tabindex="0"></div>'])("leaves the focus in %s", (html) => {
  const element = focused(html);
  leaveControl(document.activeElement);
  expect(document.activeElement).toBe(element);
});

it("leaves digits and arrows to a text that is being typed", () => {
  expect(typesText(focused("<textarea></textarea>"))).toBe(true);
  expect(typesText(focused('<input type="radio">'))).toBe(false);
});
