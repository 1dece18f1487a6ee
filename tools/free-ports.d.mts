/** A port at which nobody listens now, by TCP or UDP, and that was not given before in this process. */
export function freePort(): Promise<number>;

/** Several, which differ. */
export function freePorts(count: number): Promise<number[]>;
