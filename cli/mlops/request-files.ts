/** Requests from files: JSON or YAML, one request or a list of them, as an `mlops-config.json` has them. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { UsageError } from './exit-codes.ts';

/**
 * @param path `-`: standard input
 * @throws UsageError naming the file and what is wrong with it
 */
export async function readRequests(path: string, stdin: NodeJS.ReadableStream): Promise<unknown[]> {
  const name = path === '-' ? 'standard input' : path;
  const content = await (path === '-' ? text(stdin) : readFile(path, 'utf8')).catch((error: unknown) => {
    throw new UsageError(`--file ${name} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  const requests = parsed(content, name);
  if (Array.isArray(requests) && requests.length > 0) return requests as unknown[];
  if (typeof requests === 'object' && requests !== null && !Array.isArray(requests)) return [requests];
  throw new UsageError(
    `${name} contains no request. It must be an object with pipeline_type, or a list of them: "mlops types <type>" prints an example.`,
  );
}

/** YAML 1.2 includes JSON, and says at which line a file of either is broken. */
function parsed(content: string, name: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    // The lines quoted after the message may contain anything that the file contains.
    throw new UsageError(`${name} is neither JSON nor YAML: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
}
