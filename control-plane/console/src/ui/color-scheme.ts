// Light or dark: the person's choice, or the system's until they choose. The choice is all that is ever stored here.

import type { MantineColorSchemeManager } from "@mantine/core";
import { useEffect, useState } from "react";

export type ColorScheme = "light" | "dark";

const KEY = "ringfence-color-scheme";

function stored(): ColorScheme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : undefined;
  } catch {
    // A browser may forbid storage; then the system's choice holds.
    return undefined;
  }
}

function store(scheme: ColorScheme): void {
  try {
    localStorage.setItem(KEY, scheme);
  } catch {
    return;
  }
}

export function presentScheme(): ColorScheme {
  return stored() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** Mantine asks once at the start; the page tells it of changes by `forceColorScheme`. */
export const schemeManager: MantineColorSchemeManager = {
  get: () => presentScheme(),
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};

export function useColorScheme(): readonly [ColorScheme, (scheme: ColorScheme) => void] {
  const [scheme, setScheme] = useState(presentScheme);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const follow = (): void => setScheme(presentScheme());
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  const choose = (next: ColorScheme): void => {
    store(next);
    setScheme(next);
  };
  return [scheme, choose];
}
