// The default colours of objects, and the arithmetic to tell whether two colours can be told apart. No CSS here.

/**
 * First Okabe and Ito's palette for colour-blind readers (Color Universal Design, 2008), with grey in place of black; then
 * further colours for instructions with many objects. Every entry stands at least 3:1 against a black canvas, and any two
 * differ by at least 17 (CIEDE2000), so that no two are refused as too alike.
 */
export const OBJECT_COLOURS: readonly string[] = [
  "#56b4e9",
  "#e69f00",
  "#009e73",
  "#f0e442",
  "#0072b2",
  "#d55e00",
  "#cc79a7",
  "#bfc7cf",
  "#8000ff",
  "#00ff66",
  "#ffb8a6",
  "#d90041",
  "#66fff0",
  "#7e8c00",
  "#745b8c",
  "#8d8dd9",
  "#8c745b",
  "#5b878c",
  "#e926ff",
  "#b21b76",
  "#12b200",
  "#8c5b60",
  "#ffdba6",
  "#ff6666",
];

/** The first palette colour that is not yet taken; the palette repeats when all are. */
export function nextColour(taken: readonly string[]): string {
  const used = new Set(taken.map((colour) => colour.toLowerCase()));
  const free = OBJECT_COLOURS.find((colour) => !used.has(colour));
  return free ?? OBJECT_COLOURS[taken.length % OBJECT_COLOURS.length] ?? "#56b4e9";
}

export function isColour(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/** WCAG 2 relative luminance of a `#rrggbb` colour, 0 to 1. */
export function luminance(colour: string): number {
  const channel = (start: number): number => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** WCAG 2 contrast ratio of two colours, 1 to 21. */
export function contrast(first: string, second: string): number {
  const [a, b] = [luminance(first), luminance(second)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
