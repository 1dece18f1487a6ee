/** The revision asked for is gone: read again from the newest, and watch from there. */
export class CompactedError extends Error {
  readonly revision: number;
  readonly compactedRevision: number;

  constructor(revision: number, compactedRevision: number) {
    super(`Cannot read revision ${revision}: it has been compacted, the oldest is ${compactedRevision}`);
    this.name = 'CompactedError';
    this.revision = revision;
    this.compactedRevision = compactedRevision;
  }
}

/** The revision asked for does not exist yet. */
export class FutureRevisionError extends Error {
  readonly revision: number;
  readonly currentRevision: number;

  constructor(revision: number, currentRevision: number) {
    super(`Cannot read revision ${revision}: the newest is ${currentRevision}`);
    this.name = 'FutureRevisionError';
    this.revision = revision;
    this.currentRevision = currentRevision;
  }
}

/** There is no room for the write. Reads go on, and writes succeed again once there is room. */
export class StorageFullError extends Error {
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`Cannot write to storage "${path}": no space left`, { cause });
    this.name = 'StorageFullError';
    this.path = path;
  }
}

/** Another process has the data open. */
export class LockedError extends Error {
  readonly path: string;
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`Cannot open storage "${path}": it is in use by process ${pid}`);
    this.name = 'LockedError';
    this.path = path;
    this.pid = pid;
  }
}

/** The data cannot be understood, because it is damaged, foreign or of a newer format. Nothing was changed. */
export class DamagedError extends Error {
  readonly path: string;
  /** The format's version, when the data has one. */
  readonly version: number | undefined;

  constructor(path: string, detail: string, options: { readonly version?: number; readonly cause?: unknown } = {}) {
    super(`Cannot read "${path}": ${detail}`, { cause: options.cause });
    this.name = 'DamagedError';
    this.path = path;
    this.version = options.version;
  }
}

/** The store was closed. */
export class ClosedError extends Error {
  constructor() {
    super('Cannot use storage: it is closed');
    this.name = 'ClosedError';
  }
}
