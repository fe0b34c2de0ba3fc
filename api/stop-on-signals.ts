/** Ctrl-C and SIGTERM stop a service gracefully; a second signal, or a stop that takes too long, ends it immediately. */

/** The service guarantees to stop within 10 s. */
const STOP_WITHIN_MS = 9_000;

export function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => {
      process.stderr.write(`not stopped ${STOP_WITHIN_MS / 1_000} s after ${signal}: ending at once\n`);
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`could not stop in order: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
