/**
 * The engine as the service found it at its start: asked for its version once, checked against the tested range, reported by
 * `GET /readyz`, in executions, and handed to the child processes, which need not ask again.
 */
import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineModule, EngineSettings } from './engine.ts';
import { judgeVersion } from './version.ts';

/** Such as the answer to a readiness probe. */
export interface EngineState {
  ok: boolean;
  detail: string;
}

/** The npm package downloads the CLI when it is first asked for its version: the start does not wait for that. */
const START_PATIENCE_MS = 5_000;

/** What the parts of the service ask of the engine. */
export interface EngineInUse {
  /** What an operation is given. */
  settings(): Promise<EngineSettings>;
  /** For readiness probes. */
  state(): Promise<EngineState>;
}

/** An engine that is never queried: for runners of operations that use no CLI. */
export function unaskedEngine(settings: EngineSettings): EngineInUse {
  return { settings: async () => settings, state: async () => ({ ok: true, detail: settings.kind }) };
}

/** Asks an engine for its version, and waits for the answer for some seconds: `state` says what is wrong with it. */
export async function findEngine(settings: EngineSettings, logger: Logger): Promise<EngineInUse> {
  const engine = new InstalledEngine(settings, logger);
  await Promise.race([engine.settings(), delay(START_PATIENCE_MS, undefined, { ref: false })]);
  return engine;
}

class InstalledEngine implements EngineInUse {
  readonly #settings: EngineSettings;
  readonly #logger: Logger;
  #asked: Promise<string> | undefined;
  #state: EngineState = { ok: false, detail: 'The version of the Pulumi CLI is being determined.' };

  constructor(settings: EngineSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
  }

  /** What an operation is given; without a version where the engine has not said any, so that the child reports why. */
  async settings(): Promise<EngineSettings> {
    const version = await this.#version();
    return version === '' ? this.#settings : { ...this.#settings, version };
  }

  /** A failed look-up is repeated: a CLI may have been installed in the meantime. */
  async state(): Promise<EngineState> {
    if (this.#asked) return this.#state;
    await this.#version();
    return this.#state;
  }

  /** @returns empty where there is none */
  #version(): Promise<string> {
    return (this.#asked ??= this.#ask());
  }

  async #ask(): Promise<string> {
    const { kind, module } = this.#settings;
    try {
      const { findVersion } = (await import(module)) as EngineModule;
      const version = await findVersion(this.#settings);
      const { ok, tested, detail } = judgeVersion(version);
      this.#state = { ok, detail: kind === 'sandbox' ? `${detail} (simulated)` : detail };
      if (!tested) this.#logger.warn({ engine: version }, detail);
      return version;
    } catch (error) {
      this.#asked = undefined;
      this.#state = { ok: false, detail: (error as Error).message };
      this.#logger.error({ err: error }, 'the Pulumi CLI could not be asked for its version');
      return '';
    }
  }
}
