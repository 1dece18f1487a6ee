import { createHash } from 'node:crypto';

/**
 * The queues that a flow may use, of all that its priority level has (shuffle sharding): a few, chosen by the flow's
 * name, so that two flows hardly ever have all of them in common.
 */
export function dealHand(schema: string, distinguisher: string, queues: number, handSize: number): number[] {
  // as kube-apiserver hashes a flow
  const digest = createHash('sha256').update(`${schema}\0${distinguisher}`).digest();
  let hash = digest.readBigUInt64LE(0);
  const remainders: number[] = [];
  for (let i = 0; i < Math.min(handSize, queues); i++) {
    const deck = BigInt(queues - i);
    remainders.push(Number(hash % deck));
    hash /= deck;
  }
  return remainders.map((remainder, i) => {
    let card = remainder;
    // those that were dealt before are not in the deck any more
    for (let j = i; j > 0; j--) if (card >= remainders[j - 1]!) card++;
    return card;
  });
}
