/** The topic for the delivery of notifications. The engine's module provides it: SNS in production, a file in the sandbox. */
import { loadEngineModule } from '../engine/engine-module.ts';
import type { EngineModule, EngineSettings } from '../engine/engine.ts';

export interface Publication {
  topicArn: string;
  /** As `asSubject` makes it. */
  subject: string;
  message: string;
  /** For subscription filters; no value is empty. */
  attributes: Readonly<Record<string, string>>;
}

export interface Publisher {
  /** @throws if the topic has not accepted it, or has not confirmed it */
  publish(publication: Publication): Promise<void>;
  close(): void;
}

export type CreatePublisher = (settings: EngineSettings) => Promise<Publisher>;

/** @throws if the engine's module provides none */
export async function loadPublisher(settings: EngineSettings): Promise<Publisher> {
  const module: EngineModule & { createPublisher?: CreatePublisher } = await loadEngineModule(settings.module);
  const { createPublisher } = module;
  if (!createPublisher) throw new Error(`${settings.module} exports no createPublisher: nothing can be delivered`);
  return await createPublisher(settings);
}
