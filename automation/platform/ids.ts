/** What the ids of our own tables look like. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @returns whether PostgreSQL takes the text for a `uuid`: anything else would be an error of the query. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
