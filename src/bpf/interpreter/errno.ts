/** Error numbers that helpers give, negative, and that maps give; the kernel's own. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  E2BIG: 7,
  EAGAIN: 11,
  ENOMEM: 12,
  EFAULT: 14,
  EEXIST: 17,
  EINVAL: 22,
  ENOTSUPP: 524,
} as const;

/** The name of an error number. */
export type Errno = keyof typeof ERRNO;

/** What a helper returns for an error: the negative number, in 64 bits. */
export function failure(name: Errno): bigint {
  return BigInt.asUintN(64, -BigInt(ERRNO[name]));
}
