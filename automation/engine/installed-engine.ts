/**
 * The engine found when the service started: its version is determined once, checked against the tested range, reported by
 * `GET /readyz` and in executions, and passed to the child processes, which need not ask again.
 */
import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import { loadEngineModule } from './engine-module.ts';
import type { EngineSettings } from './engine.ts';
import { judgeVersion } from './version.ts';

/** Such as the answer to a readiness probe. */
export interface EngineState {
  ok: boolean;
  detail: string;
}

/** The npm package downloads the CLI on first use: the start does not wait for that. */
const START_PATIENCE_MS = 5_000;

/** The engine, as used by the other parts of the service. */
export interface EngineInUse {
  /** The settings for an operation. */
  settings(): Promise<EngineSettings>;
  /** For readiness probes. */
  state(): Promise<EngineState>;
}

/** An engine that is never queried: for runners of operations that use no CLI. */
export function unaskedEngine(settings: EngineSettings): EngineInUse {
  return { settings: async () => settings, state: async () => ({ ok: true, detail: settings.kind }) };
}

/** Asks an engine for its version, and waits for the answer for some seconds: `state` reports problems. */
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

  /** The settings for an operation; without a version if the engine reported none, so that the child reports why. */
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

  /** @returns empty if there is none */
  #version(): Promise<string> {
    return (this.#asked ??= this.#ask());
  }

  async #ask(): Promise<string> {
    const { kind, module } = this.#settings;
    try {
      const { findVersion } = await loadEngineModule(module);
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
