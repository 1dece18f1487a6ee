/** A port at which nobody listens now, by TCP or UDP, and that is given once: by this process, and, on Linux, by all others meanwhile. */
export function freePort(): Promise<number>;

/** Several, which differ. */
export function freePorts(count: number): Promise<number[]>;
