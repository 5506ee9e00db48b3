// The scale bar: a round length that fits the pane.

const LENGTHS_MM = [1, 2, 5, 10, 20, 50, 100, 200, 500];

export interface ScaleBar {
  readonly lengthPx: number;
  readonly text: string;
}

/** The longest round length that takes at most `roomPx`. */
export function scaleBar(mmPerPixel: number, roomPx: number): ScaleBar | undefined {
  const lengthMm = LENGTHS_MM.findLast((candidate) => candidate / mmPerPixel <= roomPx);
  if (lengthMm === undefined) return undefined;
  return { lengthPx: lengthMm / mmPerPixel, text: lengthMm >= 10 ? `${lengthMm / 10} cm` : `${lengthMm} mm` };
}
