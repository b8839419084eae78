// The middle of a few numbers, without leaving anything for the garbage collector.

/** Below this, sorting by insertion beats the call into the runtime's own sort. */
const FEW = 16;

/**
 * Sorts the first `count` values in place and gives the index of their median, of an even number the lower one; -1 when there
 * are none. hot: an index and not the value, because a fraction that is returned may go to the heap.
 */
export function sortToMedian(values: Float64Array, count: number): number {
  if (count > FEW) {
    // The rest of a shorter run must not get in between.
    values.fill(Number.POSITIVE_INFINITY, count);
    values.sort();
  } else {
    for (let index = 1; index < count; index++) {
      const value = values[index];
      let at = index;
      for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
      values[at] = value;
    }
  }
  return (count - 1) >> 1;
}
