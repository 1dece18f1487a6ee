import { type KubeObject, stringifyYaml } from 'nekube/apimachinery';
import { OwnershipTally, partyData, type PartyTally } from 'nekube/ownership';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import { printableJson } from '../printable.ts';
import type { BlameFlags } from './blame-command.ts';
import { isShown, operationOf, timeOf } from './blame-text.ts';
import { ownershipsOf } from './each-object.ts';

/** Prints how many fields each manager owns of all the objects together. */
export async function printSummary(objects: AsyncIterable<KubeObject>, flags: BlameFlags, io: Io): Promise<void> {
  const tally = new OwnershipTally();
  for await (const { owners } of ownershipsOf(objects, io)) tally.add(owners);
  const parties = tally.parties().filter((party) => isShown(party, flags.manager ?? []));
  if (flags.output !== 'text') {
    const data = { objects: tally.objects, managers: parties.map(partyData) };
    io.stdout(flags.output === 'json' ? `${printableJson(data)}\n` : stringifyYaml(data));
  } else if (parties.length > 0) io.stdout(formatSummary(parties, flags));
}

function formatSummary(parties: readonly PartyTally[], { time }: BlameFlags): string {
  const style = { time, now: Date.now() };
  const rows = parties.map((party) => [
    party.manager,
    operationOf(party),
    String(party.objects),
    String(party.fields),
    String(party.shared),
    timeOf(party.oldest, style),
    timeOf(party.newest, style),
  ]);
  const head = ['MANAGER', 'OPERATION', 'OBJECTS', 'FIELDS', 'SHARED', 'OLDEST', 'NEWEST'];
  return formatTable([head, ...rows], { right: [2, 3, 4] });
}
