/**
 * Rules checked by the API itself, before the rules for requests; `errors[].rule` of the response. docs/errors.md lists them.
 */
export const API_RULES = ['required', 'json', 'utf8', 'characters', 'depth', 'range', 'query'] as const;

export type ApiRule = (typeof API_RULES)[number];
