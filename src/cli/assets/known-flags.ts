import { readFileSync } from 'node:fs';
import type { FlagSpec } from './pflag.ts';

/** A feature gate as kube-apiserver knows it. */
export interface FeatureGate {
  /** Empty for what is generally available. */
  readonly stage: string;
  readonly enabled: boolean;
  /** It cannot be changed. */
  readonly locked?: boolean;
}

/** What kube-apiserver takes; recorded from it by tools/record-flags.mjs. */
export interface KubeApiserverFacts {
  readonly flags: readonly FlagSpec[];
  readonly gates: Readonly<Record<string, FeatureGate>>;
  /** Groups and versions that there are, served or not, as `group/version`. */
  readonly groupVersions: readonly string[];
}

/** The flags of kube-apiserver, and what their values may name. */
export function kubeApiserverFacts(): KubeApiserverFacts {
  return JSON.parse(dataFile('kube-apiserver-flags.json')) as KubeApiserverFacts;
}

/** A flag of etcd, which reads them as Go's own package does. */
export interface EtcdFlagSpec {
  readonly name: string;
  readonly type: 'bool' | 'string' | 'number' | 'duration' | 'urls';
}

/** The flags of etcd. */
export function etcdFlagSpecs(): readonly EtcdFlagSpec[] {
  return (JSON.parse(dataFile('etcd-flags.json')) as { flags: EtcdFlagSpec[] }).flags;
}

/** What a program's `--help` prints. */
export function helpOf(program: 'kube-apiserver' | 'etcd'): string {
  return dataFile(`${program}-help.txt`);
}

function dataFile(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
}
