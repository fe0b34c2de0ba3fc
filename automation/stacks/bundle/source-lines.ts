/**
 * Translates stack traces of the bundled child to lines of the sources, and only those that a failed operation reports: with
 * Node's own source map support every trace would be translated, and Pulumi captures one for every resource and promise,
 * which made an operation half as expensive again.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { SourceMapPayload } from 'node:module';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BUNDLES } from './folder.ts';

/** As in `at program (file:///…/main.bundle.cjs:12:34)`: run-bundle.cjs names the file by its URL. */
const FRAME = new RegExp(`(file://[^\\s()"']*/${BUNDLES}/[\\w-]+/[\\w.-]+\\.cjs):(\\d+):(\\d+)`, 'g');

/** @param text any text; what does not come from a bundle is left as it is */
export function withSourceLines(text: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return text.replace(FRAME, (frame, address: string, line: string, column: string) => {
    if (!maps.has(address)) maps.set(address, mapOf(address));
    const origin = maps.get(address)?.findOrigin(Number(line), Number(column));
    if (!origin || !('fileName' in origin)) return frame;
    return `${new URL(origin.fileName, address).href}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function mapOf(address: string): SourceMap | undefined {
  const file = `${fileURLToPath(address)}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload) : undefined;
}
