/** The release of etcd whose API is served, and whose flags our program has. */
export const ETCD_VERSION = '3.6.16';
