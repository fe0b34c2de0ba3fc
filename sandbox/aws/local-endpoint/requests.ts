/** What the sandbox's HTTP servers share: who may call them, and the body of a request. */
import type { IncomingMessage } from 'node:http';
import { AwsRefusal } from '../aws-errors.ts';

/**
 * AWS clients use the address that they were given, and send neither of these headers; a page in a browser of this machine
 * sends one of them, or arrives under a name of its own (DNS rebinding). @throws AwsRefusal `AccessDenied`
 */
export function refuseWebPages({ headers, socket }: IncomingMessage): void {
  const isOwn = headers.host === `127.0.0.1:${socket.localPort}`;
  if (isOwn && headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
  throw new AwsRefusal('AccessDenied', 'The sandbox AWS answers programs of this machine, not web pages.', 403);
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
