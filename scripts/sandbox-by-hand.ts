/** `npm run sandbox:by-hand`: changes a resource of the sandbox AWS behind Pulumi's back, to see drift found. */
import { environment } from '../automation/config/process-environment.ts';
import { byHand } from '../sandbox/aws/by-hand.ts';
import { readSandboxSettings } from '../sandbox/read-settings.ts';
import type { Property } from '../sandbox/provider.ts';

const USAGE = `npm run sandbox:by-hand -- <id, or part of the URN> <property>=<value> …
npm run sandbox:by-hand -- <id, or part of the URN> --remove

In a URN * stands for anything. A value is JSON where it can be read as JSON, text otherwise; without one the property is taken away. A property is a path,
such as tags.team. The sandbox is that of SANDBOX_HOME; it may be running.
`;

const [wanted, ...changes] = process.argv.slice(2);
try {
  if (!wanted || changes.length === 0 || !changes.every((change) => change === '--remove' || change.includes('='))) {
    throw new Error(USAGE);
  }
  const hand = await byHand(readSandboxSettings(environment()).aws.directory, wanted);
  if (changes.includes('--remove')) await hand.remove();
  else await hand.change(Object.fromEntries(changes.map(parsed)));
  process.stdout.write(
    `${changes.includes('--remove') ? 'removed' : 'changed'} ${hand.resource.id} (${hand.resource.urn})\n`,
  );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

function parsed(change: string): [path: string, value: Property | undefined] {
  const cut = change.indexOf('=');
  const text = change.slice(cut + 1);
  return [change.slice(0, cut), text === '' ? undefined : asJson(text)];
}

function asJson(text: string): Property {
  try {
    return JSON.parse(text) as Property;
  } catch {
    return text;
  }
}
