/** `mlops console`: the web console of an API that answers signed requests only, in a browser on this machine. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { interruptible } from '../../../sandbox/interruptible.ts';
import { answerOf } from '../client.ts';
import type { Call, Commands } from '../command.ts';
import { examples } from '../command.ts';
import type { ConnectionOptions } from '../connection.ts';
import { connectionOf } from '../connection.ts';
import { UsageError } from '../exit-codes.ts';
import { startSigningProxy } from '../signing-proxy.ts';

interface ConsoleOptions extends ConnectionOptions {
  port: string;
  open: boolean;
}

export function addConsole(program: Command, commands: Commands): void {
  program
    .command('console')
    .description('Open the web console through a proxy on this machine that signs its requests, until Ctrl-C.')
    .option('--port <port>', 'on 127.0.0.1; 0: any', '0')
    .option('--no-open', 'print the address only, and open no browser')
    .addHelpText(
      'after',
      `\nThe address contains a token: whoever opens it acts as you.\n${examples('mlops console --url https://abc123.execute-api.eu-west-1.amazonaws.com --profile mlops')}`,
    )
    .action(commands.action<ConsoleOptions>(serve));
}

async function serve({ api, options, say }: Call<ConsoleOptions>): Promise<undefined> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError('--port must be a port, or 0 for any.');
  // Says what is wrong with the address or the credentials here, rather than in a browser.
  await answerOf(api.GET('/pipelines', { params: { query: { limit: 1 } } }));
  await interruptible(async (signal) => {
    const proxy = await startSigningProxy(connectionOf(options), port).catch((error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new UsageError(code === 'EADDRINUSE' ? `--port ${port} is already in use: choose another.` : message, {
        cause: error,
      });
    });
    process.stdout.write(`${proxy.url}\n`);
    say('Ctrl-C ends it.');
    if (options.open) openInBrowser(proxy.url);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    await proxy.close();
  });
  return undefined;
}

/** Where there is no browser, the printed address has to do. */
function openInBrowser(url: string): void {
  const [command, args] = {
    darwin: ['open', [url]] as const,
    win32: ['rundll32', ['url.dll,FileProtocolHandler', url]] as const,
  }[process.platform as string] ?? ['xdg-open', [url]];
  spawn(command, args, { detached: true, stdio: 'ignore' })
    .on('error', () => undefined)
    .unref();
}
