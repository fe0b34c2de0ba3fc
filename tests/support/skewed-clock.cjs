'use strict';

/** Loaded with `node --require` before anything else: the wall clock is CLOCK_SKEW_MS off; the monotonic one is as it is. */
const skew = Number(process.env.CLOCK_SKEW_MS ?? 0);
const { now } = Date;
const skewed = () => now() + skew;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [skewed()] : args, newTarget),
  get: (target, key, receiver) => (key === 'now' ? skewed : Reflect.get(target, key, receiver)),
});
