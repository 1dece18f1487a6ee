import { BpfError } from '../errors.ts';
import { errnoName, native } from './native.ts';

/**
 * Sets an option of a socket that Node has no word for, by its descriptor.
 *
 * @throws BpfError the kernel refuses it
 */
export function setSocketOption(fd: number, level: number, option: number, value: Uint8Array): void {
  if (native().setSocketOption(fd, level, option, value) < 0)
    throw new BpfError(`set option ${option} of a socket`, errnoName(native().errno()));
}
