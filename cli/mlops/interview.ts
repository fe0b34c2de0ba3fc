/** The questions of `mlops init` at a terminal: one for each required key, with the value of the example to start from. */
import type { PipelineType, KeySchema } from './request-template.ts';

/** How people are asked; the prompts of a terminal, unless a test answers. */
export interface Questions {
  choose(message: string, choices: readonly { value: string; name: string }[], initial?: string): Promise<string>;
  enter(message: string, initial: string, problem: (text: string) => string | undefined): Promise<string>;
}

/** Loaded on demand: most commands ask nothing. */
export async function terminalQuestions(): Promise<Questions> {
  const { input, select } = await import('@inquirer/prompts');
  return {
    choose: (message, choices, initial) =>
      select({ message, choices, ...(initial === undefined ? {} : { default: initial }), loop: false }),
    enter: (message, initial, problem) =>
      input({ message, default: initial, validate: (text) => problem(text) ?? true }),
  };
}

export async function askForType(types: readonly PipelineType[], questions: Questions): Promise<string> {
  const choices = types.map(({ pipelineType, title }) => ({ value: pipelineType, name: `${pipelineType}  ${title}` }));
  return await questions.choose('Which type of pipeline?', choices);
}

/**
 * @param given values that are not asked for
 * @returns the values of the required keys. Objects and lists are left to the file, where they can be read and edited
 */
export async function askForValues(
  { requestSchema, example }: PipelineType,
  given: Readonly<Record<string, unknown>>,
  questions: Questions,
): Promise<Record<string, unknown>> {
  const { properties = {}, required = [] } = requestSchema;
  const answers: Record<string, unknown> = { ...given };
  for (const key of required) {
    const schema = properties[key] ?? {};
    const initial = example[key];
    if (key in answers || typeof initial === 'object') continue;
    // A type has one value only.
    if (schema.enum?.length === 1) continue;
    answers[key] = await askFor(key, schema, initial, questions);
  }
  return answers;
}

async function askFor(key: string, schema: KeySchema, initial: unknown, questions: Questions): Promise<unknown> {
  const text = initial === undefined ? '' : String(initial);
  const message = `${key}: ${firstSentence(schema.description ?? '')}`;
  if (schema.enum) {
    const choices = schema.enum.map((value) => ({ value: String(value), name: String(value) }));
    return valueOf(await questions.choose(message, choices, text), initial);
  }
  const problem = (entered: string) => (entered.trim() === '' ? 'A value is required.' : undefined);
  return valueOf(await questions.enter(message, text, problem), initial);
}

/** A number where the example has one. */
function valueOf(text: string, initial: unknown): unknown {
  return typeof initial === 'number' && Number.isFinite(Number(text)) ? Number(text) : text.trim();
}

function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replaceAll(/\s+/g, ' ') ?? text;
}
