/** Requests with this header of this value are told how their answers came about, where a ClientPolicy has `debugHeaders`. */
export const DEBUG_REQUEST = { name: 'x-nekube-debug', value: '1' } as const;

/** What they are told. */
export const DEBUG_HEADERS = {
  /** The chain of the listener. */
  listener: 'x-nekube-listener',
  /** With the rule and match. */
  route: 'x-nekube-route',
  backend: 'x-nekube-backend',
  endpoint: 'x-nekube-endpoint',
} as const;
