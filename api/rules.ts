/**
 * Rules that the API itself finds broken, before the rules for requests are asked; `errors[].rule` of the answer.
 * docs/errors.md lists them.
 */
export const API_RULES = ['required', 'json', 'utf8', 'characters', 'depth', 'range', 'query'] as const;

export type ApiRule = (typeof API_RULES)[number];
