/** The part of cli-progress that progress.ts uses; its own types are a package of their own. */
declare module 'cli-progress' {
  interface Bar {
    increment(step: number, payload?: Record<string, unknown>): void;
    update(payload: Record<string, unknown>): void;
  }
  class MultiBar {
    constructor(options: Record<string, unknown>, preset: Record<string, unknown>);
    create(total: number, start: number, payload: Record<string, unknown>): Bar;
    stop(): void;
  }
  const cliProgress: { MultiBar: typeof MultiBar; Presets: { shades_classic: Record<string, unknown> } };
  export default cliProgress;
}
