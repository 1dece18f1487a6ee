import { readFileSync } from 'node:fs';
import { writeWhole } from 'nekube/files';

/** What is remembered of a process of Envoy, for who comes after us. */
export interface ProcessRecord {
  /** The process and its start (`processMark`). */
  readonly mark: string;
  readonly epoch: number;
  /** Of all that it cannot change while it runs: the program and the bootstrap. */
  readonly fingerprint: string;
  /** Processes that it took over from, which end when their connections have. */
  readonly before: readonly string[];
}

/** The record of a folder; `undefined` if there is none that can be read. */
export function readRecord(path: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8'));
    const isWhole = typeof record.mark === 'string' && typeof record.fingerprint === 'string';
    return isWhole && Array.isArray(record.before) && Number.isInteger(record.epoch) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Writes it. */
export function writeRecord(path: string, record: ProcessRecord): void {
  writeWhole(path, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}
