/** Address and caller: from flags, or from environment variables. */
import { createHash, createHmac } from 'node:crypto';
import type { Hash, Hmac } from 'node:crypto';
import { ApiClient } from './client.ts';
import type { Send } from './client.ts';
import { Unreachable, UsageError, isLoopback } from './exit-codes.ts';

export interface ConnectionOptions {
  url: string;
  /** Name of the caller, as the sandbox accepts it. */
  caller?: string;
  profile?: string;
  region?: string;
}

/** Default host names of API Gateway contain the region. */
const GATEWAY_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

/** An address, and how requests to it are sent. */
export interface Connection {
  readonly address: URL;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly send: Send;
}

/** @throws UsageError if the address is not valid, or `caller` is given outside a sandbox */
export function connect(options: ConnectionOptions): ApiClient {
  const { address, headers, send } = connectionOf(options);
  return new ApiClient(address.href, headers, send);
}

/** @throws UsageError as {@link connect} */
export function connectionOf({ url, caller, profile, region }: ConnectionOptions): Connection {
  const address = addressOf(url);
  const signingRegion = region ?? GATEWAY_HOST.exec(address.hostname)?.[1];
  const signed = address.protocol === 'https:' && signingRegion !== undefined;
  if (caller !== undefined && !isLoopback(address.hostname)) {
    throw new UsageError(
      '--caller (MLOPS_CALLER) names the caller in a sandbox only. On AWS the caller is the principal that signs: use --profile.',
    );
  }
  const send = reporting(signed ? signing({ region: signingRegion, profile }) : fetch);
  return { address, headers: caller === undefined ? {} : { 'x-caller': caller }, send };
}

function addressOf(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) {
    // Not quoted: it may contain a password.
    throw new UsageError('--url (MLOPS_URL) is not an http or https address, such as http://127.0.0.1:8080.');
  }
  if (address.username || address.password) {
    throw new UsageError('--url (MLOPS_URL) must not contain a user name or password: requests are signed instead.');
  }
  return address;
}

/** Node's fetch only reports "fetch failed". */
function reporting(send: Send): Send {
  return async (url, outgoing) => {
    try {
      return await send(url, outgoing);
    } catch (error) {
      if (error instanceof TypeError) throw new Unreachable(url, error);
      throw error;
    }
  };
}

/**
 * Signs with SigV4, with the credentials that the AWS CLI would use.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
 */
function signing({ region, profile }: { region: string; profile: string | undefined }): Send {
  // Loaded on demand: loading them takes longer than a call to a sandbox.
  const signer = (async () => {
    const [{ SignatureV4 }, { fromNodeProviderChain }] = await Promise.all([
      import('@smithy/signature-v4'),
      import('@aws-sdk/credential-providers'),
    ]);
    const credentials = fromNodeProviderChain(profile === undefined ? {} : { profile });
    return new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  })();
  return async (address, outgoing) => {
    const url = new URL(address);
    // A space is signed as %20; + means a space in forms only.
    url.search = url.search.replaceAll('+', '%20');
    const request = {
      ...outgoing,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...outgoing.headers, host: url.host },
    };
    const { headers } = await (await signer).sign(request).catch((error: unknown) => {
      const reason = (error as Error).message.replace(/\.?$/, '.');
      throw new UsageError(
        `The request cannot be signed: ${reason} Log in as for the AWS CLI, or choose a --profile.`,
        {
          cause: error,
        },
      );
    });
    // fetch sets it itself.
    const { host: _, ...sent } = headers;
    return await fetch(url, { ...outgoing, headers: sent });
  };
}

/** Node's hash, in the shape that the signer calls. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
