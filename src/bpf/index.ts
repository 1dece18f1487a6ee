/**
 * eBPF from TypeScript: programs are assembled, verified, loaded, attached and tested without a compiler.
 *
 * What it does not do: it knows nothing of networks' policies or of Kubernetes, and reads no object files of compilers.
 */
export * as asm from './asm/index.ts';
export { build, Builder, type BuildOptions, type Condition, PacketView, Value, View } from './builder/index.ts';
export * as btf from './btf/index.ts';
export * as layout from './layout/index.ts';
export * as interpreter from './interpreter/index.ts';
export * as kernel from './kernel/index.ts';
export {
  BpfError,
  isBpfError,
  isNotSupportedError,
  isVerifierError,
  NotSupportedError,
  VerifierError,
} from './errors.ts';
export * from './spec/index.ts';
