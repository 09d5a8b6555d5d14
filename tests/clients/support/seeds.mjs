// Chance that can be had again.

/** The seed of this run: AGENTPOOL_SEED, or one of this moment, which a failure tells. */
export const seed = Number(process.env.AGENTPOOL_SEED ?? Date.now() % 2 ** 31);

/** A generator (mulberry32) that begins with the seed; the test tells which one that was. */
export function seeded(test) {
  test.diagnostic(`AGENTPOOL_SEED=${seed}`);
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return { below: (bound) => next() % bound };
}
