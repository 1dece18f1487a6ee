/** Joins two connections: what comes by one goes out by the other, and none is there without the other. */
export function joinSockets(near, far) {
  // one that is gone leaves the other unread, which would never end
  for (const [one, other] of [
    [near, far],
    [far, near],
  ])
    one
      .on('error', () => {})
      .on('close', () => other.destroySoon())
      .pipe(other);
}
