// The "did you mean" of every finding: the valid name that a mistyped one is closest to.
import leven from 'leven';

/** The closest of `names`, or undefined when none is close: a third of its letters may differ, but never all of a short name. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const allowed = Math.max(1, Math.floor(Math.max(name.length, wanted.length) / 3));
    const distance = leven(wanted, name.toLowerCase());
    if (distance <= allowed && distance < bestDistance && distance < name.length) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}
