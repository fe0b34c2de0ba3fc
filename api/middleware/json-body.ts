/** Parses a JSON body and refuses anything else before it reaches a route. */
import { MIMEType } from 'node:util';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { RequestInvalid, type Fault } from '../../blueprints/faults.ts';
import {
  MAX_DEPTH,
  MAX_KEYS,
  MAX_VALUES,
  TOO_MANY_KEYS,
  TOO_MANY_VALUES,
  mustBeWithinBounds,
  outOfBounds,
  tooDeep,
} from '../../blueprints/request/bounds.ts';
import { HttpError } from '../http-error.ts';
import type { ApiRule } from '../rules.ts';
import { BytesInFlight } from './bytes-in-flight.ts';

/** 1 MiB; the guide's largest requests are a few KiB. */
export const BODY_LIMIT_BYTES = 1_048_576;

// The bytes are decoded here, because Express' own JSON parser silently replaces invalid UTF-8.
const readBytes = express.raw({ type: () => true, limit: BODY_LIMIT_BYTES, inflate: false });

/**
 * Puts the raw bytes of the body into `request.body`, for routes that verify a signature of them. Only bodies with a JSON
 * content type are read.
 */
export function rawBody(limitBytes: number): RequestHandler {
  const read = express.raw({ type: () => true, limit: limitBytes, inflate: false });
  const inFlight = new BytesInFlight(limitBytes);
  return async (request, response, next) => {
    if (!isWithoutBody(request)) requireJson(request);
    inFlight.count(request, response);
    request.body = await bytesOf(request, response, read, limitBytes);
    next();
  };
}

export interface JsonBodyOptions {
  /** The expected body, for the response to an empty one. */
  readonly expects: string;
  /** An empty body is `{}` if it is `optional`. */
  readonly presence: 'required' | 'optional';
  /** Parses the body as JSON regardless of its Content-Type. Default: anything but JSON is refused with 415. */
  readonly anyContentType?: boolean;
}

/**
 * Puts the parsed body into `request.body`.
 * @param inFlight large bodies, of all routes together
 */
export function jsonBody(
  { expects, presence, anyContentType = false }: JsonBodyOptions,
  inFlight: BytesInFlight,
): RequestHandler {
  return async (request, response, next) => {
    if (isWithoutBody(request)) {
      request.body = emptyBody(expects, presence);
      next();
      return;
    }
    if (!anyContentType) requireJson(request);
    inFlight.count(request, response);
    const bytes = await bytesOf(request, response, readBytes, BODY_LIMIT_BYTES);
    request.body = bytes.length === 0 ? emptyBody(expects, presence) : parse(bytes);
    next();
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-6.4-4 */
function isWithoutBody(request: Request): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] === undefined && (length === undefined || Number(length) === 0);
}

function emptyBody(expects: string, presence: 'required' | 'optional'): Record<string, never> {
  if (presence === 'optional') return {};
  throw refused('required', `The body is empty. Expected a JSON object: ${expects}.`);
}

function requireJson(request: Request): void {
  const header = request.get('Content-Type');
  const type = mimeType(header);
  const isJson =
    type !== undefined &&
    type.type === 'application' &&
    (type.subtype === 'json' || type.subtype.endsWith('+json')) &&
    ['utf-8', 'utf8'].includes((type.params.get('charset') ?? 'utf-8').toLowerCase());
  if (isJson) return;
  const sent = header === undefined ? 'no Content-Type' : `"${header.slice(0, 100)}"`;
  throw new HttpError(
    'BODY_TYPE_UNSUPPORTED',
    `Send the body as "Content-Type: application/json" in UTF-8; got ${sent}.`,
  );
}

function mimeType(header: string | undefined): MIMEType | undefined {
  if (header === undefined) return undefined;
  try {
    return new MIMEType(header);
  } catch {
    return undefined;
  }
}

function bytesOf(request: Request, response: Response, read: RequestHandler, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    void read(request, response, (error?: unknown) => {
      if (error) reject(bodyError(error, limitBytes));
      else resolve(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    });
  });
}

/** `type` is how body-parser says what went wrong: https://github.com/expressjs/body-parser#errors */
function bodyError(error: unknown, limitBytes: number): unknown {
  const { type } = error as { type?: string };
  switch (type) {
    case 'entity.too.large':
      return new HttpError(
        'BODY_TOO_LARGE',
        `The body is larger than ${limitBytes} bytes (${limitBytes / 1_048_576} MiB).`,
        {
          cause: error,
        },
      );
    case 'encoding.unsupported':
      return new HttpError('BODY_TYPE_UNSUPPORTED', 'Send the body without a Content-Encoding: it is not unpacked.', {
        cause: error,
      });
    case 'request.aborted':
    case 'request.size.invalid':
      return refused('json', 'The body ended before all of its announced bytes had come.');
    default:
      return error;
  }
}

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused('utf8', 'The body is not valid UTF-8.');
  }
  const tooLarge = sizeFault(bytes);
  if (tooLarge) throw outOfBounds(tooLarge);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused('json', `The body is not valid JSON: ${(error as Error).message}.`);
  }
  mustBeWithinBounds(value);
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number | undefined> = new Set([0x5b, 0x7b]);
const OPENING_OBJECT = 0x7b;
const CLOSING: ReadonlySet<number | undefined> = new Set([0x5d, 0x7d]);

/**
 * Counts keys and entries (commas, objects and lists outside of strings), the keys of the outermost object, and the depth,
 * which takes no longer than reading the bytes. Invalid JSON is left to the parser.
 */
function sizeFault(bytes: Buffer): Fault | undefined {
  let values = 0;
  let depth = 0;
  let keys: number | undefined;
  for (let index = 0, isString = false; index < bytes.length; index++) {
    const byte = bytes[index];
    if (isString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) isString = false;
    } else if (byte === QUOTE) isString = true;
    else if (CLOSING.has(byte)) depth--;
    else if (OPENING.has(byte) || byte === COMMA) {
      if (byte !== COMMA && ++depth > MAX_DEPTH) return tooDeep('');
      if (depth === 1) {
        if (byte === OPENING_OBJECT) keys = 1;
        else if (byte === COMMA && keys !== undefined && ++keys > MAX_KEYS) return TOO_MANY_KEYS;
      }
      if (++values > MAX_VALUES) return TOO_MANY_VALUES;
    }
  }
  return undefined;
}

function refused(rule: ApiRule, message: string): RequestInvalid {
  return new RequestInvalid(message, [{ pointer: '', message, rule }]);
}
