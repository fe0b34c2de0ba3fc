/** What time it is, for everything that expires: tests set it forward instead of waiting. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
