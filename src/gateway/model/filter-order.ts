/**
 * The filters of HTTP in the order in which a request meets them, whichever data plane serves it: trouble on purpose, what other
 * origins may, who it is, where it goes, whether it may and how much, and what its answer is made of. One that answers ends it for all
 * behind it.
 */
export const HTTP_FILTERS = [
  'fault',
  'cors',
  'externalAuth',
  'apiKey',
  'basicAuth',
  'jwt',
  'session',
  'buffer',
  'rbac',
  'localRateLimit',
  'globalRateLimit',
  'compressor',
] as const;

/** A filter of HTTP. */
export type HttpFilterName = (typeof HTTP_FILTERS)[number];
