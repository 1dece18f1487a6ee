import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseYaml } from 'nekube/apimachinery';
import { KNOWN_FEATURES } from '../model/features.ts';
import { readObjects } from './read-objects.ts';
import type { Resource } from './resources.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';

/** A small case of a translation: resources, and what they come to. */
export interface GoldenCase {
  /** The first line of its file. */
  readonly name: string;
  readonly file: string;
  readonly snapshot: Snapshot;
  readonly outFile: string;
  /** Absent: not written yet. */
  readonly expected?: string;
}

/** What a case may say beside objects. */
interface CaseOptions {
  readonly withoutFeatures?: readonly string[];
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

const folder = fileURLToPath(new URL('../../../src/gateway/testdata/', import.meta.url));

/**
 * The cases of `src/gateway/testdata`, for tests: `NAME.in.yaml` has resources, `shared.yaml` those that are in every case. A
 * document of kind `CaseOptions` says which features there are not, and which addresses gateways have.
 */
export function goldenCases(): GoldenCase[] {
  const shared = readFileSync(`${folder}shared.yaml`, 'utf8');
  const files = readdirSync(folder).filter((file) => file.endsWith('.in.yaml'));
  return files.sort().map((file) => {
    const text = readFileSync(folder + file, 'utf8');
    const outFile = folder + file.replace('.in.yaml', '.out.yaml');
    const objects = readObjects(`${shared}\n---\n${text}`);
    const options = optionsIn(text);
    const snapshot = snapshotOf(objects, {
      supportedFeatures: KNOWN_FEATURES.filter((feature) => options.withoutFeatures?.includes(feature) !== true),
      addresses: new Map(Object.entries(options.addresses ?? {})),
    });
    return {
      name: text.slice(0, text.indexOf('\n')).replace(/^# */, ''),
      file,
      snapshot,
      outFile,
      ...(existsSync(outFile) ? { expected: readFileSync(outFile, 'utf8') } : {}),
    };
  });
}

/** What is in every case. */
export function sharedObjects(): readonly Resource[] {
  return readObjects(readFileSync(`${folder}shared.yaml`, 'utf8'));
}

function optionsIn(text: string): CaseOptions {
  const document = text.split(/^---[ \t]*$/m).find((part) => /^kind: CaseOptions/m.test(part));
  return document === undefined ? {} : (parseYaml(document) as CaseOptions);
}
