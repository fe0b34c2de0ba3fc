/** @param share 0.5 for the median; nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Milliseconds with one digit after the point. */
export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** @returns how long the work took, in milliseconds */
export async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
