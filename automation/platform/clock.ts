/** The clock for everything that expires: tests advance it instead of waiting. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
