import type { HelperName } from '../../asm/helpers.ts';
import { checksumHelpers } from './checksums.ts';
import type { Helper } from './helper.ts';
import { mapHelpers } from './map-helpers.ts';
import { packetHelpers } from './packet-helpers.ts';
import { worldHelpers } from './world-helpers.ts';

/** The helpers that the interpreter has. All others are refused: a result that is made up would pass a test. */
export const helpers: Partial<Readonly<Record<HelperName, Helper>>> = {
  ...mapHelpers,
  ...checksumHelpers,
  ...packetHelpers,
  ...worldHelpers,
};
