import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { CliError } from './cli-error.ts';

/** The CLI's own number of rounds of key derivation: a tenth of a second of CPU time, so keys are kept per process. */
const CLI_ROUNDS = 1_000_000;
const KEY_BYTES = 32;
const SALT_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What a salt carries encrypted, so that a wrong passphrase is noticed at once. */
const PROOF = 'pulumi';

const derivedKeys = new Map<string, Promise<Buffer>>();

/** Encrypts what a stack keeps secret, with a passphrase. @see https://www.pulumi.com/docs/iac/concepts/secrets/ */
export class Crypter {
  /** `v1:<salt>:v1:<nonce>:<proof>`, kept in the stack's settings and state. */
  readonly salt: string;
  readonly #key: Buffer;

  private constructor(salt: string, key: Buffer) {
    this.salt = salt;
    this.#key = key;
  }

  /** @param rounds as `open` will be given for this salt; a stack that the CLI is to read needs the CLI's own number */
  static async create(passphrase: string, rounds = CLI_ROUNDS): Promise<Crypter> {
    const salt = randomBytes(SALT_BYTES);
    const key = await deriveKey(passphrase, salt, rounds);
    return new Crypter(`v1:${salt.toString('base64')}:${encrypt(key, PROOF)}`, key);
  }

  /** @throws CliError `incorrect passphrase` */
  static async open(salt: string, passphrase: string, rounds = CLI_ROUNDS): Promise<Crypter> {
    const [version, encoded, ...proof] = salt.split(':');
    if (version !== 'v1' || encoded === undefined || proof.length !== 3) {
      throw new CliError(`malformed encryption salt '${salt}'`);
    }
    const key = await deriveKey(passphrase, Buffer.from(encoded, 'base64'), rounds);
    const crypter = new Crypter(salt, key);
    try {
      crypter.decrypt(proof.join(':'));
    } catch (error) {
      throw new CliError('incorrect passphrase', { cause: error });
    }
    return crypter;
  }

  encrypt(plaintext: string): string {
    return encrypt(this.#key, plaintext);
  }

  /** @throws Error if the text was encrypted with another key */
  decrypt(ciphertext: string): string {
    const [version, nonce = '', body = ''] = ciphertext.split(':');
    if (version !== 'v1') {
      throw new CliError(`unknown value version in ciphertext: ${version}`);
    }
    const bytes = Buffer.from(body, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, Buffer.from(nonce, 'base64'));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    return decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}

function encrypt(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString('base64')}:${body.toString('base64')}`;
}

function deriveKey(passphrase: string, salt: Buffer, rounds: number): Promise<Buffer> {
  const name = `${rounds}\0${salt.toString('base64')}\0${passphrase}`;
  const known = derivedKeys.get(name);
  if (known !== undefined) {
    return known;
  }
  const key = promisify(pbkdf2)(passphrase, salt, rounds, KEY_BYTES, 'sha256');
  derivedKeys.set(name, key);
  return key;
}

/** @throws CliError with the CLI's own text where neither variable is set */
export function readPassphrase(env: Record<string, string | undefined>): string {
  const phrase = env['PULUMI_CONFIG_PASSPHRASE'];
  if (phrase !== undefined) {
    return phrase;
  }
  const file = env['PULUMI_CONFIG_PASSPHRASE_FILE'];
  if (file !== undefined && file !== '') {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      throw new CliError(`unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ${String(error)}`, { cause: error });
    }
  }
  throw new CliError(
    'passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables',
  );
}

/**
 * `SANDBOX_KEY_ROUNDS`, for stacks that nothing but this engine reads; default: the CLI's number.
 * @throws CliError if it is no positive whole number
 */
export function keyRounds(env: Record<string, string | undefined>): number {
  const asked = env['SANDBOX_KEY_ROUNDS'];
  if (asked === undefined || asked === '') {
    return CLI_ROUNDS;
  }
  if (!/^[1-9]\d{0,8}$/.test(asked)) {
    throw new CliError(`SANDBOX_KEY_ROUNDS is "${asked}", which is no positive whole number`);
  }
  return Number(asked);
}
