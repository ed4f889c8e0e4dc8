/** The system's clock: the one place where the time is read. */
export const systemNow = (): Date => new Date();
