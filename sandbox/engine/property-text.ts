import type { Property } from '../provider.ts';
import { ARCHIVE, ASSET } from '../provider.ts';
import { isObject, isSecret, signatureOf } from './properties.ts';

const STEP = '    ';

/**
 * Writes a value in the CLI's own notation, secrets masked, contents of assets left out.
 * @param indent of the line on which the value begins
 * @param details whether to look into JSON text and assets, as `--diff` does
 */
export function printProperty(value: Property | undefined, indent = STEP, details = false): string {
  if (value === undefined) {
    return '';
  }
  if (isSecret(value)) {
    return '[secret]';
  }
  const inner = indent + STEP;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => `${inner}[${index}]: ${printProperty(item, inner, details)}\n`);
    return items.length === 0 ? '[]' : `[\n${items.join('')}${indent}]`;
  }
  const mark = signatureOf(value);
  if (isObject(value) && details && (mark === ASSET || mark === ARCHIVE)) {
    return printAsset(value, mark === ASSET ? 'asset' : 'archive', indent);
  }
  if (isObject(value)) {
    const keys = Object.keys(value).sort();
    const width = Math.max(0, ...keys.map((key) => key.length));
    const entries = keys.map((key) => `${inner}${key.padEnd(width)}: ${printProperty(value[key], inner, details)}\n`);
    return entries.length === 0 ? '{}' : `{\n${entries.join('')}${indent}}`;
  }
  const structure = details && typeof value === 'string' ? parseStructure(value) : undefined;
  return structure === undefined ? JSON.stringify(value) : `(json) ${printProperty(structure, indent, true)}\n`;
}

function printAsset(value: { [key: string]: Property }, kind: 'asset' | 'archive', indent: string): string {
  const hash = String(value['hash'] ?? '').slice(0, 7);
  const inner = indent + STEP;
  if (kind === 'asset' && typeof value['text'] === 'string') {
    return `asset(text:${hash}) {\n${inner}<contents elided>\n${indent}}`;
  }
  const { assets } = value;
  if (kind === 'archive' && isObject(assets)) {
    const members = Object.keys(assets)
      .sort()
      .map((name) => `${inner}"${name}": ${printProperty(assets[name], inner, true)}\n`);
    return `archive(assets:${hash}) {\n${members.join('')}${indent}}`;
  }
  const origin = typeof value['path'] === 'string' ? 'file' : 'uri';
  return `${kind}(${origin}:${hash}) { ${String(value['path'] ?? value['uri'] ?? '')} }`;
}

/** @returns what JSON text holds, where that is a list or an object */
function parseStructure(text: string): Property | undefined {
  if (!/^\s*[[{]/.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text) as Property;
  } catch {
    return undefined;
  }
}
