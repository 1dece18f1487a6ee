import { type KubeObject, parseJson, stringifyJson } from 'nekube/apimachinery';

/** A text that somebody has begun to edit. */
export interface Draft {
  readonly text: string;
  /** What it began as; undefined: a new object. */
  readonly base: KubeObject | undefined;
}

const PREFIX = 'draft:';

/** What was typed for an address, if the tab was left or loaded anew since; only this tab has it, and only while it is open. */
export function readDraft(address: string): Draft | undefined {
  try {
    const kept = sessionStorage.getItem(PREFIX + address);
    return kept === null ? undefined : (parseJson(kept) as unknown as Draft);
  } catch {
    return undefined;
  }
}

/** False: it does not fit in what the browser keeps. */
export function keepDraft(address: string, draft: Draft): boolean {
  try {
    sessionStorage.setItem(PREFIX + address, stringifyJson(draft as never));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(address: string): void {
  sessionStorage.removeItem(PREFIX + address);
}
