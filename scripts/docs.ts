/** `npm run docs`: writes the tables of request keys into the blueprints' README files. */
import { writeFile } from 'node:fs/promises';
import { requestPages } from './request-tables.ts';

for (const { file, current, wanted } of await requestPages()) {
  if (current !== wanted) await writeFile(file, wanted);
}
