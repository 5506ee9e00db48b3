// A range of image values, and how it is taken from a sample of the picture.

export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** How many standard deviations a sampled range goes to either side of the mean. */
const DEVIATIONS = 2;

/** Mean ± 2 standard deviations of the values, to two decimals; undefined without a value. */
export function rangeAround(values: readonly number[]): ValueRange | undefined {
  if (values.length === 0) return undefined;
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  const reach = DEVIATIONS * Math.sqrt(variance);
  const rounded = (value: number): number => Math.round(value * 100) / 100;
  return { low: rounded(mean - reach), high: rounded(mean + reach) };
}
