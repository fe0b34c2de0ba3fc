/** Whole numbers of flags. */
import { InvalidArgumentError } from 'commander';

/** @throws InvalidArgumentError, to which commander adds the name of the flag */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
