/** Keys whose value is itself an object, and which may still differ per environment. */
import Joi from 'joi';
import type { SchemaSettings } from '../../blueprint.ts';
import { STAGES } from '../../blueprint.ts';
import { jsonObject } from './joi-pieces.ts';

/**
 * With several accounts also an object with one entry a stage; the one value for all of them is spread over the stages, since
 * only then can it be distinguished from per-stage values later. `{}` is the value that asks for nothing.
 * @param what effect and default
 */
export function perStageObject(
  what: string,
  keys: Joi.SchemaMap,
  example: object,
  settings: SchemaSettings,
): Joi.AnySchema {
  const one = jsonObject(what).keys(keys).example(example);
  if (!settings.multiAccount) return one;
  const ofStage = Joi.object(keys).required();
  const stages = jsonObject('').keys(Object.fromEntries(STAGES.map((stage) => [stage, ofStage])));
  return Joi.alternatives()
    .conditional(
      jsonObject('')
        .unknown()
        .or(...STAGES),
      {
        then: stages,
        otherwise: one.custom((value: object) => Object.fromEntries(STAGES.map((stage) => [stage, value]))),
      },
    )
    .description(`${what} One value, or one for each of dev, staging and prod.`)
    .example(example);
}
