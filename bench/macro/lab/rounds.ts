// Measures several targets in turn. The order turns round every round, so that none always runs on the warmer machine.

/** Results by target, in the order of the rounds. */
export async function inTurn<T, R>(
  targets: readonly T[],
  rounds: number,
  measure: (target: T) => Promise<R>,
): Promise<readonly (readonly R[])[]> {
  const results: R[][] = targets.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = targets.map((_, index) => index);
    for (const index of round % 2 === 0 ? order : order.toReversed()) {
      results[index].push(await measure(targets[index]));
    }
  }
  return results;
}
