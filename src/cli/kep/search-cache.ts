import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KepIndex, type SiteContent, type TextIndexData } from 'nekube/kep';
import type { Io } from '../io.ts';
import type { Progress } from '../progress.ts';
import { cacheFolder } from './cache.ts';

/** So many are kept: of checkouts and servers that are searched in turns. */
const MOST_KEPT = 4;
/** Another one where indexes are made otherwise. */
const FORM = 2;

/** The index of all texts: one that was kept of the same texts, or one that is made and kept. */
export async function searchIndex(content: SiteContent, io: Io, progress: Progress): Promise<KepIndex> {
  const version = await content.textsVersion?.();
  if (version === undefined) return makeIndex(content, progress);
  const key = createHash('sha256').update(JSON.stringify([FORM, content.keps.map(indexed), version]));
  const folder = cacheFolder(io);
  const name = `search-${key.digest('hex').slice(0, 16)}.json`;
  const known = readKept(join(folder, name));
  if (known !== undefined) return KepIndex.from(known, content.keps);
  const index = await makeIndex(content, progress);
  keep(folder, name, JSON.stringify(index));
  return index;
}

async function makeIndex({ keps, allTexts }: SiteContent, progress: Progress): Promise<KepIndex> {
  progress.step('the texts are read');
  const textOf = await allTexts();
  progress.step('an index of the texts is made, which the next search finds');
  return KepIndex.of(keps, textOf, (done, all) => progress.count(done, all));
}

/** What of a KEP is in the index, beside its text. */
function indexed({ name, number, title, featureGates, authors, approvers }: SiteContent['keps'][number]): unknown {
  return [name, number, title, featureGates, authors, approvers];
}

function readKept(file: string): TextIndexData | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TextIndexData;
  } catch {
    // there is none, or half of one
    return undefined;
  }
}

/** Whole or not at all. Where nothing can be written the next search makes it again. */
function keep(folder: string, name: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const temporary = join(folder, `${name}.${process.pid}.tmp`);
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, join(folder, name));
    const writtenAt = (file: string): number => statSync(join(folder, file)).mtimeMs;
    const kept = readdirSync(folder).filter((file) => /^search-\w+\.json$/.test(file));
    for (const old of kept.sort((a, b) => writtenAt(b) - writtenAt(a)).slice(MOST_KEPT)) rmSync(join(folder, old));
  } catch {
    // a folder that cannot be written
  }
}
