/** Settings that hold several values. Read by the files of settings here. */

/** @returns the values between the commas, without the blanks around them and without empty ones */
export function commaList(text: unknown): string[] {
  return String(text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
